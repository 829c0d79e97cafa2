"""Faces that PyPI packages carry, plain, turned and with eye bars; and pictures without any face.

The astronaut and the crops of Labeled Faces in the Wild come from scikit-image (25 x 25 pixels,
100 faces and 100 pictures without one). Even numbers of the crops were used for tuning, odd ones
for measuring. The bars are drawn here, and nowhere in the package.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
Point = tuple[float, float]

BARS = ("black", "white", "coloured", "blurred", "pixelated", "slanted", "patches")
SHARES = (0.12, 0.2, 0.3)
"""Heights of a bar, as a share of the face's height."""


@dataclass(frozen=True)
class Sample:
    """A picture (RGB, 8 bit) of one face whose eyes stand at `left` and `right`."""

    name: str
    picture: Picture
    left: Point
    right: Point
    height: float


def crops(numbers: range, side: int = 200) -> Iterator[Sample]:
    """Faces of LFW, enlarged to `side` pixels."""
    from skimage import data

    faces = data.lfw_subset()[:100]
    scale = side / 25
    for number in numbers:
        grey = (faces[number] * 255).astype(np.uint8)
        large = cv2.resize(grey, (side, side), interpolation=cv2.INTER_CUBIC)
        colour = np.asarray(cv2.cvtColor(large, cv2.COLOR_GRAY2RGB), np.uint8)
        eyes = (8.3 * scale, 9.8 * scale), (16.0 * scale, 9.8 * scale)
        yield Sample(f"lfw {number}", colour, *eyes, float(side))


def astronaut() -> Sample:
    """The astronaut of scikit-image, whole."""
    from skimage import data

    return Sample("astronaut", data.astronaut(), (203.0, 102.0), (247.0, 105.0), 120.0)


def with_bar(sample: Sample, kind: str, share: float, seed: int) -> Picture:
    """The picture with the eyes covered by a bar of `share` of the face's height."""
    rng = np.random.default_rng(seed)
    picture = sample.picture.copy()
    left, right = np.array(sample.left), np.array(sample.right)
    apart = float(np.hypot(*(right - left)))
    slope = float(np.degrees(np.arctan2(right[1] - left[1], right[0] - left[0])))
    size = (2.0 * apart, share * sample.height)
    colours = {"black": (0, 0, 0), "white": (255, 255, 255)}
    colour = colours.get(kind, tuple(int(part) for part in rng.integers(0, 256, 3)))
    if kind == "slanted":
        slope += float(rng.choice((-12, -8, 8, 12)))
        colour = ((0, 0, 0), (255, 255, 255), (40, 60, 200))[int(rng.integers(3))]
    middle = (left + right) / 2
    places = [middle]
    if kind == "patches":
        places, size = [left, right], (0.75 * apart, size[1])
    area = np.zeros(picture.shape[:2], np.uint8)
    for place in places:
        box = cv2.boxPoints(((float(place[0]), float(place[1])), size, slope))
        cv2.fillPoly(area, [np.round(box).astype(np.int32)], 1)
    if kind == "blurred":
        cover = cv2.GaussianBlur(picture, (0, 0), max(1.5, 0.18 * apart))
    elif kind == "pixelated":
        cover = _coarse(picture, max(2, round(size[1] / 3)))
    else:
        cover = np.full_like(picture, colour)
    return np.asarray(np.where(area[..., None] > 0, cover, picture), np.uint8)


def _coarse(picture: Picture, block: int) -> Picture:
    rows, columns = picture.shape[:2]
    few = (max(1, columns // block), max(1, rows // block))
    small = cv2.resize(picture, few, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_NEAREST), np.uint8)


def turned(picture: Picture, degrees: float) -> Picture:
    """A picture turned about its middle, on a grey ground that holds all of it."""
    rows, columns = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1)
    cosine, sine = abs(turn[0, 0]), abs(turn[0, 1])
    size = (round(columns * cosine + rows * sine), round(columns * sine + rows * cosine))
    turn[:, 2] += (size[0] - columns) / 2, (size[1] - rows) / 2
    return np.asarray(cv2.warpAffine(picture, turn, size, borderValue=(110,) * 3), np.uint8)


def as_jpeg(picture: Picture, quality: int) -> Picture:
    """What is left of a picture after JPEG."""
    data = BytesIO()
    Image.fromarray(picture).save(data, "JPEG", quality=quality)
    return np.asarray(Image.open(data).convert("RGB"), np.uint8)


def without_faces() -> Iterator[tuple[str, Picture]]:
    """scikit-image's other pictures, LFW's pictures without a face, and textures of skin."""
    from skimage import data

    for name in ("brick", "cell", "chelsea", "coffee", "coins", "grass", "gravel", "moon", "page"):
        yield name, _colour(getattr(data, name)())
    for name in ("clock", "horse", "logo", "text", "immunohistochemistry", "hubble_deep_field"):
        yield name, _colour(getattr(data, name)())
    for name in ("retina", "rocket", "colorwheel", "checkerboard", "microaneurysms"):
        yield name, _colour(getattr(data, name)())
    for number, grey in enumerate(data.lfw_subset()[100:]):
        large = cv2.resize((grey * 255).astype(np.uint8), (200, 200), interpolation=cv2.INTER_CUBIC)
        yield f"lfw {100 + number}", np.asarray(cv2.cvtColor(large, cv2.COLOR_GRAY2RGB), np.uint8)
    for seed in range(60):
        yield f"skin {seed}", skin(seed)


def _colour(picture: NDArray[np.generic]) -> Picture:
    levels = picture.astype(np.float64) * (255 if picture.max() <= 1 else 1)
    eight = levels.clip(0, 255).astype(np.uint8)
    if eight.ndim == 3:
        return np.ascontiguousarray(eight[..., :3])
    return np.asarray(cv2.cvtColor(eight, cv2.COLOR_GRAY2RGB), np.uint8)


def skin(seed: int) -> Picture:
    """A texture like skin: mottled, creased, with moles, hairs and sometimes a wound."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(200, 500))
    tone = rng.uniform((90, 60, 45), (235, 190, 170))
    picture = np.ones((size, size, 3), np.float32) * tone.astype(np.float32)
    for spread, amount in ((size / 6, 25.0), (size / 25, 12.0), (1.5, 8.0)):
        noise = cv2.GaussianBlur(
            rng.standard_normal((size, size)).astype(np.float32), (0, 0), spread
        )
        picture += (amount * noise / noise.std())[..., None] * np.array((1, 0.8, 0.7), np.float32)
    for _ in range(int(rng.integers(0, 8))):
        x, y, r = (int(part) for part in rng.integers((0, 0, 2), (size, size, 12)))
        cv2.circle(picture, (x, y), r, tuple(float(part) for part in tone * 0.4), -1, cv2.LINE_AA)
    for _ in range(int(rng.integers(0, 20))):
        ends = [tuple(int(part) for part in rng.integers(0, size, 2)) for _ in range(2)]
        cv2.line(picture, ends[0], ends[1], tuple(float(p) for p in tone * 0.5), 1, cv2.LINE_AA)
    if rng.random() < 0.5:
        axes = tuple(int(part) for part in rng.integers(size // 12, size // 4, 2))
        middle = tuple(int(part) for part in rng.integers(size // 4, 3 * size // 4, 2))
        wound = (float(tone[0] * 0.7), float(tone[1] * 0.3), float(tone[2] * 0.3))
        cv2.ellipse(picture, middle, axes, float(rng.uniform(0, 180)), 0, 360, wound, -1)
    return picture.clip(0, 255).astype(np.uint8)
