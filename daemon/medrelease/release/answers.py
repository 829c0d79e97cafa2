"""What crosses the line between a worker and the coordinator, as JSON both ways.

A worker may be taken over by the file that it reads, so nothing it says is believed beyond
its shape: every field is checked for type and bounds here before a value of the house is
made from it. Anything else is `WorkerLost`, as if the worker had died.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from medrelease.identifiers import hc_number
from medrelease.terms.faults import WorkerLost
from medrelease.terms.flow import Examined, Hold, Mask, Probe, Sanitised
from medrelease.terms.words import Format, Proof, Reason

_TEXT_LIMIT = 500
_COUNTS_LIMIT = 200
_MASKS_LIMIT = 2000
_DETAIL = re.compile(r"(?:[A-Za-z ,.:;()'/&+%*=-]|(?<![0-9])[0-9]{1,4}(?![0-9]))*")
"""A sentence of the program's own: it goes into a note that people read, so no line breaks, no
markup, and no number as long as a patient's."""


@dataclass(frozen=True, slots=True)
class Proved:
    """What the verifier found out about a finished file; sizes in bytes, hashes in hex."""

    format: Format
    sha256: str
    size: int
    source_sha256: str
    proof: Proof
    actions: Mapping[str, int]


def encode(value: Any) -> dict[str, Any]:
    """The JSON form of a worker's result: its fields, or why the file is held."""
    if isinstance(value, Hold):
        return {"held": value.reason.value, "detail": value.detail[:_TEXT_LIMIT]}
    return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Mask):
        return [value.page, value.left, value.top, value.width, value.height]
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def plain_masks(masks: Iterable[Mask]) -> list[Any]:
    """Masks as a message carries them."""
    return [_plain(mask) for mask in masks]


def masks_of(said: Any) -> tuple[Mask, ...]:
    """Masks out of a message. Raises WorkerLost where they are not of that shape."""
    if not isinstance(said, list) or len(said) > _MASKS_LIMIT:
        raise WorkerLost("a worker's answer has malformed masks")
    return tuple(_mask(mask) for mask in said)


def _mask(said: Any) -> Mask:
    if not isinstance(said, list) or len(said) != 5:
        raise WorkerLost("a worker's answer has a malformed mask")
    page, *place = said
    if (page is not None and not _is_count(page)) or not all(map(_is_count, place)):
        raise WorkerLost("a worker's answer has a malformed mask")
    return Mask(page, *place)


def read_probe(answer: Mapping[str, Any]) -> Probe | Hold:
    """What `probe` answered. Raises WorkerLost where it is not of that shape."""
    if (held := _held(answer)) is not None:
        return held
    hc = _optional_text(answer, "dicom_hc")
    if hc is not None and hc_number.parse(hc) != hc:
        raise WorkerLost("a worker's answer has a malformed number")
    return Probe(
        format=_word(Format, answer, "format"),
        sha256=_digest(answer, "sha256"),
        size=_count(answer, "size"),
        sop_class_uid=_optional_text(answer, "sop_class_uid"),
        modality=_optional_text(answer, "modality"),
        dicom_hc=hc,
        native=answer.get("native") is True,
    )


def read_sanitised(answer: Mapping[str, Any]) -> Sanitised | Hold:
    """What `clean` answered. Raises WorkerLost where it is not of that shape."""
    if (held := _held(answer)) is not None:
        return held
    alerts = answer.get("alerts", [])
    if not isinstance(alerts, list) or len(alerts) > 20:
        raise WorkerLost("a worker's answer has a malformed list of alerts")
    return Sanitised(
        format=_word(Format, answer, "format"),
        actions=_counts(answer, "actions"),
        alerts=tuple(_alert(alert) for alert in alerts),
    )


def read_proved(answer: Mapping[str, Any]) -> Proved | Hold:
    """What `prove` answered. Raises WorkerLost where it is not of that shape."""
    if (held := _held(answer)) is not None:
        return held
    return Proved(
        format=_word(Format, answer, "format"),
        sha256=_digest(answer, "sha256"),
        size=_count(answer, "size"),
        source_sha256=_digest(answer, "source_sha256"),
        proof=_word(Proof, answer, "proof"),
        actions=_counts(answer, "actions"),
    )


