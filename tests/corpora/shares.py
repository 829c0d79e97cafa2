"""Shares for the tests of intake and spool: made in a temporary folder, filled by hand."""

import itertools
import os
from pathlib import Path

from medrelease.spool.layout import Layout
from medrelease.spool.origin import stamp_of
from medrelease.terms.flow import Arrival

ROUTES = ("clinician", "teaching")
_numbers = itertools.count()


def make(where: Path) -> Layout:
    """A share with two routes."""
    layout = Layout(where / "share")
    layout.establish(ROUTES)
    return layout


def release_id() -> str:
    """A new release id: a ULID by its shape."""
    return f"01JD{next(_numbers):022d}"


def drop(layout: Layout, path: bytes, data: bytes = b"an image", root: str = "outbox") -> Arrival:
    """Put a file into the outbox (or held) of the first route, folders and all."""
    place = os.fsencode(layout.share / root / ROUTES[0]) + b"/" + path
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "wb") as file:
        file.write(data)
    return arrival(layout, path, root)


def arrival(layout: Layout, path: bytes, root: str = "outbox") -> Arrival:
    """What the scan would say of a file that lies there now."""
    place = os.fsencode(layout.share / root / ROUTES[0]) + b"/" + path
    stamp = stamp_of(os.stat(place, follow_symlinks=False))
    return Arrival(ROUTES[0], path, stamp, "held" if root == "held" else "outbox")


def tree(folder: Path) -> dict[bytes, bytes | None]:
    """Everything below a folder by path: a file's bytes, None for anything else."""
    found: dict[bytes, bytes | None] = {}
    top = os.fsencode(folder)
    for above, folders, names in os.walk(top):
        for name in folders + names:
            path = above + b"/" + name
            regular = os.path.isfile(path) and not os.path.islink(path)
            found[os.path.relpath(path, top)] = (
                Path(os.fsdecode(path)).read_bytes() if regular else None
            )
    return found
