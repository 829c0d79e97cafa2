"""PNG by an allow-list: chunks that say how to show, and the coded picture as it is.

Written in a fixed order: IHDR, colour chunks, PLTE, tRNS, bKGD, pHYs, a minimal eXIf, IDAT, IEND.
The picture is coded anew only where its stream holds more than the picture shows, or where
something in it is to be blanked.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from struct import pack

from isal.isal_zlib import crc32

from medrelease.sanitise.blanking import boxes, prove_placed
from medrelease.sanitise.exif_minimal import Display, read_display, write_display
from medrelease.sanitise.icc import MAX_PROFILE, rebuild_profile
from medrelease.sanitise.options import Options
from medrelease.sanitise.png_chunks import Chunk, chunk, chunks, shows
from medrelease.sanitise.png_header import Header, read_header
from medrelease.sanitise.png_palette import black, clean_palette
from medrelease.sanitise.png_raster import Blank, inspect, recode
from medrelease.sanitise.refusal import malformed, unsupported
from medrelease.sanitise.source import Source
from medrelease.sanitise.target import Target
from medrelease.terms.flow import Sanitised
from medrelease.terms.words import Format

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
_ORDER = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"sBIT")
_BEHIND = (b"PLTE", b"tRNS", b"bKGD", b"pHYs", b"eXIf")
_PIECE, _AT_ONCE = 1 << 20, 1 << 18
_KINDS = {
    b"tEXt": "text",
    b"zTXt": "text",
    b"iTXt": "text",
    b"tIME": "time",
    b"eXIf": "exif",
    b"iCCP": "icc-profile",
    b"sPLT": "suggested-palette",
    b"PLTE": "suggested-palette",
}


@dataclass(slots=True)
class _Parts:
    """What of a file is kept: header, chunks by name, and the coded picture's slices."""

    header: Header
    kept: dict[bytes, bytes] = field(default_factory=dict)
    coded: list[memoryview] = field(default_factory=list)
    last: bytes = b"IHDR"
    end: int = 0

    @property
    def colours(self) -> int:
        """Entries of the palette, 0 where there is none."""
        return len(self.kept.get(b"PLTE", b"")) // 3


def clean(source: Source, target: Target, options: Options) -> Sanitised:
    """Write the PNG picture of `source` to `target`, and nothing else that is in the file."""
    actions: Counter[str] = Counter()
    parts = _read(source.view, actions)
    blank = _blank(parts, options)
    found = inspect(parts.header, parts.coded, blank)
    if parts.header.colour == 3:
        clean_palette(parts.kept, found.used, actions)
    target.write(_SIGNATURE + chunk(b"IHDR", bytes(source.view[16:29])))
    for name in (*_ORDER, *_BEHIND):
        if name in parts.kept:
            target.write(chunk(name, parts.kept[name]))
    actions["surplus-bytes"] += sum(map(len, parts.coded)) - found.coded_bytes
    if found.needs_recoding:
        actions["hidden-colour"] += found.hidden_colour
        actions["row-padding"] += found.padding
        actions["surplus-rows"] += found.surplus
        _write_stream(target, recode(parts.header, parts.coded, blank))
    else:
        _write_stream(target, _cut(parts.coded, found.coded_bytes))
    target.write(chunk(b"IEND", b""))
    actions["trailer-bytes"] += source.size - parts.end
    return Sanitised(Format.PNG, dict(+actions))


def _blank(parts: _Parts, options: Options) -> Blank | None:
    """What of the picture is to be blanked. Raises a refusal where that lies outside of it."""
    size = (parts.header.width, parts.header.height)
    prove_placed(options.masks, [size])
    found = boxes(options.masks, 0, size)
    return Blank(tuple(found), black(parts.header, parts.kept)) if found else None


def _read(view: memoryview, actions: Counter[str]) -> _Parts:
    """Sort the chunks into what is kept and what is counted. Raises refusals."""
    parts: _Parts | None = None
    for one in chunks(view):
        if parts is None:
            if one.name != b"IHDR":
                raise malformed("The PNG file does not begin with its header.")
            parts = _Parts(read_header(bytes(one.data)))
            continue
        _take(parts, one, actions)
        parts.last, parts.end = one.name, one.end
    if parts is None or not parts.coded:
        raise malformed("The PNG file holds no picture.")
    if parts.header.colour == 3 and not parts.colours:
        raise malformed("The PNG picture has no palette.")
    return parts


