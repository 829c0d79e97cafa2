"""Properties of shifted dates: intervals stay, and nobody's date stays where it was."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from medrelease.identifiers.keyed import date_offset_days
from medrelease.sanitise.dicom.dates import moved
from medrelease.verify.dicom_rules import prove_value

_TIMES = st.datetimes(datetime(1915, 1, 1), datetime(2090, 1, 1))


@given(_TIMES, _TIMES, st.binary(min_size=32, max_size=32), st.text(min_size=1, max_size=12))
def test_intervals_are_kept_to_the_microsecond(
    first: datetime, second: datetime, key: bytes, subject: str
) -> None:
    """Two moments of one subject on one route keep their distance, and both move."""
    days = date_offset_days(key, subject)
    shifted = [moved(b"DT", f"{t:%Y%m%d%H%M%S.%f}".encode(), days) for t in (first, second)]
    read = [datetime.strptime((t or b"").decode(), "%Y%m%d%H%M%S.%f") for t in shifted]
    assert read[1] - read[0] == second - first
    assert read[0] == first - timedelta(days=days) != first


@given(st.binary(max_size=20), st.sampled_from([b"DA", b"TM", b"DT"]))
def test_what_is_no_date_is_never_passed_on(value: bytes, vr: bytes) -> None:
    """Any bytes give either nothing or digits and a date's punctuation."""
    found = moved(vr, value, 17)
    assert found is None or set(found) <= set(b"0123456789.:+-\\")


_LIKE = st.text("0123456789.:+- \\", max_size=26).map(str.encode)


@given(st.one_of(_LIKE, _TIMES.map(lambda t: f"{t:%H:%M:%S.%f}".encode())), st.booleans())
def test_what_the_cleaner_passes_on_the_prover_believes(value: bytes, in_time: bool) -> None:
    """Whatever was taken for a date or time is written in the form of its representation."""
    for vr in ("TM",) if in_time else ("DA", "DT"):
        found = moved(vr.encode(), value, 0)
        if found is not None:
            prove_value(vr, found + b" " * (len(found) & 1))
