"""A JPEG 2000 codestream coded anew without loss after its samples were changed.

What was lossy stays as it decodes. Sources: ITU-T T.800 Annex A, T.814.
"""

from collections.abc import Callable
from struct import unpack
from typing import Any

from numpy.typing import NDArray

from medrelease.sanitise.blanking import Size, mask_not_possible
from medrelease.sanitise.codecs import codec
from medrelease.sanitise.refusal import malformed

Samples = NDArray[Any]
"""Shape (rows, columns) or (rows, columns, components), signed or not."""

_MULTIPLE = 0x4000
"""The bit of Rsiz that says that a codestream is of part 15, high throughput."""


def changed(stream: bytes, size: Size, change: Callable[[Samples], Samples]) -> bytes:
    """The codestream of what `change` makes of the samples, with its precision and its transform.

    `size` is the width and height that the picture must have: nothing larger is decoded. Raises
    refusals: malformed where it has another or does not decode, mask-not-possible where its
    components differ from each other, decoder-missing.
    """
    library = codec("imagecodecs")
    precision, mixed = _siz(stream, size)
    try:
        decoded = library.jpeg2k_decode(stream)
    except (RuntimeError, ValueError) as error:
        raise malformed("A JPEG 2000 codestream does not decode.") from error
    samples = change(decoded)
    if int.from_bytes(stream[6:8]) & _MULTIPLE:
        return _high_throughput(samples, precision, mixed)
    coded: bytes = library.jpeg2k_encode(
        samples,
        level=0,
        codecformat="j2k",
        bitspersample=precision,
        reversible=True,
        mct=mixed,
        numthreads=1,
    )
    return coded


def _high_throughput(samples: Samples, precision: int, mixed: bool) -> bytes:
    """Code samples by part 15, in the progression by resolution that the encoder has.

    The encoder codes whole bytes. Samples are raised by the difference of the two mid-points, and
    SIZ names the true precision: a decoder takes that mid-point off again (T.800 Annex G.1).
    """
    whole = 8 * samples.dtype.itemsize
    shift = (1 << (whole - 1)) - (1 << (precision - 1)) if samples.dtype.kind == "u" else 0
    coded = bytearray(
        codec("imagecodecs").htj2k_encode(
            samples + samples.dtype.type(shift), reversible=True, rgb=mixed, tlm=True
        )
    )
    for at in range(42, 42 + 3 * int.from_bytes(coded[40:42]), 3):
        coded[at] = coded[at] & 0x80 | precision - 1
    return bytes(coded)


def _siz(stream: bytes, size: Size) -> tuple[int, bool]:
    """Bits a sample, and whether components are mixed (T.800 A.5.1, A.6.1)."""
    right, bottom, left, top = unpack(">4I", stream[8:24].ljust(16, b"\0"))
    if (right - left, bottom - top) != size:
        raise malformed("A JPEG 2000 codestream has another size than what holds it says.")
    count = int.from_bytes(stream[40:42])
    parts = {bytes(stream[at : at + 3]) for at in range(42, 42 + 3 * count, 3)}
    cod = stream.find(b"\xff\x52", 42)
    alike = len(parts) == 1 and {part[1:] for part in parts} == {b"\1\1"}
    if not alike or cod < 0 or cod + 9 > len(stream):
        raise mask_not_possible("The components of a JPEG 2000 picture differ from each other.")
    return (parts.pop()[0] & 0x7F) + 1, stream[cod + 8] == 1
