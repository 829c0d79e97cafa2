"""How many faces and covered eyes are seen, and how many pictures without a face are called one.

Held-out crops of LFW (odd numbers): of 254 under a bar 95 in 100 were called covered, of 46 plain
and turned ones none. Tuning crops (even numbers): 97 in 100. What is missed is mostly patches, and
bars of the shade of what lies beside them. Of 244 pictures without a face 7 were called one.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from corpora import burned
from corpora import faces as people
from medrelease.pixels import faces
from medrelease.pixels.faces import FaceModel


@pytest.fixture(scope="module")
def net() -> FaceModel:
    """The face net, loaded once."""
    return faces.load()


def count(net: FaceModel, numbers: Iterable[int], shares: tuple[float, ...]) -> Counter[str]:
    """How many plain, turned and covered faces were looked at, and what was said of them."""
    seen: Counter[str] = Counter()
    for number in numbers:
        (sample,) = people.crops(range(number, number + 1))
        rng = np.random.default_rng(number)
        plain = sample.picture, people.turned(sample.picture, float(rng.integers(5, 355)))
        for picture in plain:
            found = faces.find_faces(net, picture)
            seen["plain"] += 1
            seen["plain held"] += found.recognisable
            seen["plain called covered"] += found.eyes_covered
        for _, picture in people.barred(number, shares):
            found = faces.find_faces(net, picture)
            seen["covered"] += 1
            seen["covered held"] += found.eyes_covered
    return seen


def prove(seen: Counter[str]) -> None:
    """What is asked: nine in ten held, and open eyes hardly ever called covered."""
    assert seen["plain held"] >= 0.9 * seen["plain"]
    assert seen["covered held"] >= 0.9 * seen["covered"]
    assert seen["plain called covered"] <= 0.05 * seen["plain"]


def test_a_few_faces_under_every_bar(net: FaceModel) -> None:
    """A held-out face, plain, turned and under every kind of bar that is a fifth of it high."""
    prove(count(net, (61,), (0.2,)))


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_every_held_out_face_under_every_bar_of_every_height(net: FaceModel) -> None:
    """Fifty faces that were not tuned on: plain, turned, and under 21 bars each."""
    prove(count(net, range(1, 100, 2), people.SHARES))


def textured(net: FaceModel, numbers: Iterable[int], shares: tuple[float, ...]) -> list[bool]:
    """Of each face under each bar of a texture and height whether its eyes are called covered."""
    return [
        faces.find_faces(net, people.with_bar(sample, kind, share, 10 * number)).eyes_covered
        for number in numbers
        for sample in people.crops(range(number, number + 1))
        for kind in people.TEXTURED
        for share in shares
    ]


def test_bars_of_noise_and_stripes(net: FaceModel) -> None:
    """Under bars that are of no one colour eyes are covered as well."""
    assert sum(textured(net, (13, 37), (0.2,))) >= 7


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_every_seventh_face_under_every_textured_bar(net: FaceModel) -> None:
    """Of 84 such pictures 71 were called covered, not yet nine in ten: no fewer are."""
    said = textured(net, range(5, 100, 14), people.SHARES)
    assert len(said) == 84
    assert sum(said) >= 70


ASTRONAUT = people.astronaut().picture


@pytest.mark.parametrize(
    ("side", "quality"),
    [(256, 60), *(pytest.param(*more, marks=pytest.mark.full) for more in ((512, 95), (1024, 80)))],
)
def test_the_astronauts_eyes_are_open(net: FaceModel, side: int, quality: int) -> None:
    """At any size and quality, mirrored or cropped, she is recognised, and never called covered."""
    whole = np.asarray(cv2.resize(ASTRONAUT, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    face = np.s_[20 * side // 512 : 220 * side // 512, 120 * side // 512 : 330 * side // 512]
    for picture in (whole, np.ascontiguousarray(whole[:, ::-1]), whole[face]):
        found = faces.find_faces(net, people.as_jpeg(np.ascontiguousarray(picture), quality))
        assert found.recognisable
        assert not found.eyes_covered


def wrong(net: FaceModel, pictures: Iterable[NDArray[Any]]) -> tuple[int, int]:
    """How many pictures without a face there are, and how many something was seen in."""
    said = [faces.find_faces(net, picture) for picture in pictures]
    return len(said), sum(one.recognisable or one.eyes_covered for one in said)


def test_labels_rulers_and_skin_are_no_faces(net: FaceModel) -> None:
    """Pictures full of even rectangles, and skin, show no face."""
    kinds = ("photo label", "wristband", "no text: skin")
    pictures = [burned.sample(kind, 1).frame for kind in kinds]
    assert wrong(net, [*pictures, people.skin(3)]) == (4, 0)


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_of_240_pictures_without_a_face_hardly_any_is_called_one(net: FaceModel) -> None:
    """Skin, things, LFW's other pictures and the synthetic medical ones: one in twenty at most."""
    medical = [burned.sample(kind, seed).frame for kind in burned.KINDS for seed in range(4)]
    number, called = wrong(net, [*(picture for _, picture in people.without_faces()), *medical])
    assert number >= 240
    assert called <= 0.05 * number
