"""Decompression bombs in every format: at most the memory limit and the deadline, and no defect."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpora import exploding, sites
from corpora.bombs import BOMBS, MOST
from corpora.exploding import Range
from corpora.sites import FOLDER, Site
from medrelease.terms.words import Format, Reason

MEMORY, TIMEOUT = 256 << 20, 5.0
STEPS = 3 + 5
"""Probe, cleaning and proof; the look at the pixels has the time of five."""
MODELS = 700
"""MiB that the models take, which all files of a worker share; a file's own cost comes on top."""
QUICK = {
    "jpeg": (
        "a flat picture of 12,000 square",
        "as large as may be",
        "twenty thousand scans",
        "a million restart markers",
    ),
    "png": ("more rows than there are", "profile of a gigabyte", "one very long row"),
    "tiff": ("PackBits, as large as may be", "a loop of pages", "one strip used again and again"),
    "bmp": ("runs, as large as may be", "empty absolute runs"),
    "gif": ("LZW, as large as may be", "dimensions without pixels"),
    "heif": (
        "a grid inside itself",
        "a flat picture of 16,000 square",
        "nested boxes",
        "emulation prevention",
    ),
    "webp": ("lossless of 16384", "twenty thousand frames"),
    "jp2": ("four billion square", "tiles of one pixel"),
    "dicom": ("deflated, as large as may be", "nested sequences, open", "RLE of 65535"),
    "slide": ("a hundred thousand tiles", "five hundred levels"),
}
EVERY = [(form, name) for form, bombs in BOMBS.items() for name in bombs]
DEFAULT = [(form, name) for form, names in QUICK.items() for name in names]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Range]:
    """The service's own workers with little memory and little time."""
    with exploding.opened(tmp_path_factory.mktemp("range"), MEMORY, TIMEOUT) as opened:
        yield opened


def _judge(place: Range, form: str, name: str) -> None:
    data = BOMBS[form][name]()
    assert len(data) <= MOST
    cost = place.explode(data)
    assert cost.ended in {"released", *Reason}, cost
    assert cost.ended != Reason.DEFECT
    # each step may take its time, twice where a worker is lost
    assert cost.seconds < 2 * STEPS * (TIMEOUT + 5), cost
    assert cost.mebibytes <= (MEMORY >> 20) + MODELS, cost


@pytest.mark.parametrize(("form", "name"), DEFAULT, ids=map(" ".join, DEFAULT))
def test_a_bomb_costs_no_more_than_it_may(place: Range, form: str, name: str) -> None:
    """It is held or released in time, within the memory limit, and nothing raises."""
    _judge(place, form, name)


@pytest.mark.full
@pytest.mark.parametrize(("form", "name"), EVERY, ids=map(" ".join, EVERY))
def test_every_bomb_costs_no_more_than_it_may(place: Range, form: str, name: str) -> None:
    """The whole table."""
    _judge(place, form, name)


def test_every_format_has_its_bombs() -> None:
    """A format that the program reads joins the table, and has one that is tried by default."""
    read = {form.value for form in Format}
    assert read <= set(BOMBS) | {"heic", "avif", "svs"}
    assert set(QUICK) == set(BOMBS)


def test_bombs_hurt_no_neighbour(site: Site) -> None:
    """The service lives through one bomb of each format, and what lies beside them is released."""
    site.edit(r"^text = .*$", 'text = "keep"')
    site.edit(r"^processes = .*$", "processes = 1")
    site.edit(r"^memory = .*$", 'memory = "256M"')
    site.edit(r"^timeout = .*$", "timeout = 5")
    for form, names in QUICK.items():
        site.drop(f"bombs/{form}.bin", BOMBS[form][names[-1]]())
    for number in range(3):
        site.drop(f"{FOLDER}/{number}.jpg", sites.jpeg(number))
    done = site.once()
    assert done.returncode == 3, done.stderr
    assert len(site.released()) == 3
    assert site.waiting() == []
    held = site.held()
    assert {Path(path).stem for path in held} == set(QUICK)
    assert "defect" not in held.values()
    assert site.call("audit", "verify").returncode == 0
