"""Coded names: the policy's example, the templates refused, the names never made."""

import pytest

from medrelease.identifiers.coded_name import Template, validate
from medrelease.identifiers.keyed import subject_code

CARE = Template("{job} -{image}-{hc}")
CODE = subject_code(b"k" * 32, "012 345 6789")


def test_the_policys_example() -> None:
    """Care's default gives the coded name of the Trust policy, to the letter."""
    name = CARE.format(job="23 02210", image=1, hc="012 345 6789")
    assert name == "23 02210 -1-012 345 6789.jpg"
    assert CARE.parse(name) == {
        "job": "23 02210",
        "image": 1,
        "hc": "012 345 6789",
        "subject": None,
        "study": None,
        "extension": ".jpg",
    }
    assert CARE.fields == {"job", "image", "hc"}


def test_subject_template() -> None:
    """Elsewhere the default is the subject code and the image number."""
    template = Template("{subject} -{image}")
    name = template.format(image=12, subject=CODE, job="unused", extension=".dcm")
    assert name == f"{CODE} -12.dcm"
    parsed = template.parse(name)
    assert parsed is not None
    assert (parsed["subject"], parsed["image"], parsed["job"]) == (CODE, 12, None)


@pytest.mark.parametrize(
    "name",
    [
        "23 02210 -0-012 345 6789.jpg",
        "23 02210 -01-012 345 6789.jpg",
        "23 02210 -1-012 345 678.jpg",
        "23 02210 -1-012 345 6789",
        "23 02210 -1-012 345 6789.JPG",
        "23/02210 -1-012 345 6789.jpg",
        "23 02210 -1-012 345 6789.jpg.x",
        "23 02210 -1-012 345 6789~ABCDEF.jpg",
        "23 02210 -1000000-012 345 6789.jpg",
        "012 345 6789 -1-012 345 6789.jpg",
        "",
    ],
)
def test_names_that_no_format_wrote(name: str) -> None:
    """A name that `format` could not have written is not parsed."""
    assert CARE.parse(name) is None


def test_a_mistyped_code_is_not_parsed() -> None:
    """The check character of a subject code is looked at when a name is read."""
    wrong = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
    assert Template("{subject} -{image}").parse(f"{wrong} -1.jpg") is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"job": None, "hc": "012 345 6789", "image": 1}, "needs {job}"),
        ({"job": "23 02210", "hc": None, "image": 1}, "needs {hc}"),
        ({"job": "23 02210", "hc": "0123456789", "image": 1}, "cannot hold that {hc}"),
        ({"job": "23 02210", "hc": "012 345 6789", "image": 0}, "cannot hold that {image}"),
        ({"job": "23 02210", "hc": "012 345 6789", "image": 1_000_000}, "that {image}"),
        ({"job": "../x", "hc": "012 345 6789", "image": 1}, "cannot be used"),
        ({"job": "012 345 6789", "hc": "012 345 6789", "image": 1}, "cannot hold that {job}"),
        ({"job": "x" * 250, "hc": "012 345 6789", "image": 1}, "255 bytes"),
        ({"job": "1", "hc": "012 345 6789", "image": 1, "extension": ".JPG"}, "extension"),
    ],
)
def test_names_never_made(values: dict[str, object], words: str) -> None:
    """A missing or wrong value is refused, and the refusal holds no value."""
    with pytest.raises(ValueError, match=words) as caught:
        CARE.format(**values)  # type: ignore[arg-type]
    assert "6789" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "hsc", "study", "words"),
    [
        ("{job} -{image}-{hc}", True, None, None),
        ("{subject} -{image}", False, None, None),
        ("{job} -{image}", False, None, None),
        ("{study} {subject} -{image}", False, "ABC 12", None),
        ("{job} -{hc}", True, None, "must hold {image}"),
        ("{image}", False, None, "{job}, {hc} or {subject}"),
        ("{job} -{image}-{hc}", False, None, "hsc = true"),
        ("{job} -{image}", False, "ABC", "{job} may not stand on a research"),
        ("{hc} -{image}", True, "ABC", "{hc} may not stand on a research"),
        ("{study} {subject} -{image}", False, None, "no value"),
        ("{name} {subject} -{image}", False, None, "unknown field"),
        ("{subject} -{image} {image}", False, None, "twice"),
        ("{subject}{image}", False, None, "beside a field"),
        ("{subject} -1{image}", False, None, "beside a field"),
        ("{subject} -{image", False, None, "brace"),
        ("{subject}: {image}", False, None, "< > :"),
        ("a/{subject} -{image}", False, None, "< > :"),
        (".{subject} -{image}", False, None, "begins"),
        ("con.{subject} -{image}", False, None, "device"),
        ("{subject} -{image}\u202e", False, None, "cannot be seen"),
        ("x" * 230 + "{subject} -{image}", False, None, "255"),
        ("012 345 6789 {subject} -{image}", False, None, "H&C"),
        ("{study} {subject} -{image}", False, "A/B", "reference"),
        ("{study} {subject} -{image}", False, "012 345 6789", "reference"),
    ],
)
def test_validate(text: str, hsc: bool, study: str | None, words: str | None) -> None:
    """Each unfit template is refused for what is wrong with it, and the fit ones are not."""
    faults = validate(text, hsc=hsc, study=study)
    assert bool(faults) is (words is not None), faults
    assert words is None or any(words in fault for fault in faults)


def test_validate_tells_all_at_once() -> None:
    """Every fault of a template is told at once."""
    assert len(validate("{hc}{name}:", hsc=False, study="A")) >= 5


def test_a_misspelt_template_is_not_made() -> None:
    """A template that cannot be understood raises ValueError."""
    with pytest.raises(ValueError, match="unknown field"):
        Template("{nobody} {image}")