def _take(parts: _Parts, one: Chunk, actions: Counter[str]) -> None:
    """Keep one chunk, or count it as dropped."""
    name = one.name
    if name in _ANIMATION or name == b"CgBI":
        raise unsupported("Animated PNG files are not supported.")
    if name == b"IDAT":
        if parts.coded and parts.last != b"IDAT":
            raise malformed("The PNG picture is not in one piece.")
        parts.coded.append(one.data)
    elif name == b"IEND":
        if len(one.data):
            raise malformed("The PNG end chunk has content.")
    elif name == b"PLTE":
        _take_palette(parts, bytes(one.data), actions)
    elif name[0] & 0x20 == 0:
        raise unsupported("The PNG file has critical chunks that are not known.")
    elif name == b"eXIf" and name not in parts.kept:
        _take_exif(parts, bytes(one.data), actions)
    elif parts.coded or name in parts.kept:
        _drop(name, actions)
    elif name == b"iCCP":
        profile = rebuild_profile(_inflate_profile(bytes(one.data)), actions)
        parts.kept[name] = b"ICC profile\0\0" + zlib.compress(profile, 9)
    elif shows(name, bytes(one.data), parts.header, parts.colours):
        parts.kept[name] = bytes(one.data)
    else:
        _drop(name, actions)


def _take_palette(parts: _Parts, data: bytes, actions: Counter[str]) -> None:
    """Keep the palette that indices name; a true-colour picture's is only a suggestion."""
    most = 3 << (parts.header.depth if parts.header.colour == 3 else 8)
    misplaced = parts.coded or b"PLTE" in parts.kept or parts.header.colour in (0, 4)
    if misplaced or not data or len(data) % 3 or len(data) > most:
        raise malformed("The PNG palette does not fit the picture.")
    if parts.header.colour == 3:
        parts.kept[b"PLTE"] = data
    else:
        _drop(b"PLTE", actions)


def _take_exif(parts: _Parts, data: bytes, actions: Counter[str]) -> None:
    """Keep the orientation of an Exif block; a PNG's resolution stands in pHYs."""
    actions["exif"] += 1
    display = read_display(data, actions)
    if block := write_display(Display(display.orientation)):
        parts.kept[b"eXIf"] = block


def _drop(name: bytes, actions: Counter[str]) -> None:
    actions[_KINDS.get(name, "ancillary-chunk")] += 1


def _inflate_profile(data: bytes) -> bytes:
    """The profile of an iCCP chunk (11.3.2.3), inflated within the limit."""
    name, _, coded = data.partition(b"\0")
    if not 1 <= len(name) <= 79 or coded[:1] != b"\0":
        raise malformed("The colour profile's chunk contradicts itself.")
    engine = zlib.decompressobj()
    try:
        profile = engine.decompress(coded[1:], MAX_PROFILE + 1)
    except zlib.error as error:
        raise malformed("The colour profile does not inflate.") from error
    if not engine.eof and len(profile) <= MAX_PROFILE:
        raise malformed("The colour profile does not inflate.")
    return profile


def _cut(coded: list[memoryview], length: int) -> Iterator[memoryview]:
    """The coded stream bit for bit, in small pieces, up to where it ends."""
    for piece in coded:
        kept = piece[:length]
        length -= len(kept)
        yield from (kept[at : at + _AT_ONCE] for at in range(0, len(kept), _AT_ONCE))


def _write_stream(target: Target, stream: Iterable[bytes | memoryview]) -> None:
    """Write a stream as IDAT chunks of one mebibyte each, the last one shorter.

    How a stream was cut says nothing of the picture, and could say something else.
    """
    gathered = bytearray()
    for piece in stream:
        gathered += piece
        while len(gathered) >= _PIECE:
            _write_data(target, gathered[:_PIECE])
            del gathered[:_PIECE]
    if gathered:
        _write_data(target, gathered)


def _write_data(target: Target, data: bytearray) -> None:
    target.write(pack(">I4s", len(data), b"IDAT"))
    target.write(data)
    target.write(pack(">I", crc32(data, crc32(b"IDAT"))))
