"""Keyed codes: stable, apart from each other, and of the form that their readers need."""

import re
import uuid

import pytest

from medrelease.identifiers import keyed

SITE = bytes(range(32))
KEY = keyed.route_key(SITE, "route:teaching")
STUDY = keyed.route_key(SITE, "study:ABC")


def test_known_answers() -> None:
    """The codes of a fixed key are pinned, since released names hang on them for ever."""
    assert keyed.subject_code(KEY, "012 345 6789") == PINNED_CODE
    assert keyed.uid(KEY, "1.2.840.1") == PINNED_UID
    assert keyed.date_offset_days(KEY, "012 345 6789") == PINNED_DAYS


PINNED_CODE = "NVHT-R7QY-JN18-4F0J-8"
PINNED_UID = "2.25.303616456284628482417069660890541835097"
PINNED_DAYS = 1097


def test_routes_and_studies_are_apart() -> None:
    """The same subject has another code, UID and offset under another route's key."""
    assert len(KEY) == len(STUDY) == 32
    assert KEY != STUDY
    for make in (keyed.subject_code, keyed.uid, keyed.hmac_hex):
        assert make(KEY, "012 345 6789") == make(KEY, "012 345 6789")
        assert make(KEY, "012 345 6789") != make(STUDY, "012 345 6789")


def test_uid_is_a_version_8_uuid() -> None:
    """A UID is `2.25.` and a decimal that reads as an RFC 9562 UUID of version 8."""
    for number in range(200):
        made = keyed.uid(KEY, f"1.2.{number}")
        assert re.fullmatch(r"2\.25\.[1-9][0-9]{0,38}", made)
        assert len(made) <= 64
        shaped = uuid.UUID(int=int(made[5:]))
        assert shaped.version == 8
        assert shaped.variant == uuid.RFC_4122


def test_dates_move_into_the_past_and_never_stay() -> None:
    """Every subject's offset is a whole number of days from 1 to 3650."""
    offsets = {keyed.date_offset_days(KEY, str(number)) for number in range(2000)}
    assert min(offsets) >= 1
    assert max(offsets) <= keyed.LONGEST_OFFSET_DAYS
    assert len(offsets) > 1000


def test_hmac_of_text_and_bytes() -> None:
    """Text is hashed as UTF-8; a name that is no UTF-8 can be hashed too (RFC 4231, case 2)."""
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert keyed.hmac_hex(b"Jefe", "what do ya want for nothing?") == digest
    assert keyed.hmac_hex(b"Jefe", b"what do ya want for nothing?") == digest
    assert keyed.hmac_hex(b"k", b"\xff".decode("utf-8", "surrogateescape")) == keyed.hmac_hex(
        b"k", b"\xff"
    )


@pytest.mark.parametrize("change", [str.lower, lambda c: c.replace("-", ""), str])
def test_codes_as_people_type_them(change) -> None:  # type: ignore[no-untyped-def]
    """Small letters and missing hyphens are understood."""
    code = keyed.subject_code(KEY, "012 345 6789")
    assert keyed.parse_subject_code(change(code)) == code


def test_letters_heard_as_digits() -> None:
    """O is read as 0, and I and L as 1."""
    code = next(c for n in range(500) if {"0", "1"} <= {*(c := keyed.subject_code(KEY, str(n)))})
    assert keyed.parse_subject_code(code.replace("0", "o").replace("1", "I")) == code
    assert keyed.parse_subject_code(code.replace("0", "O").replace("1", "l")) == code


@pytest.mark.parametrize("text", ["", "0123", "UUUU-UUUU-UUUU-UUUU-U", "0000-0000-0000-0000-00"])
def test_no_codes(text: str) -> None:
    """A text of another shape or alphabet is no code."""
    assert keyed.parse_subject_code(text) is None
