"""Writing in a frame: what is to be masked (tier A), and what dearer views still see (tier B).

The same net misses the same line twice, so looking again with the same eyes proves nothing.
Tier A masks; tier B looks at the masked frame in other ways (other windows, turned, halved), and
where it still sees writing a person decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels import along, reading, views
from medrelease.pixels.components import Line, cover, lines, regions
from medrelease.pixels.faults import SelfTestFailed
from medrelease.pixels.models import TextModels
from medrelease.pixels.reading import Reading
from medrelease.pixels.region import Region
from medrelease.pixels.seeing import TILE, Look, Picture, look
from medrelease.pixels.views import Frame

MAIN_BUDGET, OTHER_BUDGET = 6_000_000, 1_000_000
"""Pixels at which the first view and each other view are looked at; larger ones are scaled."""
MOST_READ = 60
"""Lines of a frame that are read; where there are more, the rest is masked unread."""
SMALL, LETTERS = 0.3, 24
"""In a look at less than this scale only lines of so many of its pixels count."""
MOST_FOLLOWED = 12
"""Lines of a frame of which it is looked how they go on."""
LEGIBLE = 9
"""Rows of a mask of one line below which tier B says nothing: its letters have four or fewer."""
LARGE = 0.05
"""Share of the frame up to which the main look is believed without being read."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Terms that may stay, identifiers that may never, and the bits that a sample uses."""

    keep: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    bits: int | None = None


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


@dataclass(slots=True)
class _Found:
    """What has been decided about the lines of one frame so far."""

    masks: list[Region] = field(default_factory=list)
    kept: list[Region] = field(default_factory=list)
    identifiers: int = 0
    hc: list[str] = field(default_factory=list)
    read: list[tuple[Region, Reading]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def find_writing(models: TextModels, frame: Frame, wish: Wish, *, believed: bool = True) -> Writing:
    """Where writing stands in a frame (tier A), in pixels of its stored rows.

    Where the main look is not `believed` either, only places that surely speak count.
    """
    found = _Found()
    try:
        for view, seen, main in _looks(models, frame):
            for line in _likeliest(lines(seen, 0.15, 0.8)):
                if seen.scale >= SMALL or line.height * seen.scale >= LETTERS:
                    _decide(models, view, line, wish, found, main=main and believed)
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


def _decide(
    models: TextModels, view: Picture, line: Line, wish: Wish, found: _Found, *, main: bool
) -> None:
    """Mask a line, or let it stay where it is surely a term that may.

    The main look is believed, unless it floods or doubts itself; the others only where a place
    surely speaks.
    """
    bounds = line.bounds(view.shape)
    earlier = [said for region, said in found.read if _alike(region, bounds)]
    said = earlier[0] if earlier else reading.UNREAD
    unread = not earlier and len(found.read) >= MOST_READ
    if not earlier and not unread:
        said = reading.read(models, view, line)
        found.read.append((bounds, said))
        found.identifiers += reading.names(said, wish.identifiers)
        found.hc += reading.hc_numbers(said)
    named = reading.names(said, wish.identifiers)
    if not named and reading.may_stay(said, line, wish.keep):
        if not earlier:
            found.kept.append(bounds)
        return
    share = line.length * line.height / (view.shape[0] * view.shape[1])
    believed = main and share < LARGE
    believed &= unread or not reading.is_doubtful(said, line, share)
    if named or believed or reading.speaks(said, line):
        found.masks += regions(line, view.shape)
        found.lines.append(line)


def _lengthen(models: TextModels, grey: Frame, found: _Found) -> None:
    """Mask what the likeliest lines go on as, each place once."""
    seen: list[Region] = []
    for line in _likeliest(found.lines):
        bounds = line.bounds(grey.shape)
        if len(seen) == MOST_FOLLOWED or any(_alike(bounds, other) for other in seen):
            continue
        seen.append(bounds)
        longer = along.whole(models, grey, line)
        if longer is not None:
            found.masks += regions(longer, grey.shape)


def _alike(one: Region, other: Region) -> bool:
    """Whether two rectangles are about the same: half of their union is shared."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(width, 0) * max(height, 0)
    return 2 * shared >= one.area + other.area - shared


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
            if any(_alike(bounds, place) for place in places):
                continue
            said = reading.read(models, view, line)
            named = reading.names(said, wish.identifiers)
            if named or (
                reading.speaks(said, line) and not reading.may_stay(said, line, wish.keep)
            ):
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
