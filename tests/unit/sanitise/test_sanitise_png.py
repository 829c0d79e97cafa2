"""PNG chunks and rasters: what is kept bit for bit, what is coded anew, what is refused."""

import struct
import zlib

import imagecodecs
import numpy as np
import pytest

from corpora import photos_png
from corpora.cleaned import cleaned
from corpora.photos_base import picture
from corpora.photos_png import assembled, chunk, encoded
from medrelease.terms.flow import Hold, Sanitised
from medrelease.terms.words import Reason


def reason(data: bytes) -> Reason | None:
    """The reason that a file is held for, None where it is cleaned."""
    outcome, _ = cleaned(data)
    return outcome.reason if isinstance(outcome, Hold) else None


IEND = chunk(b"IEND", b"")


def with_chunk(png: bytes, inserted: bytes) -> bytes:
    """A chunk behind the header."""
    return png[:33] + inserted + png[33:]


def test_plain_file_is_unchanged() -> None:
    """A file with nothing to remove comes out byte for byte."""
    png = encoded(1)
    assert cleaned(png) == (cleaned(png)[0], png)


@pytest.mark.parametrize("cuts", [1, 7, 8192, 1 << 20, 1 << 22])
def test_how_the_stream_was_cut_is_not_kept(cuts: int) -> None:
    """The coded stream stays bit for bit, in pieces of one length and none of them empty."""
    grain = np.random.default_rng(1).integers(0, 256, (900, 900, 3), dtype=np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in grain)
    stream = zlib.compress(rows, 1)
    few = [stream[at : at + cuts] for at in range(0, min(len(stream), 500 * cuts), cuts)]
    few.append(stream[sum(map(len, few)) :])
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 900, 900, 8, 2, 0, 0, 0))
    source = head + b"".join(chunk(b"IDAT", each) for each in [b"", *few, b""]) + IEND
    outcome, finished = cleaned(source)
    assert isinstance(outcome, Sanitised)
    assert (
        finished
        == head
        + b"".join(
            chunk(b"IDAT", stream[at : at + (1 << 20)]) for at in range(0, len(stream), 1 << 20)
        )
        + IEND
    )


def test_colour_chunks_are_kept() -> None:
    """gAMA, cHRM, sRGB, cICP, sBIT, bKGD and pHYs within bounds are carried over."""
    kept = {
        b"gAMA": struct.pack(">I", 45455),
        b"cHRM": struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
        b"sRGB": b"\0",
        b"cICP": b"\x01\x0d\0\x01",
        b"sBIT": b"\x08\x08\x08",
        b"bKGD": struct.pack(">3H", 255, 255, 255),
        b"pHYs": struct.pack(">IIB", 11811, 11811, 1),
    }
    png = with_chunk(encoded(1), b"".join(chunk(name, data) for name, data in kept.items()))
    _, finished = cleaned(png)
    assert all(chunk(name, data) in finished for name, data in kept.items())


@pytest.mark.parametrize("name", [b"gAMA", b"cHRM", b"sRGB", b"cICP", b"pHYs", b"tRNS"])
def test_text_cannot_pass_for_numbers(name: bytes) -> None:
    """A chunk of the right length whose values are letters is dropped."""
    lengths = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4, b"pHYs": 9, b"tRNS": 6}
    text = (b"ONEILL" * 6)[: lengths[name]]
    outcome, finished = cleaned(with_chunk(encoded(1), chunk(name, text)))
    assert isinstance(outcome, Sanitised)
    assert name not in finished


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1"])
def test_surplus_rows_are_coded_away(mode: str) -> None:
    """A picture with more rows than declared keeps the declared ones exactly."""
    png = bytearray(encoded(3, mode))
    png[20:24] = (40).to_bytes(4)
    png[29:33] = struct.pack(">I", zlib.crc32(png[12:29]))
    outcome, finished = cleaned(bytes(png))
    assert isinstance(outcome, Sanitised)
    assert outcome.actions["surplus-rows"] == 1
    whole = imagecodecs.png_decode(encoded(3, mode))
    assert np.array_equal(imagecodecs.png_decode(finished), whole[:40])


