"""Has a signed note gone anywhere but this host? For `medrelease check`.

Whoever owns the host can roll trail, notes and ledger back together, and nothing that stays on
it can tell. A note on another machine can.
"""

from dataclasses import dataclass
from pathlib import Path

from medrelease.audit import checkpoint


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What stands in `notes_dir`: `newest` and `here` are the lines that the newest note covers
    there and beside the trail, 0 where there is none; `same_disk` says that both folders are on
    one filesystem.
    """

    newest: int
    here: int
    same_disk: bool


def look(audit: Path, notes_dir: Path) -> Elsewhere:
    """Compare the notes beside the trail with those elsewhere. Raises OSError."""
    beside = audit / checkpoint.FOLDER
    there = checkpoint.note_sizes(notes_dir)
    here = checkpoint.note_sizes(beside)
    return Elsewhere(
        newest=there[-1] if there else 0,
        here=here[-1] if here else 0,
        same_disk=notes_dir.stat().st_dev == audit.stat().st_dev,
    )
