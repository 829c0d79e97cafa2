"""The blocks of a GIF file as the prover reads them (GIF89a, sections 15 to 27).

A source may hold whatever the standard defines; of a finished file every byte must belong to the
screen, a palette, a loop count, a frame's control or a frame.
"""

import struct
from dataclasses import dataclass, field

from medrelease.terms.words import Reason
from medrelease.verify.refusal import Refusal, incomplete, malformed
from medrelease.verify.runs import printable

_MOST = 1 << 28
_LOOP_NAMES = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


@dataclass(slots=True)
class Image:
    """One frame: (left, top, width, height) in pixels, palette, control, and its LZW data.

    `control` is (disposal, delay in 1/100 s, transparent index or -1). `data` are the data
    sub-blocks as they lie in the file, with their terminator, at `span`.
    """

    place: tuple[int, int, int, int]
    interlaced: bool
    palette: bytes
    control: tuple[int, int, int]
    minimum: int
    data: memoryview
    span: tuple[int, int]


@dataclass(slots=True)
class File:
    """Screen (width, height, aspect), background, palette, loop count (-1 for none), frames."""

    screen: tuple[int, int, int]
    background: int
    palette: bytes
    loop: int = -1
    images: list[Image] = field(default_factory=list)
    texts: list[str | bytes] = field(default_factory=list)


class _Cursor:
    """A place in the bytes of a file that reads forward."""

    def __init__(self, view: memoryview) -> None:
        self.view, self.at = view, 0

    def take(self, size: int) -> bytes:
        """The next bytes. Raises Refusal(incomplete)."""
        if self.at + size > len(self.view):
            incomplete("GIF cut")
        self.at += size
        return bytes(self.view[self.at - size : self.at])

    def blocks(self) -> list[bytes]:
        """The data sub-blocks up to their terminator."""
        found = []
        while size := self.take(1)[0]:
            found.append(self.take(size))
        return found

    def pass_blocks(self, *, even: bool) -> None:
        """Pass over data sub-blocks; if `even` all must be full but the last."""
        before = 255
        while size := self.take(1)[0]:
            if even and before != 255:
                malformed("GIF picture data in uneven blocks")
            before = size
            self.at += size
            if self.at >= len(self.view):
                incomplete("GIF cut")


def read(view: memoryview, *, finished: bool) -> File:
    """Take a file apart; refuse of a finished one what is not allowed.

    Raises Refusal(incomplete | malformed | limits-exceeded).
    """
    cursor = _Cursor(view)
    version = cursor.take(6)
    wide, high, packed, ground, aspect = struct.unpack("<HHBBB", cursor.take(7))
    palette = _palette(cursor, packed)
    if finished and (packed & 8 or (not packed & 0x80 and packed & 7)):
        malformed("GIF screen with flags that nothing needs")
    file = File((wide, high, aspect), ground if ground * 3 < len(palette) else 0, palette)
    if finished and ground != file.background:
        malformed("GIF background beyond the palette")
    control: tuple[int, int, int] | None = None
    pixels = 0
    while (kind := cursor.take(1)[0]) != 0x3B:
        if kind == 0x2C:
            file.images.append(_image(cursor, control, finished=finished))
            control = None
            left, top, across, down = file.images[-1].place
            if left + across > wide or top + down > high:
                malformed("GIF frame beside the screen")
            pixels += file.images[-1].place[2] * file.images[-1].place[3]
            if pixels > _MOST:
                raise Refusal(Reason.LIMITS_EXCEEDED, "GIF frames too large to prove")
        elif kind == 0x21:
            if finished and (control is not None or version != b"GIF89a"):
                malformed("GIF extension out of its place")
            control = _extension(cursor, file, control, finished=finished)
        elif kind or finished:
            malformed("GIF bytes between blocks")
    if not file.images or any(not (image.palette or palette) for image in file.images):
        malformed("GIF without a picture or its palette")
    if finished and (cursor.at != len(view) or control is not None):
        malformed("GIF bytes that belong to no frame")
    file.texts += printable(bytes(view[cursor.at :]))
    return file


def _palette(cursor: _Cursor, packed: int) -> bytes:
    return cursor.take(3 * 2 ** ((packed & 7) + 1)) if packed & 0x80 else b""


def _image(cursor: _Cursor, control: tuple[int, int, int] | None, *, finished: bool) -> Image:
    *place, packed = struct.unpack("<4HB", cursor.take(9))
    if finished and (packed & 0x38 or (not packed & 0x80 and packed & 7)):
        malformed("GIF frame with flags that nothing needs")
    palette = _palette(cursor, packed)
    minimum = cursor.take(1)[0]
    start = cursor.at
    cursor.pass_blocks(even=finished)
    if not place[2] or not place[3]:
        malformed("GIF frame without a size")
    return Image(
        (place[0], place[1], place[2], place[3]),
        bool(packed & 0x40),
        palette,
        control or (0, 0, -1),
        minimum,
        cursor.view[start : cursor.at],
        (start, cursor.at),
    )


def _extension(
    cursor: _Cursor, file: File, control: tuple[int, int, int] | None, *, finished: bool
) -> tuple[int, int, int] | None:
    """Read an extension; return the control that the next frame is under."""
    label = cursor.take(1)[0]
    pieces = cursor.blocks()
    if label == 0xF9 and pieces and len(pieces[0]) == 4:
        return _control(pieces, finished=finished)
    if label == 0xFF and pieces and pieces[0] in _LOOP_NAMES:
        counts = [one for one in pieces[1:] if len(one) == 3 and one[0] & 7 == 1]
        clean = [b"NETSCAPE2.0", *counts[:1]] == pieces and pieces[-1][0] == 1
        if finished and (not clean or file.loop >= 0 or file.images):
            malformed("GIF loop count of a form that is not allowed")
        if counts and file.loop < 0:
            file.loop = int.from_bytes(counts[0][1:], "little")
            return control
    if finished or label == 0xF9:
        malformed("GIF extension that is not allowed")
    file.texts += printable(b"".join(pieces))
    return None if label == 1 else control


def _control(pieces: list[bytes], *, finished: bool) -> tuple[int, int, int]:
    packed, delay, index = struct.unpack("<BHB", pieces[0])
    disposal = packed >> 2 & 7
    if finished and (
        packed & 0xE2 or disposal > 3 or len(pieces) > 1 or (index and not packed & 1)
    ):
        malformed("GIF frame control with a field that nothing needs")
    return disposal if disposal < 4 else 0, delay, index if packed & 1 else -1
