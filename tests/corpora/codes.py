"""Codes on synthetic grounds: where each stands, at any turn, small, blurred or on a label."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from corpora import grounds

FORMATS = ("QRCode", "DataMatrix", "Aztec", "PDF417", "Code128", "Code39", "EAN13", "ITF")

LINEAR = FORMATS[4:]


@dataclass
class Coded:
    """A picture with one code, and the pixels between the code's corners."""

    format: str
    seed: int
    frame: NDArray[Any]
    area: NDArray[np.bool_]


def drawn(format_name: str, module: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A code as black on white, without a quiet zone, `module` pixels to its smallest part."""
    digits = "".join(str(part) for part in rng.integers(0, 10, 12))
    text = {"EAN13": digits, "ITF": digits}.get(format_name, f"H{digits[:9]}")
    code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, format_name))
    shape = np.asarray(code.to_image(scale=1, add_quiet_zones=False))
    shape = np.kron(shape, np.ones((module, module), np.uint8))
    if format_name in LINEAR:  # of a height as on labels
        shape = np.repeat(shape[:1], int(shape.shape[1] * rng.uniform(0.15, 0.4)), axis=0)
    return np.asarray(shape, np.uint8)


def coded(format_name: str, seed: int) -> Coded:
    """The picture of a format and a seed."""
    rng = np.random.default_rng((seed, FORMATS.index(format_name)))
    frame = (grounds.skin, grounds.tissue, grounds.mucosa)[int(rng.integers(3))](rng)
    module = int(rng.integers(1, 4)) if format_name in LINEAR else int(rng.integers(2, 5))
    shape = drawn(format_name, module, rng)
    quiet = 6 * module
    label = cv2.copyMakeBorder(shape, *[quiet] * 4, cv2.BORDER_CONSTANT, value=245)
    inside = np.zeros(label.shape, np.uint8)
    inside[quiet:-quiet, quiet:-quiet] = 255
    angle = float(rng.choice((0, 90, 180, 270, *rng.uniform(-45, 45, 4))))
    pieces = [grounds.turned(part, angle) for part in (label, np.full_like(label, 255), inside)]
    room = [max(1, frame.shape[axis] - pieces[0].shape[axis]) for axis in (0, 1)]
    top, left = int(rng.integers(0, room[0])), int(rng.integers(0, room[1]))
    planes = []
    for piece in pieces:
        plane = np.zeros(frame.shape[:2], np.uint8)
        part = piece[: frame.shape[0] - top, : frame.shape[1] - left]
        plane[top : top + part.shape[0], left : left + part.shape[1]] = part
        planes.append(plane)
    paper = planes[1].astype(np.float32) / 255
    frame = grounds.laid(frame, paper, np.repeat(planes[0][..., None], 3, axis=2))
    if rng.random() < 0.4:
        frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), float(rng.uniform(0.5, 1.3))), np.uint8)
    return Coded(format_name, seed, frame, planes[2] > 127)
