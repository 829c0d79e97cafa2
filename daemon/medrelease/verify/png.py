"""PNG files: the source as it came, and the finished one proved chunk by chunk.

Source: W3C PNG third edition (ISO/IEC 15948). The compressed rows of a finished file must inflate
to exactly the declared picture, and the stream must end where the last IDAT ends.
"""

import struct
from dataclasses import dataclass, field
from functools import partial

from medrelease.terms.words import Reason
from medrelease.verify import exif, icc, png_texts
from medrelease.verify.coded import Coded
from medrelease.verify.png_chunks import Chunk, Header, chunks, header, inflate
from medrelease.verify.png_pixels import Raster
from medrelease.verify.png_texts import PROFILE_LIMIT
from medrelease.verify.reading import Reading
from medrelease.verify.refusal import Refusal, incomplete, malformed, unsupported
from medrelease.verify.runs import printable

_PICTURE_LIMIT = 2 << 30
_PIECE = 1 << 20
_ANIMATED = (b"acTL", b"fcTL", b"fdAT")
_COLOUR_FIRST = (b"cICP", b"iCCP", b"sRGB", b"gAMA")
_FIXED = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4, b"pHYs": 9}
_PROFILE_NAME = b"ICC profile"
_ALLOWED = frozenset(_FIXED) | {b"PLTE", b"tRNS", b"sBIT", b"bKGD", b"iCCP", b"eXIf"}


@dataclass(slots=True)
class _Parts:
    """The chunks of one file by name (the first of each), and where its IDAT data lies."""

    head: Header
    data: dict[bytes, bytes] = field(default_factory=dict)
    idat: list[tuple[int, int]] = field(default_factory=list)
    end: int = 0

    def stream(self, view: memoryview) -> list[memoryview]:
        """Return the zlib stream of the picture in the pieces that it stands in."""
        return [view[start:end] for start, end in self.idat]


def read_source(view: memoryview) -> Reading:
    """Read a dropped PNG. Raises Refusal(incomplete | malformed | format-not-supported)."""
    parts, texts = _Parts(_first(view)), list[str | bytes]()
    for chunk in chunks(view):
        data = view[chunk.start : chunk.end]
        if chunk.name in _ANIMATED:
            unsupported("PNG with an animation")
        if chunk.name == b"IDAT":
            parts.idat.append((chunk.start, chunk.end))
        elif chunk.name in parts.data or not chunk.sound or _ignored(chunk):
            texts += printable(bytes(data))
        else:
            parts.data[chunk.name] = bytes(data)
        parts.end = chunk.end + 4
    texts += printable(bytes(view[parts.end :]))
    for name, value in parts.data.items():
        texts += png_texts.of_chunk(name, value)
    return _reading(view, parts, texts, finished=False)


def _ignored(chunk: Chunk) -> bool:
    """Return whether decoders pass over an ancillary chunk because of its length."""
    return chunk.end - chunk.start != _FIXED.get(chunk.name, chunk.end - chunk.start)


def read_finished(view: memoryview) -> Reading:
    """Prove a finished PNG. Raises Refusal(malformed | incomplete) naming what is not allowed."""
    parts = _Parts(_first(view))
    previous = b""
    for chunk in chunks(view):
        _prove_place(parts, chunk, previous)
        if chunk.name == b"IDAT":
            parts.idat.append((chunk.start, chunk.end))
        else:
            parts.data[chunk.name] = bytes(view[chunk.start : chunk.end])
        previous = chunk.name
        parts.end = chunk.end + 4
    if parts.end != len(view):
        malformed("PNG bytes after the end chunk")
    _prove_cut(parts)
    _prove_contents(parts)
    return _reading(view, parts, [], finished=True)


def _first(view: memoryview) -> Header:
    """Return the header, which must be the first chunk."""
    if len(view) < 33:
        incomplete("PNG header cut")
    if bytes(view[8:16]) != b"\0\0\0\x0dIHDR":
        malformed("PNG without its header chunk")
    return header(bytes(view[16:29]))


def _prove_place(parts: _Parts, chunk: Chunk, previous: bytes) -> None:
    """Refuse a chunk that is not allowed, not sound, there twice or out of its order."""
    name = chunk.name
    if not chunk.sound:
        malformed("PNG chunk with a wrong checksum")
    if name == b"IDAT":
        if parts.idat and previous != b"IDAT":
            malformed("PNG picture data that is not in one row")
    elif name in parts.data or (name not in _ALLOWED and name not in (b"IHDR", b"IEND")):
        malformed("PNG chunk that is not allowed")
    elif parts.idat and name not in (b"IEND", b"eXIf"):
        malformed("PNG chunk out of its order")
    if name == b"IEND" and chunk.start != chunk.end:
        malformed("PNG end chunk with data")


