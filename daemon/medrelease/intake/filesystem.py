"""Which filesystem is this, and does it tell of changes that others make?

inotify hears what this kernel does. On a network mount the change is made on another machine,
so no event ever comes and the folder has to be looked at from time to time instead.
"""

import os
import re
from pathlib import Path

_SILENT = frozenset(
    {"9p", "afs", "ceph", "cifs", "coda", "davfs", "fuse", "fuseblk", "gfs2", "gpfs", "lustre"}
    | {"ncpfs", "nfs", "nfs4", "ocfs2", "prl_fs", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs"}
)
_ONE_OWNER = frozenset(
    {"9p", "cifs", "exfat", "fuse", "fuseblk", "msdos", "ntfs", "ntfs3", "prl_fs", "smb3", "smbfs"}
    | {"vboxsf", "vfat", "vmhgfs"}
)
_MOUNTS = Path("/proc/self/mountinfo")
_ESCAPE = re.compile(rb"\\([0-7]{3})")


def filesystem_type(path: Path, mounts: Path = _MOUNTS) -> str:
    """The type of the mount that holds `path`, as proc_pid_mountinfo(5) names it.

    The deepest mount point above the path counts, the last one where several are stacked.
    "unknown" where the list cannot be read.
    """
    wanted = os.fsencode(os.path.realpath(path))
    best, kind = b"", "unknown"
    try:
        lines = mounts.read_bytes().splitlines()
    except OSError:
        return kind
    for line in lines:
        fields, _, rest = line.partition(b" - ")
        point = _ESCAPE.sub(lambda code: bytes([int(code[1], 8)]), fields.split()[4])
        if _holds(point, wanted) and len(point) >= len(best):
            best, kind = point, rest.split()[0].decode("ascii", "replace")
    return kind


def gives_events(kind: str) -> bool:
    """Whether changes on a filesystem of this type all come as events."""
    return kind not in _SILENT and not kind.startswith("fuse.")


def keeps_owners(kind: str) -> bool:
    """Whether a file on a filesystem of this type belongs to who made it.

    The others give every file to one owner, or to whom their mount options say.
    """
    return kind not in _ONE_OWNER and not kind.startswith("fuse.")


def reason(kind: str) -> str:
    """Why the outbox is watched the way it is, in a sentence for `medrelease check`."""
    if gives_events(kind):
        return f"The outbox is on {kind}: changes are heard at once, and looked for as well."
    return f"The outbox is on {kind}, which tells of no changes that others make: it is polled."


def _holds(point: bytes, path: bytes) -> bool:
    return path == point or path.startswith(point.rstrip(b"/") + b"/")
