"""Cleaning and proving under masks as operations of a worker, warmed as the service does."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from corpora.cleaned import OPTIONS
from medrelease.release import operations
from medrelease.terms.flow import Hold, Mask

warm = operations.warm


def clean(
    reads: Sequence[int], writes: Sequence[int], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Write `reads[0]` cleaned under the masks of the options."""
    from medrelease import sanitise

    chosen = replace(OPTIONS, masks=_masks(options))
    return _said(sanitise.sanitise(reads[0], writes[0], chosen))


def prove(
    reads: Sequence[int], _writes: Sequence[int], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Prove `reads[1]` against `reads[0]` under the masks of the options."""
    from medrelease import verify

    return _said(verify.verify(reads[0], reads[1], verify.Options(masks=_masks(options))))


def _masks(options: Mapping[str, Any]) -> tuple[Mask, ...]:
    return tuple(Mask(*numbers) for numbers in options["masks"])


def _said(outcome: object) -> dict[str, Any]:
    return {"held": str(outcome) if isinstance(outcome, Hold) else ""}


OPERATIONS = {"clean-native": clean, "prove-native": prove}
