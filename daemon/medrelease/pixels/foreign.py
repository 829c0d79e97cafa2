"""Calls of foreign decoders: whatever they raise on damaged data becomes one exception of ours.

Pillow, tifffile, pydicom and imagecodecs document no exception tree: a damaged file makes them
raise anything from struct.error to AttributeError. Only single calls of theirs stand in here, so
that no fault of our own is taken for the file's. What they warn of is not printed: a warning may
quote the file.
"""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from medrelease.pixels.faults import PixelFault, decoder_missing, undecodable

_RAISED = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
    SyntaxError,
    struct.error,
    zlib.error,
)


@contextmanager
def decoding() -> Iterator[None]:
    """Raises CannotDecode: `decoder-missing` where the decoder says so, else `malformed`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except PixelFault:
            raise
        except (NotImplementedError, ImportError):
            raise decoder_missing("Nothing here reads this form of the format.") from None
        except _RAISED:
            # without `from`: a decoder's message may quote the file
            raise undecodable() from None
