"""Finds a marker in a file however it is packed: shares no code with the package.

A file is looked at in layers (its bytes, what inflates, what LZW expands, decoded pixels and
planes, palettes, JPEG coefficients and filling bits), each layer in many writings of the marker.
"""

import base64
import io
import re
import struct
import warnings
import zlib
from collections.abc import Iterator

import imagecodecs
import numpy as np
import tifffile
from PIL import Image, ImageSequence

from corpora import jpeg_coefficients

_MOST = 1 << 24
_SLOW = 1 << 15
"""Bytes of a JPEG stream up to which its coefficients are read."""

Image.init()


def found(data: bytes, mark: bytes, name: str = "", attributes: tuple[bytes, ...] = ()) -> str:
    """The layer in which a marker stands, empty where it stands in none.

    `name` is the file's, `attributes` its extended attributes.
    """
    writings = writings_of(mark)
    for layer, content in layers(data, name, attributes):
        if any(writing in content for writing in writings):
            return layer
    return ""


def writings_of(mark: bytes) -> list[bytes]:
    """A marker as text and numbers are written: wide, turned round, coded, inverted."""
    text = mark.decode("latin-1")
    plain = [mark, mark[::-1], bytes(byte ^ 0xFF for byte in mark)]
    wide = [text.encode(code) for code in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")]
    coded = [mark.hex().encode(), mark.hex().upper().encode(), _ebcdic(text)]
    for lead in range(3):
        core = base64.b64encode(bytes(lead) + mark)[(0, 2, 3)[lead] :]
        coded.append(core[: (len(mark) - 3) * 4 // 3])
    return [mark, *(one for one in dict.fromkeys(plain + wide + coded) if len(one) > 4)]


def _ebcdic(text: str) -> bytes:
    try:
        return text.encode("cp500")
    except UnicodeEncodeError:
        return b""


def layers(
    data: bytes, name: str = "", attributes: tuple[bytes, ...] = ()
) -> Iterator[tuple[str, bytes]]:
    """(what it is, its bytes) of everything that a file can be read as."""
    yield "bytes", data
    yield "file name", name.encode()
    yield from (("extended attribute", each) for each in attributes)
    joined = _joined_idat(data)
    for plain in (*_inflated(data), *(_inflated(joined) if joined else ())):
        yield "inflated", plain
        if joined:
            yield "filling of rows", _filling(data, plain)
    yield from (("LZW", plain) for plain in _gif_expanded(data))
    for picture in _pictures(data):
        yield from _planes(picture)
    yield from (("beside the pixels", rest) for rest in _beside(data))
    for start in _streams(data):
        yield from _jpeg(data[start : start + _SLOW])


def _inflated(data: bytes) -> Iterator[bytes]:
    """Every zlib stream, also a damaged one as far as it goes, and every raw one behind gzip."""
    starts = [(at, 15) for at in _places(data, b"\x78")] + [
        (at, 31) for at in _places(data, b"\x1f\x8b\x08")
    ]
    for at, window in starts:
        engine, plain, rest = zlib.decompressobj(window), b"", data[at:]
        try:
            while rest and len(plain) < _MOST and not engine.eof:
                plain += engine.decompress(rest[:4096])
                rest = rest[4096:]
        except zlib.error:
            pass
        if len(plain) > 8:
            yield plain + engine.unused_data


def _places(data: bytes, what: bytes) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(what), data)]


def _filling(data: bytes, plain: bytes) -> bytes:
    """The bits behind the last pixel of each row of a PNG whose rows are not filtered."""
    width, _, depth, colour = struct.unpack_from(">IIBB", data, 16)
    used = width * depth * {2: 3, 4: 2, 6: 4}.get(colour, 1)
    return bytes(last & (0xFF >> used % 8) for last in plain[-(-used // 8) :: 1 + -(-used // 8)])


def _joined_idat(data: bytes) -> bytes:
    joined, at = b"", 8
    while data[:4] == b"\x89PNG" and at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        if data[at + 4 : at + 8] in (b"IDAT", b"fdAT"):
            joined += data[at + 8 + 4 * (data[at + 4] == 0x66) : at + 8 + length]
        at += 12 + length
    return joined


def _gif_expanded(data: bytes) -> Iterator[bytes]:
    """The picture data of a GIF: joined sub-blocks, and what they expand to beyond the picture."""
    if data[:4] != b"GIF8":
        return
    for at in _places(data, b","):
        width, height = (int.from_bytes(data[at + n : at + n + 2], "little") for n in (5, 7))
        blocks, place = b"", at + 10
        if at + 10 < len(data) and data[at + 9] & 0x80:
            place += 3 << (data[at + 9] & 7) + 1
        if not width or not height or place >= len(data) or not 2 <= data[place] <= 8:
            continue
        size, place = data[place], place + 1
        while place < len(data) and data[place]:
            blocks += data[place + 1 : place + 1 + data[place]]
            place += 1 + data[place]
        yield blocks
        yield _expanded(blocks, size)


def _expanded(coded: bytes, size: int) -> bytes:
    """LZW as GIF has it, read until the codes end."""
    clear, out = 1 << size, bytearray()
    table, width, last, word, ready = [], size + 1, b"", 0, 0
    for byte in coded:
        word, ready = word | byte << ready, ready + 8
        while ready >= width:
            code, word, ready = word & ((1 << width) - 1), word >> width, ready - width
            if code == clear or code == clear + 1 or not table:
                table, width, last = [bytes((n,)) for n in range(clear)] + [b"", b""], size + 1, b""
                if code in (clear, clear + 1):
                    continue
            entry = table[code] if code < len(table) else last + last[:1]
            if last and len(table) < 4096:
                table.append(last + entry[:1])
            out += entry
            last = entry
            if len(table) == 1 << width and width < 12:
                width += 1
            if len(out) > _MOST:
                return bytes(out)
    return bytes(out)


def _pictures(data: bytes) -> Iterator[np.ndarray | bytes]:
    """Whatever decoders show: all pages and frames, palettes, what they say besides."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for decode in (_by_pillow, _by_tifffile, _by_imagecodecs):
            try:
                yield from decode(data)
            except Exception:  # noqa: BLE001 - what a decoder refuses shows nothing
                continue


def _by_pillow(data: bytes) -> Iterator[np.ndarray | bytes]:
    with Image.open(io.BytesIO(data)) as image:
        yield repr(image.info).encode()
        for frame in ImageSequence.Iterator(image):
            yield np.asarray(frame)
            yield bytes(frame.getpalette() or b"")


def _by_tifffile(data: bytes) -> Iterator[np.ndarray | bytes]:
    if data[:2] in (b"II", b"MM"):
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            for page in file.pages:
                yield page.asarray()


def _by_imagecodecs(data: bytes) -> Iterator[np.ndarray | bytes]:
    if data[:4] == b"RIFF" or data[4:8] in (b"ftyp", b"jP  ") or data[:2] == b"\xff\x4f":
        yield imagecodecs.imread(data)


def _planes(picture: np.ndarray | bytes) -> Iterator[tuple[str, bytes]]:
    """A picture as a whole, by channels and without its last, as bytes."""
    if isinstance(picture, bytes):
        yield "said by a decoder", picture
        return
    yield "pixels", picture.tobytes()
    if picture.ndim == 3:
        for channel in range(picture.shape[2]):
            yield "channel", np.ascontiguousarray(picture[:, :, channel]).tobytes()
        yield "colours", np.ascontiguousarray(picture[:, :, :-1]).tobytes()
    if picture.dtype == np.bool_:
        yield "bits", np.packbits(picture, axis=-1).tobytes()
    elif picture.dtype.itemsize > 1:
        yield "low bytes", (picture.astype(np.int64) & 0xFF).astype(np.uint8).tobytes()


def _beside(data: bytes) -> Iterator[bytes]:
    """Of a TIFF whole tiles, beyond the page too, and the bits that fill up its rows."""
    if data[:4] not in (b"II*\0", b"MM\0*"):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with tifffile.TiffFile(io.BytesIO(data)) as file:
                for page in file.pages:
                    yield from _whole_tiles(page, data)
        except Exception:  # noqa: BLE001 - what a decoder refuses shows nothing
            return


def _whole_tiles(page: tifffile.TiffPage, data: bytes) -> Iterator[bytes]:
    used, places = page.imagewidth * page.bitspersample, page.dataoffsets
    if page.compression == 1 and not page.is_tiled and used % 8 and page.samplesperpixel == 1:
        stride = -(-used // 8)
        raw = b"".join(
            data[at : at + size] for at, size in zip(places, page.databytecounts, strict=True)
        )
        yield bytes(last & (0xFF >> used % 8) for last in raw[stride - 1 :: stride])
    for index, (at, size) in enumerate(zip(places, page.databytecounts, strict=True)):
        if not page.is_tiled or page.compression == 7:
            continue
        tile = page.decode(data[at : at + size], index, _fullsize=True)[0]
        tile = np.asarray(tile).reshape(page.tilelength, -1)
        beyond = np.ascontiguousarray(tile[:, page.imagewidth % page.tilewidth or None :])
        yield beyond.tobytes()
        yield np.packbits(tile.astype(bool), axis=1).tobytes() if used == page.imagewidth else b""


def _streams(data: bytes) -> list[int]:
    return _places(data, b"\xff\xd8\xff")[:20]


def _jpeg(stream: bytes) -> Iterator[tuple[str, bytes]]:
    """The coefficients of a stream, also those that no viewer shows, and its filling bits."""
    try:
        jpeg = jpeg_coefficients.read(stream)
    except (AssertionError, IndexError, KeyError, ValueError, TypeError):
        return
    bits = "".join(jpeg.tails)
    for shift in range(8):
        text = bits[shift:]
        whole = len(text) // 8
        if whole:
            yield "filling bits", int(text[: 8 * whole], 2).to_bytes(whole)
    for plane in (*jpeg.planes, *jpeg.outside):
        yield "coefficients", (plane & 0xFF).astype(np.uint8).tobytes()