def read_examined(answer: Mapping[str, Any]) -> Examined | Hold:
    """What `examine` answered. Raises WorkerLost where it is not of that shape."""
    if (held := _held(answer)) is not None:
        return held
    share, models = answer.get("masked_share"), answer.get("models")
    if not isinstance(share, float | int) or not 0 <= share <= 1 or not isinstance(models, dict):
        raise WorkerLost("a worker's answer has a malformed share or list of models")
    return Examined(
        masks=masks_of(answer.get("masks")),
        text=_count(answer, "text"),
        codes=_count(answer, "codes"),
        devices=_count(answer, "devices"),
        kept=_count(answer, "kept"),
        identifiers=_count(answer, "identifiers"),
        residual=_count(answer, "residual"),
        hc=_numbers(answer.get("hc")),
        masked_share=float(share),
        unmaskable=_yes_or_no(answer, "unmaskable"),
        face=_yes_or_no(answer, "face"),
        eyes_covered=_yes_or_no(answer, "eyes_covered"),
        identification_frame=_yes_or_no(answer, "identification_frame"),
        models={_bounded(name): _digest(models, name) for name in models},
    )


def read_drawn(answer: Mapping[str, Any]) -> Hold | None:
    """What `draw` answered: nothing, or why there is no picture."""
    return _held(answer)


def _numbers(said: Any) -> tuple[str, ...]:
    if not isinstance(said, list) or len(said) > 20:
        raise WorkerLost("a worker's answer has a malformed list of numbers")
    if any(not isinstance(number, str) or hc_number.parse(number) != number for number in said):
        raise WorkerLost("a worker's answer has a malformed number")
    return tuple(said)


def _yes_or_no(answer: Mapping[str, Any], key: str) -> bool:
    value = answer.get(key)
    if not isinstance(value, bool):
        raise WorkerLost("a worker's answer has a malformed yes or no")
    return value


def _held(answer: Mapping[str, Any]) -> Hold | None:
    if "held" not in answer:
        return None
    detail = _optional_text(answer, "detail") or ""
    return Hold(_word(Reason, answer, "held"), detail if _DETAIL.fullmatch(detail) else "")


def _word(kind: Any, answer: Mapping[str, Any], key: str) -> Any:
    try:
        return kind(answer.get(key))
    except ValueError:
        # without `from`: the message of the cause would carry what the worker said
        raise WorkerLost(f"a worker's answer has no known {key}") from None


def _bounded(value: object) -> str:
    if not isinstance(value, str) or len(value) > _TEXT_LIMIT:
        raise WorkerLost("a worker's answer has a malformed text")
    return value


def _alert(value: object) -> str:
    if not re.fullmatch(r"[a-z][a-z-]{0,39}", _bounded(value)):
        raise WorkerLost("a worker's answer has a malformed alert")
    return str(value)


def _optional_text(answer: Mapping[str, Any], key: str) -> str | None:
    value = answer.get(key)
    return None if value is None else _bounded(value)


def _digest(answer: Mapping[str, Any], key: str) -> str:
    value = _bounded(answer.get(key))
    if len(value) != 64 or set(value) - set("0123456789abcdef"):
        raise WorkerLost("a worker's answer has a malformed digest")
    return value


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62


def _count(answer: Mapping[str, Any], key: str) -> int:
    value = answer.get(key)
    if not isinstance(value, int) or not _is_count(value):
        raise WorkerLost("a worker's answer has a malformed count")
    return value


def _counts(answer: Mapping[str, Any], key: str) -> Mapping[str, int]:
    value = answer.get(key)
    if not isinstance(value, dict) or len(value) > _COUNTS_LIMIT:
        raise WorkerLost("a worker's answer has malformed counts")
    for name, count in value.items():
        plain = name.replace("-", "").replace("_", "")
        if len(name) > 60 or not plain.isascii() or not plain.isalnum() or not _is_count(count):
            raise WorkerLost("a worker's answer has malformed counts")
    return dict(value)
