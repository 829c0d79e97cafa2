"""The private store of originals: what was released, kept for some days and then removed.

originals/<release id>/<SHA-256>        the original as it was dropped, under what it holds
originals/<release id>/origin.json      where it came from
originals/<release id>/disposed.json    its SHA-256 and when it came here

A file that may not be read has no digest and keeps the name `file`, and so does one for the
moment between its move into the store and its naming, which `dispose` done again makes up for.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from medrelease.spool import files, leftovers, origin, reach
from medrelease.spool.claims import Claims
from medrelease.spool.faults import transient
from medrelease.spool.layout import Layout
from medrelease.spool.naming import candidates
from medrelease.terms.flow import Claim

_LIMIT = 1 << 16


@dataclass(frozen=True, slots=True)
class Original:
    """An original in the store.

    `sha256` (hex) is of the bytes as they came here; empty where they may not be read.
    """

    release_id: str
    route: str
    path: bytes
    sha256: str
    disposed: datetime


def dispose(layout: Layout, claims: Claims, claim: Claim, now: datetime) -> Original | None:
    """Move a claim whose release is on record into the store; done again it changes nothing.

    Returns what is stored, so that the caller can compare the digest with the recorded one, and
    None where it cannot be read back. Raises `Transient`.
    """
    claims.close(claim)
    name = claim.release_id.encode()
    with (
        transient("storing an original"),
        layout.open_private("claims") as claimed,
        layout.open_private("originals") as store,
    ):
        if reach.look(claimed, name) is not None:
            _describe(claimed, name, now)
            files.move_folder(claimed, name, store, name)
            files.sync(store)
            files.sync(claimed)
        original = _read(store, claim.release_id)
        if original is not None:
            _address(store, original)
        return original


def stored(layout: Layout) -> tuple[str, ...]:
    """The release ids of what lies in the store, sorted. Raises `Transient`."""
    with transient("listing originals"), layout.open_private("originals") as store:
        return tuple(sorted(os.listdir(store)))


def find(layout: Layout, release_id: str) -> tuple[Original, Claim] | None:
    """An original in the store and the claim that it was; None where it is not whole there."""
    with transient("looking at an original"), layout.open_private("originals") as store:
        original = _read(store, release_id)
        if original is None:
            return None
        _address(store, original)
        with reach.opened(release_id.encode(), store) as kept:
            status = reach.look(kept, _content(kept, original))
    if status is None:
        return None
    stamp = origin.stamp_of(status)
    claim = Claim(release_id, original.route, original.path, stamp, "outbox", leased=False)
    return original, claim


def list_originals(layout: Layout) -> tuple[Original, ...]:
    """Every original in the store, oldest release first. Raises `Transient`."""
    with transient("listing originals"), layout.open_private("originals") as store:
        found = [_read(store, name) for name in sorted(os.listdir(store))]
    return tuple(original for original in found if original is not None)


def digest(layout: Layout, original: Original) -> str | None:
    """The SHA-256 (hex) of the bytes that are stored now; None where they have gone.

    Empty where they may not be read. Raises `Transient`.
    """
    with transient("reading an original"), _open_original(layout, original) as (_, kept):
        try:
            return _digest(kept, _content(kept, original))
        except FileNotFoundError:
            return None


def restore_to_outbox(layout: Layout, original: Original) -> bytes:
    """Put an original back to where it was dropped; returns its path below the route.

    It leaves the store and is a drop like any other; a name that is taken meanwhile is never
    overwritten: it gets `~` and six characters of the release id. Raises `Transient`.
    """
    folder, name = reach.split(original.path)
    with (
        transient("restoring an original"),
        _open_original(layout, original) as (store, kept),
        layout.open_route("outbox", original.route) as route,
        files.place_below(route, folder) as (parent, where),
    ):
        names = candidates(name, original.release_id)
        new_name = files.put_down(kept, _content(kept, original), parent, names)
        files.sync(parent)
        leftovers.remove(store, original.release_id.encode())
    return where + b"/" + new_name if where else new_name


def copy_to(layout: Layout, original: Original, target: Path) -> None:
    """Copy an original to a new file of mode 0600 anywhere else. Raises `Transient`."""
    with transient("copying an original"), _open_original(layout, original) as (_, kept):
        descriptor = os.open(_content(kept, original), reach.REGULAR, dir_fd=kept)
        with os.fdopen(descriptor, "rb") as source, files.new_file(target) as copy:
            shutil.copyfileobj(source, copy)


def expired(layout: Layout, days: int, now: datetime) -> tuple[Original, ...]:
    """The originals that came here more than `days` days ago. Raises `Transient`."""
    oldest = now - timedelta(days=days)
    return tuple(each for each in list_originals(layout) if each.disposed < oldest)


def destroy(layout: Layout, original: Original) -> None:
    """Remove an original from the store for good, durably. Raises `Transient`."""
    with (
        transient("removing an old original"),
        _open_original(layout, original) as (store, kept),
    ):
        files.unlink(kept, _content(kept, original))
        leftovers.remove(store, original.release_id.encode())
        files.sync(store)


def _describe(claimed: int, name: bytes, now: datetime) -> None:
    """Write disposed.json into the claim, durable before the folder moves."""
    with reach.opened(name, claimed) as folder:
        record = {"sha256": _digest(folder, origin.FILE), "disposed": now.isoformat()}
        files.unlink(folder, leftovers.DISPOSED)
        files.write_durable(folder, leftovers.DISPOSED, json.dumps(record).encode(), 0o600)
        files.sync(folder)


def _address(store: int, original: Original) -> None:
    """Name the bytes after their digest."""
    with reach.opened(original.release_id.encode(), store) as kept:
        if original.sha256 and reach.look(kept, origin.FILE) is not None:
            files.rename_noreplace(kept, origin.FILE, kept, original.sha256.encode())
            files.sync(kept)


def _content(kept: int, original: Original) -> bytes:
    """The name under which an original's bytes lie in its folder."""
    addressed = original.sha256.encode()
    if addressed and reach.look(kept, addressed) is not None:
        return addressed
    return origin.FILE


def _digest(folder: int, name: bytes) -> str:
    try:
        descriptor = os.open(name, reach.REGULAR, dir_fd=folder)
    except PermissionError:
        return ""
    with os.fdopen(descriptor, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(store: int, name: str) -> Original | None:
    with reach.opened(name.encode(), store) as kept:
        came_from = origin.read(kept)
        record = json.loads(reach.read_small(kept, leftovers.DISPOSED, _LIMIT) or b"null")
    if came_from is None or record is None:
        return None
    disposed = datetime.fromisoformat(record["disposed"])
    return Original(name, came_from.route, came_from.path, record["sha256"], disposed)


@contextmanager
def _open_original(layout: Layout, original: Original) -> Iterator[tuple[int, int]]:
    with (
        layout.open_private("originals") as store,
        reach.opened(original.release_id.encode(), store) as kept,
    ):
        yield store, kept
