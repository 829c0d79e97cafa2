"""One page of a TIFF file: the tags that decode and show it, and where its pieces lie.

Source: TIFF 6.0; its Technical Note 2 for JPEG. A piece is a strip or a tile. Tags on the list
are rebuilt from their values; a value outside of what the standard knows is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from medrelease.sanitise.refusal import malformed, too_large, unsupported
from medrelease.sanitise.tiff_directory import MAX_VALUES, Entry

MAX_PIXELS = 1 << 31
"""Largest page in pixels."""

MAX_TILED_PIXELS = 1 << 40
"""Largest page in tiles, which viewers and this room read one by one."""

MAX_TILE = 1 << 24
"""Largest tile in pixels."""

SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL = 254, 256, 257, 258, 259, 262, 266
STRIPS, ORIENTATION, SAMPLES, ROWS, STRIP_BYTES, PLANAR = 273, 274, 277, 278, 279, 284
X_RESOLUTION, Y_RESOLUTION, UNIT, PREDICTOR, COLOUR_MAP = 282, 283, 296, 317, 320
TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES = 322, 323, 324, 325
EXTRA, SAMPLE_FORMAT, SUBSAMPLING, TABLES, PROFILE = 338, 339, 530, 347, 34675

JPEG, JPEG_2000 = 7, frozenset({33003, 33005, 34712})
"""Values of COMPRESSION: codings whose pieces are streams of their own."""

_PER_SAMPLE, _COLOURS = -1, -2
_DEPTHS = (32997, 32998)
"""ImageDepth and TileDepth of SGI: how many layers lie behind one another in a page or tile."""

_WHOLE: dict[int, tuple[int, int]] = {
    # tag: (number of values, largest value)
    SUBFILE: (1, 7),
    WIDTH: (1, 0xFFFFFFFF),
    HEIGHT: (1, 0xFFFFFFFF),
    BITS: (_PER_SAMPLE, 64),
    COMPRESSION: (1, 0xFFFF),
    PHOTOMETRIC: (1, 10),
    FILL: (1, 2),
    ORIENTATION: (1, 8),
    SAMPLES: (1, 64),
    ROWS: (1, 0xFFFFFFFF),
    PLANAR: (1, 2),
    292: (1, 7),
    293: (1, 3),
    UNIT: (1, 3),
    PREDICTOR: (1, 3),
    COLOUR_MAP: (_COLOURS, 0xFFFF),
    TILE_WIDTH: (1, 0xFFFFFFFF),
    TILE_HEIGHT: (1, 0xFFFFFFFF),
    332: (1, 2),
    EXTRA: (_PER_SAMPLE, 2),
    SAMPLE_FORMAT: (_PER_SAMPLE, 6),
    SUBSAMPLING: (2, 4),
    531: (1, 2),
}
_NEVER_ZERO = frozenset({COMPRESSION, FILL, PLANAR, PREDICTOR, SAMPLES})
_FRACTIONS: dict[int, tuple[int, int]] = {
    X_RESOLUTION: (1, 0xFFFF),
    Y_RESOLUTION: (1, 0xFFFF),
    318: (2, 2),
    319: (6, 2),
    529: (3, 2),
    532: (6, 0xFFFF),
}
_KEPT = {STRIPS, STRIP_BYTES, TILES, TILE_BYTES, TABLES, PROFILE}
KNOWN = frozenset({*_WHOLE, *_FRACTIONS, *_KEPT})
"""Every tag that a clean page may carry."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: whole numbers and fractions by tag, and the raw entries for its pieces."""

    whole: Mapping[int, tuple[int, ...]]
    fractions: Mapping[int, tuple[Fraction, ...]]
    entries: Mapping[int, Entry]

    def one(self, tag: int, absent: int) -> int:
        """The single value of a tag, `absent` where it is not there."""
        return self.whole.get(tag, (absent,))[0]

    @property
    def tiled(self) -> bool:
        """Whether the page's pieces are tiles."""
        return TILES in self.entries

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.one(WIDTH, 0), self.one(HEIGHT, 0)

    @property
    def rows(self) -> int:
        """Rows of a full strip."""
        return min(self.one(ROWS, 0) or self.size[1], self.size[1])

    @property
    def depth(self) -> int:
        """Bits of one pixel within a piece."""
        samples, bits = self.one(SAMPLES, 1), self.whole.get(BITS, (1,))
        if self.one(PLANAR, 1) == 2:
            return bits[0]
        return sum(bits) if len(bits) == samples else bits[0] * samples

    def shapes(self) -> list[tuple[int, int]]:
        """Width and height in pixels of every piece, in file order."""
        width, height = self.size
        planes = self.one(SAMPLES, 1) if self.one(PLANAR, 1) == 2 else 1
        if self.tiled:
            across, down = self.one(TILE_WIDTH, 0), self.one(TILE_HEIGHT, 0)
            if not across or not down:
                raise malformed("A TIFF page has tiles without a size.")
            count = -(-width // across) * -(-height // down) * planes
            return [(across, down)] * _bounded(count)
        full, rest = divmod(height, self.rows)
        _bounded((full + 1) * planes)
        plane = [(width, self.rows)] * full + ([(width, rest)] if rest else [])
        return plane * planes


def _bounded(count: int) -> int:
    if count > MAX_VALUES:
        raise too_large("A TIFF page has more than two million strips or tiles.")
    return count


def read_page(entries: dict[int, Entry]) -> Page:
    """The page that a directory describes. Raises refusals."""
    whole = {tag: entries[tag].integers() for tag in _WHOLE if tag in entries}
    fractions = {tag: entries[tag].fractions() for tag in _FRACTIONS if tag in entries}
    page = Page(whole, fractions, entries)
    samples, bits = page.one(SAMPLES, 1), whole.get(BITS, (1,))
    for tag, values in whole.items():
        wanted, largest = _WHOLE[tag]
        fits = len(values) == wanted
        if wanted == _PER_SAMPLE:
            fits = 1 <= len(values) <= samples
        elif wanted == _COLOURS:
            fits = bits[0] <= 16 and len(values) == 3 << bits[0]
        if not fits or max(values) > largest or (tag in _NEVER_ZERO and not min(values)):
            raise malformed("A TIFF tag has a value that the standard does not know.")
    for tag, ratios in fractions.items():
        wanted, largest = _FRACTIONS[tag]
        if len(ratios) != wanted or max(ratios) > largest:
            raise malformed("A TIFF tag has a value that the standard does not know.")
    _check(page, samples, bits)
    return page


def _check(page: Page, samples: int, bits: tuple[int, ...]) -> None:
    """Refuse a page without a size, too large, of layers, or that contradicts itself."""
    if any(max(page.entries[tag].integers()) > 1 for tag in _DEPTHS if tag in page.entries):
        raise unsupported("TIFF pages of more than one layer are not supported.")
    width, height = page.size
    if not width or not height or not samples or PHOTOMETRIC not in page.whole or not min(bits):
        raise malformed("A TIFF page declares no picture.")
    if width * height > (MAX_TILED_PIXELS if page.tiled else MAX_PIXELS):
        raise too_large("A TIFF page is larger than two gigapixels, or in tiles than a thousand.")
    if page.tiled and page.one(TILE_WIDTH, 0) * page.one(TILE_HEIGHT, 0) > MAX_TILE:
        raise too_large("A tile of a TIFF page is larger than 16 megapixels.")
    if len(bits) not in (1, samples) or (page.one(PLANAR, 1) == 2 and len(set(bits)) > 1):
        raise malformed("A TIFF page contradicts itself about its samples.")
    subsampled = page.whole.get(SUBSAMPLING, (2, 2)) != (1, 1)
    if page.one(PHOTOMETRIC, 0) == 6 and page.one(COMPRESSION, 1) != 7 and subsampled:
        raise unsupported("TIFF with subsampled colour is not supported.")


def clean_fraction(value: Fraction) -> Fraction:
    """A fraction in lowest terms with a denominator whose digits cannot carry text."""
    return value.limit_denominator(1_000_000)
