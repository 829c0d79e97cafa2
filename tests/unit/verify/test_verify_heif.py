"""The prover's reading of HEIC and AVIF: every soiled file is refused, every clean one is not."""

import struct
from dataclasses import replace

import pytest

from corpora import photos_heif
from corpora.cleaned import cleaned
from corpora.photos_heif import around, grid, obu, plain, unit
from medrelease.terms.flow import Hold
from medrelease.terms.words import Format, Proof, Reason
from medrelease.verify import Accepted

SOILED = {name: data for name, data, _ in photos_heif.planted(1)}
FAITHFUL = dict(photos_heif.faithful(1))


@pytest.mark.parametrize("name", SOILED)
def test_a_soiled_file_is_refused_and_its_clean_form_is_not(prove, name):
    """A marker in any place refuses the file as finished; cleaned, it is proved coded-identical."""
    data = SOILED[name]
    assert isinstance(prove(data, data), Hold)
    verdict = prove(data, cleaned(data)[1])
    assert isinstance(verdict, Accepted), verdict
    assert verdict.proof is Proof.CODED_IDENTICAL


@pytest.mark.parametrize("name", FAITHFUL)
def test_turns_tiles_depths_and_profiles_are_proved(prove, name):
    """What must survive is accepted when cleaned, under the format that it is coded in."""
    verdict = prove(FAITHFUL[name], cleaned(FAITHFUL[name])[1])
    assert isinstance(verdict, Accepted), verdict
    assert verdict.format is Format(name.split()[0])


@pytest.mark.parametrize("form", ["heic", "avif"])
def test_another_picture_or_turn_is_refused(prove, form):
    """Neither another picture nor the same one turned passes for the source's."""
    turn = (photos_heif.box(b"irot", b"\1"), True)
    source = cleaned(plain(form, 1).written())[1]
    for other in (plain(form, 2), plain(form, 1, turn)):
        assert isinstance(prove(source, cleaned(other.written())[1]), Hold)


def test_tiles_in_another_order_are_refused(prove):
    """A grid whose tiles changed places is another picture."""
    file = grid("heic", 1)
    swapped = replace(file, references=((b"dimg", 5, (2, 1, 3, 4)),))
    clean = [cleaned(one.written())[1] for one in (file, swapped)]
    assert isinstance(prove(clean[0], clean[1]), Hold)


@pytest.mark.parametrize(
    "soil",
    [
        lambda form: unit(39, b"\5\1-\x80") if form == "heic" else obu(5, b"\4-\x80"),
        lambda form: unit(38, b"\xff" * 9) if form == "heic" else obu(15, b"\xff" * 9),
    ],
)
@pytest.mark.parametrize("form", ["heic", "avif"])
def test_a_message_in_a_finished_file_is_refused(prove, form, soil):
    """Messages and padding between the coded units are no part of a finished picture."""
    clean = cleaned(plain(form, 1).written())[1]
    file = around(plain(form, 1), b"", soil(form)).written()
    told = prove(clean, file)
    assert isinstance(told, Hold)
    assert told.reason in (Reason.MALFORMED, Reason.FORMAT_NOT_SUPPORTED)


NUMBERS = {
    "light levels": photos_heif.box(b"clli", b"Jane"),
    "depths": photos_heif.full(b"pixi", b"\4Jane"),
    "size again": photos_heif.full(b"ispe", b"JaneDoe1"),
    "mastering display": photos_heif.box(b"mdcv", b"Jane Doe, ward 7, born 7"),
}


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("form", ["heic", "avif"])
def test_numbers_that_no_picture_has_are_no_property(prove, form, name):
    """Text in a property of plain numbers goes with it, and is refused in a finished file."""
    soiled = plain(form, 1, (NUMBERS[name], False)).written()
    finished = cleaned(soiled)[1]
    assert NUMBERS[name][-4:] not in finished
    assert isinstance(prove(soiled, finished), Accepted)
    assert isinstance(prove(soiled, soiled), Hold)


@pytest.mark.parametrize("form", ["heic", "avif"])
def test_a_known_display_and_its_light_stay(prove, form):
    """What an HDR picture says of a real display is kept."""
    display = (8500, 39850, 6550, 2300, 35400, 14600, 15635, 16450)
    kept = (
        photos_heif.box(b"mdcv", struct.pack(">8HII", *display, 10_000_000, 50)),
        photos_heif.box(b"clli", struct.pack(">HH", 1000, 400)),
    )
    data = plain(form, 1, *((one, False) for one in kept)).written()
    finished = cleaned(data)[1]
    assert all(one in finished for one in kept)
    assert isinstance(prove(data, finished), Accepted)
