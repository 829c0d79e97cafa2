"""JPEG files with one marker in each hiding place; built with Pillow and by hand, from a seed."""

import io
import struct

from PIL import Image

from corpora.photos_base import Planted, exif_block, icc_profile, marker, picture


def encoded(seed: int, mode: str = "RGB", **options: object) -> bytes:
    """A plain JPEG of the seed's picture, encoded with Pillow's `options`."""
    buffer = io.BytesIO()
    picture(seed).convert(mode).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def segment(code: int, payload: bytes) -> bytes:
    """One marker segment."""
    return struct.pack(">BBH", 0xFF, code, 2 + len(payload)) + payload


def camera_jpeg(seed: int, text: bytes, orientation: int = 6) -> bytes:
    """A JPEG as cameras write them: `text` in Exif, GPS, thumbnail, XMP, IPTC and comment."""
    thumbnail = _with(encoded(seed + 1), segment(0xFE, text))
    exif = exif_block(text, orientation=orientation, thumbnail=thumbnail, everywhere=True)
    head = segment(0xE1, b"Exif\0\0" + exif)
    head += segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + _xmp(text))
    head += segment(0xED, _iptc(text)) + segment(0xFE, text)
    return _with(encoded(seed, quality=92, dpi=(300, 300)), head)


def long_ratios(seed: int) -> bytes:
    """A JPEG whose Exif density is a ratio of 32 bits, as programs make them of a decimal."""
    entries = b"".join(
        struct.pack("<HHII", tag, 5, 1, 50 + 8 * number) for number, tag in enumerate((282, 283))
    )
    entries += struct.pack("<HHIHH", 296, 3, 1, 2, 0)
    block = b"II*\0\x08\0\0\0\3\0" + entries + bytes(4)
    block += struct.pack("<4I", 0xFFFFFFFF, 14316558, 0xFFFFFFFF, 14316558)
    plain = encoded(seed)
    return plain[:2] + _exif(block) + plain[2 + 18 :]


