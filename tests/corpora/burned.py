"""Synthetic medical pictures with writing whose every pixel is known, and ones without any.

Everything comes from a seed. Seeds below TUNED were looked at while the finder of writing was
tuned; measure with others. Fonts are OpenCV's Hershey faces, Pillow's own and, where the machine
has it, DejaVu.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from corpora import grounds

TUNED = 10_000
"""Seeds below this were used for tuning."""

HERSHEY = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_PLAIN,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
)
BY_HAND = (
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
    cv2.FONT_HERSHEY_COMPLEX_SMALL | cv2.FONT_ITALIC,
)
DEJAVU = Path("/usr/share/fonts/truetype/dejavu")


@dataclass
class Line:
    """One line of writing: where its pixels are, how high it is, whether it may stay."""

    pixels: NDArray[np.bool_]
    height: int
    may_stay: bool


@dataclass
class Sample:
    """A picture, its kind, and the lines that stand in it."""

    kind: str
    seed: int
    frame: NDArray[Any]
    lines: list[Line] = field(default_factory=list)


def sample(kind: str, seed: int) -> Sample:
    """The picture of a kind and a seed."""
    rng = np.random.default_rng((seed, sorted(KINDS).index(kind)))
    return KINDS[kind](Sample(kind, seed, np.zeros((1, 1), np.uint8)), rng)


def _name(rng: np.random.Generator) -> str:
    surname = ("SMITH", "O'NEILL", "McCann", "Murphy", "DOHERTY", "Kelly", "Wu", "KOWALSKA")
    given = ("Margaret", "JOHN", "Aoife", "Ian", "PATRICK", "Li", "Anna")
    between = (", ", " ", "^")
    return str(rng.choice(surname)) + str(rng.choice(between)) + str(rng.choice(given))


def _date(rng: np.random.Generator) -> str:
    day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(1930, 2026)
    return str(
        rng.choice(
            (f"{day:02}/{month:02}/{year}", f"{year}-{month:02}-{day:02}", f"{day}.{month}.{year}")
        )
    )


def words(rng: np.random.Generator) -> str:
    """A line such as stands in the margin of an image."""
    digits = "".join(str(part) for part in rng.integers(0, 10, 10))
    number = f"{digits[:3]} {digits[3:6]} {digits[6:]}"
    return str(
        rng.choice(
            (
                _name(rng),
                f"DOB {_date(rng)}",
                number,
                f"H&C {number}",
                f"ID: {digits[:7]}",
                f"ACC {digits[:8]}",
                "City Hospital",
                f"Ward {digits[0]}B",
                f"{_date(rng)} {digits[0]}{digits[1]}:{int(digits[2]) % 6}{digits[3]}",
                f"F {int(digits[4:6])}Y",
                f"Dr {_name(rng)}",
            )
        )
    )


@cache
def _faces() -> tuple[str, ...]:
    return tuple(str(path) for path in sorted(DEJAVU.glob("*.ttf")) if "Math" not in path.name)


def stencil(text: str, height: int, rng: np.random.Generator, *, hand: bool) -> NDArray[np.uint8]:
    """The coverage (0 to 255) of a text whose capitals are about `height` pixels high."""
    if hand or rng.random() < 0.45:
        font = int(rng.choice(BY_HAND if hand else HERSHEY))
        (_, tall), _ = cv2.getTextSize("H", font, 1.0, 1)
        scale = height / tall
        thick = max(1, round(height * float(rng.uniform(0.06, 0.16))))
        (width, above), below = cv2.getTextSize(text, font, scale, thick)
        pad = thick + 4 + height // 3
        drawn = np.zeros((above + below + 2 * pad, width + 2 * pad), np.uint8)
        cv2.putText(drawn, text, (pad, pad + above), font, scale, 255, thick, cv2.LINE_AA)
        if hand:
            drawn = _shaken(drawn, height, rng)
        return _trimmed(drawn)
    size = height / 0.72
    known = _faces()
    face: Any = ImageFont.load_default(size)
    if known and rng.random() < 0.8:
        face = ImageFont.truetype(str(rng.choice(known)), round(size))
    left, top, right, bottom = face.getbbox(text)
    picture = Image.new("L", (int(right - left) + 8, int(bottom - top) + 8))
    ImageDraw.Draw(picture).text((4 - left, 4 - top), text, fill=255, font=face)
    return _trimmed(np.asarray(picture, np.uint8))


def _shaken(drawn: NDArray[np.uint8], height: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """As by an unsteady hand: each place is moved a little, along a slow wave."""
    rows, columns = np.mgrid[0 : drawn.shape[0], 0 : drawn.shape[1]].astype(np.float32)
    wave = float(rng.uniform(2, 5)) * height
    phase = float(rng.uniform(0, 6))
    rows += 0.12 * height * np.sin(columns / wave * 6.28 + phase)
    columns += 0.08 * height * np.sin(columns / wave * 9 + rows / height)
    return np.asarray(cv2.remap(drawn, columns, rows, cv2.INTER_LINEAR), np.uint8)


def _trimmed(drawn: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows, columns = np.nonzero(drawn)
    return np.ascontiguousarray(
        drawn[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    )


def write(
    made: Sample,
    text: str,
    place: tuple[int, int],
    height: int,
    level: Any,
    rng: np.random.Generator,
    *,
    hand: bool = False,
    angle: float = 0.0,
    shadow: Any = None,
    may_stay: bool = False,
) -> None:
    """Write a text with its upper left corner at `place` (column, row), moved inside if need be.

    Where it would lie on an earlier line, it is left out.
    """
    shape = stencil(text, height, rng, hand=hand)
    if angle:
        shape = _trimmed(grounds.turned(shape, angle))
    rows, columns = made.frame.shape[:2]
    shape = shape[: rows - 2, : columns - 2]
    x = int(np.clip(place[0], 1, columns - shape.shape[1] - 1))
    y = int(np.clip(place[1], 1, rows - shape.shape[0] - 1))
    alpha = np.zeros((rows, columns), np.float32)
    alpha[y : y + shape.shape[0], x : x + shape.shape[1]] = shape / 255.0
    pixels = alpha > 0.4
    around = cv2.dilate(pixels.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    if any((line.pixels & around).any() for line in made.lines) or not pixels.any():
        return
    level = _legible(made.frame, around & ~pixels, level)
    if shadow is not None:
        made.frame = grounds.laid(made.frame, np.roll(alpha, (1, 1), (0, 1)), shadow)
    made.frame = grounds.laid(made.frame, alpha, level)
    made.lines.append(Line(pixels, height, may_stay))


def _legible(frame: NDArray[Any], around: NDArray[np.bool_], level: Any) -> Any:
    """A grey level that can be seen on its ground: white on white would be no writing at all."""
    if frame.ndim == 3:
        return level
    top = 255 if frame.dtype == np.uint8 else 4095
    ground = float(np.median(frame[around]))
    if abs(level - ground) >= 0.06 * top:
        return level
    return 0 if ground > top / 2 else top


def _corner_block(
    made: Sample, rng: np.random.Generator, level: Any, count: int, height: int, **how: Any
) -> None:
    """Lines one below the other in a corner or at an edge."""
    rows, columns = made.frame.shape[:2]
    right, bottom = bool(rng.random() < 0.5), bool(rng.random() < 0.5)
    margin = int(rng.choice((1, 4, 12)))
    y = rows - margin - int(count * height * 1.9) if bottom else margin
    for _ in range(count):
        text = words(rng)
        x = columns - margin - int(len(text) * height * 0.85) if right else margin
        write(made, text, (x, y), height, level, rng, **how)
        y += int(height * 1.9)


def xray8(made: Sample, rng: np.random.Generator) -> Sample:
    """An 8-bit radiograph with annotation in its corners, a side marker, sometimes faint."""
    made.frame = grounds.radiograph(rng, 255).astype(np.uint8)
    height = int(rng.integers(11, 22))
    level = int(rng.choice((255, 235, 20, 150)))
    _corner_block(made, rng, level, int(rng.integers(1, 4)), height)
    if rng.random() < 0.6:
        _corner_block(made, rng, int(rng.choice((255, 200))), 1, int(rng.integers(11, 30)))
    _marker(made, rng, 250)
    return made


def _marker(made: Sample, rng: np.random.Generator, level: int) -> None:
    rows, columns = made.frame.shape[:2]
    if rng.random() < 0.5:
        place = (int(rng.choice((30, columns - 70))), int(rng.integers(rows // 4, rows // 2)))
        write(
            made,
            str(rng.choice(("L", "R"))),
            place,
            int(rng.integers(24, 40)),
            level,
            rng,
            may_stay=True,
        )


def xray16(made: Sample, rng: np.random.Generator) -> Sample:
    """A 12-bit radiograph in 16 bits; writing at the top of the range, inside it or faint."""
    made.frame = grounds.radiograph(rng, 3000).astype(np.uint16)
    height = int(rng.integers(11, 24))
    level = int(rng.choice((4095, 3000, 2000, 900)))
    _corner_block(made, rng, level, int(rng.integers(1, 4)), height)
    if rng.random() < 0.4:
        faint = int(np.median(made.frame)) + int(rng.integers(350, 700))
        _corner_block(made, rng, faint, 1, height)
    _marker(made, rng, 4095)
    return made


def ultrasound(made: Sample, rng: np.random.Generator) -> Sample:
    """A sector of speckle on black with a header line, small annotation and a depth scale."""
    made.frame = grounds.sector(rng)
    rows, columns = made.frame.shape[:2]
    height = int(rng.integers(10, 16))
    colour = (235, 235, 235) if rng.random() < 0.6 else (240, 200, 60)
    for number in range(int(rng.integers(1, 3))):
        write(made, f"{words(rng)}  {words(rng)}", (6, 5 + 20 * number), height, colour, rng)
    for number in range(int(rng.integers(1, 4))):
        place = (columns - 120, 60 + int(number * 1.8 * height))
        write(made, f"MI {rng.random():.1f}", place, height, (120, 200, 120), rng)
    if rng.random() < 0.5:
        place = (
            int(rng.integers(columns // 3, columns // 2)),
            int(rng.integers(rows // 3, rows // 2)),
        )
        write(made, words(rng), place, height + 2, (250, 250, 90), rng)
    return made


def endoscopy(made: Sample, rng: np.random.Generator) -> Sample:
    """A round field of mucosa; patient data beside it or over it."""
    made.frame = grounds.mucosa(rng)
    height = int(rng.integers(11, 18))
    colour = ((255, 255, 255), (250, 240, 80), (90, 220, 250))[int(rng.integers(3))]
    _corner_block(made, rng, colour, int(rng.integers(2, 5)), height)
    if rng.random() < 0.4:
        rows, columns = made.frame.shape[:2]
        place = (columns // 2 - 80, rows - 40)
        write(made, _date(rng), place, height, colour, rng, shadow=(0, 0, 0))
    return made


def photo_label(made: Sample, rng: np.random.Generator) -> Sample:
    """Skin with a paper label, printed or by hand, often turned."""
    made.frame = grounds.skin(rng)
    rows, columns = made.frame.shape[:2]
    height = int(rng.integers(11, 20))
    angle = float(rng.choice((0, 0, 90, 180, 270, *rng.uniform(-30, 30, 4))))
    hand = bool(rng.random() < 0.4)
    texts = [words(rng) for _ in range(int(rng.integers(1, 4)))]
    width = max(len(text) for text in texts) * height
    tall = int(height * (1.9 * len(texts) + 1.4))
    middle = (
        float(rng.integers(columns // 3, 2 * columns // 3)),
        float(rng.integers(rows // 3, 2 * rows // 3)),
    )
    paper = cv2.boxPoints((middle, (float(width), float(tall)), angle))
    cv2.fillPoly(made.frame, [np.round(paper).astype(np.int32)], (238, 236, 230), cv2.LINE_AA)
    ink = ((20, 20, 30), (30, 40, 140), (120, 20, 30))[int(rng.integers(3))]
    down = np.array((-np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))))
    for number, text in enumerate(texts):
        shape = grounds.turned(stencil(text, height, np.random.default_rng(1), hand=False), angle)
        offset = down * (number - (len(texts) - 1) / 2) * 1.9 * height
        place = np.array(middle) + offset - np.array(shape.shape[::-1]) / 2
        write(made, text, (int(place[0]), int(place[1])), height, ink, rng, hand=hand, angle=angle)
    return made


def wristband(made: Sample, rng: np.random.Generator) -> Sample:
    """An arm with a band across it, a line or two of small print along the band."""
    made.frame = grounds.skin(rng)
    rows = made.frame.shape[0]
    height = int(rng.integers(11, 16))
    y = int(rng.integers(rows // 3, rows // 2))
    band = int(height * 4.6)
    made.frame[y : y + band] = (225, 230, 235)
    for number in range(2):
        text = f"{words(rng)} {words(rng)}"
        write(
            made,
            text,
            (int(rng.integers(5, 60)), y + 6 + int(number * 1.9 * height)),
            height,
            (40, 40, 50),
            rng,
        )
    return made


def ruler(made: Sample, rng: np.random.Generator) -> Sample:
    """A lesion with a ruler whose digits may stay, and a written name that may not."""
    made.frame = grounds.skin(rng)
    rows, columns = made.frame.shape[:2]
    y = int(rng.integers(rows // 2, rows - 60))
    made.frame[y : y + 46] = (235, 235, 225)
    for tick, x in enumerate(range(8, columns - 8, 8)):
        made.frame[y : y + (18 if tick % 5 == 0 else 9), x : x + 1] = (20, 20, 20)
        if tick % 10 == 0 and tick:
            write(made, str(tick // 10), (x - 4, y + 26), 12, (20, 20, 20), rng, may_stay=True)
    write(
        made,
        words(rng),
        (int(rng.integers(4, 80)), int(rng.integers(6, y - 50))),
        14,
        (30, 30, 90),
        rng,
    )
    return made


def pen(made: Sample, rng: np.random.Generator) -> Sample:
    """Writing by a marker on skin, at any angle and often of little contrast."""
    made.frame = grounds.skin(rng)
    rows, columns = made.frame.shape[:2]
    tone = made.frame.reshape(-1, 3).mean(axis=0)
    ink = (
        tone * 0.25 + np.array((10, 10, 60))
        if rng.random() < 0.6
        else tone * float(rng.uniform(0.45, 0.65))
    )
    for _ in range(int(rng.integers(1, 3))):
        place = (int(rng.integers(0, columns // 2)), int(rng.integers(0, rows - 60)))
        angle = float(rng.uniform(-40, 40)) if rng.random() < 0.6 else 0.0
        write(
            made,
            words(rng),
            place,
            int(rng.integers(16, 40)),
            tuple(ink),
            rng,
            hand=True,
            angle=angle,
        )
    return made


def slide_label(made: Sample, rng: np.random.Generator) -> Sample:
    """Stained tissue with a slide's label at its edge, or a line burned into it."""
    made.frame = grounds.tissue(rng)
    columns = made.frame.shape[1]
    height = int(rng.integers(11, 18))
    if rng.random() < 0.6:
        made.frame[:, : int(columns * 0.36)] = (240, 238, 225)
        for number in range(int(rng.integers(1, 4))):
            write(
                made,
                words(rng)[:11],
                (8, 20 + int(number * 2.2 * height)),
                height,
                (30, 30, 40),
                rng,
                hand=bool(rng.random() < 0.4),
            )
    else:
        _corner_block(made, rng, (20, 20, 20), 1, height)
    return made


