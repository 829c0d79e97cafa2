"""One hostile input through both rooms: what must never happen, whatever the bytes are."""

import io
import random
import re
import struct
import tempfile
import time
import warnings
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, Self

from PIL import Image, ImageSequence

from corpora import dicom_real, dicoms, jpeg_coefficients, photos, photos_jpeg_scan
from corpora.cleaned import OPTIONS
from medrelease import sanitise, verify
from medrelease.terms.flow import Hold, Sanitised
from medrelease.terms.words import Format
from medrelease.verify import Accepted

SLOWEST = 2.0
"""CPU seconds that one input may take."""
_SMALL = 24_000


class Finding(AssertionError):
    """An input that shows a fault; the text says which."""


class Rooms:
    """Both doors over the same three temporary files, to be fed again and again."""

    def __enter__(self) -> Self:
        with ExitStack() as open_files:
            files = [open_files.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
            self._source, self._finished, self._again = files
            self._open_files = open_files.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open_files.close()

    def judge(self, data: bytes) -> str:
        """What becomes of an input: its reason, or `accepted`. Raises Finding."""
        begun = time.process_time()
        verdict, finished = self._pass(data)
        if time.process_time() - begun > SLOWEST:
            raise Finding("it takes too long")
        if isinstance(verdict, Hold):
            return str(verdict.reason)
        self._strictly(verdict.format, data, finished)
        return "accepted"

    def believe(self, source: bytes, finished: bytes) -> str:
        """What the prover says of any two files: its reason, or `accepted`."""
        _fill(self._source, source)
        _fill(self._finished, finished)
        begun = time.process_time()
        said = verify.verify(self._source.fileno(), self._finished.fileno(), verify.Options())
        if time.process_time() - begun > SLOWEST:
            raise Finding("the proof takes too long")
        return "accepted" if isinstance(said, Accepted) else str(said.reason)

    def _pass(self, data: bytes) -> tuple[Accepted | Hold, bytes]:
        _fill(self._source, data)
        _fill(self._finished, b"")
        outcome = sanitise.sanitise(self._source.fileno(), self._finished.fileno(), OPTIONS)
        if isinstance(outcome, Hold):
            return outcome, b""
        options = verify.Options(format=outcome.format)
        said = verify.verify(self._source.fileno(), self._finished.fileno(), options)
        if isinstance(said, Hold):
            return said, b""
        self._finished.seek(0)
        finished = self._finished.read()
        _fill(self._again, b"")
        twice = sanitise.sanitise(self._finished.fileno(), self._again.fileno(), OPTIONS)
        self._again.seek(0)
        keyed_again = said.format is Format.DICOM  # its UIDs and codes
        if not isinstance(twice, Sanitised) or (self._again.read() != finished and not keyed_again):
            raise Finding("a released file is not its own clean form")
        return said, finished

    @staticmethod
    def _strictly(form: Format, source: bytes, finished: bytes) -> None:
        """Refuse a released file in which a planted marker stands, or that opened only before."""
        if b"MARK" in _beside_picture(form, finished):
            raise Finding("a marker is left")
        if form is Format.JPEG and len(finished) < _SMALL:
            try:
                jpeg_coefficients.read(finished)
            except (AssertionError, IndexError, KeyError) as error:
                raise Finding("another reader refuses the released scan") from error
        if form in _BY_PILLOW and _opens(source) and not _opens(finished):
            raise Finding("a decoder opens the source and refuses the released file")


def _opens(data: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                for frame in ImageSequence.Iterator(image):
                    frame.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return True


def _beside_picture(form: Format, finished: bytes) -> bytes:
    """What of a file is not coded picture: a mutation may well make a marker part of that."""
    if form is Format.JPEG:
        coded = rb"\xff\xda.*?(?=\xff[^\0\xd0-\xd7])|\xff\xdb\0\x43.{65}"
        return re.sub(coded, b"", finished, flags=re.DOTALL)
    if form is Format.PNG:
        return re.sub(rb"IDAT.*(?=....IEND)", b"", finished, flags=re.DOTALL)
    return b""


_BY_PILLOW = frozenset({Format.JPEG, Format.PNG, Format.GIF, Format.BMP, Format.WEBP})


def _fill(file: IO[bytes], data: bytes) -> None:
    file.seek(0)
    file.truncate()
    file.write(data)
    file.flush()


def seeds() -> list[bytes]:
    """Small files of every format, clean and soiled."""
    files = [data for _, data in photos.faithful()] + [data for _, data, _ in photos.planted()]
    files += [data for _, data, _ in photos_jpeg_scan.held(1)]
    files += [dicoms.make_plain(kind) for kind in dicoms.KINDS]
    files += [path.read_bytes() for path in dicom_real.files() if path.stat().st_size < _SMALL]
    return [data for data in files if len(data) < _SMALL]


def mutations(files: list[bytes], seed: int) -> Iterator[bytes]:
    """Mutated files without end, the same for the same seed."""
    draw = random.Random(seed)
    while True:
        data = bytearray(draw.choice(files))
        for _ in range(1 << draw.randrange(4)):
            _mutate(data, draw, files)
        yield with_check_sums(bytes(data)) if data[:4] == b"\x89PNG" else bytes(data)


def _mutate(data: bytearray, draw: random.Random, files: list[bytes]) -> None:
    at = int(len(data) * draw.random() ** draw.choice((1, 1, 4)))
    kind = draw.randrange(7)
    if kind == 0 and data:
        data[min(at, len(data) - 1)] ^= 1 << draw.randrange(8)
    elif kind == 1:
        data[at : at + 1] = draw.randbytes(1)
    elif kind == 2:
        del data[at : at + draw.randrange(1, 40)]
    elif kind == 3:
        data[at:at] = draw.choice((b"\xff", b"\0", draw.randbytes(4), b"\xff\xd0"))
    elif kind == 4:
        data[at : at + 4] = draw.choice((b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\0\0\0\1"))
    elif kind == 5:
        other = draw.choice(files)
        start = draw.randrange(len(other))
        data[at:at] = other[start : start + draw.randrange(1, 200)]
    elif len(data) > 4 and draw.random() < 0.2:
        del data[at:]


def with_check_sums(png: bytes) -> bytes:
    """A PNG whose chunks are given fitting CRCs, so that mutations reach behind them."""
    fixed, at = bytearray(png), 8
    while at + 12 <= len(fixed):
        end = at + 8 + int.from_bytes(fixed[at : at + 4])
        if end + 4 > len(fixed):
            break
        fixed[end : end + 4] = struct.pack(">I", zlib.crc32(fixed[at + 4 : end]))
        at = end + 4
    return bytes(fixed)
