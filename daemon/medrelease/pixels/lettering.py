"""Lines of letters on a flat ground, told by their shape alone: a second witness beside the nets.

It knows only what scanners draw themselves: bright or dark letters of one height on one level. On
any other ground, tissue above all, it says nothing.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.components import cover
from medrelease.pixels.region import Region, within
from medrelease.pixels.views import Frame

CONTRAST = 0.15
"""Distance from the ground, as a share of the range of grey levels, at which ink begins."""
FLAT = 0.6
"""Share of a margin that has the level of its ground."""
LOWEST, HIGHEST = 7, 64
"""Rows of a letter."""
LETTERS, LENGTH = 8, 4.0
"""A line has so many letters and is so many times as long as high: scale digits, a measure with its
unit and the terms that may stay are less."""
MOST_LINES = 60
"""Lines that are told of one margin; where there are more it is no lettering."""


def lettered(grey: Frame, margin: Region, most: int) -> list[Region]:
    """The lines of letters in one margin of a grey frame whose brightest level is `most`."""
    part = grey[margin.top : margin.bottom, margin.left : margin.right]
    if part.shape[0] < LOWEST or part.shape[1] < LENGTH * LOWEST:
        return []
    ground = float(np.median(part))
    apart = np.abs(part.astype(np.float32) - ground)
    if float((apart <= CONTRAST * most / 2).mean()) < FLAT:
        return []
    ink = (apart > CONTRAST * most).astype(np.uint8)
    letters = _letters(ink)
    found = [line for line in _lines(letters, ink.shape) if len(line) >= LETTERS]
    placed = [_bounds(line, margin, grey.shape) for line in found]
    return placed if len(placed) <= MOST_LINES else []


def _letters(ink: NDArray[np.uint8]) -> list[Region]:
    """Connected pieces of ink of the size of a letter, bars and frames left out."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    found = []
    for left, top, width, height, area in stats[1:].tolist():
        if LOWEST <= height <= HIGHEST and width <= 2 * height and area < 0.95 * width * height:
            found.append(Region(left, top, width, height))
    return found


def _lines(letters: list[Region], shape: tuple[int, ...]) -> list[list[Region]]:
    """Letters side by side, less than their height apart, that together are long enough."""
    if not letters:
        return []
    grown = [
        within(
            each.left - each.height / 2, each.top, each.right + each.height / 2, each.bottom, shape
        )
        for each in letters
    ]
    count, labels = cv2.connectedComponents(cover(grown, shape).astype(np.uint8))
    groups: list[list[Region]] = [[] for _ in range(count)]
    for each in letters:
        groups[int(labels[each.top, each.left])].append(each)
    return [group for group in groups[1:] if _is_line(group)]


def _is_line(group: list[Region]) -> bool:
    """Whether letters are of about one height, on one line, and long together."""
    if not group:
        return False
    heights = [each.height for each in group]
    height = max(each.bottom for each in group) - min(each.top for each in group)
    length = max(each.right for each in group) - min(each.left for each in group)
    return height <= 1.8 * float(np.median(heights)) and length >= LENGTH * height


def _bounds(line: list[Region], margin: Region, shape: tuple[int, ...]) -> Region:
    """The rectangle around a line in the frame, with room for dots and descenders."""
    room = max(2, round(0.3 * max(each.height for each in line)))
    left = margin.left + min(each.left for each in line) - room
    top = margin.top + min(each.top for each in line) - room
    right = margin.left + max(each.right for each in line) + room
    bottom = margin.top + max(each.bottom for each in line) + room
    return within(left, top, right, bottom, shape)