@pytest.mark.parametrize(("depth", "channels"), [(8, 2), (8, 4), (16, 2), (16, 4)])
def test_hidden_colour_is_zeroed_and_the_rest_kept(depth: int, channels: int) -> None:
    """Colour under zero alpha becomes black; every visible sample stays, at both depths."""
    random = np.random.default_rng(depth + channels)
    kind = np.uint8 if depth == 8 else np.uint16
    samples = random.integers(0, 1 << depth, (40, 30, channels)).astype(kind)
    samples[::3, :, -1] = 0
    outcome, finished = cleaned(imagecodecs.png_encode(samples, level=6))
    assert isinstance(outcome, Sanitised)
    assert outcome.actions["hidden-colour"] == 1
    wanted = np.where(samples[:, :, -1:] == 0, 0, samples)
    assert np.array_equal(imagecodecs.png_decode(finished), wanted)


def test_interlaced_picture_is_kept_and_coded_anew() -> None:
    """Adam7 rasters are walked pass by pass, also where a surplus asks for a new stream."""
    pixels = np.asarray(picture(2, (13, 11)))
    steps = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4))
    steps += ((1, 0, 2, 2), (0, 1, 1, 2))
    raw = b"".join(
        b"\0" + row.tobytes() for x, y, dx, dy in steps for row in pixels[y::dy, x::dx] if row.size
    )
    plain = assembled(13, 11, 8, 2, raw, adam7=b"\1")
    assert cleaned(plain)[1] == plain
    _, finished = cleaned(assembled(13, 11, 8, 2, raw + b"\0surplus", adam7=b"\1"))
    assert np.array_equal(imagecodecs.png_decode(finished), pixels)


def test_row_padding_is_zeroed() -> None:
    """Bits behind the last pixel of a row do not survive."""
    _, finished = cleaned(assembled(3, 2, 1, 0, b"\0\xbf\0\x5f"))
    at = finished.index(b"IDAT") + 4
    assert zlib.decompress(finished[at:-16]) == b"\0\xa0\0\x40"


def test_palette_keeps_what_pixels_show() -> None:
    """Entries that no pixel names are cleared or cut, the picture is the same."""
    files = {name: data for name, data, _ in photos_png.planted(1)}
    source = files["png unused palette"]
    outcome, finished = cleaned(source)
    assert isinstance(outcome, Sanitised)
    assert outcome.actions["palette-entry"] == 8
    assert np.array_equal(imagecodecs.png_decode(finished), imagecodecs.png_decode(source))


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (assembled(4, 4, 8, 3, b"\0\1\1\1\1" * 4), Reason.MALFORMED),
        (assembled(4, 4, 8, 0, b"\5\1\1\1\1" * 4), Reason.MALFORMED),
        (assembled(4, 4, 8, 0, b"\0\1\1\1\1" * 3), Reason.INCOMPLETE),
        (assembled(4, 4, 3, 0, b"\0\1\1\1\1" * 4), Reason.MALFORMED),
        (assembled(0, 4, 8, 0, b""), Reason.MALFORMED),
        (assembled(4, 4, 8, 0, b"\0\1\1\1\1" * 4, before=chunk(b"CgBI", b"")), "unsupported"),
        (assembled(4, 4, 8, 0, b"\0\1\1\1\1" * 4, before=chunk(b"ABCD", b"")), "unsupported"),
        (assembled(4, 4, 8, 0, b"\0\1\1\1\1" * 4, after=chunk(b"IDAT", b"")), None),
    ],
)
def test_contradictions_are_refused(data: bytes, wanted: Reason | str | None) -> None:
    """Missing palettes, unknown filters, short rasters and unknown critical chunks are held."""
    expected = Reason.FORMAT_NOT_SUPPORTED if wanted == "unsupported" else wanted
    assert reason(data) == expected
