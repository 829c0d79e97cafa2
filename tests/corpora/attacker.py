"""Somebody with write access to outbox and held, who loops while the service works."""

import contextlib
import itertools
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from corpora import sites
from corpora.sites import FOLDER, Site

FOLDERS = (FOLDER, "no number", "no number/deeper")


class Attacker:
    """Tries one deed after another, seeded, until stopped; `outside` must never be touched."""

    def __init__(self, site: Site, outside: Path, seed: int) -> None:
        self._outbox = site.outbox()
        self._held = site.root / "share/held/clinician"
        self._outside = outside
        self._random = random.Random(seed)
        self._numbers = itertools.count(1)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self.done: Counter[str] = Counter()

    def __enter__(self) -> "Attacker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _loop(self) -> None:
        deeds = self._deeds()
        names = list(deeds)
        while not self._stop.is_set():
            name = self._random.choice(names)
            with contextlib.suppress(OSError):
                deeds[name]()
                self.done[name] += 1
            time.sleep(0.001)

    def _deeds(self) -> dict[str, Callable[[], None]]:
        return {
            "drop": self._drop,
            "drop once more": self._drop,
            "link over a file": lambda: self._over(lambda aside: aside.symlink_to(self._target())),
            "hard link over a file": lambda: self._over(lambda a: os.link(self._target(), a)),
            "pipe over a file": lambda: self._over(os.mkfifo),
            "folder over a file": self._folder_over,
            "outbox folder made a link": lambda: self._swap(self._outbox),
            "held folder made a link": lambda: self._swap(self._held),
            "note made a link": lambda: self._planted(".WHY.txt"),
            "approval made a link": lambda: self._planted(".APPROVE"),
            "held file made a link": self._held_over,
            "write while it is taken": self._write_late,
        }

    def _target(self) -> Path:
        return self._outside / "a.jpg"

    def _place(self) -> Path:
        folder = self._outbox / self._random.choice(FOLDERS)
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{self._random.randrange(4)}.jpg"

    def _drop(self) -> None:
        aside = self._outbox / ".fresh"
        aside.write_bytes(sites.jpeg(1000 + next(self._numbers)))
        aside.rename(self._place())

    def _over(self, make: Callable[[Path], None]) -> None:
        """Put something in the place of a file, in one step."""
        aside = self._outbox / ".aside"
        aside.unlink(missing_ok=True)
        make(aside)
        aside.rename(self._place())

    def _folder_over(self) -> None:
        place = self._place()
        place.unlink(missing_ok=True)
        place.mkdir()
        time.sleep(0.002)
        place.rmdir()

    def _swap(self, root: Path) -> None:
        """Turn a folder into a link to the one outside for a moment."""
        folder = root / self._random.choice(FOLDERS)
        away = root / f".away{next(self._numbers)}"
        folder.rename(away)
        folder.symlink_to(self._outside)
        time.sleep(self._random.random() / 100)
        folder.unlink()
        away.rename(folder)

    def _planted(self, suffix: str) -> None:
        folder = self._held / self._random.choice(FOLDERS)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self._random.randrange(4)}.jpg{suffix}").symlink_to(self._outside / "note")

    def _held_over(self) -> None:
        found = [p for p in self._held.rglob("*.jpg") if not p.is_symlink()]
        place = self._random.choice(found) if found else self._held / "x.jpg"
        aside = self._held / ".aside"
        aside.unlink(missing_ok=True)
        aside.symlink_to(self._target())
        aside.rename(place)

    def _write_late(self) -> None:
        place = self._place()
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
        try:
            if os.path.samestat(os.fstat(descriptor), self._target().stat()):
                return  # a hard link of our own making: nobody but us would have written there
            os.write(descriptor, sites.jpeg(5))
            time.sleep(self._random.random() / 20)
            os.write(descriptor, b"later")
        finally:
            os.close(descriptor)
