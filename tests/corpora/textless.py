"""Pictures without writing or codes, which a careless finder takes for some: photographs and props.

Photographs are scikit-image's own, but for those that bear letters (its coins and its rocket do),
and its crops of Labeled Faces in the Wild; the rest is drawn:
hair, folds, weaves, gauze, drapes, tiles, rulers, sutures and instruments, as they lie around what
a medical photographer shoots. Each kind is a function of a seed.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from corpora import faces, grounds

Picture = NDArray[np.uint8]

TUNED = 1_000
"""Seeds below this were looked at while the finders were tuned."""


def picture(kind: str, seed: int) -> Picture:
    """The picture (RGB, 8 bit) of a kind and a seed."""
    rng = np.random.default_rng((seed, sorted(KINDS).index(kind)))
    return KINDS[kind](rng)


@cache
def _whole(name: str) -> Picture:
    known = dict(faces.photographs()) | {
        name: made for name, made in faces.without_faces() if not name.startswith(("skin", "page"))
    }
    return known[name]


def _photograph(*names: str) -> Callable[[np.random.Generator], Picture]:
    """A photograph or one of several: cut, mirrored, of another size and through JPEG."""

    def made(rng: np.random.Generator) -> Picture:
        whole = _whole(str(rng.choice(names)))
        rows, columns = whole.shape[:2]
        share = float(rng.uniform(0.6, 1.0))
        height, width = int(rows * share), int(columns * share)
        top, left = int(rng.integers(rows - height + 1)), int(rng.integers(columns - width + 1))
        part = whole[top : top + height, left : left + width]
        part = np.rot90(part, int(rng.integers(4)))[:, :: int(rng.choice((-1, 1)))]
        side = float(rng.uniform(300, 900))
        scale = min(2.0, side / max(part.shape[:2]))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        sized = cv2.resize(np.ascontiguousarray(part), None, fx=scale, fy=scale, interpolation=how)
        sized = np.asarray(sized, np.uint8)
        return faces.as_jpeg(sized, int(rng.integers(40, 96))) if rng.random() < 0.5 else sized

    return made


def _lfw(rng: np.random.Generator) -> Picture:
    return _whole_lfw()[int(rng.integers(200))]


@cache
def _whole_lfw() -> list[Picture]:
    from skimage import data

    found = []
    for grey in data.lfw_subset():
        large = cv2.resize((grey * 255).astype(np.uint8), (200, 200), interpolation=cv2.INTER_CUBIC)
        found.append(np.asarray(cv2.cvtColor(large, cv2.COLOR_GRAY2RGB), np.uint8))
    return found


def _blend(picture: NDArray[Any], rng: np.random.Generator) -> Picture:
    """Uneven light, a little blur and noise over what was drawn."""
    size = picture.shape[:2]
    light = 1 + 0.12 * grounds.cloud(rng, size, 120)
    shot = picture.astype(np.float32) * light[..., None]
    shot = cv2.GaussianBlur(shot, (0, 0), float(rng.uniform(0.4, 1.1)))
    shot = shot + rng.normal(0, float(rng.uniform(1, 4)), shot.shape)
    return np.asarray(np.clip(shot, 0, 255), np.uint8)


def _cloth(rng: np.random.Generator) -> NDArray[np.float32]:
    colours = ((60, 110, 90), (70, 100, 150), (205, 212, 220), (120, 90, 80), (30, 35, 60))
    return np.asarray(colours[int(rng.integers(len(colours)))], np.float32)


def hairy(rng: np.random.Generator) -> Picture:
    """Skin under hundreds of hairs that run about one way."""
    skin = grounds.skin(rng)
    base, rows, columns = float(rng.uniform(0, np.pi)), *skin.shape[:2]
    dark = rng.uniform(10, 70, 3)
    for _ in range(int(rng.integers(150, 900))):
        angle = base + rng.normal(0, 0.25)
        bends = angle + np.cumsum(rng.normal(0, 0.08, 7))
        step = float(rng.uniform(5, 14))
        points = np.cumsum(step * np.column_stack((np.cos(bends), np.sin(bends))), axis=0)
        points = (points + rng.integers((0, 0), (columns, rows))).astype(np.int32)
        cv2.polylines(skin, [points], False, (dark + rng.uniform(0, 40)).tolist(), 1, cv2.LINE_AA)
    return _blend(skin, rng)


def scalp(rng: np.random.Generator) -> Picture:
    """Combed hair from edge to edge: parallel strands, light and dark."""
    size = grounds.skin(rng).shape[:2]
    strands = grounds.cloud(rng, (size[0] * 3, size[1]), 1.5)
    strands = cv2.resize(cv2.GaussianBlur(strands, (0, 0), sigmaX=0.5, sigmaY=18), size[::-1])
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    bend = 25 * grounds.cloud(rng, size, 140)
    combed = cv2.remap(strands, columns + bend, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    combed = (combed - combed.mean()) / combed.std()
    tone = rng.uniform((40, 25, 15), (170, 130, 90)).astype(np.float32)
    picture = tone * (1 + float(rng.uniform(0.2, 0.5)) * combed[..., None])
    return _blend(np.rot90(np.clip(picture, 0, 255), int(rng.integers(2))), rng)


def folds(rng: np.random.Generator) -> Picture:
    """A drape or a gown in soft parallel folds, sometimes beside skin."""
    skin = grounds.skin(rng)
    size = skin.shape[:2]
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    angle, width = float(rng.uniform(0, np.pi)), float(rng.uniform(12, 60))
    across = columns * np.cos(angle) + rows * np.sin(angle) + 14 * grounds.cloud(rng, size, 90)
    wave = np.sin(across / width * 2 * np.pi) + 0.4 * np.sin(across / width * 4.6 * np.pi + 1)
    cloth = _cloth(rng) * (1 + float(rng.uniform(0.1, 0.45)) * wave[..., None])
    if rng.random() < 0.5:
        edge = grounds.cloud(rng, size, 160)[..., None] > rng.normal(0, 0.5)
        cloth = np.where(edge, cloth, skin)
    return _blend(cloth, rng)


def weave(rng: np.random.Generator) -> Picture:
    """Cloth seen from near: warp and weft, a herringbone or a knit."""
    size = grounds.skin(rng).shape[:2]
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    bend = 4 * grounds.cloud(rng, size, 80)
    wide = float(rng.uniform(3, 14))
    x, y = (columns + bend) / wide, (rows + bend) / wide
    kind = int(rng.integers(3))
    if kind == 0:
        lines = np.sin(2 * np.pi * x) * np.sin(2 * np.pi * y)
    elif kind == 1:
        lines = np.sin(2 * np.pi * (x + np.abs((y / 4) % 2 - 1) * 4))
    else:
        lines = np.sin(2 * np.pi * (x + 0.3 * np.sin(2 * np.pi * y)))
    cloth = _cloth(rng) * (1 + float(rng.uniform(0.05, 0.4)) * lines[..., None])
    return _blend(cloth, rng)


def gauze(rng: np.random.Generator) -> Picture:
    """White gauze or a mesh over skin or a wound: threads with holes between."""
    skin = grounds.skin(rng)
    size = skin.shape[:2]
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    angle, apart = float(rng.uniform(0, np.pi)), float(rng.uniform(6, 18))
    bend = 5 * grounds.cloud(rng, size, 60)
    u = (columns * np.cos(angle) + rows * np.sin(angle) + bend) / apart
    v = (rows * np.cos(angle) - columns * np.sin(angle) + bend) / apart
    thick = float(rng.uniform(0.12, 0.3))
    thread = (np.abs(u % 1 - 0.5) < thick / 2) | (np.abs(v % 1 - 0.5) < thick / 2)
    tone = rng.choice(((238, 238, 232), (70, 110, 170), (40, 40, 45)))
    over = thread & (grounds.cloud(rng, size, 150) > -0.6)
    return _blend(np.where(over[..., None], tone, skin), rng)


def tiles(rng: np.random.Generator) -> Picture:
    """Tiles or a floor with joints, seen aslant."""
    size = grounds.skin(rng).shape[:2]
    wide, joint = int(rng.integers(18, 90)), int(rng.integers(1, 5))
    large = np.empty((900, 1200, 3), np.float32)
    large[:] = rng.uniform(90, 240, 3)
    shades = rng.normal(0, 6, (900 // wide + 1, 1200 // wide + 1))
    large += np.kron(shades, np.ones((wide, wide)))[:900, :1200, None]
    large[(np.arange(900) % wide) < joint] = large.mean() * 0.5
    large[:, (np.arange(1200) % wide) < joint] = large.mean() * 0.5
    lean = np.float32([[100, 50], [1100, 60], [1180, 880], [20, 860]])
    lean += rng.normal(0, 25, (4, 2)).astype(np.float32)
    goal = np.float32([[0, 0], [size[1], 0], [size[1], size[0]], [0, size[0]]])
    turn = cv2.getPerspectiveTransform(lean, goal)
    return _blend(cv2.warpPerspective(np.clip(large, 0, 255), turn, size[::-1]), rng)


def scale_bar(rng: np.random.Generator) -> Picture:
    """A ruler with ticks and no digits on skin, at any angle."""
    skin = grounds.skin(rng)
    rows, columns = skin.shape[:2]
    wide, apart = int(rng.integers(24, 48)), int(rng.integers(5, 11))
    strip = np.full((wide, 2 * columns, 3), 236, np.uint8)
    for tick, x in enumerate(range(4, 2 * columns, apart)):
        deep = wide * (12 if tick % 10 == 0 else 8 if tick % 5 == 0 else 5) // 20
        strip[:deep, x : x + 1] = 25
    turn = cv2.getRotationMatrix2D((columns, wide / 2), float(rng.uniform(-90, 90)), 1)
    turn[:, 2] += (columns / 2 - columns, rng.integers(60, rows - 60) - wide / 2)
    paper = cv2.warpAffine(np.full(strip.shape[:2], 255, np.uint8), turn, (columns, rows))
    laid = grounds.laid(skin, paper / np.float32(255), cv2.warpAffine(strip, turn, (columns, rows)))
    return _blend(laid, rng)


def sutures(rng: np.random.Generator) -> Picture:
    """A wound closed by a row of stitches or staples."""
    skin = grounds.skin(rng)
    rows, columns = skin.shape[:2]
    angle, count = float(rng.uniform(0, np.pi)), int(rng.integers(5, 22))
    along = np.array((np.cos(angle), np.sin(angle)))
    across = np.array((-along[1], along[0]))
    apart, half = float(rng.uniform(9, 24)), float(rng.uniform(6, 18))
    middle = np.array((columns / 2, rows / 2)) + rng.normal(0, 30, 2)
    ends = [(middle + sign * along * apart * count / 2).astype(int).tolist() for sign in (-1, 1)]
    cv2.line(skin, ends[0], ends[1], (120, 40, 45), 2, cv2.LINE_AA)
    colour = ((15, 15, 20), (40, 60, 140), (190, 195, 200))[int(rng.integers(3))]
    for number in range(count):
        place = middle + along * apart * (number - (count - 1) / 2) + rng.normal(0, 1, 2)
        lean = across + along * rng.normal(0, 0.15)
        points = [(place + sign * half * lean).astype(int).tolist() for sign in (-1, 1)]
        cv2.line(skin, points[0], points[1], colour, int(rng.integers(1, 4)), cv2.LINE_AA)
        if rng.random() < 0.5:
            cv2.circle(skin, points[0], 2, colour, -1, cv2.LINE_AA)
    return _blend(skin, rng)


def instruments(rng: np.random.Generator) -> Picture:
    """Steel on a drape: shafts, a grip with ridges, a comb of teeth, a coiled cable."""
    size = grounds.skin(rng).shape[:2]
    rows, columns = size
    picture = np.empty((*size, 3), np.float32)
    picture[:] = _cloth(rng)
    picture += 5 * grounds.cloud(rng, size, 3)[..., None]
    for _ in range(int(rng.integers(2, 6))):
        start = rng.integers((0, 0), (columns, rows))
        angle, length = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(80, 300))
        along = np.array((np.cos(angle), np.sin(angle)))
        steel, thick = float(rng.uniform(120, 235)), int(rng.integers(4, 20))
        end = start + along * length
        cv2.line(picture, start.tolist(), end.astype(int).tolist(), (steel,) * 3, thick)
        across = np.array((-along[1], along[0])) * thick * 0.7
        for step in range(int(rng.integers(0, 22))):  # ridges of the grip
            place = start + along * step * max(3.0, thick / 3)
            ridge = [(place + sign * across).astype(int).tolist() for sign in (-1, 1)]
            cv2.line(picture, ridge[0], ridge[1], (steel * 0.4,) * 3, 1, cv2.LINE_AA)
    if rng.random() < 0.5:
        turns = np.linspace(0, 16 * np.pi, 300)
        coil = np.column_stack((60 + 1.6 * turns + 14 * np.cos(turns), 70 + 30 * np.sin(turns)))
        cv2.polylines(picture, [coil.astype(np.int32)], False, (30, 30, 34), 2, cv2.LINE_AA)
    return _blend(np.clip(picture, 0, 255), rng)


def fibres(rng: np.random.Generator) -> Picture:
    """Mucosa through a bundle of fibres: a honeycomb over everything."""
    field = grounds.mucosa(rng)
    size = field.shape[:2]
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    wide = float(rng.uniform(3.5, 8))
    comb = sum(
        np.cos(2 * np.pi * (columns * np.cos(a) + rows * np.sin(a)) / wide)
        for a in (0.0, np.pi / 3, 2 * np.pi / 3)
    )
    return _blend(field * (0.8 + float(rng.uniform(0.03, 0.12)) * np.asarray(comb)[..., None]), rng)


def traces(rng: np.random.Generator) -> Picture:
    """Squared paper with a curve on it, as of a heart."""
    size = grounds.skin(rng).shape[:2]
    picture = np.full((*size, 3), (252, 240, 238), np.float32)
    step = int(rng.integers(5, 9))
    for axis in (0, 1):
        for number, place in enumerate(range(0, size[axis], step)):
            shade = (235, 150, 150) if number % 5 == 0 else (246, 205, 205)
            picture[(slice(None),) * axis + (place,)] = shade
    for middle in range(60, size[0] - 30, 110):
        across = np.arange(size[1])
        beat = float(rng.uniform(40, 90))
        phase = across % beat / beat
        wave = 30 * np.exp(-(((phase - 0.4) / 0.02) ** 2)) + 6 * np.exp(
            -(((phase - 0.7) / 0.06) ** 2)
        )
        points = np.column_stack((across, middle - wave + rng.normal(0, 0.4, size[1])))
        cv2.polylines(picture, [points.astype(np.int32)], False, (20, 20, 30), 1, cv2.LINE_AA)
    return _blend(picture, rng)


def colour_chart(rng: np.random.Generator) -> Picture:
    """A chart of even patches beside the skin that was photographed."""
    skin = grounds.skin(rng)
    wide, gap = int(rng.integers(16, 34)), int(rng.integers(2, 6))
    down, along = int(rng.integers(1, 5)), int(rng.integers(4, 7))
    top, left = int(rng.integers(4, 60)), int(rng.integers(4, 60))
    high, long = down * (wide + gap) + gap, along * (wide + gap) + gap
    skin[top : top + high, left : left + long] = (28, 28, 30)
    for row in range(down):
        for column in range(along):
            y, x = top + gap + row * (wide + gap), left + gap + column * (wide + gap)
            skin[y : y + wide, x : x + wide] = rng.integers(20, 245, 3)
    return _blend(skin, rng)


def teeth(rng: np.random.Generator) -> Picture:
    """Two rows of teeth between gums, sometimes with brackets and a wire."""
    size = grounds.skin(rng).shape[:2]
    picture = np.empty((*size, 3), np.float32)
    picture[:] = rng.uniform((150, 60, 65), (215, 120, 125))
    picture += 8 * grounds.cloud(rng, size, 12)[..., None]
    wide, middle = int(rng.integers(26, 60)), size[0] // 2
    wired = rng.random() < 0.5
    for sign in (-1, 1):
        for x in range(-wide // 2, size[1], wide):
            tooth = (x + wide // 2, middle + sign * int(wide * 0.75))
            axes = (int(wide * 0.47), int(wide * rng.uniform(0.62, 0.75)))
            cv2.ellipse(picture, tooth, axes, 0, 0, 360, (225, 215, 190), -1, cv2.LINE_AA)
            if wired:
                corner = (tooth[0] - wide // 8, tooth[1] - wide // 8)
                other = (tooth[0] + wide // 8, tooth[1] + wide // 8)
                cv2.rectangle(picture, corner, other, (150, 150, 155), -1)
        if wired:
            y = middle + sign * int(wide * 0.75)
            cv2.line(picture, (0, y), (size[1], y), (110, 110, 118), 2, cv2.LINE_AA)
    return _blend(np.clip(picture, 0, 255), rng)


KINDS: dict[str, Callable[[np.random.Generator], Picture]] = {
    "astronaut": _photograph("astronaut"),
    "cat": _photograph("chelsea"),
    "coffee": _photograph("coffee"),
    "brick": _photograph("brick"),
    "grass": _photograph("grass"),
    "gravel": _photograph("gravel"),
    "sky": _photograph("moon", "hubble_deep_field"),
    "retina": _photograph("retina", "microaneurysms"),
    "stained tissue": _photograph("immunohistochemistry", "cell"),
    "portraits": _lfw,
    "hairy skin": hairy,
    "scalp": scalp,
    "folds": folds,
    "weave": weave,
    "gauze": gauze,
    "tiles": tiles,
    "ruler": scale_bar,
    "sutures": sutures,
    "instruments": instruments,
    "fibres": fibres,
    "traces": traces,
    "colour chart": colour_chart,
    "teeth": teeth,
}
LIKE_LETTERS = frozenset({"ruler", "sutures", "instruments", "traces", "teeth"})
"""Kinds whose marks stand in rows as letters do: some are masked as writing, or held."""
