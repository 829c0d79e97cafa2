"""The long run of hostile inputs over the parsers of both rooms, every format and DICOM.

    scripts/bench fuzz [--inputs N] [--seconds N] [--seed N] [--formats NAME,...] [--guided]
                       [--findings DIR]

A plain run mutates by --seed; --guided lets atheris (`pip install atheris`) choose by coverage.
Every input that raises, lingers, leaves a marker, comes out unreadable or shows another picture
is written to DIR. A guided run goes on from the corpus that stands in DIR.
"""

import argparse
import contextlib
import hashlib
import logging
import os
import random
import signal
import sys
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from corpora.built import build_beside_sources

_HANGS = 10.0
"""CPU seconds after which an input is broken off."""
_EVERY = 20_000
_LONGEST = 6000


def main() -> int:
    """Run; prints what was met and returns 1 where anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=sys.maxsize)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--formats", default="")
    parser.add_argument("--guided", action="store_true")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    wanted = parser.parse_args()
    build_beside_sources()
    logging.disable(logging.CRITICAL)  # decoders complain of every other input
    engine = import_module("atheris") if wanted.guided else None
    rooms = ["medrelease.sanitise", "medrelease.verify"]
    with engine.instrument_imports(include=rooms) if engine else contextlib.nullcontext():
        fuzzing = import_module("corpora.fuzzing")
    names = tuple(filter(None, wanted.formats.split(",")))
    files = fuzzing.seeds(names) if names else fuzzing.seeds()
    with fuzzing.Rooms() as both:
        run = _Run(both, wanted)
        if engine:
            _guided(engine, fuzzing, run, files)
        for data in fuzzing.mutations(files, wanted.seed):
            if run.over(data):
                break
    return run.report()


class _Run:
    """What was met so far, and until when to go on."""

    def __init__(self, rooms: object, wanted: argparse.Namespace) -> None:
        self.findings, self.seed = wanted.findings, wanted.seed
        self._rooms, self._most = rooms, wanted.inputs
        self._begun = time.monotonic()
        self._end = self._begun + wanted.seconds
        self._count = 0
        self._tally: Counter[tuple[str, str]] = Counter()
        signal.signal(signal.SIGPROF, self._hangs)

    def over(self, data: bytes) -> bool:
        """Judge one input, whatever it raises being a finding; whether it is time to stop."""
        self._count += 1
        signal.setitimer(signal.ITIMER_PROF, _HANGS)
        try:
            said = self._rooms.judge(data)
        except Exception as error:  # noqa: BLE001 - the very thing that is looked for
            said = f"FOUND {type(error).__name__}: {error}"[:120]
            self._note(said, data)
        signal.setitimer(signal.ITIMER_PROF, 0)
        self._tally[_kind(data), said] += 1
        if self._count % _EVERY == 0:
            sys.stderr.write(self._told())
        return self._count >= self._most or time.monotonic() > self._end

    @staticmethod
    def _hangs(*_: object) -> None:
        raise TimeoutError("an input takes too long by far")

    def _note(self, said: str, data: bytes) -> None:
        if sum(count for (_, each), count in self._tally.items() if each == said) < 5:
            self.findings.mkdir(parents=True, exist_ok=True)
            name = hashlib.sha256(data).hexdigest()[:16]
            (self.findings / name).write_bytes(data)
            sys.stderr.write(f"{said} {name}\n")

    def _told(self) -> str:
        """The tally by format, a line each."""
        seconds = time.monotonic() - self._begun
        lines = [f"{self._count} inputs, {self._count / seconds:.0f} a second\n"]
        for kind in sorted({kind for kind, _ in self._tally}):
            met = Counter({said: n for (each, said), n in self._tally.items() if each == kind})
            told = ", ".join(f"{count} {said}" for said, count in met.most_common())
            lines.append(f"{kind:>6} {met.total():>9}: {told}\n")
        return "".join(lines)

    def report(self) -> int:
        """Print the tally; 1 where anything was found."""
        sys.stdout.write(self._told())
        sys.stdout.flush()
        return int(any(said.startswith("FOUND") for _, said in self._tally))


def _kind(data: bytes) -> str:
    """The format that an input claims to be."""
    if data[4:8] == b"ftyp":
        return "avif" if data[8:12] == b"avif" else "heic"
    if data[4:8] == b"jP  ":
        return "jp2"
    return next((name for start, name in _STARTS if data.startswith(start)), _other(data))


_STARTS = (
    (b"\xff\xd8", "jpeg"),
    (b"\x89PNG", "png"),
    (b"II", "tiff"),
    (b"MM", "tiff"),
    (b"BM", "bmp"),
    (b"GIF8", "gif"),
    (b"RIFF", "webp"),
    (b"\xff\x4f", "j2k"),
)


def _other(data: bytes) -> str:
    return "dicom" if data[128:132] == b"DICM" else "other"


def _guided(engine: ModuleType, fuzzing: ModuleType, run: _Run, files: list[bytes]) -> None:
    """Let coverage choose, in libFuzzer's loop, which gives nothing back: the process ends here."""
    corpus = run.findings / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for data in files:
        (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    draw = random.Random(run.seed)  # noqa: S311 - no secret

    def mutator(data: bytes, most: int, seed: int) -> bytes:
        draw.seed(seed)
        if draw.random() < 0.5:
            return engine.Mutate(data, most)
        return fuzzing.mutated(data, draw, files)[:most]

    def one(data: bytes) -> None:
        if run.over(fuzzing.with_check_sums(data) if data[:4] == b"\x89PNG" else data):
            os._exit(run.report())

    limits = [f"-max_len={_LONGEST}", f"-seed={run.seed}", "-verbosity=0"]
    engine.Setup([sys.argv[0], str(corpus), *limits], one, custom_mutator=mutator)
    engine.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
