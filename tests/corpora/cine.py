"""Synthetic cine loops of 100 frames with writing that stands still and writing that passes.

Each kind moves as its real counterpart does: speckle that changes in every frame, a lens that
wanders over mucosa, contrast that runs through a noisy radiograph. Everything is from a seed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from corpora import burned, grounds

FRAMES = 100
PASSING = (1, 1, 2, 3, 6)
"""For how many frames each passing line is shown."""


@dataclass
class Shown:
    """A line: its pixels, the first frame that shows it, and how many do."""

    pixels: NDArray[np.bool_]
    first: int
    count: int
    faint: bool


@dataclass
class Loop:
    """The frames of one kind and seed, and the lines in them."""

    kind: str
    seed: int
    frames: list[NDArray[Any]]
    lines: list[Shown] = field(default_factory=list)


def loop(kind: str, seed: int, frames: int = FRAMES) -> Loop:
    """A loop of a kind with two static lines and five that pass, the last two of these faint."""
    rng = np.random.default_rng((seed, sorted(KINDS).index(kind)))
    made = Loop(kind, seed, KINDS[kind](rng, frames))
    top = 255 if made.frames[0].dtype == np.uint8 else 4095
    height = int(rng.integers(12, 18))
    for number in range(2):
        _lay(made, rng, (4, 4 + number * 2 * height), height, 0.9 * top, (0, frames), faint=False)
    rows, columns = made.frames[0].shape[:2]
    corners = ((columns, 4), (4, rows), (columns, rows), (columns, rows // 2), (4, rows // 2))
    for number, count in enumerate(PASSING):
        faint = number >= len(PASSING) - 2
        level = (0.35 if faint else float(rng.choice((0.75, 1.0)))) * top
        first = int(rng.integers(1, frames - count))
        _lay(made, rng, corners[number], height, level, (first, count), faint=faint)
    return made


def _lay(
    made: Loop,
    rng: np.random.Generator,
    place: tuple[int, int],
    height: int,
    level: float,
    when: tuple[int, int],
    *,
    faint: bool,
) -> None:
    """Write a line into some frames, moved inside; where it would lie on another, nowhere."""
    shape = burned.stencil(burned.words(rng), height, rng, hand=False)
    rows, columns = made.frames[0].shape[:2]
    shape = shape[: rows - 2, : columns - 2]
    x = int(np.clip(place[0], 1, columns - shape.shape[1] - 3))
    y = int(np.clip(place[1], 1, rows - shape.shape[0] - 3))
    alpha = np.zeros((rows, columns), np.float32)
    alpha[y : y + shape.shape[0], x : x + shape.shape[1]] = shape / 255.0
    pixels = alpha > 0.4
    around = cv2.dilate(pixels.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    if any((line.pixels & around).any() for line in made.lines):
        return
    # A faint line is a little brighter than its ground, wherever that is.
    ground = float(np.percentile(made.frames[when[0]][around], 90)) if faint else 0.0
    for number in range(when[0], when[0] + when[1]):
        made.frames[number] = grounds.laid(made.frames[number], alpha, ground + level)
    made.lines.append(Shown(pixels, *when, faint))


def _ultrasound(rng: np.random.Generator, frames: int) -> list[NDArray[Any]]:
    """A sector whose speckle flickers and drifts."""
    first = grounds.sector(rng).astype(np.float32)
    fan = (cv2.GaussianBlur(first, (0, 0), 9) > 4).astype(np.float32)
    found = []
    for number in range(frames):
        shift = np.array(((1, 0, 3 * np.sin(number / 9)), (0, 1, 4 * np.cos(number / 7))))
        moved = cv2.warpAffine(first, shift, first.shape[1::-1])
        noise = grounds.cloud(rng, first.shape[:2], 1.5)[..., None]
        found.append((moved * (1 + 0.5 * noise) * fan).clip(0, 240).astype(np.uint8))
    return found


def _endoscopy(rng: np.random.Generator, frames: int) -> list[NDArray[Any]]:
    """A lens that wanders over mucosa in a round field; a reflection comes and goes."""
    first = grounds.mucosa(rng)
    rows, columns = first.shape[:2]
    field = np.hypot(
        *(np.indices((rows, columns)) - np.reshape((rows / 2, columns / 2), (2, 1, 1)))
    )
    inside = (field < 0.47 * rows)[..., None]
    larger = cv2.resize(first, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
    found = []
    for number in range(frames):
        x = round(columns * (0.25 + 0.2 * np.sin(number / 13)))
        y = round(rows * (0.25 + 0.2 * np.cos(number / 17)))
        part = larger[y : y + rows, x : x + columns].copy()
        for _ in range(1):
            place = tuple(int(v) for v in rng.integers((0, 0), (columns, rows)))
            axes = tuple(int(v) for v in rng.integers(2, 12, 2))
            cv2.ellipse(part, place, axes, float(rng.uniform(0, 180)), 0, 360, (250,) * 3, -1)
        noisy = part + rng.normal(0, 3, part.shape)
        found.append((noisy * inside).clip(0, 255).astype(np.uint8))
    return found


def _angiogram(rng: np.random.Generator, frames: int) -> list[NDArray[Any]]:
    """A noisy 12-bit radiograph through which contrast runs."""
    first = grounds.radiograph(rng, 2600)
    rows, columns = first.shape
    vessel = np.zeros((rows, columns), np.uint8)
    points = np.cumsum(rng.normal(0, 40, (12, 2)), axis=0) + np.array((columns / 2, rows / 2))
    cv2.polylines(vessel, [points.astype(np.int32)], False, 255, 9)
    soft = cv2.GaussianBlur(vessel, (0, 0), 2).astype(np.float32) / 255
    found = []
    for number in range(frames):
        full = np.clip((number - 20) / 30, 0, 1) * np.clip((110 - number) / 30, 0, 1)
        shown = first * (1 - 0.5 * full * soft) + rng.normal(0, 60, first.shape)
        found.append(shown.clip(0, 4095).astype(np.uint16))
    return found


KINDS: dict[str, Callable[[np.random.Generator, int], Sequence[NDArray[Any]]]] = {
    "ultrasound": _ultrasound,
    "endoscopy": _endoscopy,
    "angiogram": _angiogram,
}
