"""What masks of a TIFF mean for the pages that stay: levels of a slide show one another's parts.

Masks count the source's directories. The prover's own arithmetic, which must come to the same
rectangles as the cleaner's: both grow a mask by three pixels on its way to another level.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from medrelease.terms.flow import Mask
from medrelease.verify import tiff_page as tags
from medrelease.verify.masks import Masks, prove_within

_GROWN = 3


def meant(
    every: Sequence[tags.Page], stay: Sequence[tags.Page], masks: Masks, *, slide: bool
) -> Masks:
    """Return the masks of the pages that stay. Raises Refusal(mask-not-possible) for one beyond."""
    sizes = [(page.one(tags.WIDTH), page.one(tags.HEIGHT)) for page in stay]
    places = [next((at for at, one in enumerate(stay) if one is page), -1) for page in every]
    found: list[Mask] = []
    for mask in masks:
        if mask.page is None and not slide:
            found.append(mask)
            continue
        asked = 0 if mask.page is None else mask.page
        place = places[asked] if 0 <= asked < len(places) else len(stay)
        if place < 0:
            continue
        found.append(replace(mask, page=place))
        if slide and place < len(stay):
            others = (level for level in range(len(stay)) if level != place)
            found += [_carried(mask, sizes[place], sizes[level], level) for level in others]
    prove_within(found, sizes)
    return tuple(found)


def _carried(mask: Mask, own: tuple[int, int], other: tuple[int, int], level: int) -> Mask:
    """Return the part of another level that shows what lies under a mask, and its margin."""
    wide, high = Fraction(other[0], own[0]), Fraction(other[1], own[1])
    left, top = floor(mask.left * wide) - _GROWN, floor(mask.top * high) - _GROWN
    right = ceil((mask.left + mask.width) * wide) + _GROWN
    bottom = ceil((mask.top + mask.height) * high) + _GROWN
    return Mask(level, left, top, right - left, bottom - top)