def planted(seed: int) -> list[Planted]:
    """(hiding place, JPEG file, marker) for every place that can be cleaned."""
    files: list[Planted] = []

    def add(place: str, build: object) -> None:
        mark = marker("jpeg", place)
        files.append((f"jpeg {place}", build(mark), mark))  # type: ignore[operator]

    plain, progressive = encoded(seed), encoded(seed, progressive=True)
    for place in ("ifd0", "exif", "maker-note", "gps", "interop", "ifd1", "gap"):
        add(f"exif {place}", lambda m, p=place: _with(plain, _exif(exif_block(m, place=p))))
    add(
        "exif thumbnail",
        lambda m: _with(plain, _exif(exif_block(b"-", thumbnail=_with(plain, segment(0xFE, m))))),
    )
    for place, code, head in _SEGMENTS:
        add(place, lambda m, c=code, h=head: _with(plain, segment(c, h + m)))
    add("xmp", lambda m: _with(plain, segment(0xE1, _XMP + _xmp(m))))
    add("iptc", lambda m: _with(plain, segment(0xED, _iptc(m))))
    add("comment between scans", lambda m: _between_scans(progressive, segment(0xFE, m)))
    add("segment before end", lambda m: plain[:-2] + segment(0xE9, m) + plain[-2:])
    for place in ("description", "private", "slack", "copyright"):
        add(f"icc {place}", lambda m, p=place: _with(plain, _icc(icc_profile(m, p))))
    add("icc in chunks", lambda m: _with(plain, _icc(icc_profile(m, "description"), 200)))
    add("jfif thumbnail", lambda m: _jfif_thumbnail(plain, m))
    add("adobe tail", lambda m: _with(plain, segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01" + m)))
    add("stray bytes", lambda m: _with(plain, m))
    add("unused quantisation", lambda m: _with(plain, segment(0xDB, b"\x03" + (m * 9)[:64])))
    add("unused huffman", lambda m: _with(plain, _unused_huffman(m)))
    add("after end", lambda m: plain + m)
    add("second picture", lambda m: plain + _with(plain, segment(0xFE, m)))
    add("motion photo", lambda m: plain + b"\0\0\0\x18ftypmp42" + m)
    files.append(_rows_beyond_height(seed))
    return files


_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_SEGMENTS = (
    ("extended xmp", 0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 40),
    ("photoshop", 0xED, b"Photoshop 3.0\x008BIM\x04\x0c"),
    ("comment", 0xFE, b""),
    ("flashpix", 0xE2, b"FPXR\0"),
    ("mpf", 0xE2, b"MPF\0"),
    ("jumbf", 0xEB, b"JP\0\x01"),
    ("jfxx", 0xE0, b"JFXX\0\x10"),
    ("unknown app0", 0xE0, b""),
    ("unknown app1", 0xE1, b""),
    ("unknown app3", 0xE3, b"META"),
    ("unknown app12", 0xEC, b"Ducky"),
    ("unknown app14", 0xEE, b"Other"),
    ("unknown app15", 0xEF, b""),
)


def _with(jpeg: bytes, inserted: bytes) -> bytes:
    """`jpeg` with bytes inserted behind its first (JFIF) segment."""
    at = 4 + int.from_bytes(jpeg[4:6])
    return jpeg[:at] + inserted + jpeg[at:]


def _exif(block: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + block)


def _xmp(text: bytes) -> bytes:
    return b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><dc:creator>" + text + b"</dc:creator></x:xmpmeta>"


def _iptc(text: bytes) -> bytes:
    dataset = b"\x1c\x02\x50" + struct.pack(">H", len(text)) + text
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(dataset)) + dataset
    return b"Photoshop 3.0\0" + resource + bytes(len(dataset) & 1)


def _icc(profile: bytes, size: int = 60_000) -> bytes:
    parts = [profile[at : at + size] for at in range(0, len(profile), size)]
    head = b"ICC_PROFILE\0"
    return b"".join(
        segment(0xE2, head + bytes((number, len(parts))) + part)
        for number, part in enumerate(parts, 1)
    )


def _between_scans(jpeg: bytes, inserted: bytes) -> bytes:
    """Insert before the Huffman table of the second scan of a progressive file."""
    first = jpeg.index(b"\xff\xda")
    at = jpeg.index(b"\xff\xc4", first)
    return jpeg[:at] + inserted + jpeg[at:]


def _jfif_thumbnail(jpeg: bytes, mark: bytes) -> bytes:
    pixels = mark + bytes(-len(mark) % 3)
    payload = jpeg[6:18] + bytes((len(pixels) // 3, 1)) + pixels
    at = 4 + int.from_bytes(jpeg[4:6])
    return jpeg[:2] + segment(0xE0, payload) + jpeg[at:]


def _unused_huffman(mark: bytes) -> bytes:
    counts = bytes(7) + bytes((len(mark),)) + bytes(8)
    return segment(0xC4, b"\x03" + counts + mark)


def _rows_beyond_height(seed: int) -> Planted:
    """A file whose header declares half its rows; the marker is coded data of the other half."""
    jpeg = bytearray(encoded(seed, restart_marker_rows=1, subsampling=0))
    at = jpeg.index(b"\xff\xc0") + 5
    height = int.from_bytes(jpeg[at : at + 2])
    jpeg[at : at + 2] = (height // 2).to_bytes(2)
    return "jpeg rows beyond height", bytes(jpeg), bytes(jpeg[-40:-10])


def truncated(seed: int) -> bytes:
    """A JPEG cut in the middle of its coded data."""
    jpeg = encoded(seed)
    return jpeg[: len(jpeg) * 2 // 3]


def image(data: bytes) -> Image.Image:
    """A file decoded by Pillow."""
    return Image.open(io.BytesIO(data))
