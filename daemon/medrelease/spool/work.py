"""Work files: what workers write before anybody believes it, one name for each try."""

import os

from medrelease.spool import files
from medrelease.spool.faults import transient
from medrelease.spool.layout import Layout
from medrelease.terms.flow import Claim


def name(claim: Claim, attempt: int) -> str:
    """The work file's name for one attempt at a claim."""
    return f"{claim.release_id}.{attempt}"


def relative_path(work: str) -> str:
    """A work file's path below the private folder, for a worker's job."""
    return f"work/{work}"


def remove(layout: Layout, work: str) -> None:
    """Remove one work file, if it is there."""
    with transient("removing a work file"), layout.open_private("work") as folder:
        files.unlink(folder, os.fsencode(work))


def remove_all(layout: Layout, release_id: str) -> None:
    """Remove every work file of one release."""
    _remove(layout, release_id.encode() + b".")


def remove_leftovers(layout: Layout) -> None:
    """Remove every work file: at the start, when no worker runs yet."""
    _remove(layout, b"")


def _remove(layout: Layout, prefix: bytes) -> None:
    with transient("removing work files"), layout.open_private("work") as folder:
        for entry in os.listdir(folder):
            if os.fsencode(entry).startswith(prefix):
                files.unlink(folder, os.fsencode(entry))
