"""What masks mean for the frames of a moving picture, one of which shows through another.

A mask names what is seen while a frame is shown. What that frame leaves open shows the frames
before it, back to one that stays and draws all of the masked part.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from medrelease.verify.masks import Masks, Rectangle, prove_within, rectangles


@dataclass(frozen=True, slots=True)
class Sheet:
    """One frame: (left, top, wide, high) on the canvas, and whether it goes before the next.

    `opaque` says of a rectangle of the frame's own whether nothing shows through there.
    """

    place: tuple[int, int, int, int]
    gone: bool
    opaque: Callable[[Rectangle], bool]


def frame_by_frame(sheets: Sequence[Sheet], canvas: tuple[int, int], masks: Masks) -> Masks:
    """Return the masks of single frames, still counted from the canvas's corner.

    Raises Refusal(mask-not-possible) for a mask beyond all frames.
    """
    wide = max(canvas[0], *(one.place[0] + one.place[2] for one in sheets))
    high = max(canvas[1], *(one.place[1] + one.place[3] for one in sheets))
    prove_within(masks, [(wide, high)] * len(sheets))
    found = []
    for mask in masks:
        if mask.page is None:
            found += [replace(mask, page=number) for number in range(len(sheets))]
            continue
        whole = rectangles([mask], mask.page, wide, high)[0]
        for number in range(mask.page, -1, -1):
            found.append(replace(mask, page=number))
            kept = number == mask.page or not sheets[number].gone
            if kept and _hides(sheets[number], whole):
                break
    return tuple(found)


def _hides(sheet: Sheet, whole: Rectangle) -> bool:
    """Return whether a frame draws every pixel of a part of the canvas."""
    left, top, wide, high = sheet.place
    x, y, x_end, y_end = whole[0] - left, whole[1] - top, whole[2] - left, whole[3] - top
    if x < 0 or y < 0 or x_end > wide or y_end > high:
        return False
    return sheet.opaque((x, y, x_end, y_end))


def own(masks: Masks, number: int, place: tuple[int, int, int, int]) -> list[Rectangle]:
    """Return what lies under the masks of one frame, in its own columns and rows."""
    left, top, wide, high = place
    moved = [
        replace(mask, left=mask.left - left, top=mask.top - top)
        for mask in masks
        if mask.page in (None, number)
    ]
    return rectangles(moved, number, wide, high)
