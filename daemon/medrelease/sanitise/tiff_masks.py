"""The masks of a TIFF file's directories as masks of the pages that are written.

Masks count the directories of the source. What is shown by a level of a slide is shown by every
other level too: a mask there is carried over to each, a little larger, since what one pixel shows
was mixed from several.
"""

from collections.abc import Sequence
from dataclasses import replace

from medrelease.sanitise.tiff_directory import Entry
from medrelease.sanitise.tiff_page import HEIGHT, WIDTH
from medrelease.terms.flow import Mask

Directory = dict[int, Entry]

_MARGIN = 3
"""Pixels of a level by which a mask that came from another one grows: half of what the widest
common filter, Lanczos of three lobes, reaches."""


def masks_of_pages(
    masks: Sequence[Mask], directories: list[Directory], shown: list[Directory], *, levels: bool
) -> tuple[Mask, ...]:
    """The masks that mean the pages `shown`; those of a directory that is left out are no more.

    In a slide (`levels`) a mask of all pages counts in pixels of the largest level.
    """
    numbers = {
        place: next((n for n, page in enumerate(shown) if page is one), None)
        for place, one in enumerate(directories)
    }
    sizes = [_size(one) for one in shown]
    found: list[Mask] = []
    for mask in masks:
        if mask.page is None:
            found += _of_levels(replace(mask, page=0), sizes) if levels else [mask]
            continue
        number = numbers.get(mask.page, -1)
        if number is None:
            continue  # the directory is not written
        placed = replace(mask, page=number)
        found += _of_levels(placed, sizes) if levels and number >= 0 else [placed]
    return tuple(found)


def _of_levels(mask: Mask, sizes: list[tuple[int, int]]) -> list[Mask]:
    """A mask of one level, and what it comes to in each of the others."""
    wide, high = sizes[mask.page or 0]
    found = []
    for number, (across, down) in enumerate(sizes):
        if number == mask.page:
            found.append(mask)
            continue
        left, top = mask.left * across // wide, mask.top * down // high
        right = -(-(mask.left + mask.width) * across // wide)
        bottom = -(-(mask.top + mask.height) * down // high)
        left, top = left - _MARGIN, top - _MARGIN
        found.append(Mask(number, left, top, right + _MARGIN - left, bottom + _MARGIN - top))
    return found


def _size(directory: Directory) -> tuple[int, int]:
    return directory[WIDTH].integers()[0], directory[HEIGHT].integers()[0]
