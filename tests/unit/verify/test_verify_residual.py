"""The search: every form of an identifier is found, what is published or technical is not."""

import base64
import time

import numpy as np
import pytest

from medrelease.terms.words import Reason
from medrelease.verify.needles import gather, words
from medrelease.verify.options import Options
from medrelease.verify.reading import Reading
from medrelease.verify.refusal import Refusal
from medrelease.verify.residual import prove_absent
from medrelease.verify.search import Patterns, forms, unbased

NAME = "Siobhan O'Neill"


def refused(data: bytes, *identifiers: str, texts: tuple[str, ...] = (), **reading: object) -> bool:
    """Return whether a file of these bytes is refused for one of the identifiers."""
    needles = gather((), Options(identifiers=identifiers))
    try:
        prove_absent(needles, Reading(texts, "", **reading), memoryview(data))
    except Refusal as refusal:
        assert refusal.reason is Reason.RESIDUAL_IDENTIFIER
        assert not any(one.casefold() in refusal.detail.casefold() for one in identifiers)
        return True
    return False


@pytest.mark.parametrize(
    "left",
    [
        NAME.encode(),
        NAME.upper().encode(),
        b"siobhan",
        NAME.encode("utf-16-le"),
        NAME.encode("utf-16-be"),
        base64.b64encode(NAME.encode()),
        base64.b64encode(b"x" + NAME.encode()),
        base64.b64encode(b"xy" + NAME.upper().encode()),
    ],
)
@pytest.mark.parametrize("before", [b"", b"\0", b"\0" * ((1 << 21) - 5)])
def test_every_form_of_a_name_is_found(left, before):
    """Raw, in any case, in UTF-16 and in base64, at any place and across block borders."""
    assert refused(before + left + b"\0end", NAME)


@pytest.mark.parametrize("left", [b"012 345 6789", b"012-345-6789", b"0123456789"])
def test_a_number_is_found_with_and_without_separators(left):
    """An H&C number is the same number in three writings."""
    assert refused(b"\0\1" + left, "012 345 6789")


def test_letters_beyond_ascii_are_found_in_utf8_and_latin1():
    """A name with an accent is searched for in both encodings."""
    for encoding in ("utf-8", "latin-1", "utf-16-le"):
        assert refused(b"\0" + "Zoë Müller".encode(encoding), "Zoë Müller")


def test_short_identifiers_are_compared_with_text_fields_only():
    """Four bytes are met by chance anywhere; as a word of a text field they are a name."""
    assert not refused(b"....Byrne....", "Byrne")
    assert refused(b"", "Byrne", texts=("Dr BYRNE, ward",))
    assert not refused(b"", "Byrne", texts=("Byrnestown",))


def test_a_long_identifier_is_found_in_a_text_field_and_in_a_stream():
    """What stands only compressed, or decoded, in the file is searched as well."""
    assert refused(b"", NAME, texts=("by SIOBHAN",))
    assert refused(b"", NAME, streams=(b"\0Siobhan",))


def test_chance_in_coded_data_is_not_taken_for_a_name():
    """In coded data a short needle in odd case, or a ramp of values, is the picture's own."""
    wedge = bytes(range(256))
    assert refused(wedge, "0123456789")
    assert not refused(wedge, "0123456789", coded=((0, 256),))
    assert not refused(b"sIoBhAn", "Siobhan", coded=((0, 7),))
    assert refused(b"siobhan", "Siobhan", coded=((0, 7),))
    assert refused(b"2302210", "23 02210", coded=((0, 7),))


def test_what_is_published_is_exempt():
    """The job number on purpose, whole, compact and in its words; nothing else."""
    options = Options(("23 02210", "012 345 6789"), ("23 02210",))
    needles = gather(("Job 23-02210",), options)
    assert "23 02210" not in needles.long
    assert "2302210" not in needles.long
    assert "0123456789" in needles.long


def test_technical_constants_are_exempt():
    """A word that every clean file is made of identifies nobody."""
    assert not gather(("ICC_PROFILE", "profile", "sRGB"), Options())


def test_the_most_texts_are_bounded():
    """A source with more texts than can be searched for is held, not half searched."""
    with pytest.raises(Refusal) as refusal:
        gather((f"needle number{n:08d}" for n in range(30_000)), Options())
    assert refusal.value.reason is Reason.LIMITS_EXCEEDED


def test_raw_values_are_searched_as_they_stand():
    """Coordinates are looked for as the rationals they were; a value of zeros is none."""
    value = np.array([54, 1, 35, 1, 477, 10], dtype="<u4").tobytes()
    needles = gather((value, bytes(24)), Options())
    assert needles.raw == {value}
    with pytest.raises(Refusal):
        prove_absent(needles, Reading((), ""), memoryview(b"\0" + value))


def test_base64_is_read_wherever_it_begins():
    """Whatever surrounds the bytes, before or after coding, they are among what is read."""
    for lead in range(4):
        for tail in range(4):
            text = base64.b64encode(b"?" * lead + b"Siobhan" + b"!" * tail)
            for touching in (b"", b"A", b"abc"):
                assert b"Siobhan" in unbased(b"\0" + touching + text + b"=\0")
    lines = base64.encodebytes(b"?" * 54 + NAME.encode())
    assert NAME.encode() in unbased(lines)
    assert NAME.encode() in unbased(base64.urlsafe_b64encode(b"\xfb\xff" + NAME.encode()))
    assert refused(b"\0" + base64.b64encode(NAME.encode()), NAME, coded=((0, 1),))


def test_base64_is_not_looked_for_in_coded_data():
    """Letters that scans are made of by chance are no text; the words themselves still are."""
    coded = base64.b64encode(NAME.encode())
    assert not refused(coded, NAME, coded=((0, len(coded)),))


def test_words_of_a_field():
    """A hyphen or an apostrophe joins a word, other punctuation parts it."""
    assert words("O'Neill^Mary-Ann, 7") == {"o'neill", "mary-ann", "7"}


def test_ten_megabytes_and_two_hundred_names_take_a_moment():
    """The cost grows with the bytes and hardly with the names (a bound of ten times the usual)."""
    data = np.random.default_rng(0).bytes(10_000_000)
    patterns = Patterns(forms(f"Patient{n}ova Name{n}") for n in range(200))
    start = time.process_time()
    assert not list(patterns.hits(data, 10))
    assert time.process_time() - start < 0.5
