"""The site key: 32 random bytes from which every code, UID and date offset is derived.

Who has the key can find a patient behind a code. It stands as 64 hexadecimal digits in a systemd
credential (systemd.exec(5), CREDENTIALS) or in a file that only its owner can open.
"""

import os
import re
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from medrelease.terms.faults import ConfigError, Transient, passes, wait_of

KEY_BYTES = 32
CREDENTIAL = "medrelease-site.key"
KEY_FILE = Path("keys", "site.key")
"""Where the key lies in the state folder when no credential is given."""


def site_key(state: Path, environ: Mapping[str, str]) -> bytes:
    """The key's 32 bytes; raises ConfigError when it is absent, open to others or malformed.

    Raises Transient where the machine could not read it at this moment.
    """
    folder = environ.get("CREDENTIALS_DIRECTORY")
    credential = Path(folder, CREDENTIAL) if folder else None
    if credential and credential.exists():
        return _parsed(credential, _read(credential))
    path = state / KEY_FILE
    return _parsed(path, _read(path, private=True))


def write_key(path: Path) -> None:
    """Makes a new key in a file of mode 0600; raises FileExistsError rather than replace one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path, *, private: bool = False) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as fault:
        if passes(fault):
            raise Transient(wait_of(fault), "the site key cannot be read now") from fault
        raise ConfigError(
            (("", f"the site key {path} cannot be read: {fault.strerror}"),)
        ) from fault
    with os.fdopen(descriptor, "rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if private and mode & 0o077:
            raise ConfigError((("", f"the site key {path} has mode {mode:04o}: chmod it to 0600"),))
        return file.read(KEY_BYTES * 2 + 2)


def _parsed(path: Path, content: bytes) -> bytes:
    if not re.fullmatch(rb"[0-9a-fA-F]{64}\n?", content):
        raise ConfigError((("", f"the site key {path} is not {KEY_BYTES * 2} hexadecimal digits"),))
    return bytes.fromhex(content.decode("ascii"))