def date_stamp(made: Sample, rng: np.random.Generator) -> Sample:
    """What a compact camera writes into a corner."""
    made.frame = grounds.skin(rng)
    rows, columns = made.frame.shape[:2]
    height = int(rng.integers(12, 26))
    colour = ((255, 140, 20), (250, 220, 60), (255, 60, 40))[int(rng.integers(3))]
    write(made, _date(rng), (columns - 12 * height, rows - 2 * height), height, colour, rng)
    return made


def _textless(make: Callable[[np.random.Generator], NDArray[Any]]) -> Callable[..., Sample]:
    def made_of(made: Sample, rng: np.random.Generator) -> Sample:
        made.frame = make(rng)
        return made

    return made_of


WITH_TEXT: dict[str, Callable[[Sample, np.random.Generator], Sample]] = {
    "xray8": xray8,
    "xray16": xray16,
    "ultrasound": ultrasound,
    "endoscopy": endoscopy,
    "photo label": photo_label,
    "wristband": wristband,
    "ruler": ruler,
    "pen": pen,
    "slide label": slide_label,
    "date stamp": date_stamp,
}
TEXTLESS: dict[str, Callable[[Sample, np.random.Generator], Sample]] = {
    "no text: xray8": _textless(lambda rng: grounds.radiograph(rng, 255).astype(np.uint8)),
    "no text: xray16": _textless(lambda rng: grounds.radiograph(rng, 3000).astype(np.uint16)),
    "no text: ultrasound": _textless(grounds.sector),
    "no text: endoscopy": _textless(grounds.mucosa),
    "no text: skin": _textless(grounds.skin),
    "no text: tissue": _textless(grounds.tissue),
}
KINDS = WITH_TEXT | TEXTLESS
