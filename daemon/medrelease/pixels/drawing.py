"""The pages of a file as people see them, with a box around everything that would be blanked."""

import os

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels import decoding, views
from medrelease.pixels.faults import CannotDecode
from medrelease.pixels.mapped import mapped
from medrelease.pixels.page import Page, upright
from medrelease.terms.flow import Hold, Mask
from medrelease.terms.words import Format

LONGEST_SIDE, MOST_PAGES = 2000, 12
"""Size in pixels of a page, and how many of a file are drawn, below each other."""
_RED, _GAP = (230, 20, 20), 12

Drawn = NDArray[np.uint8]


def draw(source: int, target: int, form: Format, masks: tuple[Mask, ...]) -> Hold | None:
    """Write a PNG of the file's pages with boxes to `target`; a Hold where it has no picture."""
    drawn: list[Drawn] = []
    try:
        with mapped(source) as file:
            for page in decoding.pages(file, form):
                if len(drawn) < MOST_PAGES:
                    drawn.append(_drawn(page, masks))
    except CannotDecode as fault:
        return Hold(fault.reason, fault.detail)
    width = max(page.shape[1] for page in drawn)
    sheets = [_padded(page, width) for page in drawn]
    ok, encoded = cv2.imencode(".png", cv2.cvtColor(np.vstack(sheets), cv2.COLOR_RGB2BGR))
    if not ok:
        raise RuntimeError("the picture was not encoded")
    rest = memoryview(encoded.tobytes())
    while rest:
        rest = rest[os.write(target, rest) :]
    return None


def _drawn(page: Page, masks: tuple[Mask, ...]) -> Drawn:
    """One page, its first frame where it is a loop: the boxes of its masks, then upright."""
    frame = next(views.plain(page.frames[0]))
    scale = min(1.0, LONGEST_SIDE / max(frame.shape))
    stored = page.stored or frame.shape[:2]
    size = (max(1, round(frame.shape[1] * scale)), max(1, round(frame.shape[0] * scale)))
    picture = np.ascontiguousarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA))
    thick = max(1, max(picture.shape) // 400)
    for mask in masks:
        if mask.page not in (None, page.number) and page.number is not None:
            continue
        across, down = size[0] / stored[1], size[1] / stored[0]
        corner = (int(mask.left * across), int(mask.top * down))
        end = (int((mask.left + mask.width) * across), int((mask.top + mask.height) * down))
        cv2.rectangle(picture, corner, end, _RED, thick)
    return np.asarray(upright(np.asarray(picture, np.uint8), page.turn), np.uint8)


def _padded(page: Drawn, width: int) -> Drawn:
    return np.asarray(
        cv2.copyMakeBorder(
            page, 0, _GAP, 0, width - page.shape[1], cv2.BORDER_CONSTANT, value=(128, 128, 128)
        ),
        np.uint8,
    )
