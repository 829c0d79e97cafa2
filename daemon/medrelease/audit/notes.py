"""Ed25519 (RFC 8032) for the trail's notes: the site's signing key, signing and checking.

With the key a rewritten trail shows; with a note kept elsewhere a shortened or rolled back one
shows too. Nothing that stays on the host alone resists a rollback of trail and notes together.
"""

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from medrelease.audit.checkpoint import Checkpoint, SignedNote
from medrelease.audit.segment import fail, sync_folder
from medrelease.terms.faults import ConfigError


class PublicKey:
    """The key that checks notes."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    def accepts(self, note: SignedNote) -> bool:
        """Whether this site's key signed the note."""
        try:
            self._key.verify(note.signature, note.checkpoint.body())
        except InvalidSignature:
            return False
        return True

    def pem(self) -> bytes:
        """The key as PEM, the form that `openssl pkeyutl -pubin` takes."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class Signer:
    """The key that signs notes; it stays under `state/keys`."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key())

    def sign(self, checkpoint: Checkpoint) -> SignedNote:
        """Sign a checkpoint; the same one gives the same bytes again."""
        return SignedNote(checkpoint, self._key.sign(checkpoint.body()))


def load_or_create_signer(place: Path) -> Signer:
    """The signer of a PKCS #8 PEM file of mode 0600, made where the file is absent.

    Raises ConfigError where the file is open to others or holds no Ed25519 key, Transient on a
    full disk, TrailFault where it cannot be read or made.
    """
    try:
        return _load(place) if place.exists() else _create(place)
    except OSError as error:
        fail(error, "opening the trail's key")


def _load(place: Path) -> Signer:
    descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_mode & 0o077:
            raise ConfigError((("site.state", "the trail's key file must have mode 0600"),))
        return Signer(_private_key(file.read(1 << 16)))


def load_public_key(place: Path) -> PublicKey:
    """The public key of a PEM file, public or private. Raises ConfigError where it is none."""
    text = place.read_bytes()
    if b"PRIVATE KEY" in text:
        return Signer(_private_key(text)).public
    try:
        key = load_pem_public_key(text)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigError((("site.audit", "the public key of the notes cannot be read"),))
    return PublicKey(key)


def _private_key(text: bytes) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError((("site.state", "the trail's key file holds no Ed25519 key"),))
    return key


def _create(place: Path) -> Signer:
    key = Ed25519PrivateKey.generate()
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # written aside first: a crash between making and filling must not leave an empty key file
    fresh = place.with_name(place.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        os.fsync(descriptor)
    fresh.replace(place)
    sync_folder(place.parent)
    return Signer(key)
