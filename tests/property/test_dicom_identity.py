"""Identity across files and runs: references hold on a route, and two routes cannot be linked."""

import io
import subprocess
import sys
from datetime import datetime

import pydicom
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import UID

from corpora import dicoms
from corpora.dicom_cleaning import cleaned
from medrelease.identifiers.keyed import date_offset_days, route_key

SITE = b"s" * 32
CONTENT = "clean-structured-content"
MODIFIED = "retain-longitudinal-modified-dates"
_OTHER_PROCESS = """
import sys
sys.path.insert(0, {tests!r})
from corpora.dicom_cleaning import cleaned
data, key = sys.stdin.buffer.read(), bytes.fromhex({key!r})
sys.stdout.buffer.write(cleaned(data, {option!r}, key=key, subject={subject!r})[0])
"""


def _study(moments: list[datetime], patient: str) -> list[bytes]:
    """Instances of one study, made at these moments."""
    files = []
    for number, moment in enumerate(moments):
        image = dicoms.image("ct", number)
        image[0x00100010] = dicoms.element(0x00100010, "PN", patient.encode())
        for tag, vr, form in (
            (0x00080020, "DA", "%Y%m%d"),
            (0x00080030, "TM", "%H%M%S"),
            (0x0008002A, "DT", "%Y%m%d%H%M%S.%f+0100"),
            (0x00080021, "DA", "%Y%m%d"),
        ):
            image[tag] = dicoms.element(tag, vr, moment.strftime(form).encode())
        files.append(dicoms.file(image))
    return files


def _key_objects(count: int) -> bytes:
    """A key object selection that refers to the instances of the study."""
    image = dicoms.image("ct", 99)
    kept = {tag: image[tag] for tag in (0x00080018, 0x0020000D, 0x0020000E)}
    references = [
        dicoms.element(0x00081150, "UI", b"1.2.840.10008.5.1.4.1.1.2")
        + dicoms.element(0x00081155, "UI", f"{dicoms.UID_ROOT}.1.{number}".encode())
        for number in range(count)
    ]
    series = dicoms.sequence(0x00081199, *references) + image[0x0020000E]
    evidence = dicoms.sequence(0x00081115, series) + image[0x0020000D]
    kept[0x00080016] = dicoms.element(0x00080016, "UI", b"1.2.840.10008.5.1.4.1.1.88.59")
    kept[0x0040A375] = dicoms.sequence(0x0040A375, evidence)
    return dicoms.file(kept)


def _read(data: bytes) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(data))


_MOMENTS = st.lists(
    st.datetimes(datetime(1930, 1, 1), datetime(2080, 1, 1)), min_size=2, max_size=5, unique=True
)


@settings(max_examples=25, deadline=None)
@given(
    _MOMENTS, st.binary(min_size=32, max_size=32), st.text("0123456789", min_size=10, max_size=10)
)
def test_references_and_intervals_hold_on_a_route(
    moments: list[datetime], key: bytes, subject: str
) -> None:
    """What refers to the instances still does; all dates of a patient moved by one offset."""
    made = [
        _read(cleaned(d, MODIFIED, key=key, subject=subject)[0]) for d in _study(moments, "A^B")
    ]
    days = date_offset_days(key, subject)
    assert len({found.StudyInstanceUID for found in made}) == 1
    keys, _ = cleaned(_key_objects(len(moments)), CONTENT, key=key, subject=subject)
    (evidence,) = _read(keys).CurrentRequestedProcedureEvidenceSequence
    (series,) = evidence.ReferencedSeriesSequence
    assert evidence.StudyInstanceUID == made[0].StudyInstanceUID
    assert series.SeriesInstanceUID == made[0].SeriesInstanceUID
    referred = [each.ReferencedSOPInstanceUID for each in series.ReferencedSOPSequence]
    assert referred == [found.SOPInstanceUID for found in made]
    for found, moment in zip(made, moments, strict=True):
        told = datetime.strptime(found.AcquisitionDateTime, "%Y%m%d%H%M%S.%f%z")
        assert (moment - told.replace(tzinfo=None)).total_seconds() == days * 86400
        shown = datetime.strptime(found.StudyDate + found.StudyTime, "%Y%m%d%H%M%S")
        assert (moment.replace(microsecond=0) - shown).total_seconds() == days * 86400


@settings(max_examples=25, deadline=None)
@given(
    st.text(min_size=1, max_size=8),
    st.text(min_size=1, max_size=8),
    st.text("0123456789", min_size=10, max_size=10),
)
def test_two_research_routes_cannot_be_linked(one: str, other: str, subject: str) -> None:
    """No UID, code or dummy of a study on one route is met in the same study on another."""
    if one == other:
        return
    source = dicoms.make("ct")
    keys = [route_key(SITE, f"study:{name}") for name in (one, other)]
    made = [_read(cleaned(source, MODIFIED, key=key, subject=subject)[0]) for key in keys]
    values = [
        {str(e.value) for e in found.iterall() if e.VR == "UI" and not _standard(str(e.value))}
        | {str(e.value) for e in found.iterall() if str(e.value).startswith(("ANON-", "LAYER "))}
        for found in made
    ]
    assert values[0]
    assert not values[0] & values[1]
    offsets = [date_offset_days(key, subject) for key in keys]
    assert (made[0].StudyDate == made[1].StudyDate) == (offsets[0] == offsets[1])


def _standard(uid: str) -> bool:
    return not UID(uid).is_private


def test_another_process_maps_the_same() -> None:
    """What stands for a UID, a date and a text depends on key and subject alone."""
    source = dicoms.make("xa")
    key = route_key(SITE, "teaching")
    here, _ = cleaned(source, MODIFIED, key=key, subject="012 345 6789")
    code = _OTHER_PROCESS.format(
        tests=str(dicoms.FACTS.parents[2]), option=MODIFIED, key=key.hex(), subject="012 345 6789"
    )
    there = subprocess.run(
        [sys.executable, "-c", code], input=source, capture_output=True, check=True
    ).stdout
    assert here == there
