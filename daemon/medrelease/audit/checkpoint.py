"""The text of a signed note, and where notes stand; nothing here needs a key.

    <origin>                 the site's name
    <size>                   the seq of the last line that the note covers
    <head>                   the SHA-256 of that line, 64 hexadecimal digits
                             (an empty line)
    <signature>              Ed25519 over the three lines, base64

After the checkpoints of transparency logs (c2sp.org/tlog-checkpoint), with the signature alone
on its line, so that `head`, `tail`, `base64` and `openssl pkeyutl` can take a note apart.
"""

import base64
import binascii
import os
import re
from array import array
from dataclasses import dataclass
from pathlib import Path

from medrelease.audit.line import Head
from medrelease.audit.segment import sync_folder

FOLDER = "notes"
PUBLIC_KEY = "public-key.pem"
_NAME = re.compile(r"(\d{12})\.note")
_TEXT = re.compile(r"([^\n]{1,200})\n([1-9]\d{0,17})\n([0-9a-f]{64})\n\n([A-Za-z0-9+/]{86}==)\n")
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a note states: `size` lines of `origin`'s trail end in a line with hash `head`."""

    origin: str
    size: int
    head: str

    def body(self) -> bytes:
        """The signed bytes: three lines."""
        return f"{self.origin}\n{self.size}\n{self.head}\n".encode()


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A checkpoint and the 64 bytes of its signature, which nobody has checked yet."""

    checkpoint: Checkpoint
    signature: bytes

    def text(self) -> bytes:
        """The note as its file holds it."""
        return self.checkpoint.body() + b"\n" + base64.b64encode(self.signature) + b"\n"


def checkpoint(origin: str, head: Head) -> Checkpoint:
    """The checkpoint of a chain's end; an origin is made to fit its one line."""
    line = " ".join(origin.split())[:100]
    return Checkpoint(line or "medrelease", head.seq, head.sha256)


def parse_note(text: bytes) -> SignedNote | None:
    """A note's content; None for anything that this program would not have written."""
    try:
        match = _TEXT.fullmatch(text[:_LONGEST].decode())
        if match is None:
            return None
        signature = base64.b64decode(match[4], validate=True)
    except (UnicodeDecodeError, binascii.Error):
        return None
    return SignedNote(Checkpoint(match[1], int(match[2]), match[3]), signature)


def note_name(size: int) -> str:
    """The file name of the note that covers so many lines."""
    return f"{size:012d}.note"


def note_sizes(folder: Path) -> "array[int]":
    """The sizes that a folder has note files for, smallest first; empty where it is absent."""
    if not folder.is_dir():
        return array("q")
    with os.scandir(folder) as entries:
        found = array("q", (int(m[1]) for e in entries if (m := _NAME.fullmatch(e.name))))
    return array("q", sorted(found))


def read_note(folder: Path, size: int) -> SignedNote | None:
    """The note of that size; None where it is gone or no note. Raises OSError."""
    try:
        with (folder / note_name(size)).open("rb") as file:
            return parse_note(file.read(_LONGEST))
    except FileNotFoundError:
        return None


def write_file(folder: Path, name: str, data: bytes) -> None:
    """Write a whole file durably under its name, mode 0640. Raises OSError."""
    fresh = folder / f".{name}.new"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(fresh, flags, 0o640), "wb") as file:
        os.fchmod(file.fileno(), 0o640)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / name)
    sync_folder(folder)