def _prove_cut(parts: _Parts) -> None:
    """Refuse picture data in other pieces than of a mebibyte each: lengths can spell something."""
    sizes = [end - start for start, end in parts.idat]
    if any(size != _PIECE for size in sizes[:-1]) or not all(0 < size <= _PIECE for size in sizes):
        malformed("PNG picture data cut at will")


def _prove_contents(parts: _Parts) -> None:
    """Refuse chunk data of another length or range than its standard gives."""
    head, data = parts.head, parts.data
    for name, size in _FIXED.items():
        if name in data and len(data[name]) != size:
            malformed("PNG chunk of the wrong length")
    if data.get(b"sRGB", b"\0")[0] > 3 or data.get(b"pHYs", b"\0")[-1] > 1:
        malformed("PNG chunk out of range")
    palette, alpha = data.get(b"PLTE"), data.get(b"tRNS")
    if palette is not None and (head.colour in (0, 4) or not _palette_fits(head, palette)):
        malformed("PNG palette that does not fit")
    if alpha is not None and not _alpha_fits(head, alpha, palette or b""):
        malformed("PNG transparency that does not fit")
    bits = 3 if head.colour == 3 else head.samples
    if b"sBIT" in data and len(data[b"sBIT"]) != bits:
        malformed("PNG significant bits that do not fit")
    ground = {0: 2, 2: 6, 3: 1, 4: 2, 6: 6}[head.colour]
    if b"bKGD" in data and len(data[b"bKGD"]) != ground:
        malformed("PNG background that does not fit")


def _palette_fits(head: Header, palette: bytes) -> bool:
    """Return whether a palette has whole entries, and no more than its pixels can name."""
    most = 3 << (head.depth if head.colour == 3 else 8)
    return 0 < len(palette) <= most and len(palette) % 3 == 0


def _alpha_fits(head: Header, alpha: bytes, palette: bytes) -> bool:
    """Return whether transparency is of the length that the colour type gives."""
    if head.colour == 3:
        return 0 < len(alpha) <= len(palette) // 3
    return {0: 2, 2: 6}.get(head.colour) == len(alpha)


def _reading(
    view: memoryview, parts: _Parts, texts: list[str | bytes], *, finished: bool
) -> Reading:
    """Put together what both sides have in common; a finished picture is inflated."""
    head, data = parts.head, parts.data
    if not parts.idat:
        malformed("PNG without picture data")
    if head.coded_bytes() > _PICTURE_LIMIT:
        raise Refusal(Reason.LIMITS_EXCEEDED, "PNG picture too large to prove")
    if head.colour == 3 and not _palette_fits(head, data.get(b"PLTE", b"")):
        malformed("PNG palette that does not fit")
    stream = parts.stream(view)
    raster = Raster(head, stream, data.get(b"PLTE", b""), data.get(b"tRNS", b""))
    if finished:
        raster.prove()
    picture = Coded(view)
    picture.say(b"|".join((data[b"IHDR"], raster.palette, raster.alpha, b"")))
    for start, end in parts.idat:
        picture.go_on(start, end)
    profile = _profile(data, finished)
    fields = icc.prove_clean(profile) if finished and profile is not None else []
    return Reading(
        (*texts, *fields),
        picture,
        shown=_shown(data, profile, finished),
        streams=(profile,) if finished and profile else (),
        coded=tuple(parts.idat) if finished else (),
        pixels=raster.digest,
        blanked=partial(raster.digest, strict=finished),
    )


def _profile(data: dict[bytes, bytes], finished: bool) -> bytes | None:
    """Return the inflated colour profile; a source's broken one is none."""
    if b"iCCP" not in data:
        return None
    name, _, rest = data[b"iCCP"].partition(b"\0")
    if finished and (name != _PROFILE_NAME or rest[:1] != b"\0"):
        malformed("PNG colour profile with a name that is not neutral")
    plain, spare, ended = inflate(rest[1:], PROFILE_LIMIT)
    if finished and (spare or not ended):
        malformed("PNG colour profile with a tail")
    return plain if ended else None


def _shown(
    data: dict[bytes, bytes], profile: bytes | None, finished: bool
) -> tuple[tuple[str, str], ...]:
    """Return orientation, resolution and the colour chunk that decoders obey, as pairs."""
    colour = next((name for name in _COLOUR_FIRST if name in data), b"")
    value = data.get(colour, b"").hex() if colour != b"iCCP" else ""
    if colour == b"iCCP":
        value = icc.rendering(profile or b"")
    if colour == b"gAMA":
        value += data.get(b"cHRM", b"").hex()
    block = memoryview(data.get(b"eXIf", b""))
    show = exif.clean_display if finished else exif.display
    display = show(block) if block else exif.Display()
    dots = data.get(b"pHYs", b"")
    scale = struct.unpack(">IIB", dots) if len(dots) == 9 else ()
    return (
        ("orientation", str(display.orientation)),
        ("resolution", " ".join(map(str, scale))),
        ("colour", f"{colour.decode()} {value}" if value else ""),
    )
