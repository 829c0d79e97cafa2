"""What can go wrong while a picture is looked at."""


class PixelFault(Exception):
    """A picture cannot be examined; no message carries anything that was read in it."""


class ModelMissing(PixelFault):
    """A package or a model file is absent, or a model file is not one that this program knows."""


class SelfTestFailed(PixelFault):
    """The detector did not see the known text beside the picture: what it says is worthless."""
