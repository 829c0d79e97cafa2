"""What a crash costs the next start: milliseconds a claimed file, by their number.

    scripts/bench recovery [FOLDER]          FOLDER: where the sites are made: the disk measured

A quarter of the claims is unknown to the trail, a quarter intended and visible, a quarter
published, a quarter held: the first begin anew, the others are finished. The mark is 5 ms a file,
and a time that grows with their number and not faster.
"""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from medrelease.config.init import make_site
from medrelease.config.load import load
from medrelease.identifiers import release_id
from medrelease.service import assemble, life
from medrelease.terms.words import Event

SIZES = (1000, 2500, 5000, 10000)
MARK = 5.0
FASTER = 1.5
"""The time a file may be so many times that of the smallest size, on a machine with others."""

_SAID = {1: Event.RELEASE_INTENDED, 2: Event.RELEASE_PUBLISHED, 3: Event.RELEASE_HELD}


def crashed(root: Path, number: int) -> Path:
    """A site as a crash leaves it, with so many claims; returns its configuration."""
    make_site(root)
    place = root / "medrelease.toml"
    text = re.sub(r"(?m)^journal = .*$", "journal = false", place.read_text())
    text = re.sub(r"(?m)^text = .*$", 'text = "keep"', text)
    first = text.index("[[route]]")
    place.write_text(text[: text.index("[[route]]", first + 1)])
    settings = load(place)
    with ExitStack() as closing:
        ledger = assemble.open_ledger(settings, closing)
        trail = assemble.open_trail(settings, ledger, closing)
        for index in range(number):
            claimed = release_id.new(int(time.time() * 1000))
            claim(root, claimed, index)
            if index % 4:
                trail.append(_SAID[index % 4], record(root, claimed, index), wait=index % 500 < 4)
    os.sync()
    return place


def claim(root: Path, claimed: str, index: int) -> None:
    """One claim's folder, as `spool.claims` makes it."""
    folder = root / "share/.medrelease/claims" / claimed
    folder.mkdir(mode=0o700)
    (folder / "file").write_bytes(b"original %d" % index)
    path = base64.b64encode(b"24 00001 012 345 6789/IMG_%d.jpg" % index).decode()
    origin = {"route": "clinician", "path": path, "source": "outbox", "stamp": {"uid": 0}}
    (folder / "origin.json").write_text(json.dumps(origin))


def record(root: Path, claimed: str, index: int) -> dict[str, object]:
    """What the trail says of a claim; what it calls intended is visible."""
    source, result = b"original %d" % index, b"released %d" % index
    name = f"24 00001 -{index}-012 345 6789.jpg"
    if index % 4 != 3:
        (root / "share/released/clinician" / name).write_bytes(result)
    fields: dict[str, object] = {
        "release_id": claimed,
        "route": "clinician",
        "source": {"sha256": hashlib.sha256(source).hexdigest(), "bytes": len(source)},
    }
    if index % 4 == 3:
        return fields | {"outcome": "held", "reason": "identity-missing"}
    return fields | {
        "outcome": "released",
        "job_no": "24 00001",
        "image_no": index,
        "coded_name": name,
        "result": {"sha256": hashlib.sha256(result).hexdigest(), "bytes": len(result)},
    }


def start_on(config: Path) -> int:
    """Start the service on a site and print what its start took: wall and CPU seconds."""
    started: list[float] = []

    def once(service: life.Service) -> int:
        sys.stdout.write(f"{time.perf_counter() - started[0]} {time.process_time()}\n")
        sys.stdout.flush()
        del service
        os._exit(0)  # the journeys of what begins anew are not the start's

    life.Service.run_once = once  # type: ignore[method-assign]
    real = life.Service.start

    def timed(service: life.Service) -> None:
        started.append(time.perf_counter())
        real(service)

    life.Service.start = timed  # type: ignore[method-assign]
    return life.serve(config, once=True)


def main() -> int:
    """Prints the table; exit 1 where a mark is missed."""
    if sys.argv[1:2] == ["--start"]:
        return start_on(Path(sys.argv[2]))
    missed, least = False, 0.0
    sys.stdout.write(f"{'claims':>8} {'seconds':>9} {'ms a file':>10} {'CPU ms':>8}\n")
    for number in SIZES:
        with tempfile.TemporaryDirectory(dir=sys.argv[1] if sys.argv[1:] else None) as folder:
            config = crashed(Path(folder, "site"), number)
            command = [sys.executable, __file__, "--start", str(config)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
        wall, cpu = map(float, done.stdout.split())
        each = wall / number * 1000
        least = least or each
        missed = missed or each > MARK or each > FASTER * least
        sys.stdout.write(f"{number:8} {wall:9.2f} {each:10.2f} {cpu / number * 1000:8.2f}\n")
    sys.stdout.write(f"mark: {MARK} ms a file, linear: {'missed' if missed else 'kept'}\n")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
