"""Mutated files under masks: a hold or a right answer on either side, and never anything else."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora import masked_dicoms, masked_pictures, masked_tiffs
from corpora.masked import cleaned_under, proved_under
from medrelease.terms.flow import Hold, Mask, Sanitised
from medrelease.verify import Accepted

CHOSEN = (
    "png 2 8 plain", "png 3 4 interlaced", "bmp 40 8", "bmp runs 4", "gif", "gif layers 0",
    "webp", "webp moving", "jp2", "tiff deflate predicted", "tiff lzw", "tiff packbits",
    "tiff fax", "tiff jpeg grey", "tiff rgb planes", "dicom 12", "dicom bits 1", "dicom jpeg",
    "dicom j2k", "dicom htj2k", "dicom jpeg-ls", "dicom jpeg lossless", "dicom rle",
)  # fmt: skip
SOURCES = (
    masked_pictures.png,
    masked_pictures.bmp,
    masked_pictures.gif,
    masked_pictures.webp,
    masked_pictures.jp2,
    masked_tiffs.forms,
    masked_dicoms.forms,
)
FORMS = {form.name: form for source in SOURCES for form in source(3) if form.name in CHOSEN}
MASKS = (Mask(None, 8, 8, 8, 8),)

EDITS = st.lists(
    st.tuples(
        st.sampled_from(["set", "delete", "insert"]),
        st.floats(0, 1, exclude_max=True),
        st.binary(min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=3,
)


def mutated(data: bytes, edits: list[tuple[str, float, bytes]]) -> bytes:
    """A file with each edit made at its relative place."""
    for kind, share, body in edits:
        at = int(share * len(data))
        kept = {"set": at + len(body), "delete": at + len(body), "insert": at}[kind]
        data = data[:at] + (b"" if kind == "delete" else body) + data[kept:]
    return data


@pytest.mark.parametrize("name", CHOSEN)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(edits=EDITS)
def test_a_broken_source_ends_in_a_hold_or_a_proof(name: str, edits: list) -> None:
    """Whatever decoders make of broken bytes, the two doors answer with values."""
    data = mutated(FORMS[name].data, edits)
    outcome, finished = cleaned_under(data, MASKS)
    assert isinstance(outcome, Hold | Sanitised)
    if isinstance(outcome, Sanitised):
        assert isinstance(proved_under(data, finished, MASKS), Accepted | Hold)


FINISHED = {name: cleaned_under(form.data, MASKS)[1] for name, form in FORMS.items()}
SHOWN = {name: form.decode(FINISHED[name]) for name, form in FORMS.items()}


@pytest.mark.filterwarnings("ignore:Unknown encoding")  # pydicom's, of a mutated character set
@pytest.mark.parametrize("name", CHOSEN)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(edits=EDITS)
def test_an_accepted_change_shows_nothing_else(name: str, edits: list) -> None:
    """A mutated finished file is refused, or another library decodes the very same pixels."""
    changed = mutated(FINISHED[name], edits)
    if isinstance(proved_under(FORMS[name].data, changed, MASKS), Accepted):
        pages = FORMS[name].decode(changed)
        assert len(pages) == len(SHOWN[name])
        assert all(np.array_equal(a, b) for a, b in zip(pages, SHOWN[name], strict=True))
