"""The room's private exception: a file that may not go. The door turns it into a `Hold`."""

from medrelease.terms.words import Reason


class Refusal(Exception):
    """This file cannot be cleaned. `detail` names structures, never a value of the file."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail or str(reason))
        self.reason = reason
        self.detail = detail


def incomplete(what: str) -> Refusal:
    """The file ends before `what` does."""
    return Refusal(Reason.INCOMPLETE, f"The file ends inside {what}: export it again.")


def malformed(what: str) -> Refusal:
    """The file contradicts itself or its standard; `what` is a sentence without values."""
    return Refusal(Reason.MALFORMED, what)


def unsupported(what: str, remedy: str = "Export it as TIFF or JPEG.") -> Refusal:
    """A structure or a format that is not cleaned here, and what to do instead."""
    return Refusal(Reason.FORMAT_NOT_SUPPORTED, f"{what} {remedy}")


def too_large(what: str) -> Refusal:
    """A declared size passes one of the room's stated limits."""
    return Refusal(Reason.LIMITS_EXCEEDED, what)
