"""Codes in a frame: QR, Data Matrix, Aztec, PDF417 and bar codes.

Each finder sees what the others miss: zxing-cpp, which decodes, asked about the whole frame and
about every place that may be a code (`places`), cut out upright and with its contrast stretched;
OpenCV's QR detector, which needs the finder pattern alone; and the texture of codes too blurred or
torn to be decoded (`textures`). What a code says is never read out of this module.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp

from medrelease.pixels import following, textures, views
from medrelease.pixels.components import Line, regions
from medrelease.pixels.following import Quad
from medrelease.pixels.islands import islands
from medrelease.pixels.places import Box, Place, Seen, looks, places, upright
from medrelease.pixels.region import Region, within
from medrelease.pixels.turning import directions
from medrelease.pixels.views import Frame, Grey

LONGEST_SIDE = 2000
"""Frames are looked at for codes at no more than this: 4000 pixels cost 14 s and more."""
FILLS = 0.3
"""Share of the frame that one code takes where the picture is of that code."""
LONGEST_CUT = 1200
"""Columns up to which a place is shown larger to the decoder."""

_MATRIX = frozenset({"QRCode", "DataMatrix", "Aztec", "AztecRune", "PDF417", "CompactPDF417"})
_MATRIX |= {"MicroQRCode", "RMQRCode", "MaxiCode", "MicroPDF417", "QRCodeModel1", "QRCodeModel2"}
MOST_BROKEN = 4
"""Codes of one look whose check fails; gauze and grids are full of them."""
_GUESSED = frozenset({"QRCode", "DataMatrix", "MicroQRCode", "RMQRCode"})
"""Codes that the decoder sees everywhere as long as their check need not hold."""
_STACKED = frozenset({"PDF417", "CompactPDF417", "MicroPDF417"})
"""Codes that the decoder reads although a part is cut off, and tells the place of the rest."""
_NOT_INVERTED = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.AllLinear,
        zxingcpp.BarcodeFormat.PDF417,
        zxingcpp.BarcodeFormat.MicroPDF417,
    ]
)
"""Formats of which the decoder by itself reads no light ones on a dark ground."""


@dataclass(frozen=True, slots=True)
class Codes:
    """Where codes stand, and whether one fills so much that the picture is of the code."""

    regions: tuple[Region, ...]
    fills: bool


def find_codes(frame: Frame) -> Codes:
    """Every code in a frame, in pixels of its stored rows."""
    grey = next(views.windows(views.brightness(frame)))
    scale = min(1.0, LONGEST_SIDE / max(grey.shape))
    if scale < 1:
        size = (round(grey.shape[1] * scale), round(grey.shape[0] * scale))
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    quads = [*_finder_patterns(grey), *_decoded(grey), *_placed(grey)]
    if 2 * max(grey.shape) <= LONGEST_SIDE:  # small modules are decoded at twice their size only
        twice = np.asarray(cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC))
        quads += [quad / np.float32(2) for quad in _decoded(twice.astype(np.uint8))]
    whole = grey.shape[0] * grey.shape[1]
    fills = any(cv2.contourArea(quad) > FILLS * whole for quad in quads)
    found = [region for quad in quads for region in _regions(quad / scale, frame.shape)]
    return Codes(tuple(dict.fromkeys(found)), fills)


def _regions(quad: Quad, shape: tuple[int, ...]) -> list[Region]:
    """What covers four corners with a quiet zone of a twentieth: slices where it is slanted."""
    (x, y), (length, height), angle = cv2.minAreaRect(quad)
    if length < height:
        length, height, angle = height, length, angle - 90
    more = 4 + 0.1 * length
    if length >= 2 * height:
        return regions(Line(x, y, length + more, height + more, angle, 1.0), shape)
    (left, top), (right, bottom) = quad.min(axis=0), quad.max(axis=0)
    return [within(left - more / 2, top - more / 2, right + more / 2, bottom + more / 2, shape)]


def _decoded(grey: Grey, *, valid: bool = False, inverted: bool = False) -> list[Quad]:
    """What zxing-cpp sees; where `valid` is False also codes whose check fails.

    `inverted` looks for light codes too where there is no dark one.
    """
    said = zxingcpp.read_barcodes(grey, return_errors=not valid)
    if inverted and not said:
        grey = np.asarray(255 - grey, np.uint8)
        said = zxingcpp.read_barcodes(grey, formats=_NOT_INVERTED, try_invert=False)
    broken = sum(not code.valid for code in said)
    found = []
    for code in said:
        place = code.position
        points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        quad = np.array([(point.x, point.y) for point in points], np.float32)
        quad = quad[quad.any(axis=1)]  # of a torn PDF417 two corners are said to be (0, 0)
        name = code.format.name
        if len(quad) == 4 and (code.valid or (broken <= MOST_BROKEN and _is_one(grey, name, quad))):
            quad = quad if name in _MATRIX else following.across(grey, quad)
            found.append(
                following.along(grey, quad, following.STACKED) if name in _STACKED else quad
            )
    return found


def _is_one(grey: Grey, name: str, quad: Quad) -> bool:
    """Whether a code whose check fails is at least as black and white as one."""
    (x, y), (width, height), angle = cv2.minAreaRect(quad)
    box = ((x, y), (width, height), angle)
    if min(width, height) < 8:
        return name not in _GUESSED
    return textures.is_black_and_white(Place(grey, 1.0, box, bars=False), sure=name in _GUESSED)


def _placed(grey: Grey) -> Iterator[Quad]:
    """Places that may be a code and are: by the decoder, or by their texture."""
    for seen in looks(grey):
        for island in islands(seen):
            yield island.quad(3)
        yield from _in_places(grey, seen)


def _in_places(grey: Grey, seen: Seen) -> Iterator[Quad]:
    """Those of one look."""
    for place in places(seen):
        if not textures.is_black_and_white(place):
            continue
        code = textures.coded(place)
        if code is not None and code.bars:
            yield following.along(grey, code.quad(7), following.BARS)
        elif code is not None:
            yield code.quad(7)
        else:
            yield from _decoded_in(grey, place)


def _decoded_in(grey: Grey, place: Place) -> Iterator[Quad]:
    """The codes that decode in a place, cut out upright and with its contrast stretched."""
    (x, y), (width, height), angle = place.box
    side = np.array((x, y, width, height)) / place.scale
    box = ((side[0], side[1]), (side[2], side[3]), angle)
    more = max(6.0, 0.12 * max(side[2:]))
    sizes = [size for size in (1, 3, 2) if size * (max(side[2:]) + 2 * more) <= LONGEST_CUT]
    sizes = [max(sizes, default=1)] if place.bars else sizes or [1]
    for larger in sizes:
        part = _shown(upright(grey, box, more, larger), larger)
        for quad in (found := _decoded(part, valid=True, inverted=larger == sizes[-1])):
            np.clip(quad, 0, np.array(part.shape[::-1], np.float32), out=quad)
            yield _put_back(quad / np.float32(larger), box, more)
        if found:
            return


def _shown(part: Grey, larger: int) -> Grey:
    """A cut with its contrast stretched; one that is shown larger is sharpened too."""
    levels = part.astype(np.float32)
    if larger > 1:
        soft = cv2.GaussianBlur(levels, (0, 0), 0.5 * larger)
        levels = np.asarray(3 * soft - 2 * cv2.GaussianBlur(soft, (0, 0), larger), np.float32)
    low, high = np.percentile(levels[::larger, ::larger], (3, 97))
    spread = (levels - low) * (255 / max(float(high - low), 8.0))
    return np.asarray(np.clip(spread, 0, 255), np.uint8)


def _put_back(quad: Quad, box: Box, more: float) -> Quad:
    """Corners in a box that was cut out upright with `more` on every side, in the frame."""
    (x, y), (width, height), angle = box
    along, across = directions(angle)
    u, v = quad[:, :1] - width / 2 - more, quad[:, 1:] - height / 2 - more
    return np.asarray(np.array((x, y)) + u * along + v * across, np.float32)


def _finder_patterns(grey: Grey) -> list[Quad]:
    seen, quads = cv2.QRCodeDetector().detectMulti(grey)
    return list(np.asarray(quads, np.float32)) if seen and quads is not None else []
