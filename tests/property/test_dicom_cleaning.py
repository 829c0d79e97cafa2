"""Properties of the DICOM cleaner and prover on bytes that nobody foresaw."""

from hypothesis import given, settings
from hypothesis import strategies as st

from corpora import dicoms
from corpora.dicom_cleaning import cleaned, proved
from medrelease.sanitise.refusal import Refusal
from medrelease.terms.flow import Hold
from medrelease.verify import Accepted

PLAIN = dicoms.make_plain("sc")
HEAD = len(PLAIN) - 32 * 48 * 3


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(PLAIN) - 1))
def test_no_cut_file_passes(size: int) -> None:
    """A file cut at any byte is refused."""
    try:
        cleaned(PLAIN[:size])
    except Refusal:
        return
    raise AssertionError(size)


@settings(max_examples=100, deadline=None)
@given(st.integers(132, HEAD - 1), st.binary(min_size=1, max_size=4))
def test_a_changed_header_is_refused_or_cleaned(place: int, changed: bytes) -> None:
    """Changed bytes end in a refusal or in an object without the patient's name, proved or held."""
    mutant = PLAIN[:place] + changed + PLAIN[place + len(changed) :]
    try:
        finished, _ = cleaned(mutant)
    except Refusal:
        return
    assert b"ALONSO" not in finished
    assert isinstance(proved(mutant, finished), Accepted | Hold)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([0x00081090, 0x00180024, 0x00181030, 0x00204000, 0x00321060, 0x00401001]),
    st.text(st.characters(codec="latin-1", categories=["L", "N", "P"]), min_size=6, max_size=30),
)
def test_no_text_survives_in_a_free_text_attribute(tag: int, text: str) -> None:
    """What somebody typed is not in the output, whatever it is."""
    marked = f"QX{text}"
    value = dicoms.element(tag, "LO", marked.encode("latin-1", "replace"))
    finished, _ = cleaned(dicoms.file(dicoms.image("sc") | {tag: value}))
    assert marked.encode("latin-1", "replace") not in finished
