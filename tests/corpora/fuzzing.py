"""One hostile input through both rooms: what must never happen, whatever the bytes are."""

import hashlib
import io
import os
import random
import re
import struct
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from typing import Self

import numpy as np
import pi_heif
import pydicom
import tifffile
from PIL import Image, ImageSequence

from corpora import fuzz_seeds, jpeg_coefficients
from corpora.cleaned import OPTIONS
from corpora.picture_places import beside_picture
from medrelease import sanitise, verify
from medrelease.terms.flow import Hold, Sanitised
from medrelease.terms.words import Format
from medrelease.verify import Accepted

SLOWEST = 2.0
"""CPU seconds that one input may take."""
_SMALL = 24_000
_MARK = re.compile(rb"MARK[0-9a-f]{6}|MARKfuzz")


class Finding(AssertionError):
    """An input that shows a fault; the text says which."""


class Rooms:
    """Both doors over the same three files in memory, to be fed again and again."""

    def __enter__(self) -> Self:
        names = ("source", "finished", "again")
        self._source, self._finished, self._again = map(os.memfd_create, names)
        self._judged: set[bytes] = set()
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in (self._source, self._finished, self._again):
            os.close(descriptor)

    def judge(self, data: bytes) -> str:
        """What becomes of an input: its reason, or `accepted`. Raises Finding.

        A finished file that came out before is not judged again.
        """
        begun = time.process_time()
        verdict, finished = self._pass(data)
        if time.process_time() - begun > SLOWEST:
            raise Finding("it takes too long")
        if isinstance(verdict, Hold):
            return str(verdict.reason)
        known = hashlib.sha256(finished).digest()
        if known not in self._judged:
            self._judged.add(known)
            self._cleans_to_itself(verdict.format, finished)
            strictly(verdict.format, data, finished)
        return "accepted"

    def believe(self, source: bytes, finished: bytes) -> str:
        """What the prover says of any two files: its reason, or `accepted`."""
        _fill(self._source, source)
        _fill(self._finished, finished)
        begun = time.process_time()
        said = verify.verify(self._source, self._finished, verify.Options())
        if time.process_time() - begun > SLOWEST:
            raise Finding("the proof takes too long")
        return "accepted" if isinstance(said, Accepted) else str(said.reason)

    def _pass(self, data: bytes) -> tuple[Accepted | Hold, bytes]:
        _fill(self._source, data)
        _fill(self._finished, b"")
        outcome = sanitise.sanitise(self._source, self._finished, OPTIONS)
        if isinstance(outcome, Hold):
            return outcome, b""
        options = verify.Options(format=outcome.format)
        said = verify.verify(self._source, self._finished, options)
        return said, b"" if isinstance(said, Hold) else _content(self._finished)

    def _cleans_to_itself(self, form: Format, finished: bytes) -> None:
        """Refuse a released file that is not its own clean form; DICOM is coded anew each time."""
        _fill(self._source, finished)
        _fill(self._again, b"")
        twice = sanitise.sanitise(self._source, self._again, OPTIONS)
        if not isinstance(twice, Sanitised):
            raise Finding("a released file is held when it comes again")
        if form is not Format.DICOM and _content(self._again) != finished:
            raise Finding("a released file is not its own clean form")


def strictly(form: Format, source: bytes, finished: bytes) -> None:
    """Refuse a released file in which a marker stands, or that decoders show otherwise."""
    if _MARK.search(beside_picture(finished)):
        raise Finding("a marker is left")
    if form is Format.JPEG and len(finished) < _SMALL:
        try:
            jpeg_coefficients.read(finished)
        except (AssertionError, IndexError, KeyError) as error:
            raise Finding("another reader refuses the released scan") from error
    decode = _DECODERS.get(form, _by_pillow)
    before, after = _shown(decode, source), _shown(decode, finished)
    if before and after is None:
        raise Finding("a decoder opens the source and refuses the released file")
    if before and after and not set(after) <= set(before):
        raise Finding("a decoder shows the released file otherwise")


def _shown(decode: Callable[[bytes], Iterator[np.ndarray]], data: bytes) -> list[bytes] | None:
    """Digests of the pages that a decoder shows; None where it complains at all."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return [_digest(page) for page in decode(data)]
    except Exception:  # noqa: BLE001 - whatever a decoder raises, it did not open the file
        return None


def _digest(page: np.ndarray) -> bytes:
    return hashlib.sha256(repr(page.shape).encode() + np.ascontiguousarray(page).tobytes()).digest()


def _by_pillow(data: bytes) -> Iterator[np.ndarray]:
    with Image.open(io.BytesIO(data)) as image:
        for frame in ImageSequence.Iterator(image):
            yield _visible(frame)


def _visible(frame: Image.Image) -> np.ndarray:
    """The pixels of a frame, black where they are fully transparent."""
    if frame.mode in ("I", "F", "I;16", "CMYK"):
        return np.asarray(frame)
    rgba = np.array(frame.convert("RGBA"))
    rgba[rgba[..., 3] == 0] = 0
    return rgba


def _by_tifffile(data: bytes) -> Iterator[np.ndarray]:
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        for page in file.pages:
            pixels = page.asarray()
            if pixels.min(initial=255) < 255:  # a white page stands in place of a thumbnail
                yield _opaque(page, pixels)


def _opaque(page: tifffile.TiffPage, pixels: np.ndarray) -> np.ndarray:
    """The samples of a page, 0 where one of them says that the pixel is fully transparent."""
    extra = [number for number, said in enumerate(page.extrasamples) if said in (1, 2)]
    if not extra:
        return pixels
    samples = np.moveaxis(np.array(pixels), 0 if page.planarconfig == 2 else -1, 0)
    alphas = samples[[len(samples) - len(page.extrasamples) + number for number in extra]]
    samples[:, (alphas == 0).any(axis=0)] = 0
    return samples


def _by_pi_heif(data: bytes) -> Iterator[np.ndarray]:
    yield _visible(pi_heif.open_heif(io.BytesIO(data))[0].to_pillow())


def _by_pydicom(data: bytes) -> Iterator[np.ndarray]:
    yield np.zeros(pydicom.dcmread(io.BytesIO(data)).pixel_array.shape)


_DECODERS = {
    Format.TIFF: _by_tifffile,
    Format.SVS: _by_tifffile,
    Format.HEIC: _by_pi_heif,
    Format.DICOM: _by_pydicom,
}


def _content(descriptor: int) -> bytes:
    return os.pread(descriptor, os.lseek(descriptor, 0, os.SEEK_END), 0)


def _fill(descriptor: int, data: bytes) -> None:
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, data)
    os.lseek(descriptor, 0, os.SEEK_SET)


def seeds(formats: tuple[str, ...] = fuzz_seeds.FORMATS) -> list[bytes]:
    """Tiny files of these formats, clean and soiled."""
    return fuzz_seeds.seeds(formats)


def mutations(files: list[bytes], seed: int) -> Iterator[bytes]:
    """Mutated files without end, the same for the same seed."""
    draw = random.Random(seed)
    while True:
        data = mutated(draw.choice(files), draw, files)
        yield with_check_sums(data) if data[:4] == b"\x89PNG" else data


def mutated(data: bytes, draw: random.Random, files: list[bytes]) -> bytes:
    """A file with one to eight changes, some of them pieces of other files."""
    changed = bytearray(data)
    for _ in range(1 << draw.randrange(4)):
        _mutate(changed, draw, files)
    return bytes(changed)


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
