"""The one exception of the prover's readers; the door turns it into a Hold."""

from typing import NoReturn

from medrelease.terms.words import Reason


class Refusal(Exception):
    """This file cannot be proved. `detail` names structures and never carries a value."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def malformed(detail: str) -> NoReturn:
    """Refuse a file that contradicts its format, or holds a structure that is not allowed."""
    raise Refusal(Reason.MALFORMED, detail)


def incomplete(detail: str) -> NoReturn:
    """Refuse a file that ends before its format says it may."""
    raise Refusal(Reason.INCOMPLETE, detail)


def unsupported(detail: str) -> NoReturn:
    """Refuse a form of a known format that nothing here can prove."""
    raise Refusal(Reason.FORMAT_NOT_SUPPORTED, detail)


def residual(detail: str) -> NoReturn:
    """Refuse a finished file in which something that identifies was left."""
    raise Refusal(Reason.RESIDUAL_IDENTIFIER, detail)
