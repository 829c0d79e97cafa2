"""What can go wrong while a picture is looked at."""

from medrelease.terms.words import Reason


class PixelFault(Exception):
    """A picture cannot be examined; no message carries anything that was read in it."""


class ModelMissing(PixelFault):
    """A package or a model file is absent, or a model file is not one that this program knows."""


class ModelAltered(ModelMissing):
    """A model file is there, and is not one that this program knows."""


class SelfTestFailed(PixelFault):
    """The detector did not see the known text beside the picture: what it says is worthless."""


class CannotDecode(PixelFault):
    """A file that no decoder here makes a picture of, or none within the limits."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def decoder_missing(what: str) -> CannotDecode:
    """Nothing that is installed reads this; `what` is a sentence without values."""
    return CannotDecode(Reason.DECODER_MISSING, what)


def undecodable(what: str = "The picture cannot be decoded.") -> CannotDecode:
    """The picture's data is damaged."""
    return CannotDecode(Reason.MALFORMED, what)


def too_large(what: str) -> CannotDecode:
    """The picture is larger, or takes longer, than may be."""
    return CannotDecode(Reason.LIMITS_EXCEEDED, what)
