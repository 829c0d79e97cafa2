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
TEXTURED = ("noise", "gradient", "striped", "checked")
"""Bars that are of no one colour."""
SHARES = (0.12, 0.2, 0.3)
"""Heights of a bar, as a share of the face's height."""
EYES = """
    81 87 168 88, 48 93 130 88, 47 92 130 83, 72 94 157 92, 48 97 123 92, 59 89 139 82,
    60 99 147 104, 61 98 146 91, 58 89 156 82, 73 81 160 80, 64 92 155 86, 85 97 173 100,
    78 101 151 104, 62 92 147 83, 42 89 140 84, 82 93 161 89, 69 58 154 65, 87 91 159 92,
    61 93 151 93, 65 83 152 79, 53 85 140 81, 50 89 130 84, 61 99 155 89, 75 89 168 90,
    73 95 152 91, 76 87 167 85, 53 95 146 85, 53 96 144 84, 65 93 158 96, 74 89 164 85,
    30 99 104 94, 51 97 140 84, 57 91 143 86, 53 100 140 95, 58 95 145 92, 55 81 140 86,
    74 90 162 93, 62 96 154 89, 77 89 172 87, 56 103 140 91, 57 97 132 95, 58 92 149 87,
    58 87 141 79, 70 97 147 95, 75 86 159 78, 59 86 149 84, 58 100 145 91, 42 92 111 91,
    72 90 141 93, 63 88 150 81, 63 98 153 98, 54 96 135 89, 58 78 153 78, 78 80 162 79,
    59 91 149 85, 64 85 154 82, 52 86 147 83, 53 101 148 95, 92 89 176 85, 72 101 149 88,
    58 95 154 87, 54 95 149 85, 60 98 146 97, 48 89 138 80, 60 88 149 80, 50 90 140 87,
    60 92 145 88, 82 95 159 112, 61 124 143 119, 64 92 156 88, 80 83 158 88, 62 103 152 99,
    64 90 156 89, 54 95 148 87, 47 91 129 88, 49 87 128 93, 79 91 170 80, 73 91 165 89,
    51 97 133 94, 60 103 148 101, 67 96 153 89, 81 84 172 84, 70 82 153 84, 84 92 205 93,
    71 102 148 92, 54 99 141 90, 66 84 160 93, 83 101 164 94, 71 84 159 81, 41 93 129 88,
    77 89 163 85, 61 97 149 87, 66 95 153 88, 66 87 159 84, 65 83 157 78, 63 87 161 88,
    55 93 142 83, 59 93 141 90, 70 89 161 82, 66 91 147 91
"""
"""Columns and rows of the left and the right eye of LFW's 100 faces, in tenths of a pixel.

As the net marks them on the plain crops, each compared with the picture: the faces do not stand in
one place, and fixed ones drew bars beside the eyes.
"""


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
    places = [[int(part) / 10 for part in face.split()] for face in EYES.split(",")]
    scale = side / 25
    for number in numbers:
        grey = (faces[number] * 255).astype(np.uint8)
        large = cv2.resize(grey, (side, side), interpolation=cv2.INTER_CUBIC)
        colour = np.asarray(cv2.cvtColor(large, cv2.COLOR_GRAY2RGB), np.uint8)
        left, top, right, bottom = (part * scale for part in places[number])
        eyes = (left, top), (right, bottom)
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
    elif kind in TEXTURED:
        cover = _texture(kind, picture.shape[:2], rng)
    else:
        cover = np.full_like(picture, colour)
    return np.asarray(np.where(area[..., None] > 0, cover, picture), np.uint8)


def _texture(kind: str, shape: tuple[int, int], rng: np.random.Generator) -> Picture:
    """Noise, or two colours that change into each other, as stripes or in squares."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    if kind == "noise":
        grey = rng.normal(float(rng.uniform(40, 200)), 25, shape).clip(0, 255).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    first, second = rng.integers(0, 256, (2, 3))
    wide = int(rng.integers(3, 8))
    parts = {
        "gradient": columns / shape[1],
        "striped": (rows + columns) // wide % 2,
        "checked": (rows // wide + columns // wide) % 2,
    }
    return (first + (second - first) * parts[kind][..., None]).astype(np.uint8)


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


def barred(number: int, shares: tuple[float, ...] = SHARES) -> Iterator[tuple[str, Picture]]:
    """One face of LFW under every kind of bar; every third picture went through JPEG."""
    (sample,) = crops(range(number, number + 1))
    for place, kind in enumerate(BARS):
        for share in shares:
            picture = with_bar(sample, kind, share, 10 * number + place)
            jpeg = (number // 2 + place) % 3 == 0
            yield f"{kind} {share}", as_jpeg(picture, 85) if jpeg else picture


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


def photographs() -> Iterator[tuple[str, Picture]]:
    """Photographs of scikit-image that have neither writing nor a code."""
    from skimage import data

    for name in ("coffee", "chelsea", "grass", "gravel", "brick", "coins", "retina", "moon"):
        picture = _colour(getattr(data, name)())
        yield name, np.ascontiguousarray(picture[: 2 * 320, : 2 * 400])
    yield "astronaut", _colour(data.astronaut())


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
