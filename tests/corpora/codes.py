"""Codes on synthetic grounds and photographs: where each stands, at any turn, and how it was taken.

On skin, tissue, mucosa, a radiograph and scikit-image's photographs; on a label with writing, on a
wristband or burned in; turned, seen aslant, unevenly lit, of little contrast, blurred, noisy and
through JPEG of any quality. Seeds below TUNED were looked at while the finder was tuned.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from corpora import burned, grounds
from corpora.faces import as_jpeg, photographs

FORMATS = (
    "QRCode", "DataMatrix", "Aztec", "PDF417", "Code128", "Code39", "EAN13", "ITF",
    "MicroQRCode", "RMQRCode", "MicroPDF417", "Code93", "Codabar", "EAN8", "DataBar",
)  # fmt: skip
LINEAR = frozenset({"Code128", "Code39", "EAN13", "ITF", "Code93", "Codabar", "EAN8", "DataBar"})
TUNED = 91_000


@dataclass
class Coded:
    """A picture with one code, the pixels between the code's corners, and where it stands."""

    format: str
    seed: int
    frame: NDArray[Any]
    area: NDArray[np.bool_]
    on: str = ""


def drawn(format_name: str, module: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A code as black on white, without a quiet zone, `module` pixels to its smallest part."""
    digits = "".join(str(part) for part in rng.integers(0, 10, 12))
    text = {
        "EAN13": digits, "ITF": digits, "EAN8": digits[:7], "DataBar": digits,
        "Codabar": f"A{digits[:9]}B", "MicroQRCode": digits,
    }.get(format_name, f"H{digits[:9]}")  # fmt: skip
    code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, format_name))
    shape = np.asarray(code.to_image(scale=1, add_quiet_zones=False))
    shape = np.kron(shape, np.ones((module, module), np.uint8))
    if format_name in LINEAR:  # of a height as on labels
        shape = np.repeat(shape[:1], int(shape.shape[1] * rng.uniform(0.15, 0.4)), axis=0)
    return np.asarray(shape, np.uint8)


def coded(format_name: str, seed: int) -> Coded:
    """The picture of a format and a seed."""
    rng = np.random.default_rng((seed, FORMATS.index(format_name)))
    name, frame = _ground(rng)
    module = int(rng.integers(1, 4)) if format_name in LINEAR else int(rng.integers(2, 5))
    code = drawn(format_name, module, rng)
    quiet = 6 * module
    label = cv2.copyMakeBorder(code, *[quiet] * 4, cv2.BORDER_CONSTANT, value=255)
    inside = np.zeros(label.shape, np.uint8)
    inside[quiet:-quiet, quiet:-quiet] = 255
    on = str(rng.choice(("bare", "label", "wristband")))
    label, inside, shown = _carrier(on, label, inside, frame.shape[1], rng)
    frame, area = _laid(frame, label, inside, shown, rng)
    return Coded(format_name, seed, _taken(frame, module, rng), area, f"{on} on {name}")


@cache
def _photographs() -> list[tuple[str, NDArray[np.uint8]]]:
    return list(photographs())


def _ground(rng: np.random.Generator) -> tuple[str, NDArray[np.uint8]]:
    makers = (grounds.skin, grounds.tissue, grounds.mucosa)
    number = int(rng.integers(7))
    if number < 3:
        return makers[number].__name__, makers[number](rng)
    if number == 3:
        grey = grounds.radiograph(rng, 255).astype(np.uint8)
        return "radiograph", np.repeat(grey[..., None], 3, axis=2)
    known = _photographs()
    name, picture = known[int(rng.integers(len(known)))]
    return name, picture.copy()


def _carrier(
    on: str,
    label: NDArray[np.uint8],
    inside: NDArray[np.uint8],
    columns: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """What the code is printed on: the paper, where the code stands in it, where paper is."""
    if on == "label":  # two lines of print above the code
        shapes = [burned.stencil(burned.words(rng), 12, rng, hand=False) for _ in range(2)]
        wide = max(label.shape[1], *(shape.shape[1] + 8 for shape in shapes))
        above = np.full((52, wide), 255, np.uint8)
        for number, shape in enumerate(shapes):
            part = above[4 + 24 * number :, 4:][: shape.shape[0], : shape.shape[1]]
            part -= shape[: part.shape[0], : part.shape[1]]
        right = wide - label.shape[1]
        label = np.vstack((above, cv2.copyMakeBorder(label, 0, 0, 0, right, 0, value=255)))
        inside = cv2.copyMakeBorder(inside, 52, 0, 0, right, cv2.BORDER_CONSTANT, value=0)
    if on == "wristband":
        left = int(rng.integers(20, 200))
        right = max(20, columns - left - label.shape[1])
        label = cv2.copyMakeBorder(label, 6, 6, left, right, cv2.BORDER_CONSTANT, value=255)
        inside = cv2.copyMakeBorder(inside, 6, 6, left, right, cv2.BORDER_CONSTANT, value=0)
    return label, inside, np.full_like(label, 255)


def _laid(
    frame: NDArray[np.uint8],
    label: NDArray[np.uint8],
    inside: NDArray[np.uint8],
    shown: NDArray[np.uint8],
    rng: np.random.Generator,
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The code laid on a frame, turned and a little aslant, its corners inside of the frame."""
    angle = float(rng.choice((0, 90, 180, 270, *rng.uniform(-45, 45, 4))))
    rows, columns = frame.shape[:2]
    tall, wide = label.shape
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), -angle, 1)
    turn[:, 2] += (columns - wide) / 2, (rows - tall) / 2
    matrix = np.vstack((turn, (0, 0, 1)))
    top, bottom = np.flatnonzero(inside.any(axis=1))[[0, -1]]
    left, right = np.flatnonzero(inside.any(axis=0))[[0, -1]]
    corners = np.array([[(left, top), (right, top), (right, bottom), (left, bottom)]], np.float32)
    if rng.random() < 0.4:  # seen aslant
        lean = rng.normal(0, 1.2e-4, 2)
        matrix = np.array(((1, 0, 0), (0, 1, 0), (*lean, 1))) @ matrix
    place = cv2.perspectiveTransform(corners, matrix)[0]
    low, high = place.min(axis=0), place.max(axis=0)
    room = np.array((columns, rows)) - (high - low) - 4
    goal = 2 + rng.random(2) * np.maximum(room, 0)
    matrix = np.array(((1, 0, goal[0] - low[0]), (0, 1, goal[1] - low[1]), (0, 0, 1))) @ matrix
    planes = [
        cv2.warpPerspective(plane, matrix, (columns, rows), flags=cv2.INTER_LINEAR)
        for plane in (label, shown, inside)
    ]
    dark, bright = _inks(rng)
    levels = dark + planes[0].astype(np.float32)[..., None] / 255 * (bright - dark)
    paper = planes[1].astype(np.float32) / 255
    return np.asarray(grounds.laid(frame, paper, levels), np.uint8), planes[2] > 127


def _inks(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Ink and paper: black on white mostly, else grey or coloured of at least 70 levels apart."""
    if rng.random() < 0.5:
        return np.full(3, 10, np.float32), np.full(3, 245, np.float32)
    dark = rng.uniform(10, 110, 3).astype(np.float32)
    bright = np.minimum(dark + rng.uniform(70, 150, 3), 250).astype(np.float32)
    return (bright, dark) if rng.random() < 0.1 else (dark, bright)


def _taken(frame: NDArray[np.uint8], module: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """As a camera leaves it: uneven light, blur of at most a half module, noise, JPEG."""
    picture = frame.astype(np.float32)
    if rng.random() < 0.4:
        ramp = np.linspace(*rng.uniform(0.6, 1.1, 2), frame.shape[1], dtype=np.float32)
        picture *= ramp[None, :, None]
    if rng.random() < 0.5:
        most = max(0.7, 0.5 * module)
        picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.4, most)))
    if rng.random() < 0.4:
        picture = picture + rng.normal(0, rng.uniform(1, 8), picture.shape)
    eight = np.clip(picture, 0, 255).astype(np.uint8)
    return as_jpeg(eight, int(rng.integers(35, 96))) if rng.random() < 0.6 else eight
