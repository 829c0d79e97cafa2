"""What the trail does not say: where held files stand, and whom a code stands for."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpora.trails import HC, ULID
from medrelease.ledger.held_places import HeldPlace, HeldPlaces, place_from_note
from medrelease.ledger.linkage import Linkage, Linked
from medrelease.terms.faults import Defect, Fault
from medrelease.terms.flow import Stamp
from medrelease.terms.words import Reason

STAMP = Stamp(1, 2, 3, 4, 5, 1, 1000)
HELD = HeldPlace(
    release_id=ULID,
    route="clinician",
    path=b"to Dr X/a\xff.jpg",
    place=b"to Dr X/a\xff~00000A.jpg",
    reason=Reason.CONSENT_MISSING,
    since=datetime(2026, 11, 23, tzinfo=UTC),
    stamp=STAMP,
)


def test_a_held_place_is_remembered_over_a_restart(tmp_path: Path) -> None:
    """Names that are not UTF-8 and the stamp come back as they were."""
    places = HeldPlaces(tmp_path / "held.sqlite")
    places.remember(HELD)
    places.remember(HELD)
    places.close()
    places = HeldPlaces(tmp_path / "held.sqlite")
    assert places.all() == [HELD]
    assert places.find(ULID) == HELD
    places.forget(ULID)
    assert places.find(ULID) is None
    places.close()


def test_a_damaged_file_of_places_is_set_aside(tmp_path: Path) -> None:
    """It can be made again from the notes, so the service starts."""
    place = tmp_path / "held.sqlite"
    place.write_bytes(b"no database" * 1000)
    places = HeldPlaces(place)
    assert places.all() == []
    places.close()


@pytest.mark.parametrize(
    ("standing", "dropped"),
    [
        (HELD.place, HELD.path),
        (f"a~{ULID}.jpg".encode(), b"a.jpg"),
        (f"a~{ULID[-6:]}".encode(), b"a"),
        (b"a~b.jpg", b"a~b.jpg"),
        (b"sub/a.jpg", b"sub/a.jpg"),
    ],
)
def test_a_place_is_made_again_from_its_note(standing: bytes, dropped: bytes) -> None:
    """The part that made a taken name another is taken off again."""
    found = place_from_note(
        release_id=ULID,
        route="clinician",
        place=standing,
        reason=HELD.reason,
        since=HELD.since,
        stamp=STAMP,
    )
    assert (found.path, found.place, found.stamp) == (dropped, standing, STAMP)


def test_linkage_is_durable_idempotent_and_private(tmp_path: Path) -> None:
    """A code is found after a restart; the file is for the service alone."""
    place = tmp_path / "linkage.sqlite"
    linkage = Linkage(place)
    for _ in range(3):
        linkage.remember("CODE", HC, "route:teaching")
    linkage.close()
    linkage = Linkage(place)
    linkage.remember("CODE", HC, "route:teaching")
    assert linkage.find("CODE") == Linked("CODE", HC, "route:teaching")
    assert linkage.find("OTHER") is None
    linkage.close()
    assert place.stat().st_mode & 0o777 == 0o600


def test_a_code_never_changes_its_subject(tmp_path: Path) -> None:
    """A second subject under one code is a defect, and the first stays."""
    linkage = Linkage(tmp_path / "linkage.sqlite")
    linkage.remember("CODE", "a", "route:teaching")
    with pytest.raises(Defect):
        linkage.remember("CODE", "b", "route:teaching")
    found = linkage.find("CODE")
    assert found is not None
    assert found.subject == "a"
    linkage.close()


def test_a_damaged_linkage_is_never_replaced(tmp_path: Path) -> None:
    """Nothing else holds what stands in it."""
    place = tmp_path / "linkage.sqlite"
    place.write_bytes(b"no database" * 1000)
    with pytest.raises(Fault):
        Linkage(place)
    assert place.read_bytes().startswith(b"no database")
