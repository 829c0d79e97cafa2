"""Synthetic grounds: a radiograph, an ultrasound sector, mucosa, skin and stained tissue.

No real image is behind them: they have the noise, edges and colours that mislead a finder of
writing, at sizes of 400 to 640 pixels.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.uint8]


def _size(rng: np.random.Generator) -> tuple[int, int]:
    return int(rng.integers(380, 520)), int(rng.integers(440, 640))


def cloud(rng: np.random.Generator, size: tuple[int, int], spread: float) -> NDArray[np.float32]:
    """Smooth noise of mean 0 and spread 1 whose blobs are about `spread` pixels wide."""
    shrink = max(1.0, spread / 3)
    few = (max(2, int(size[0] / shrink)), max(2, int(size[1] / shrink)))
    noise = cv2.GaussianBlur(rng.standard_normal(few).astype(np.float32), (0, 0), spread / shrink)
    noise = cv2.resize(noise, size[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray((noise - noise.mean()) / (noise.std() + 1e-6), np.float32)


def radiograph(rng: np.random.Generator, top: int) -> NDArray[np.float32]:
    """Bones and soft tissue between 0 and `top`, with noise and a dark surround."""
    size = _size(rng)
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    middle = np.array(size) / 2 + rng.normal(0, 20, 2)
    radii = np.array(size) * rng.uniform(0.28, 0.42, 2)
    inside = ((rows - middle[0]) / radii[0]) ** 2 + ((columns - middle[1]) / radii[1]) ** 2
    picture = 0.45 / (1 + np.exp(8 * (inside - 1))) + 0.04
    for _ in range(int(rng.integers(2, 6))):
        bone = np.zeros(size, np.uint8)
        ends = [tuple(int(v) for v in rng.integers((0, 0), size[::-1])) for _ in range(2)]
        cv2.line(bone, ends[0], ends[1], 255, int(rng.integers(14, 46)))
        soft = cv2.GaussianBlur(bone.astype(np.float32) / 255, (0, 0), 3)
        picture = picture + soft * float(rng.uniform(0.1, 0.3))
    picture = picture + 0.04 * cloud(rng, size, 40) + 0.015 * cloud(rng, size, 6)
    picture = picture + float(rng.uniform(0.004, 0.02)) * rng.standard_normal(size)
    if rng.random() < 0.2:
        picture = 1 - picture
    return np.asarray(np.clip(picture, 0, 1) * top, np.float32)


def sector(rng: np.random.Generator) -> Colour:
    """A fan of speckle on black, as RGB."""
    size = _size(rng)
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    across, down = columns - size[1] / 2, rows - 30
    far = np.hypot(across, down)
    fan = (
        (np.abs(np.arctan2(across, np.maximum(down, 1))) < 0.65) & (far > 40) & (far < size[0] - 70)
    )
    speckle = np.abs(cloud(rng, size, 1.4)) * (0.5 + 0.5 / (1 + np.exp(-2 * cloud(rng, size, 25))))
    levels = np.clip(60 * speckle * np.exp(-far / (size[0] * 1.3)) * 2, 0, 230) * fan
    for step in range(1, 9):
        y = 30 + step * (size[0] - 100) // 9
        levels[y : y + 2, size[1] - 14 : size[1] - 8] = 200
    return np.repeat(levels.astype(np.uint8)[..., None], 3, axis=2)


def _pair(drawn: NDArray[Any]) -> tuple[int, int]:
    return int(drawn[0]), int(drawn[1])


def _oval(
    picture: NDArray[Any],
    rng: np.random.Generator,
    place: tuple[int, int],
    axes: tuple[int, int],
    colour: Sequence[float],
) -> None:
    """A filled ellipse at any angle."""
    angle = float(rng.uniform(0, 180))
    cv2.ellipse(picture, place, axes, angle, 0, 360, colour, -1, cv2.LINE_AA)


def mucosa(rng: np.random.Generator) -> Colour:
    """A round field of red tissue with vessels and reflections, on black."""
    size = _size(rng)
    tone = np.array(rng.uniform((170, 70, 60), (225, 120, 105)), np.float32)
    shade = 1 + 0.18 * cloud(rng, size, 60) + 0.05 * cloud(rng, size, 8)
    picture = shade[..., None] * tone
    for _ in range(int(rng.integers(6, 18))):
        points = np.cumsum(rng.normal(0, 22, (9, 2)), axis=0) + rng.integers((0, 0), size[::-1])
        cv2.polylines(
            picture,
            [points.astype(np.int32)],
            False,
            (tone * 0.62).tolist(),
            int(rng.integers(1, 4)),
            cv2.LINE_AA,
        )
    for _ in range(int(rng.integers(2, 9))):
        place = _pair(rng.integers((0, 0), size[::-1]))
        axes = _pair(rng.integers(2, 10, 2))
        _oval(picture, rng, place, axes, (250, 245, 240))
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]]
    off = int(rng.integers(-60, 61))
    field = np.hypot(rows - size[0] / 2, columns - size[1] / 2 - off) < min(size) * 0.47
    picture = picture * field[..., None] + rng.normal(0, 2, (*size, 3))
    return np.clip(picture, 0, 255).astype(np.uint8)


def skin(rng: np.random.Generator) -> Colour:
    """Skin with creases, moles, hairs and sometimes a wound, beside a cloth."""
    size = _size(rng)
    pale = np.array((235, 190, 168)) + rng.normal(0, 8, 3)
    tone = (pale * float(rng.uniform(0.35, 1.0))).astype(np.float32)
    shade = 22 * cloud(rng, size, 70) + 9 * cloud(rng, size, 16) + 5 * cloud(rng, size, 1.5)
    picture = tone + shade[..., None] * np.array((1, 0.8, 0.7), np.float32)
    for _ in range(int(rng.integers(0, 9))):
        place = _pair(rng.integers((0, 0), size[::-1]))
        cv2.circle(
            picture, place, int(rng.integers(2, 11)), (tone * 0.45).tolist(), -1, cv2.LINE_AA
        )
    for _ in range(int(rng.integers(0, 30))):
        start = rng.integers((0, 0), size[::-1])
        points = np.cumsum(rng.normal(0, 9, (5, 2)), axis=0) + start
        cv2.polylines(
            picture, [points.astype(np.int32)], False, (tone * 0.5).tolist(), 1, cv2.LINE_AA
        )
    if rng.random() < 0.5:
        place = _pair(rng.integers((80, 80), (size[1] - 80, size[0] - 80)))
        axes = _pair(rng.integers(20, 70, 2))
        wound = (float(tone[0] * 0.75), float(tone[1] * 0.35), float(tone[2] * 0.35))
        _oval(picture, rng, place, axes, wound)
    if rng.random() < 0.4:
        cloth = np.array(rng.choice(((60, 110, 90), (70, 100, 150), (210, 215, 220))), np.float32)
        width = int(rng.integers(30, 110))
        picture[:, :width] = cloth + 6 * cloud(rng, size, 2)[:, :width, None]
    picture = cv2.GaussianBlur(picture, (0, 0), 0.8) + rng.normal(0, 2.0, (*size, 3))
    return np.clip(picture, 0, 255).astype(np.uint8)


def tissue(rng: np.random.Generator) -> Colour:
    """Stained tissue: pink ground with hundreds of dark nuclei, holes and fibres."""
    size = _size(rng)
    pink = np.array(rng.uniform((220, 160, 190), (240, 185, 212)), np.float32)
    picture = pink + (14 * cloud(rng, size, 20) + 8 * cloud(rng, size, 3))[..., None]
    for _ in range(int(rng.integers(300, 1100))):
        place = _pair(rng.integers((0, 0), size[::-1]))
        axes = _pair(rng.integers(2, 7, 2))
        dye = np.array((95, 60, 140)) + rng.normal(0, 14, 3)
        _oval(picture, rng, place, axes, dye.tolist())
    for _ in range(int(rng.integers(0, 14))):
        place = _pair(rng.integers((0, 0), size[::-1]))
        axes = _pair(rng.integers(8, 40, 2))
        _oval(picture, rng, place, axes, (246, 243, 246))
    return np.clip(cv2.GaussianBlur(picture, (0, 0), 0.9), 0, 255).astype(np.uint8)


def turned(stencil: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """A stencil turned clockwise by `degrees`, in a frame that holds all of it."""
    rows, columns = stencil.shape
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), -degrees, 1)
    cosine, sine = abs(turn[0, 0]), abs(turn[0, 1])
    size = (int(columns * cosine + rows * sine) + 2, int(columns * sine + rows * cosine) + 2)
    turn[:, 2] += (size[0] - columns) / 2, (size[1] - rows) / 2
    return np.asarray(cv2.warpAffine(stencil, turn, size), np.uint8)


def laid(frame: NDArray[Any], alpha: NDArray[np.float32], level: Any) -> NDArray[Any]:
    """A frame with a level or a colour laid over it where `alpha` says."""
    share = alpha if frame.ndim == 2 else alpha[..., None]
    mixed = frame * (1 - share) + np.asarray(level, np.float32) * share
    return mixed.round().clip(0, np.iinfo(frame.dtype).max).astype(frame.dtype)
