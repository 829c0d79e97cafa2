"""The pages of a TIFF outside of their masks, and one colour under them.

A strip or tile that no mask touches counts as it is coded, unless it may hide something or was in
a coding that is not carried over; any other as it decodes, a JPEG by its coefficients. What a JPEG
tile holds beyond the page's edge is masked where the edge beside it is.
"""

import hashlib

import numpy as np

from medrelease.verify import codecs, tiff_edge, tiff_picture
from medrelease.verify import tiff_page as tags
from medrelease.verify.jpeg_piece import blanked_values
from medrelease.verify.masks import Cover, Masks, Rectangle, rectangles
from medrelease.verify.tiff_codings import FOREIGN
from medrelease.verify.tiff_hidden import Looking


def blanked(
    view: memoryview,
    found: list[tags.Page],
    order: str,
    masks: Masks,
    *,
    strict: bool,
    decoded: bool = False,
) -> str:
    """Return a SHA-256 over what no mask covers, page by page.

    `masks` are those of the pages `found`; `order` is the file's, "<" or ">"; with `decoded` every
    strip and tile counts as it decodes, whether a mask touches it or not. Raises
    Refusal(malformed) where, if `strict`, what lies under the masks of a page (of a plane, where
    samples are apart) is not of one colour.
    """
    digest = hashlib.sha256()
    for number, page in enumerate(found):
        digest.update(page.canonical(coding=False))
        under = _grown(page, rectangles(masks, number, page.one(tags.WIDTH), page.one(tags.HEIGHT)))
        planes = page.one(tags.SAMPLES) if page.one(tags.PLANAR) == 2 else 1
        covers = [Cover(under, strict=strict) for _ in range(planes)]
        places, looking = page.pieces(), Looking(view, page, order)
        for index, place in enumerate(places):
            data = tags.piece(view, place)
            left, top, wide, high = page.extent(index)
            inside = _inside(under, left, top, wide, high)
            if not (inside or decoded or looking.needed(index) or _deflated(page)):
                digest.update(bytes((page.one(tags.COMPRESSION) & 0xFF,)))
                tiff_picture.add_piece(page, index, data, digest, strict=strict)
            elif page.one(tags.COMPRESSION) == tags.JPEG:
                size = (wide, high)
                part = tiff_edge.inside(page, index)
                values = blanked_values(
                    data, inside, size, strict=strict, tables=page.tables, part=part
                )
                digest.update(values.encode())
            else:
                if page.one(tags.COMPRESSION) in tags.JPEG_2000:
                    samples = np.asarray(codecs.decode("jpeg2k_decode", bytes(data)))
                    samples = samples.reshape(*samples.shape[:2], -1)
                else:
                    samples = looking.painted(looking.shown(index))
                cover = covers[index * planes // len(places)]
                across, down = range(left, left + wide), range(top, top + high)
                digest.update(str(samples.shape).encode())
                cover.feed(digest, samples, across, down)
    return digest.hexdigest()


def _deflated(page: tags.Page) -> bool:
    """Return whether a page may stand here for one in a coding that is not carried over."""
    return page.one(tags.COMPRESSION) in (tags.DEFLATE, tags.OLD_DEFLATE, *FOREIGN)


def _grown(page: tags.Page, found: list[Rectangle]) -> list[Rectangle]:
    """Return rectangles that go on into the tiles' filling where they reach the page's edge."""
    if not page.tiled:
        return found
    wide, high = page.one(tags.WIDTH), page.one(tags.HEIGHT)
    return [
        (
            left,
            top,
            right + page.one(tags.TILE_WIDTH) * (right == wide),
            bottom + page.one(tags.TILE_HEIGHT) * (bottom == high),
        )
        for left, top, right, bottom in found
    ]


def _inside(under: list[Rectangle], left: int, top: int, wide: int, high: int) -> list[Rectangle]:
    """Return the parts of rectangles that lie in a piece, from its own corner."""
    return [
        (max(a - left, 0), max(b - top, 0), min(c - left, wide), min(d - top, high))
        for a, b, c, d in under
        if a < left + wide and left < c and b < top + high and top < d
    ]
