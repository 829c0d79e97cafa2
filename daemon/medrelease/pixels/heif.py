"""HEIC: no decoder for it works behind the walls of a worker, so such pictures are held.

Every build of libheif (pi-heif, pillow-heif) has its HEVC decoder start a thread for each picture,
which a child that reads a file may not do: measured, the decoder aborts the process.
"""

from collections.abc import Iterator

from medrelease.pixels.faults import decoder_missing
from medrelease.pixels.mapped import Mapped
from medrelease.pixels.page import Page


def pages(_source: Mapped) -> Iterator[Page]:
    """Raise CannotDecode (`decoder-missing`)."""
    raise decoder_missing("No decoder for HEIC works in a worker that may start no thread.")
