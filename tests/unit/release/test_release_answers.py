"""What a worker says is believed for its shape only."""

from typing import Any

import pytest

from medrelease.release import answers
from medrelease.terms.faults import WorkerLost
from medrelease.terms.flow import Hold, Probe, Sanitised
from medrelease.terms.words import Format, Reason

DIGEST = "0" * 64
PROBE = Probe(Format.DICOM, DIGEST, 10, "1.2.840", "CT", "012 345 6789")
PROVED = {
    "format": "jpeg",
    "sha256": DIGEST,
    "size": 1,
    "source_sha256": DIGEST,
    "proof": "coded-identical",
    "actions": {"exif": 1},
}


def test_probe_goes_there_and_back() -> None:
    """What is encoded reads as the same value."""
    assert answers.read_probe(answers.encode(PROBE)) == PROBE


def test_hold_goes_there_and_back() -> None:
    """A hold is a value on both sides."""
    hold = Hold(Reason.MALFORMED, "why")
    for read in (answers.read_probe, answers.read_sanitised, answers.read_proved):
        assert read(answers.encode(hold)) == hold


def test_sanitised_goes_there_and_back() -> None:
    """Counts and alerts survive the journey."""
    sanitised = Sanitised(Format.PNG, {"text-chunk": 2}, ("preamble-mz",))
    assert answers.read_sanitised(answers.encode(sanitised)) == sanitised


@pytest.mark.parametrize(
    "change",
    [
        {"format": "exe"},
        {"sha256": "0" * 63},
        {"sha256": "Z" * 64},
        {"size": -1},
        {"size": True},
        {"size": "1"},
        {"proof": None},
        {"actions": []},
        {"actions": {"a name, 012 345 6789": 1}},
        {"actions": {"exif": "Siobhan"}},
        {"actions": {f"k{n}": 1 for n in range(500)}},
        {"held": "because"},
    ],
)
def test_nonsense_is_a_lost_worker(change: dict[str, Any]) -> None:
    """Anything of another shape counts as if the worker had died, and is not quoted."""
    with pytest.raises(WorkerLost) as caught:
        answers.read_proved(PROVED | change)
    assert "Siobhan" not in str(caught.value)
    assert "6789" not in str(caught.value)


@pytest.mark.parametrize("alert", ["Siobhan Fitz", "", "x" * 99, 7])
def test_an_alert_is_a_word(alert: object) -> None:
    """An alert cannot carry a text of the file into the trail."""
    with pytest.raises(WorkerLost):
        answers.read_sanitised({"format": "png", "actions": {}, "alerts": [alert]})


def test_a_number_must_be_canonical() -> None:
    """A number that a worker reports is ten digits in the canonical form or nothing."""
    with pytest.raises(WorkerLost):
        answers.read_probe(answers.encode(PROBE) | {"dicom_hc": "0123456789"})
