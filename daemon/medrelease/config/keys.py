"""The site keys: 32 random bytes each, from which every code, UID and date offset is derived.

Who has them can find a patient behind a code. They stand as 64 hexadecimal digits a line, the
newest last, in a systemd credential (systemd.exec(5), CREDENTIALS) or in a file that only its
owner can open. An older key is kept as long as a code may have to be followed: who has a code
under it keeps that code.
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
"""Where the keys lie in the state folder when no credential is given."""
MOST_KEYS = 100


def site_keys(state: Path, environ: Mapping[str, str]) -> tuple[bytes, ...]:
    """The keys, 32 bytes each, the newest last.

    Raises ConfigError when they are absent, open to others or malformed, and Transient where the
    machine could not read them at this moment.
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


def add_key(path: Path) -> int:
    """Puts a newer key behind those of a file, and says how many there are then.

    The file is replaced whole, so that at no moment a key is missing from it. Raises ConfigError
    where it cannot be used as it is, or holds as many keys as it can.
    """
    keys = _parsed(path, _read(path, private=True))
    if len(keys) >= MOST_KEYS:
        raise ConfigError((("", f"the file of site keys {path} holds {MOST_KEYS} already"),))
    owner = path.stat()
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        file.write("".join(f"{key.hex()}\n" for key in keys) + secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return len(keys) + 1


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
        return file.read((KEY_BYTES * 2 + 1) * MOST_KEYS + 1)


def _parsed(path: Path, content: bytes) -> tuple[bytes, ...]:
    if not re.fullmatch(rb"[0-9a-fA-F]{64}(\n[0-9a-fA-F]{64})*\n?", content):
        message = f"the site key {path} is not {KEY_BYTES * 2} hexadecimal digits a line"
        raise ConfigError((("", message),))
    return tuple(bytes.fromhex(line) for line in content.decode("ascii").split())
