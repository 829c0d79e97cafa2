"""Where things lie on the share (DESIGN.md 5.1), and how a missing folder is made again."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from medrelease.spool import files, reach
from medrelease.spool.faults import transient
from medrelease.terms.faults import Transient
from medrelease.terms.words import Wait

SENTINEL = b"sentinel"
STATUS_PAGE, STATUS_MODE = "STATUS.html", 0o644
SENTINEL_PATH = ".medrelease/sentinel"
"""Where the sentinel lies below a share; a folder that has it is one."""
_PRIVATE = (b"claims", b"work", b"originals")
_PUBLIC = {b"outbox": 0o3770, b"released": 0o2750, b"held": 0o2770}
_PRIVATE_MODE = 0o700


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of one share, which is one mount."""

    share: Path

    @property
    def private(self) -> Path:
        """The hidden folder that only the service can enter; worker jobs are relative to it."""
        return self.share / ".medrelease"

    @property
    def sentinel(self) -> Path:
        """The file whose absence says that the share is not mounted."""
        return self.private / os.fsdecode(SENTINEL)

    def outbox(self, route: str) -> Path:
        """Where files for a route are dropped."""
        return self.share / "outbox" / route

    def released(self, route: str) -> Path:
        """Where a route's coded files stand."""
        return self.share / "released" / route

    def held(self, route: str) -> Path:
        """Where a route's held files lie beside their notes."""
        return self.share / "held" / route

    @contextmanager
    def open_private(self, name: str) -> Iterator[int]:
        """Open one of the private folders: claims, work or originals."""
        with reach.opened(self.private / name) as descriptor:
            yield descriptor

    @contextmanager
    def open_route(self, root: str, route: str) -> Iterator[int]:
        """Open a route's folder below outbox, released or held; a deleted one is made again.

        Raises `Transient` where the share is gone, so that nothing is ever made on the empty
        mount point below it.
        """
        self.require()
        with reach.opened(self.share / root) as above:
            name = os.fsencode(route)
            if reach.look(above, name) is None:
                files.make_folder(above, name, _PUBLIC[root.encode()])
            with reach.opened(name, above) as descriptor:
                yield descriptor

    def require(self) -> None:
        """Raise `Transient` unless the sentinel says that the share is there."""
        with transient("the share's sentinel cannot be looked at"):
            there = self.sentinel.is_file()
        if not there:
            raise Transient(Wait.SHARE_GONE, "the share's sentinel is not there")

    def establish(self, routes: Iterable[str]) -> None:
        """Make a share for the first time: the private folder, its sentinel, every folder.

        Raises `Transient` where a folder cannot be made.
        """
        with transient("the share cannot be made"):
            self.share.mkdir(parents=True, exist_ok=True)
            with reach.opened(self.share) as share:
                files.make_folder(share, b".medrelease", _PRIVATE_MODE)
            with reach.opened(self.private) as private:
                if reach.look(private, SENTINEL) is None:
                    files.write_durable(private, SENTINEL, os.urandom(16).hex().encode(), 0o600)
                files.sync(private)
        self.make(routes)

    def make(self, routes: Iterable[str]) -> None:
        """Make what is missing of an established share; what is there keeps its mode.

        Raises `Transient` where the sentinel is gone or a folder cannot be made.
        """
        self.require()
        with transient("a folder of the share cannot be made"):
            with reach.opened(self.private) as private:
                for name in _PRIVATE:
                    files.make_folder(private, name, _PRIVATE_MODE)
            with reach.opened(self.share) as share:
                for name, mode in _PUBLIC.items():
                    files.make_folder(share, name, mode)
                    with reach.opened(name, share) as root:
                        for route in routes:
                            files.make_folder(root, os.fsencode(route), mode)
