"""Hold the trail against what stands in the folders: the whole of `audit verify`."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from medrelease.audit import checkpoint
from medrelease.audit.notes import load_public_key
from medrelease.audit.verification import ReleasedFile, Verdict, verify_trail
from medrelease.ledger import reader
from medrelease.spool.publishing import digest
from medrelease.terms.faults import TrailBroken

PRIVATE_KEY = Path("keys", "trail.pem")
"""Where the key that signs the trail's notes lies in the state folder."""


def verify_site(
    share: Path, state: Path, audit: Path, note: Path | None, progress: Callable[[int], None]
) -> Verdict | None:
    """Verify chain, notes and released files of a site (DESIGN.md 5.5); None before its first run.

    The ledger's head counts as one more witness of how long the trail was. Whoever may read the
    state folder checks the notes with the key kept there, others with the one beside the notes.
    """
    key = state / PRIVATE_KEY
    if not os.access(key, os.R_OK):
        key = audit / checkpoint.FOLDER / checkpoint.PUBLIC_KEY
    if not key.exists() and not any(audit.glob("audit*.jsonl")):
        return None
    kept_elsewhere = checkpoint.parse_note(note.read_bytes()) if note else None
    if note is not None and kept_elsewhere is None:
        raise TrailBroken("the file given is no signed note")
    return verify_trail(
        audit,
        load_public_key(key),
        notes=(kept_elsewhere,) if kept_elsewhere else (),
        ledger_head=reader.head(state / "ledger.sqlite"),
        released=list(_standing(share / "released")),
        progress=progress,
    )


def _standing(released: Path) -> Iterator[ReleasedFile]:
    """Every file that stands in a released folder, with a way to its digest."""
    for route in sorted(released.iterdir()):
        if route.is_dir() and not route.is_symlink():
            for place in sorted(route.iterdir()):
                yield ReleasedFile(route.name, place.name, partial(_digest, place))


def _digest(place: Path) -> str:
    found = digest(place)
    if found is None:
        raise FileNotFoundError
    return found
