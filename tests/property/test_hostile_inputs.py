"""A short run of the fuzzer: what the long one (`scripts/bench fuzz`) looks for, from a seed."""

from collections.abc import Iterator
from itertools import islice

import imagecodecs
import pytest
from PIL import Image

from corpora import dicoms, fuzz_seeds, photos_jpeg_tables, photos_tiff, photos_webp
from corpora.fuzzing import Finding, Rooms, mutations, seeds, strictly
from corpora.photos_base import saved
from medrelease.terms.flow import Hold
from medrelease.terms.words import Format

FILES = seeds()


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    """Both rooms, ready to be fed."""
    with Rooms() as both:
        yield both


@pytest.mark.parametrize("seed", [101, 102])
def test_mutated_files_raise_nothing_linger_nowhere_and_leave_clean(
    rooms: Rooms, seed: int
) -> None:
    """Every input is held, or comes out clean, stable under cleaning and readable."""
    met = set()
    for data in islice(mutations(FILES, seed), 1500):
        met.add(rooms.judge(data))
    assert {"accepted", "malformed", "incomplete"} <= met


def test_the_prover_believes_no_mutation_of_a_clean_pair_that_another_reader_refuses(
    rooms: Rooms,
) -> None:
    """Any two files may meet in the prover: it answers, and neither raises nor lingers."""
    files = mutations(FILES, 103)
    met = {rooms.believe(one, next(files)) for one in islice(files, 300)}
    assert "malformed" in met


def test_every_seed_of_every_format_is_judged_and_most_are_released(rooms: Rooms) -> None:
    """The seeds reach all formats and codings: what is mutated was sound before."""
    assert len(fuzz_seeds.FORMATS) == 9
    for name in fuzz_seeds.FORMATS:
        met = [rooms.judge(data) for data in seeds((name,))]
        assert len(met) >= 10
        assert met.count("accepted") >= 0.9 * len(met), name


PAST = {
    "a million strips": photos_tiff.assembled(
        [(photos_tiff.page_tags(t257=photos_tiff.longs(1_218_975), t278=photos_tiff.longs(1)), b"")]
    ),
    "no predictor at all": photos_tiff.assembled(
        [
            (
                photos_tiff.page_tags(50000, t317=photos_tiff.shorts(0)),
                imagecodecs.zstd_encode(photos_tiff.pixels(1)),
            )
        ]
    ),
    "fragments under a native syntax": dicoms.file(
        {**dicoms.image("sc"), 0x7FE00010: dicoms.encapsulated(b"\xff\xd8\xff\xd9")}
    ),
    "steps by which decoders smooth": photos_jpeg_tables.coarse(1),
    "webp that goes on into its padding": photos_webp.assembled(
        [(name, data[:-1]) for name, data in photos_webp.chunks(photos_webp.lossless(1))],
        pad=photos_webp.lossless(1)[-1:],
    ),
}


@pytest.mark.parametrize("name", PAST)
def test_what_the_long_run_found_stays_mended(rooms: Rooms, name: str) -> None:
    """Each input that once raised, lingered or changed is judged like any other."""
    assert rooms.judge(PAST[name]) in {"accepted", "malformed", "format-not-supported"}


def test_a_finding_is_found(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """The harness itself is no empty form: a prover that believes everything is caught."""
    soiled = next(data for data in FILES if data[:3] == b"\xff\xd8\xff" and b"MARK" in data)
    held, clean = rooms._pass(soiled)
    monkeypatch.setattr(rooms, "_pass", lambda data: (held, data))
    monkeypatch.setattr(rooms, "_cleans_to_itself", lambda form, finished: None)
    with pytest.raises(Finding, match="marker"):
        rooms.judge(soiled)
    monkeypatch.setattr(rooms, "_pass", lambda data: (held, clean[:-40]))
    with pytest.raises(Finding, match="refuses"):
        rooms.judge(soiled)


SOILED = {
    name: next(data for data in seeds((name,)) if fuzz_seeds.MARK in data)
    for name in ("jpeg", "png", "tiff", "gif", "webp", "jp2", "dicom")
}


@pytest.mark.parametrize("name", SOILED)
def test_a_marker_beside_the_picture_is_seen_in_every_format(name: str) -> None:
    """A file that was not cleaned at all is a finding, whatever its format."""
    with pytest.raises(Finding, match="marker"):
        strictly(Format(name), SOILED[name], SOILED[name])


def test_another_picture_and_another_clean_form_are_seen(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A released file that shows other pixels, or that would be cleaned again, is a finding."""
    image = Image.new("RGB", (9, 9), (3, 4, 5))
    one, other = saved(image, "BMP"), saved(image.rotate(90).point(lambda v: v + 1), "BMP")
    with pytest.raises(Finding, match="otherwise"):
        strictly(Format.BMP, one, other)
    verdict, _ = rooms._pass(SOILED["gif"])
    assert not isinstance(verdict, Hold)
    monkeypatch.setattr(rooms, "_pass", lambda data: (verdict, data))
    with pytest.raises(Finding, match="clean form"):
        rooms.judge(SOILED["gif"])
