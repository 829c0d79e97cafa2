"""The chunks of a WebP file as the prover reads them (RFC 9649), and their one clean form.

A source may hold whatever the container allows. Of a finished file the bytes must be those that
`canonical` makes of what was read: so no gap, flag or order is left to carry anything.
"""

import struct
from dataclasses import dataclass, field

from medrelease.terms.words import Reason
from medrelease.verify.refusal import Refusal, incomplete, malformed
from medrelease.verify.runs import printable
from medrelease.verify.webp_frame import Frame, chunk, frame

_MOST_PIXELS, _MOST_IN_ALL, _MOST_FRAMES = 80_000_000, 1 << 29, 10_000
_PICTURES = (b"VP8 ", b"VP8L")


@dataclass(slots=True)
class File:
    """Canvas (width, height), frames, loop count (-1 for a still), and the blocks beside them.

    `others` are the contents of the chunks that show nothing, by name.
    """

    canvas: tuple[int, int]
    frames: list[Frame] = field(default_factory=list)
    loop: int = -1
    ground: bytes = bytes(4)
    profile: bytes = b""
    exif: bytes = b""
    others: list[tuple[bytes, bytes]] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)


def read(view: memoryview) -> File:
    """Take a file apart. Raises Refusal(incomplete | malformed | limits-exceeded)."""
    if len(view) < 20:
        incomplete("WebP header")
    end = 8 + struct.unpack_from("<I", view, 4)[0]
    if end > len(view):
        incomplete("WebP file cut")
    chunks = _walk(view, 12, end)
    if not chunks:
        incomplete("WebP file without a chunk")
    name, start, stop = chunks[0]
    if name in _PICTURES:
        only = frame(name, view[start:stop], None)
        file = File(only.size, [only], spans=[(start, stop)])
        file.others = [(other, bytes(view[a:b])) for other, a, b in chunks[1:]]
    elif name == b"VP8X" and stop - start >= 10:
        file = _extended(view, chunks)
    else:
        malformed("WebP file that begins with neither a picture nor a canvas")
    file.others.append((b"", bytes(view[end:])))
    _check(file)
    return file


def _walk(view: memoryview, at: int, end: int) -> list[tuple[bytes, int, int]]:
    """Return (name, start, end of the content) of each chunk in a range.

    What fills a chunk up to an even length belongs to it where a decoder would read it.
    """
    found = []
    while at + 8 <= end:
        size = struct.unpack_from("<I", view, at + 4)[0]
        if at + 8 + size > end:
            incomplete("WebP chunk cut")
        name, start = bytes(view[at : at + 4]), at + 8
        stop, at = start + size, start + size + (size & 1)
        if name in (*_PICTURES, b"ALPH") and any(view[stop : min(at, end)]):
            stop = at
        found.append((name, start, stop))
        if len(found) > 2 * _MOST_FRAMES:
            raise Refusal(Reason.LIMITS_EXCEEDED, "WebP file with too many chunks")
    if at < end:
        found.append((b"", at, end))
    return found


def _extended(view: memoryview, chunks: list[tuple[bytes, int, int]]) -> File:
    """Read the chunks on a canvas; what a viewer does not heed is one of the others."""
    head = view[chunks[0][1] :]
    moving = bool(head[0] & 2)
    file = File((_three(head, 4) + 1, _three(head, 7) + 1))
    plane: memoryview | None = None
    for name, start, stop in chunks[1:]:
        content = view[start:stop]
        if name == b"ANIM" and moving and file.loop < 0:
            if len(content) < 6:
                incomplete("WebP animation header")
            file.ground, file.loop = bytes(content[:4]), struct.unpack_from("<H", content, 4)[0]
        elif name == b"ANMF" and file.loop >= 0:
            file.frames.append(_moving(view, start, stop, file))
        elif name == b"ALPH" and not (moving or file.frames or plane):
            plane = content
            file.spans.append((start, stop))
        elif name in _PICTURES and not (moving or file.frames):
            file.frames.append(frame(name, content, plane))
            file.spans.append((start, stop))
        elif name == b"ICCP" and head[0] & 0x20 and not file.profile:
            file.profile = bytes(content)
        elif name == b"EXIF" and head[0] & 8 and not file.exif:
            file.exif = bytes(content)
        else:
            file.others.append((name, bytes(content)))
    return file


def _moving(view: memoryview, start: int, stop: int, file: File) -> Frame:
    """Read one frame of an animation with its place and timing."""
    if stop - start < 16:
        incomplete("WebP frame header")
    numbers = [_three(view, start + at) for at in range(0, 15, 3)]
    plane: memoryview | None = None
    picture: Frame | None = None
    for name, first, last in _walk(view, start + 16, stop):
        if name == b"ALPH" and plane is None and picture is None:
            plane = view[first:last]
        elif name in _PICTURES and picture is None:
            picture = frame(name, view[first:last], plane)
        else:
            file.others.append((name, bytes(view[first:last])))
            continue
        file.spans.append((first, last))
    if picture is None or picture.size != (numbers[2] + 1, numbers[3] + 1):
        malformed("WebP frame of another size than it says")
    picture.place = (2 * numbers[0], 2 * numbers[1])
    picture.timing = (numbers[4], view[start + 15] & 3)
    return picture


def _three(view: memoryview, at: int) -> int:
    return int.from_bytes(view[at : at + 3], "little")


def _check(file: File) -> None:
    """Refuse frames beside the canvas, and more pixels than can be decoded."""
    if not file.frames:
        malformed("WebP file without a picture")
    areas = [one.size[0] * one.size[1] for one in file.frames]
    if max(areas) > _MOST_PIXELS or sum(areas) > _MOST_IN_ALL or len(areas) > _MOST_FRAMES:
        raise Refusal(Reason.LIMITS_EXCEEDED, "WebP picture too large to prove")
    for one in file.frames:
        if any(at + size > whole for at, size, whole in zip(
            one.place, one.size, file.canvas, strict=True
        )):  # fmt: skip
            malformed("WebP frame beside its canvas")
    if file.loop < 0 and file.frames[0].size != file.canvas:
        malformed("WebP picture of another size than its canvas")


def canonical(file: File) -> bytes:
    """Return the bytes of the clean file that shows what was read."""
    body = _body(file)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _body(file: File) -> bytes:
    moving = file.loop >= 0
    if not (moving or file.profile or file.exif or file.frames[0].plane):
        return file.frames[0].chunks()
    flags = 0x20 if file.profile else 0
    flags |= 8 if file.exif else 0
    flags |= 0x10 if any(one.translucent for one in file.frames) else 0
    flags |= 2 if moving else 0
    sizes = b"".join((size - 1).to_bytes(3, "little") for size in file.canvas)
    body = chunk(b"VP8X", bytes((flags, 0, 0, 0)) + sizes)
    body += chunk(b"ICCP", file.profile) if file.profile else b""
    if moving:
        body += chunk(b"ANIM", file.ground + struct.pack("<H", file.loop))
    pictures = [_framed(one) if moving else one.chunks() for one in file.frames]
    return body + b"".join(pictures) + (chunk(b"EXIF", file.exif) if file.exif else b"")


def _framed(one: Frame) -> bytes:
    wide, high = one.size
    numbers = (one.place[0] // 2, one.place[1] // 2, wide - 1, high - 1, one.timing[0])
    head = b"".join(number.to_bytes(3, "little") for number in numbers)
    return chunk(b"ANMF", head + bytes((one.timing[1],)) + one.chunks())


def texts(file: File) -> list[str]:
    """Return the printable runs of all that a source file does not show."""
    return [run for _, content in file.others for run in printable(content)]
