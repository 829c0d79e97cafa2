"""Every operation that the service's workers have, on a file that is none: run as a program."""

import sys
from pathlib import Path

from medrelease.release import operations
from medrelease.terms.faults import MedreleaseError
from medrelease.workers.local import LocalPool
from medrelease.workers.protocol import Job


def main(root: Path) -> None:
    """Start the worker of each role, and have it look at the file `source` by each operation."""
    pool = LocalPool(
        root,
        operations.__name__,
        processes=1,
        memory_bytes=1 << 30,
        timeout=60,
        roles=operations.ROLES,
        forked=operations.FORKED,
    )
    for name in operations.ROLES:
        job = Job(name, ("source", "source"), (f"output-{name}",), 1, {})
        try:
            pool.submit(job).result()
        except MedreleaseError as fault:
            sys.stdout.write(f"{name}: {type(fault).__name__}\n")
        else:
            sys.stdout.write(f"{name}: answered\n")
    pool.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
