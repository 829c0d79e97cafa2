"""The long run of hostile inputs over the photograph parsers of both rooms.

    scripts/bench fuzz [--seconds N] [--seed N] [--guided] [--findings DIR]

A plain run mutates by --seed; --guided lets atheris (`pip install atheris`) choose by coverage.
Every input that raises, lingers, leaves a marker or comes out unreadable is written to DIR.
"""

import argparse
import contextlib
import hashlib
import os
import sys
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from corpora.built import build_beside_sources


def main() -> int:
    """Run; prints what was met and returns 1 where anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--guided", action="store_true")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    wanted = parser.parse_args()
    build_beside_sources()
    engine = import_module("atheris") if wanted.guided else None
    rooms = ["medrelease.sanitise", "medrelease.verify"]
    with engine.instrument_imports(include=rooms) if engine else contextlib.nullcontext():
        fuzzing = import_module("corpora.fuzzing")
    files = fuzzing.seeds()
    with fuzzing.Rooms() as both:
        run = _Run(both, wanted.findings, time.monotonic() + wanted.seconds)
        if engine:
            _guided(engine, fuzzing, run, files)
        for data in fuzzing.mutations(files, wanted.seed):
            if run.over(data):
                break
    return run.report()


class _Run:
    """What was met so far, and until when to go on."""

    def __init__(self, rooms: object, findings: Path, end: float) -> None:
        self.findings = findings
        self._rooms, self._end = rooms, end
        self._tally: Counter[str] = Counter()

    def over(self, data: bytes) -> bool:
        """Judge one input, whatever it raises being a finding; whether the time is up."""
        self._tally["inputs"] += 1
        try:
            self._tally[self._rooms.judge(data)] += 1
        except Exception as error:  # noqa: BLE001 - the very thing that is looked for
            self._note(f"FOUND {type(error).__name__}: {error}"[:120], data)
        return time.monotonic() > self._end

    def _note(self, kind: str, data: bytes) -> None:
        if not self._tally[kind]:
            self.findings.mkdir(parents=True, exist_ok=True)
            name = hashlib.sha256(data).hexdigest()[:16]
            (self.findings / name).write_bytes(data)
            sys.stderr.write(f"{kind} {name}\n")
        self._tally[kind] += 1

    def report(self) -> int:
        """Print the tally; 1 where anything was found."""
        for what, count in self._tally.most_common():
            sys.stdout.write(f"{count:>10} {what}\n")
        sys.stdout.flush()
        return int(any(what.startswith("FOUND") for what in self._tally))


def _guided(engine: ModuleType, fuzzing: ModuleType, run: _Run, files: list[bytes]) -> None:
    """Let coverage choose, in libFuzzer's loop, which gives nothing back: the process ends here."""
    corpus = run.findings / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for data in files:
        (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)

    def one(data: bytes) -> None:
        if run.over(fuzzing.with_check_sums(data) if data[:4] == b"\x89PNG" else data):
            os._exit(run.report())

    engine.Setup([sys.argv[0], str(corpus), "-max_len=24000"], one)
    engine.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
