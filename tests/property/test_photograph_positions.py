"""No marker leaves under any name at any position: segments, chunks, tags, boxes, extensions."""

from collections import Counter

from corpora import detector, photos_positions
from corpora.masked import cleaned_under, proved_under
from medrelease.terms.flow import Hold
from medrelease.verify import Accepted

PLACES = photos_positions.planted(5)
_HELD_AT_MOST = {"tiff": 0.2}
"""Of a format with tags that describe a picture, those that then describe none are held."""


def test_there_are_names_and_positions_of_every_format() -> None:
    """Each format has its share, and no two places have one name."""
    shares = Counter(name.split()[0] for name, _, _ in PLACES)
    assert len({name for name, _, _ in PLACES}) == len(PLACES) > 2000
    assert set(shares) == {"jpeg", "png", "gif", "bmp", "tiff", "webp", "heic", "avif", "jp2"}
    assert min(shares.values()) >= 10


def test_the_detector_finds_what_was_planted() -> None:
    """Of every seventh place, for all are made alike."""
    missed = [name for name, data, mark in PLACES[::7] if not detector.found(data, mark)]
    assert missed == []


def test_no_name_and_no_position_lets_a_marker_through() -> None:
    """Nothing is found in what is released, and little is held."""
    leaks, held, total = [], Counter[str](), Counter[str]()
    for name, data, mark in PLACES:
        form = name.split()[0]
        total[form] += 1
        outcome, finished = cleaned_under(data, ())
        verdict = outcome if isinstance(outcome, Hold) else proved_under(data, finished, ())
        if not isinstance(verdict, Accepted):
            held[form] += 1
        elif detector.found(finished, mark):
            leaks.append(name)
    assert leaks == []
    assert {
        form: count
        for form, count in held.items()
        if count > total[form] * _HELD_AT_MOST.get(form, 0.1)
    } == {}
