"""The program's own notes: how one is told from a file that only has such a name."""

import re
from collections.abc import Callable

from medrelease.spool import files, reach
from medrelease.spool.faults import transient
from medrelease.spool.layout import Layout
from medrelease.spool.naming import NOTE_SUFFIX

Known = Callable[[str], bool]
"""Whether a release id stands in the trail."""

_RELEASE_ID = re.compile(rb"(?<![0-9A-Za-z])[0-7][0-9A-HJKMNP-TV-Z]{25}(?![0-9A-Za-z])")
_DRAFT = re.compile(rb"\.([0-7][0-9A-HJKMNP-TV-Z]{25})\.note")
_LONGEST_NOTE = 1 << 16


def draft_name(release_id: str) -> bytes:
    """The hidden name under which a note is written before it gets its own."""
    return b"." + release_id.encode() + b".note"


def drafted_for(name: bytes) -> bytes | None:
    """The release id of the note whose draft has this name; None for any other name."""
    found = _DRAFT.fullmatch(name)
    return found[1] if found else None


def release_id_in(folder: int, name: bytes) -> str | None:
    """The release id that a note names; None where the file is no note of that shape."""
    if not name.endswith(NOTE_SUFFIX):
        return None
    data = reach.read_small(folder, name, _LONGEST_NOTE)
    found = _RELEASE_ID.search(data) if data else None
    return found.group().decode() if found else None


def remove_returned(layout: Layout, route: str, path: bytes, known: Known) -> bool:
    """Remove a note of the program's own that came back into an outbox (DESIGN.md 5.1).

    False, and nothing done, where the file names no release id of the trail.
    """
    folder, name = reach.split(path)
    with (
        transient("removing a note"),
        reach.opened(layout.outbox(route)) as root,
        reach.open_below(root, folder) as parent,
    ):
        release_id = release_id_in(parent, name)
        return release_id is not None and known(release_id) and files.unlink(parent, name)
