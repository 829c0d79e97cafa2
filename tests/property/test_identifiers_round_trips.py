"""Properties of numbers and names: format and parse are inverse, and no slip passes a check."""

import re
import string
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from medrelease.identifiers import file_name, hc_number, keyed
from medrelease.identifiers.coded_name import FIELDS, LARGEST_IMAGE, Template, validate
from medrelease.identifiers.job_number import JobFormat
from medrelease.identifiers.natural import sort_key
from medrelease.identify import read_path

DIGITS = st.text(string.digits, min_size=9, max_size=9)
KEYS = st.binary(min_size=32, max_size=32)
JOBS = JobFormat(r"\d{2} \d{5}")
CODED = Template("{job} -{image}-{hc}")


@st.composite
def hc_numbers(draw: st.DrawFn) -> str:
    """H&C numbers with the check digit that the NHS Data Dictionary's algorithm gives."""
    nine = draw(DIGITS)
    remainder = (
        sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
    )
    check = (11 - remainder) % 11
    assume(check != 10)
    return f"{nine[:3]} {nine[3:6]} {nine[6:]}{check}"


def jobs() -> st.SearchStrategy[str]:
    """Job numbers of the default form."""
    return st.from_regex(r"[0-9]{2} [0-9]{5}", fullmatch=True)


def images() -> st.SearchStrategy[int]:
    """Image numbers."""
    return st.integers(1, LARGEST_IMAGE)


@given(hc_numbers(), st.data())
def test_no_single_digit_error_passes(number: str, data: st.DataObject) -> None:
    """An H&C number with any one digit changed fails modulus 11 and is called a slip."""
    assert hc_number.valid(number, "check-digit")
    place = data.draw(st.sampled_from([i for i, c in enumerate(number) if c != " "]))
    digit = data.draw(st.sampled_from(sorted({*string.digits} - {number[place]})))
    wrong = number[:place] + digit + number[place + 1 :]
    assert not hc_number.passes_modulus_11(wrong)
    assert hc_number.scheme(wrong) in (None, hc_number.Scheme.CHI)
    assert not hc_number.valid(wrong, "hc-range")
    assert hc_number.slip(number, wrong)


@given(hc_numbers())
def test_no_transposition_of_neighbours_passes(number: str) -> None:
    """An H&C number with two different neighbours swapped fails modulus 11 and is a slip."""
    bare = number.replace(" ", "")
    for place in range(9):
        swapped = bare[:place] + bare[place + 1] + bare[place] + bare[place + 2 :]
        wrong = hc_number.parse(swapped)
        assert wrong is not None
        assert (wrong == number) or not hc_number.passes_modulus_11(wrong)
        assert (wrong == number) or hc_number.slip(number, wrong)


@given(hc_numbers())
def test_spellings_of_an_hc_number(number: str) -> None:
    """All three spellings read as the same number, alone and in a longer name."""
    for spelling in (number, number.replace(" ", "-"), number.replace(" ", "")):
        assert hc_number.parse(spelling) == number
    assert [each.number for each in hc_number.find(f"a {number}, b")] == [number]


@given(KEYS, st.text())
def test_no_slip_in_a_subject_code_passes(key: bytes, subject: str) -> None:
    """No wrong symbol and no swap of neighbours leaves a subject code valid."""
    code = keyed.subject_code(key, subject)
    assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]", code)
    assert keyed.parse_subject_code(code) == code
    bare = code.replace("-", "")
    for place, symbol in enumerate(bare):
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".replace(symbol, ""):
            assert keyed.parse_subject_code(bare[:place] + other + bare[place + 1 :]) is None
        pair = bare[place : place + 2]
        if len({*pair}) == 2:
            swapped = bare[:place] + pair[::-1] + bare[place + 2 :]
            assert keyed.parse_subject_code(swapped) is None


@given(jobs(), images(), hc_numbers())
def test_the_coded_name_reads_back(job: str, image: int, hc: str) -> None:
    """The policy's form parses to what it was made of, and so does it as a path."""
    name = CODED.format(job=job, image=image, hc=hc)
    parsed = CODED.parse(name)
    assert parsed is not None
    assert (parsed["job"], parsed["image"], parsed["hc"]) == (job, image, hc)
    said = read_path(name.encode(), JOBS)
    assert (said.jobs, said.images, said.hcs) == ({job}, {image}, {hc})


LITERALS = st.text(st.sampled_from("ab -_.()~é"), min_size=1, max_size=4)
ILLEGAL = st.sampled_from(["", "/", ":", "{", "}", "1", ".", "\u202e", "\0"])


@st.composite
def templates(draw: st.DrawFn, fields: list[str]) -> str:
    """Templates of some of the fields in any order, most of them fit to be used."""
    chosen = draw(st.lists(st.sampled_from(fields), unique=True, min_size=1))
    order = draw(st.permutations(["image", *chosen]))
    pieces = [f"{{{field}}}{draw(LITERALS)}" for field in order]
    pieces[0] = draw(st.sampled_from(["", "x", "é "])) + pieces[0]
    if draw(st.integers(0, 7)) == 0:
        pieces.insert(draw(st.integers(0, len(pieces))), draw(ILLEGAL))
    return "".join(pieces)


