"""The chunks of a WebP file (RFC 9649): what of them shows a picture, and the file written anew.

A simple file is one coded picture. An extended one has a canvas, and on it a picture or frames
with their place and timing. Everything else is counted and left out.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import pack, unpack_from

from medrelease.sanitise.refusal import Refusal, incomplete, malformed, too_large
from medrelease.sanitise.source import take
from medrelease.sanitise.webp_coded import Coded, chunk, read_coded
from medrelease.terms.words import Reason

MAX_PIXELS = 80_000_000
"""Pixels of one frame: four bytes each, held once or twice, fit into a worker's memory."""

_MAX_FRAMES, _MAX_TOTAL = 10_000, 1 << 29
_ICC, _ALPHA, _EXIF, _ANIMATION = 0x20, 0x10, 0x08, 0x02
_DROPPED = {b"EXIF": "exif", b"XMP ": "xmp", b"ICCP": "icc-tag"}
_PICTURE = frozenset({b"VP8 ", b"VP8L"})
_STREAMS = _PICTURE | {b"ALPH"}


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture, its upper left pixel on the canvas, its duration in ms, and its two flags."""

    coded: Coded
    left: int = 0
    top: int = 0
    duration: int = 0
    flags: int = 0


@dataclass(slots=True)
class File:
    """What a WebP file shows. `loop` is None for a still picture; sizes in pixels."""

    width: int
    height: int
    frames: list[Frame] = field(default_factory=list)
    loop: int | None = None
    background: bytes = bytes(4)
    profile: bytes = b""
    exif: bytes = b""
    end: int = 0


def read_file(view: memoryview, actions: Counter[str]) -> File:
    """Take a file apart. Raises refusals: incomplete, malformed, limits-exceeded."""
    take(view, 0, 20, "the WebP header")
    end = 8 + int(unpack_from("<I", view, 4)[0])
    if end > len(view):
        raise incomplete("the WebP file")
    chunks = _chunks(view, 12, end, actions)
    first, content = next(chunks, (b"", view[:0]))
    if first in _PICTURE:
        coded = read_coded(first, content, None, actions)
        file = File(coded.width, coded.height, [Frame(coded)])
        for name, _ in chunks:
            actions[_DROPPED.get(name, "unknown-chunk")] += 1
    elif first == b"VP8X":
        file = _extended(content, chunks, actions)
    else:
        raise malformed("The WebP file does not begin with a picture or a canvas.")
    file.end = end
    _check_sizes(file)
    return file


def _chunks(
    view: memoryview, at: int, end: int, actions: Counter[str]
) -> Iterator[tuple[bytes, memoryview]]:
    """Name and content of each chunk; a rest too short for one is counted.

    Decoders read a stream on into the byte that fills its chunk up, so one that is not zero may
    be part of the picture, and is looked at like one.
    """
    while at + 8 <= end:
        name, size = unpack_from("<4sI", view, at)
        if at + 8 + size > end:
            raise incomplete("a chunk of the WebP file")
        filled = size & 1 and at + 8 + size < end and view[at + 8 + size] != 0
        yield name, view[at + 8 : at + 8 + size + (filled and name in _STREAMS)]
        actions["gap-bytes"] += filled and name not in _STREAMS
        at = min(end, at + 8 + size + (size & 1))
    actions["gap-bytes"] += max(0, end - at)


def _extended(
    head: memoryview, chunks: Iterator[tuple[bytes, memoryview]], actions: Counter[str]
) -> File:
    """A canvas and what is on it (RFC 9649 section 2.7)."""
    if len(head) < 10:
        raise incomplete("the WebP canvas")
    flags = head[0]
    file = File(_number(head, 4) + 1, _number(head, 7) + 1)
    actions["surplus-bytes"] += len(head) - 10
    alpha: memoryview | None = None
    for name, content in chunks:
        if name == b"ANIM" and flags & _ANIMATION and file.loop is None:
            if len(content) < 6:
                raise incomplete("the WebP animation's header")
            file.background, file.loop = bytes(content[:4]), unpack_from("<H", content, 4)[0]
            actions["surplus-bytes"] += len(content) - 6
        elif name == b"ANMF" and file.loop is not None:
            file.frames.append(_frame(content, actions))
        elif name == b"ALPH" and not flags & _ANIMATION and not file.frames and alpha is None:
            alpha = content
        elif name in _PICTURE and not flags & _ANIMATION and not file.frames:
            file.frames.append(Frame(read_coded(name, content, alpha, actions)))
        elif name == b"ICCP" and flags & _ICC and not file.profile:
            file.profile = bytes(content)
        elif name == b"EXIF" and flags & _EXIF and not file.exif:
            file.exif = bytes(content).removeprefix(b"Exif\0\0")
            actions["exif"] += 1
        else:
            actions[_DROPPED.get(name, "unknown-chunk")] += 1
        if len(file.frames) > _MAX_FRAMES:
            raise too_large("The WebP animation has too many frames.")
    return file


def _frame(content: memoryview, actions: Counter[str]) -> Frame:
    """One frame of an animation: its place, and the chunks of its picture."""
    if len(content) < 16:
        raise incomplete("a frame of the WebP file")
    left, top, width, height, duration = (_number(content, at) for at in range(0, 15, 3))
    alpha: memoryview | None = None
    coded: Coded | None = None
    for name, inner in _chunks(content, 16, len(content), actions):
        if name == b"ALPH" and alpha is None and coded is None:
            alpha = inner
        elif name in _PICTURE and coded is None:
            coded = read_coded(name, inner, alpha, actions)
        else:
            actions["unknown-chunk"] += 1
    if coded is None or (coded.width, coded.height) != (width + 1, height + 1):
        raise malformed("A frame of the WebP file is not of the size that it says.")
    return Frame(coded, 2 * left, 2 * top, duration, content[15] & 3)


def _number(view: memoryview, at: int) -> int:
    """A 24-bit number."""
    return int.from_bytes(view[at : at + 3], "little")


def _check_sizes(file: File) -> None:
    """Refuse frames that are not on their canvas, and more pixels than can be held."""
    if not file.frames:
        raise malformed("The WebP file holds no picture.")
    areas = []
    for frame in file.frames:
        coded = frame.coded
        if frame.left + coded.width > file.width or frame.top + coded.height > file.height:
            raise malformed("A frame of the WebP file lies beside its canvas.")
        areas.append(coded.width * coded.height)
    still = file.frames[0].coded
    if file.loop is None and (still.width, still.height) != (file.width, file.height):
        raise malformed("The WebP picture is not of the size of its canvas.")
    if max(areas) > MAX_PIXELS or sum(areas) > _MAX_TOTAL:
        raise Refusal(Reason.LIMITS_EXCEEDED, "The WebP picture is too large to be examined.")


def write_file(file: File) -> bytes:
    """The file with nothing but what it shows; profile and Exif stand in it as they are given."""
    body = _body(file)
    return pack("<4sI4s", b"RIFF", 4 + len(body), b"WEBP") + body


def _body(file: File) -> bytes:
    still = file.frames[0].coded
    if file.loop is None and not (file.profile or file.exif or still.alpha):
        return still.chunks()
    flags = _ICC * bool(file.profile) | _EXIF * bool(file.exif)
    flags |= _ALPHA * any(frame.coded.translucent for frame in file.frames)
    flags |= _ANIMATION * (file.loop is not None)
    canvas = (file.width - 1).to_bytes(3, "little") + (file.height - 1).to_bytes(3, "little")
    parts = [chunk(b"VP8X", bytes((flags, 0, 0, 0)) + canvas)]
    if file.profile:
        parts.append(chunk(b"ICCP", file.profile))
    if file.loop is None:
        parts.append(still.chunks())
    else:
        parts.append(chunk(b"ANIM", file.background + pack("<H", file.loop)))
        parts += [chunk(b"ANMF", _placed(frame)) for frame in file.frames]
    if file.exif:
        parts.append(chunk(b"EXIF", file.exif))
    return b"".join(parts)


def _placed(frame: Frame) -> bytes:
    coded = frame.coded
    numbers = (frame.left // 2, frame.top // 2, coded.width - 1, coded.height - 1, frame.duration)
    place = b"".join(number.to_bytes(3, "little") for number in numbers)
    return place + bytes((frame.flags,)) + coded.chunks()
