"""What a worker says is believed for its shape only."""

import json
from typing import Any

import pytest

from medrelease.release import answers
from medrelease.terms.faults import WorkerLost
from medrelease.terms.flow import Examined, Hold, Mask, Probe, Sanitised
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


SEEN = Examined(
    masks=(Mask(None, 0, 1, 2, 3), Mask(4, 5, 6, 7, 8)),
    text=2,
    codes=1,
    devices=2,
    kept=3,
    identifiers=1,
    residual=1,
    hc=("012 345 6789",),
    masked_share=0.25,
    unmaskable=True,
    face=True,
    eyes_covered=True,
    identification_frame=True,
    models={"net.onnx": DIGEST},
)


def test_what_was_seen_goes_there_and_back() -> None:
    """Masks, counts, numbers and models survive the journey as JSON."""
    told = json.loads(json.dumps(answers.encode(SEEN)))
    assert answers.read_examined(told) == SEEN
    assert answers.masks_of(told["masks"]) == SEEN.masks


@pytest.mark.parametrize(
    "wrong",
    [
        {"masks": None},
        {"masks": [[None, 0, 0, 1]]},
        {"masks": [[None, 0, 0, 1, -1]]},
        {"masks": [[True, 0, 0, 1, 1]]},
        {"masks": [[None, 0, 0, 1, 1]] * 2001},
        {"text": -1},
        {"hc": ["0123456789"]},
        {"hc": ["012 345 6789"] * 21},
        {"masked_share": 1.5},
        {"masked_share": float("nan")},
        {"face": 1},
        {"models": {"net": "short"}},
        {"models": []},
        {"eyes_covered": None},
    ],
)
def test_what_was_seen_is_believed_for_its_shape_only(wrong: dict[str, Any]) -> None:
    """Anything of another shape is as if the worker had died."""
    with pytest.raises(WorkerLost):
        answers.read_examined({**answers.encode(SEEN), **wrong})
