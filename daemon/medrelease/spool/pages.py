"""Small texts that others read while they are replaced: always the old one or the new one."""

import os
import secrets
from pathlib import Path

from medrelease.spool import files, reach
from medrelease.spool.faults import transient


def write(place: Path, text: str, mode: int, owner: tuple[int, int] | None = None) -> None:
    """Replace the file at `place` by a new one, whole. Raises `Transient`.

    It is not fsynced: what stands in such a file can be made again at any time. `owner` is the
    uid and gid that it has from the first moment on; only root can give a file away.
    """
    draft = f".{place.name}.{secrets.token_hex(4)}"
    with transient(f"writing {place.name}"), reach.opened(place.parent) as folder:
        files.write_new(folder, draft.encode(), text.encode(), mode)
        if owner is not None and os.geteuid() == 0:
            os.chown(draft, *owner, dir_fd=folder)
        os.rename(draft, place.name, src_dir_fd=folder, dst_dir_fd=folder)


def remove(place: Path) -> None:
    """Remove the file at `place`, if it is there. Raises `Transient`."""
    with transient(f"removing {place.name}"), reach.opened(place.parent) as folder:
        files.unlink(folder, place.name.encode())
