"""What durability costs: files a second as it is, without group commit, without any fsync.

    scripts/bench durability [FOLDER]        FOLDER: where the sites are made: the disk measured

The real service runs as a process, with warm workers; so many files are moved into the outbox in
one step, and the time runs until the last of them is on record as published. The middle of
several runs counts, taken in turn, so that what else the machine does falls on all alike.
"""

import io
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy
from PIL import Image

from medrelease.audit.trail import Trail
from medrelease.config.init import make_site
from medrelease.ledger import held_places, linkage, store
from medrelease.service.life import serve
from medrelease.spool import claims, files

MODES = ("promises on", "no group commit", "no fsync")
RUNS = {1: 5, 32: 3, 1000: 1}
WARM = 8
PATIENCE = 600.0


class _NoSync:
    """The C library without syncfs."""

    def __init__(self, libc: Any) -> None:
        self.renameat2 = libc.renameat2

    def syncfs(self, _descriptor: int) -> int:
        return 0


def weaken(mode: str) -> None:
    """Make this process keep less than it should."""
    if mode == "no group commit":
        claims._SHARED_SYNC_FROM = 1 << 30
        together = Trail._commit

        def one_by_one(self: Trail, batch: list[Any]) -> None:
            for entry in batch:
                together(self, [entry])

        Trail._commit = one_by_one  # type: ignore[method-assign]
    if mode == "no fsync":
        os.fsync = os.fdatasync = lambda _descriptor: None
        files._libc = _NoSync(files._libc)  # type: ignore[assignment]
        for room in (store, held_places, linkage):
            room.open_database = _soft(room.open_database)  # type: ignore[attr-defined]


def _soft(real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda place, script, **_: real(place, script, synchronous="OFF")


def picture(seed: int) -> bytes:
    """A photograph of 640 x 480 with a seed's noise."""
    noise = numpy.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=numpy.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize((640, 480), Image.Resampling.BICUBIC).save(buffer, "JPEG")
    return buffer.getvalue()


def site(root: Path) -> Path:
    """A site with the one route for care, which looks often; returns its configuration."""
    make_site(root)
    place = root / "medrelease.toml"
    text = place.read_text()
    for key, value in (("settle", "0.01"), ("journal", "false"), ("text", '"keep"')):
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", text)
    first = text.index("[[route]]")
    place.write_text(text[: text.index("[[route]]", first + 1)])
    return place


class Run:
    """A running service of one mode."""

    def __init__(self, mode: str, root: Path) -> None:
        self.root, self.count, self.seed = root, 0, 0
        config = site(root)
        command = [sys.executable, __file__, "--serve", mode, str(config)]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603
        self.release(WARM)

    def release(self, number: int) -> float:
        """Drop so many files at once; seconds until the last is published."""
        batch = self.root / "batch"
        for _ in range(number):
            folder = batch / f"24 {self.seed % 10:05} 012 345 6789" / str(self.seed)
            folder.mkdir(parents=True)
            (folder / "a.jpg").write_bytes(picture(self.seed))
            self.seed += 1
        os.sync()
        started = time.time()
        batch.rename(self.root / "share/outbox/clinician" / f"batch {self.seed}")
        self.count += number
        deadline = time.monotonic() + PATIENCE
        while len(published := self._published()) < self.count:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{len(published)} of {self.count} files were published")
            time.sleep(0.01 if number < 100 else 0.25)
        return max(published) - started

    def _published(self) -> list[float]:
        place = self.root / "audit/audit.jsonl"
        if not place.exists():
            return []
        lines = place.read_bytes().split(b"\n")[:-1]
        return [_moment(line) for line in lines if b'"event":"release.published"' in line]

    def close(self) -> None:
        """End the service."""
        self.process.terminate()
        self.process.wait(60)


def _moment(line: bytes) -> float:
    return datetime.fromisoformat(json.loads(line)["ts"]).timestamp()


def main() -> int:
    """Prints the table: files a second by mode and by how many files wait."""
    if sys.argv[1:2] == ["--serve"]:
        weaken(sys.argv[2])
        return serve(Path(sys.argv[3]), once=False)
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if sys.argv[1:] else None) as folder:
        runs = {mode: Run(mode, Path(folder, mode.replace(" ", "-"))) for mode in MODES}
        head = "".join(f"{f'{number} waiting':>14}" for number in RUNS)
        rows: dict[str, str] = dict.fromkeys(MODES, "")
        for number, times in RUNS.items():
            found: dict[str, list[float]] = {mode: [] for mode in MODES}
            for _ in range(times):
                for mode in MODES:
                    found[mode].append(number / runs[mode].release(number))
            for mode in MODES:
                rows[mode] += f"{statistics.median(found[mode]):14.1f}"
        for run in runs.values():
            run.close()
    sys.stdout.write(f"{'files a second':<18}{head}\n")
    for mode in MODES:
        sys.stdout.write(f"{mode:<18}{rows[mode]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
