"""One page of a TIFF: its tags with their defaults, and its strips or tiles.

Sources: TIFF 6.0, the Technical Note 2 of 1995 (JPEG), the BigTIFF layout. Tags that say the same
in two ways (a default written out, rows per strip beyond the height) read the same here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from medrelease.verify import ifd
from medrelease.verify.refusal import incomplete, malformed, unsupported

SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL = 254, 256, 257, 258, 259, 262, 266
STRIPS, TURN, SAMPLES, ROWS, STRIP_BYTES, PLANAR = 273, 274, 277, 278, 279, 284
TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES, TABLES, PROFILE = 322, 323, 324, 325, 347, 34675
X_RES, Y_RES, UNIT = 282, 283, 296
JPEG_2000 = (33003, 33005, 34712)
NONE, LZW, JPEG, DEFLATE, OLD_DEFLATE, PACKBITS = 1, 5, 7, 8, 32946, 32773

_HEADER = 8
_LAYERS = (32997, 32998)

_DEFAULTS: dict[int, tuple[int, ...]] = {
    BITS: (1,),
    COMPRESSION: (1,),
    FILL: (1,),
    SAMPLES: (1,),
    PLANAR: (1,),
}
_DEFAULTS |= {292: (0,), 293: (0,), 317: (1,), 339: (1,), 332: (1,), 530: (2, 2), 531: (1,)}
_DECODING: tuple[int, ...] = (
    BITS,
    COMPRESSION,
    PHOTOMETRIC,
    FILL,
    SAMPLES,
    PLANAR,
    292,
    293,
    317,
    320,
    332,
)
_DECODING += (338, 339, 530, 531)
_RATIONAL_DECODING = (318, 319, 529, 532)
_CODING = frozenset((COMPRESSION, FILL, 292, 293, 317, 320))
_ONLY_IN: dict[int, tuple[int, tuple[int, ...]]] = {
    292: (COMPRESSION, (3,)),
    293: (COMPRESSION, (4,)),
    317: (COMPRESSION, (5, 8, 32946, 34925, 34926, 50000)),
    320: (PHOTOMETRIC, (3,)),
    332: (PHOTOMETRIC, (5,)),
    529: (PHOTOMETRIC, (6,)),
    530: (PHOTOMETRIC, (6,)),
    531: (PHOTOMETRIC, (6,)),
}
"""Tags that only mean something where another tag has one of these values."""


@dataclass(frozen=True, slots=True)
class Page:
    """One directory of a TIFF with what decodes its picture."""

    folder: ifd.Directory
    whole: Mapping[int, tuple[int, ...]]
    ratios: Mapping[int, tuple[Fraction | None, ...]]
    tables: bytes
    profile: bytes | None

    def one(self, tag: int, absent: int = 0) -> int:
        """Return the first number of a tag, or its default, or `absent`."""
        values = self.whole.get(tag) or _DEFAULTS.get(tag)
        return values[0] if values else absent

    @property
    def tiled(self) -> bool:
        """Whether the page has tiles instead of strips."""
        return TILES in self.whole

    def pieces(self) -> list[tuple[int, int]]:
        """Return (offset, size) of each strip or tile. Raises Refusal(malformed)."""
        places = self.whole.get(TILES if self.tiled else STRIPS, ())
        sizes = self.whole.get(TILE_BYTES if self.tiled else STRIP_BYTES, ())
        if not places or len(places) != len(sizes) or len(places) != self.number():
            malformed("TIFF strips or tiles that do not fit the page")
        if min(places) < _HEADER:
            malformed("TIFF strip or tile in the file's header")
        return list(zip(places, sizes, strict=True))

    def number(self) -> int:
        """Return the number of strips or tiles that the size asks for."""
        width, height = self.one(WIDTH), self.one(HEIGHT)
        planes = self.one(SAMPLES) if self.one(PLANAR) == 2 else 1
        if not width or not height:
            malformed("TIFF page of no size")
        if not self.tiled:
            return -(-height // self.rows()) * planes
        across, down = self.one(TILE_WIDTH), self.one(TILE_HEIGHT)
        if not across or not down:
            malformed("TIFF tile of no size")
        return -(-width // across) * -(-height // down) * planes

    def rows(self) -> int:
        """Return the rows of a full strip."""
        return min(self.one(ROWS, self.one(HEIGHT)) or self.one(HEIGHT), self.one(HEIGHT))

    def piece_bytes(self, index: int) -> int:
        """Return the decoded bytes of one strip or tile, 0 where subsampling makes it unclear."""
        if self.one(PHOTOMETRIC) == 6 and self.whole.get(530, (2, 2)) != (1, 1):
            return 0
        _, _, wide, high = self.extent(index)
        return -(-wide * self.depth() // 8) * high

    def depth(self) -> int:
        """Return the bits of one pixel of a piece."""
        bits, samples = self.whole.get(BITS, (1,)), self.one(SAMPLES)
        if self.one(PLANAR) == 2:
            return bits[0]
        return sum(bits) if len(bits) == samples else bits[0] * samples

    def extent(self, index: int) -> tuple[int, int, int, int]:
        """Return first column and row, width and height of one strip or tile, in pixels."""
        if self.tiled:
            wide, high = self.one(TILE_WIDTH), self.one(TILE_HEIGHT)
            across, down = -(-self.one(WIDTH) // wide), -(-self.one(HEIGHT) // high)
            row, column = divmod(index % (across * down), across)
            return column * wide, row * high, wide, high
        top = index % -(-self.one(HEIGHT) // self.rows()) * self.rows()
        return 0, top, self.one(WIDTH), min(self.rows(), self.one(HEIGHT) - top)

    def idle(self, tag: int) -> bool:
        """Return whether a tag says nothing of a page coded and coloured as this one is."""
        coding, colour = self.one(COMPRESSION), self.one(PHOTOMETRIC)
        if tag in _ONLY_IN:
            needs, values = _ONLY_IN[tag]
            return (coding if needs == COMPRESSION else colour) not in values
        return False

    def canonical(self, *, coding: bool = True) -> bytes:
        """Return what decodes this page, as text that both sides write alike.

        Without `coding` that leaves out how rows become bytes, and the palette.
        """
        values: list[object] = [self.one(WIDTH), self.one(HEIGHT), self.tiled]
        values += [self.one(TILE_WIDTH), self.one(TILE_HEIGHT)] if self.tiled else [self.rows()]
        for tag in _DECODING:
            if coding or tag not in _CODING:
                said = self.whole.get(tag) if not self.idle(tag) else None
                values.append(said or _DEFAULTS.get(tag, ()))
        values += [
            () if self.idle(tag) else tuple(map(plain, self.ratios.get(tag, ())))
            for tag in _RATIONAL_DECODING
        ]
        return repr(values).encode()


def page(view: memoryview, form: ifd.Layout, folder: ifd.Directory) -> Page:
    """Read a page's tags. Raises Refusal(incomplete | malformed) where one that counts is bad."""
    whole: dict[int, tuple[int, ...]] = {}
    ratios: dict[int, tuple[Fraction | None, ...]] = {}
    needed = {*_DECODING, *_RATIONAL_DECODING, WIDTH, HEIGHT, STRIPS, STRIP_BYTES, TILES}
    needed |= {TILE_BYTES, ROWS, TILE_WIDTH, TILE_HEIGHT, TURN, UNIT, SUBFILE, X_RES, Y_RES}
    needed |= {*_LAYERS}
    for entry in folder.entries:
        if entry.tag not in needed or entry.tag in whole or not entry.count:
            continue
        if entry.type in (5, 10):
            ratios[entry.tag] = ifd.rationals(view, form, entry)
        elif entry.type in (3, 4, 16, 1):
            whole[entry.tag] = ifd.integers(view, form, entry)
    if any(value > 1 for tag in _LAYERS for value in whole.get(tag, ())):
        unsupported("TIFF page of several layers")
    return Page(
        folder, whole, ratios, _blob(view, folder, TABLES), _blob(view, folder, PROFILE) or None
    )


def plain(ratio: Fraction | None) -> str:
    """Return a ratio to six digits of its denominator: writers give more than they know."""
    return "" if ratio is None else str(ratio.limit_denominator(1_000_000))


def _blob(view: memoryview, folder: ifd.Directory, tag: int) -> bytes:
    """Return the bytes of a tag, empty where it is absent."""
    entry = folder.entry(tag)
    return ifd.raw(view, entry) if entry else b""


def pages(view: memoryview, form: ifd.Layout) -> list[Page]:
    """Return the pages of the main chain, in order. Raises Refusal(malformed) for a loop."""
    found: list[Page] = []
    seen, start = set[int](), form.first
    while start:
        if start in seen or len(found) >= 10_000:
            malformed("TIFF directories in a loop")
        seen.add(start)
        folder = ifd.directory(view, form, start)
        found.append(page(view, form, folder))
        start = folder.following
    if not found:
        malformed("TIFF without a page")
    return found


def piece(view: memoryview, place: tuple[int, int]) -> memoryview:
    """Return the bytes of one strip or tile. Raises Refusal(incomplete) beyond the file."""
    start, size = place
    if start + size > len(view):
        incomplete("TIFF strip or tile cut")
    return view[start : start + size]
