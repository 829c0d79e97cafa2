"""Names that are put down beside others: within bounds, whole, and distinct."""

from hypothesis import given
from hypothesis import strategies as st

from medrelease.spool.naming import NOTE_SUFFIX, candidates

RELEASE_ID = "01JD0000000000000000ABCDEF"
NAMES = st.one_of(
    st.binary(min_size=1, max_size=255).filter(lambda name: b"/" not in name and b"\0" not in name),
    st.text(min_size=1, max_size=255).map(lambda text: text.encode("utf-8", "ignore")[:255]),
).filter(bool)


@given(NAMES)
def test_within_bounds_and_distinct(name: bytes) -> None:
    """Every candidate leaves room for the note's suffix, and no two are the same."""
    found = list(candidates(name, RELEASE_ID, room=len(NOTE_SUFFIX)))
    assert all(0 < len(each) <= 255 - len(NOTE_SUFFIX) for each in found)
    assert len(set(found)) == len(found) == 3


@given(NAMES)
def test_short_names_stay(name: bytes) -> None:
    """A name that fits is kept as it is, and tagged before its suffix."""
    plain, tagged, _ = candidates(name, RELEASE_ID)
    assert plain == name
    if len(name) <= 248:
        assert tagged.replace(b"~ABCDEF", b"", 1) == name or b"~ABCDEF" in name


@given(st.text(alphabet="aä日𝄞", min_size=60, max_size=120))
def test_no_character_is_cut(text: str) -> None:
    """What was UTF-8 is UTF-8 after the cut."""
    name = text.encode()[:251].decode(errors="ignore").encode() + b".jpg"
    for each in candidates(name, RELEASE_ID, room=len(NOTE_SUFFIX)):
        assert each.decode().endswith(".jpg")
