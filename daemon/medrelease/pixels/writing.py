"""Writing in a frame: what is to be masked (tier A), and what dearer views still see (tier B).

The same net misses the same line twice, so looking again with the same eyes proves nothing.
Tier A masks; tier B looks at the masked frame in other ways (other windows, turned, halved), and
where it still sees writing a person decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels import along, deciding, fading, reading, views
from medrelease.pixels.components import Line, cover, lines, regions
from medrelease.pixels.deciding import MOST_READ, Found, Wish, alike
from medrelease.pixels.faults import SelfTestFailed
from medrelease.pixels.models import TextModels
from medrelease.pixels.region import Region
from medrelease.pixels.seeing import TILE, Look, Picture, look
from medrelease.pixels.views import Frame

MAIN_BUDGET, OTHER_BUDGET = 6_000_000, 1_000_000
"""Pixels at which the first view and each other view are looked at; larger ones are scaled."""
SMALL, LETTERS = 0.3, 24
"""In a look at less than this scale only lines of so many of its pixels count."""
MOST_FOLLOWED = 12
"""Lines of a frame of which it is looked how they go on."""
LEGIBLE = 9
"""Rows of a mask of one line below which tier B says nothing: its letters have four or fewer."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What tier A found: masks, counts of kept terms and identifiers, H&C numbers read surely.

    `self_test` is False where the net did not see the canary; then nothing else is said.
    """

    masks: tuple[Region, ...]
    kept: int
    identifiers: int
    hc: tuple[str, ...]
    self_test: bool = True


def find_writing(models: TextModels, frame: Frame, wish: Wish, *, believed: bool = True) -> Writing:
    """Where writing stands in a frame (tier A), in pixels of its stored rows.

    Where the main look is not `believed` either, only places that surely speak count.
    """
    found = Found()
    try:
        for view, seen, main in _looks(models, frame):
            for line in _likeliest(lines(seen, 0.15, 0.8)):
                if seen.scale >= SMALL or line.height * seen.scale >= LETTERS:
                    deciding.decide(models, view, line, wish, found, main=main and believed)
        if believed:
            _lengthen(models, views.brightness(frame), found)
    except SelfTestFailed:
        return Writing((), 0, 0, (), self_test=False)
    return Writing(
        tuple(dict.fromkeys(found.masks)),
        len(found.kept),
        found.identifiers,
        tuple(dict.fromkeys(found.hc)),
    )


def _looks(models: TextModels, frame: Frame) -> Iterator[tuple[Picture, Look, bool]]:
    """Each view of tier A, what was seen in it, and whether it is the main look.

    The first view is also looked at small, for large letters.
    """
    main = True
    for view in views.plain(frame):
        scale = _scale(view, MAIN_BUDGET if main else OTHER_BUDGET)
        yield view, look(models, view, scale), main
        if main and max(view.shape) > TILE // 2:
            yield view, look(models, view, min(scale / 4, TILE / max(view.shape))), False
        main = False


def _scale(view: Picture, budget: int, most: float = 1.0) -> float:
    """The scale, at most `most`, at which a view is within a budget of pixels."""
    return min(most, float(np.sqrt(budget / (view.shape[0] * view.shape[1]))))


def _likeliest(found: list[Line]) -> list[Line]:
    """All lines, the likeliest first: those are read where not all can be."""
    return sorted(found, key=lambda line: -line.likelihood)


def _lengthen(models: TextModels, grey: Frame, found: Found) -> None:
    """Mask what the likeliest lines go on as, seen or unseen, each place once."""
    seen: list[Region] = []
    for line in _likeliest(found.lines):
        bounds = line.bounds(grey.shape)
        if len(seen) == MOST_FOLLOWED or any(alike(bounds, other) for other in seen):
            continue
        seen.append(bounds)
        longer = along.whole(models, grey, line)
        if longer is not None:
            found.masks += regions(longer, grey.shape)
        fading_on = fading.hidden(grey, longer or line)
        if fading_on is not None:
            found.masks += regions(fading_on, grey.shape)


def still_sees(models: TextModels, frame: Frame, masks: tuple[Region, ...], wish: Wish) -> int:
    """How many places the dearer views take for writing once `masks` are blank (tier B).

    Only places that surely speak count, and no terms that may stay. Raises SelfTestFailed.
    """
    masked = cover(list(masks), frame.shape)
    blank = _blanked(frame, masks)
    places: list[Region] = []
    for view, seen, turned in _dearer(models, blank):
        for line in _likeliest(lines(_turn_back(seen, turned), 0.3, 0.8))[:MOST_READ]:
            bounds = line.bounds(frame.shape)
            if line.height < LEGIBLE or _covered(masked, bounds) > 0.5:
                continue
            if any(alike(bounds, place) for place in places):
                continue
            said = reading.read(models, view, line)
            named = reading.names(said, wish.identifiers)
            speaks = deciding.speaks(said, line, deciding.share_of(line, frame))
            if named or (speaks and not reading.may_stay(said, line, wish.keep)):
                places.append(bounds)
    return len(places)


def _blanked(frame: Frame, masks: tuple[Region, ...]) -> Frame:
    """A copy whose masks have the mean of what surrounds them: half a line left shows better."""
    blank = frame.copy()
    for mask in masks:
        top, left = max(mask.top - 2, 0), max(mask.left - 2, 0)
        around = frame[top : mask.bottom + 2, left : mask.right + 2]
        inner = frame[mask.top : mask.bottom, mask.left : mask.right]
        ring = around.shape[0] * around.shape[1] - inner.shape[0] * inner.shape[1]
        if ring > 0:
            total = around.sum(axis=(0, 1), dtype=np.float64) - inner.sum(
                axis=(0, 1), dtype=np.float64
            )
            mean = np.rint(total / ring)
        else:
            mean = np.zeros(frame.shape[2:])
        blank[mask.top : mask.bottom, mask.left : mask.right] = mean.astype(frame.dtype)
    return blank


def _dearer(models: TextModels, frame: Frame) -> Iterator[tuple[Picture, Look, int]]:
    """The views of tier B: view, what was seen in it, and by how many quarters it was turned."""
    grey = views.brightness(frame)
    first = next(views.plain(frame))
    scale = _scale(first, OTHER_BUDGET)
    if views.is_grey(frame):
        fine = np.asarray(cv2.cvtColor(views.fine(grey), cv2.COLOR_GRAY2RGB), np.uint8)
        yield fine, look(models, fine, _scale(fine, OTHER_BUDGET, 2.0)), 0
    local = np.asarray(cv2.cvtColor(views.local(grey), cv2.COLOR_GRAY2RGB), np.uint8)
    yield local, look(models, local, scale), 0
    for quarters in (1, 3):
        view = np.ascontiguousarray(np.rot90(first, quarters))
        yield first, look(models, view, scale), quarters
    yield first, look(models, first, scale / 2), 0


def _turn_back(seen: Look, quarters: int) -> Look:
    likelihood = np.ascontiguousarray(np.rot90(seen.likelihood, -quarters))
    return Look(likelihood, seen.scale)


def _covered(masked: NDArray[np.bool_], region: Region) -> float:
    part = masked[region.top : region.bottom, region.left : region.right]
    return float(part.mean())


def warm(models: TextModels) -> None:
    """Run every path once on a small picture, so that nothing is loaded from disk later."""
    frame = np.zeros((96, 320, 3), np.uint8)
    frame[..., 0] = np.arange(320, dtype=np.uint8)
    cv2.putText(frame, "012 345 6789", (8, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (255, 200, 40), 2)
    for one in chain((frame, frame[..., 0].astype(np.uint16) * 257)):
        find_writing(models, np.ascontiguousarray(one), Wish(("L",), ("0123456789",)))
        still_sees(models, np.ascontiguousarray(one), (), Wish(("L",)))
