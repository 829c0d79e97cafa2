"""How long ten years of trail take to verify, and how much memory: `verify_trail` beside sha256sum.

    scripts/bench verify_trail [RECORDS] [DAYS]          by default 1,000,000 over 365 days

Ten years are 10,000,000 records over 3,650 days: about 11 GB of temporary files.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from corpora import long_trails, trails

_ASK = """
import sys, time
from pathlib import Path
from medrelease.audit.notes import load_public_key
from medrelease.audit.verification import verify_trail
folder = Path(sys.argv[1])
told = []
before, began = time.process_time(), time.perf_counter()
key = load_public_key(folder / "notes/public-key.pem")
found = verify_trail(folder, key, progress=told.append)
status = Path("/proc/self/status").read_text()
peak = int(status.split("VmHWM:")[1].split()[0]) >> 10
print(found.verdict, found.records, found.findings_count, len(told),
      time.process_time() - before, time.perf_counter() - began, peak)
"""


def main() -> None:
    """Write the trail, verify it in a process of its own, hash the same bytes beside it."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    days = int(sys.argv[2]) if len(sys.argv) > 2 else 365
    with tempfile.TemporaryDirectory(prefix="medrelease-bench-") as folder:
        site = trails.Site(Path(folder) / "site")
        began = time.perf_counter()
        audit = Path(folder) / "audit"
        long_trails.write(audit, site.signer, days, records)
        segments = sorted(audit.glob("*.jsonl"))
        size = sum(place.stat().st_size for place in segments) >> 20
        say(f"{records} records in {len(segments)} segments, {size} MiB")
        say(f"made in {time.perf_counter() - began:.0f} s")
        ask = [sys.executable, "-c", _ASK, str(audit)]
        told = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603
        verdict, count, findings, steps, cpu, wall, peak = told
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run(["sha256sum", *segments], capture_output=True, check=True)  # noqa: S603, S607
        hashing = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        say(f"verdict {verdict}, {count} records, {findings} findings, {steps} times progress")
        say(f"{float(cpu):8.1f} s CPU  {float(wall):8.1f} s  {peak:>5} MiB at most   verify_trail")
        say(f"{hashing:8.1f} s CPU  {'':10}  {'':5}               sha256sum of the same bytes")
        say(f"{1e6 * float(cpu) / records:8.1f} us CPU a record, {float(cpu) / hashing:.1f} x")


def say(line: str) -> None:
    """Print a line of the table."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
