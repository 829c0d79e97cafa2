"""What the verbs that only read cost: CPU seconds of one call, user and system together.

The mark is 0.2 s for each (a person, a monitor and a shell loop call them again and again).
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

MARK = 0.2
CALLS = 7
VERBS = (("--help",), ("status",), ("status", "--json"), ("audit", "tail"), ("held", "list"))
PROGRAM = str(Path(sys.executable).with_name("medrelease"))


def cpu_seconds(command: list[str]) -> float:
    """CPU seconds of one call and its children; raises CalledProcessError where it fails."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603  our own program
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    """Prints the table; exit 1 where a median passes the mark."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder, "site")
        program = [PROGRAM, "--config", str(site / "medrelease.toml")]
        cpu_seconds([PROGRAM, "init", str(site)])
        cpu_seconds([*program, "run", "--once"])
        slowest = 0.0
        sys.stdout.write(f"{'verb':<16} {'least':>8} {'median':>8} {'most':>8}   CPU seconds\n")
        for verb in VERBS:
            figures = sorted(cpu_seconds([*program, *verb]) for _ in range(CALLS))
            median = figures[CALLS // 2]
            slowest = max(slowest, median)
            row = f"{figures[0]:8.3f} {median:8.3f} {figures[-1]:8.3f}"
            sys.stdout.write(f"{' '.join(verb):<16} {row}\n")
    sys.stdout.write(f"mark: {MARK} s in the median, {'kept' if slowest < MARK else 'missed'}\n")
    return int(slowest >= MARK)


if __name__ == "__main__":
    sys.exit(main())