@st.composite
def routes(draw: st.DrawFn) -> tuple[str, bool, str | None]:
    """A template with the two things about its route that it hangs on: hsc and the study."""
    study = draw(st.sampled_from([None, None, "ABC", "ABC-12 b", "2024 7", "../x"]))
    hsc = draw(st.booleans())
    fields = ["job", "subject"] if study is None else ["study", "subject"]
    if study is None and hsc:
        fields.append("hc")
    if draw(st.integers(0, 7)) == 0:
        fields = [field for field in FIELDS if field != "image"]
    return draw(templates(fields)), hsc, study


@given(routes(), jobs(), images(), hc_numbers(), KEYS)
def test_every_template_that_validates(
    route: tuple[str, bool, str | None], job: str, image: int, hc: str, key: bytes
) -> None:
    """A template that validates gives a legal name that reads back and hides what it must."""
    text, hsc, study = route
    assume(not validate(text, hsc=hsc, study=study))
    template = Template(text)
    given_values = {"job": job, "hc": hc, "subject": keyed.subject_code(key, hc), "study": study}
    name = template.format(image=image, **given_values)
    assert file_name.problems(name) == ()
    assert "/" not in name
    assert len(name.encode()) <= 255
    assert template.parse(name) == {
        "image": image,
        "extension": ".jpg",
        **{field: v if field in template.fields else None for field, v in given_values.items()},
    }
    assert hsc or hc not in name
    assert study is None or (hc not in name and job not in name)


ANYTHING = st.text(max_size=80) | st.from_regex(r"[0-9 -]{1,14}", fullmatch=True)


@given(
    st.text(max_size=40) | routes().map(lambda route: route[0]),
    st.booleans(),
    st.none() | st.text(max_size=40),
    st.fixed_dictionaries({"job": ANYTHING, "subject": ANYTHING, "study": ANYTHING}),
    hc_numbers(),
    st.integers(-5, 10**7),
)
def test_no_template_and_no_value_gets_past(
    text: str, hsc: bool, study: str | None, values: dict[str, str], hc: str, image: int
) -> None:
    """Whatever template and values are, there is a safe name or a refusal without a value in it."""
    if validate(text, hsc=hsc, study=study):
        return
    try:
        name = Template(text).format(image=image, hc=hc, **values)
    except ValueError as fault:
        assert hc not in str(fault)
        return
    assert "/" not in name
    assert "\\" not in name
    assert name not in (".", "..")
    assert len(name.encode()) <= 255
    assert not re.search(r'[<>:"|?*\x00-\x1f]|[. ]$', name)
    assert name.split(".")[0].strip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT1"}
    if not hsc or study is not None:
        assert [*hc_number.find(name)] == []
        assert not re.search(r"(?<![0-9])[0-9]{10}(?![0-9])", name)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("012-{image}-6789 {subject}", {"image": 345}),
        ("{subject} 012 345 {image}", {"image": 6789}),
        ("{job} {image}", {"job": "012 345", "image": 6789}),
        ("{subject} {study} {image}", {"study": "012 345", "image": 6789}),
        ("{subject} {study}-{image}-6789", {"study": "012", "image": 345}),
        ("{job} -{image}", {"job": "0123456789", "image": 1}),
    ],
)
def test_no_image_number_completes_an_hc_number(text: str, values: dict[str, Any]) -> None:
    """Where text, study and image number together would spell a number, there is no name."""
    given_values = {"subject": keyed.subject_code(b"k" * 32, "x"), **values}
    study = values.get("study")
    if not validate(text, hsc=False, study=study):
        with pytest.raises(ValueError, match=r"H&C number|cannot hold"):
            Template(text).format(**given_values)
    if "job" not in values:
        assert validate(text, hsc=False, study=study)


@given(st.text(max_size=60))
def test_any_name_parses_or_not(name: str) -> None:
    """Whatever a name is, parsing gives parts that format to the same name, or None."""
    parsed = CODED.parse(name)
    assert parsed is None or CODED.format(**parsed) == name


@given(st.binary(max_size=80))
def test_any_path_is_read(path: bytes) -> None:
    """No bytes disturb the reading or the order of paths."""
    said = read_path(path, JOBS)
    assert all(JOBS.canonical(job) == job for job in said.jobs)
    assert all(hc_number.parse(number) == number for number in said.hcs)
    assert sort_key(path) == sort_key(path)


@given(KEYS, st.text(max_size=64))
def test_uids_and_offsets(key: bytes, text: str) -> None:
    """Every UID fits DICOM's 64 characters and every offset is 1 to 3650 days."""
    uid = keyed.uid(key, text)
    assert re.fullmatch(r"2\.25\.[1-9][0-9]{0,38}", uid)
    assert 1 <= keyed.date_offset_days(key, text) <= 3650
