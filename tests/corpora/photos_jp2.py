"""JPEG 2000 files with a marker in each hiding place: Pillow codes pictures, boxes are by hand."""

import struct

import numpy as np
from PIL import Image

from corpora.photos_base import Planted, icc_profile, marker, picture, saved

_SIZE = (150, 110)


def encoded(seed: int, **options: object) -> bytes:
    """A plain JP2 file of the seed's picture, coded without loss."""
    return saved(picture(seed, _SIZE), "JPEG2000", **options)


def translucent(seed: int, hidden: bytes = b"") -> Image.Image:
    """A picture with an alpha ramp; `hidden` stands in the colour of its transparent pixels."""
    rgba = np.array(picture(seed, _SIZE).convert("RGBA"))
    rgba[..., 3] = np.arange(_SIZE[0]) + 40
    rgba[:8] = 0
    if hidden:
        rgba[2, 10:18, :3] = np.frombuffer(hidden.ljust(24, b"\0"), np.uint8).reshape(8, 3)
    return Image.fromarray(rgba)


def box(name: bytes, content: bytes) -> bytes:
    """One box."""
    return struct.pack(">I", 8 + len(content)) + name + content


def boxes(data: bytes, at: int = 0) -> list[tuple[bytes, bytes]]:
    """Name and content of the boxes of a file."""
    found = []
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        found.append((name, data[at + 8 : at + size] if size else data[at + 8 :]))
        at += size or len(data)
    return found


def assembled(parts: list[tuple[bytes, bytes]], tail: bytes = b"") -> bytes:
    """A file of these boxes."""
    return b"".join(box(*part) for part in parts) + tail


def with_box(data: bytes, name: bytes, content: bytes, place: int | None = None) -> bytes:
    """A file with one more box, at the end or in front of the box of that number."""
    parts = boxes(data)
    parts.insert(len(parts) if place is None else place, (name, content))
    return assembled(parts)


def in_header(data: bytes, name: bytes, content: bytes, *, first: bool = False) -> bytes:
    """A file with one more box in its header."""
    parts = boxes(data)
    at = [name for name, _ in parts].index(b"jp2h")
    inner = boxes(parts[at][1])
    inner.insert(1 if first else len(inner), (name, content))
    parts[at] = (b"jp2h", assembled(inner))
    return assembled(parts)


def segment(marker_code: int, content: bytes) -> bytes:
    """One marker segment of a codestream."""
    return struct.pack(">BBH", 0xFF, marker_code, 2 + len(content)) + content


def with_stream(data: bytes, stream: bytes) -> bytes:
    """A file with another codestream."""
    return assembled([(n, stream if n == b"jp2c" else content) for n, content in boxes(data)])


def stream_of(data: bytes) -> bytes:
    """The codestream of a file."""
    return dict(boxes(data))[b"jp2c"]


def in_main(data: bytes, more: bytes) -> bytes:
    """A file with a segment behind its SIZ."""
    stream = stream_of(data)
    at = 4 + int.from_bytes(stream[4:6], "big")
    return with_stream(data, stream[:at] + more + stream[at:])


def in_tile(data: bytes, *, head: bytes = b"", tail: bytes = b"") -> bytes:
    """A file with a segment in its last tile-part's header, or bytes behind its packets."""
    stream = stream_of(data)
    at = stream.rindex(b"\xff\x90\0\n")
    tile, size = struct.unpack_from(">HI", stream, at + 4)
    end = at + size
    longer = struct.pack(">HHHI", 0xFF90, 10, tile, size + len(head) + len(tail))
    changed = longer + stream[at + 10 : at + 12] + head + stream[at + 12 : end] + tail
    return with_stream(data, stream[:at] + changed + stream[end:])


def faithful(seed: int) -> list[tuple[str, bytes]]:
    """(name, file) of pictures whose every property must survive."""
    image = picture(seed, _SIZE)
    grey16 = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    tiles = {"tile_size": (64, 48), "num_resolutions": 4, "quality_layers": [30, 10, 0]}
    small = {"codeblock_size": (16, 16), "precinct_size": (32, 32)}
    files = [
        ("jp2", encoded(seed)),
        ("jp2 lossy", encoded(seed, irreversible=True, quality_layers=[40, 20, 10])),
        ("jp2 grey", saved(image.convert("L"), "JPEG2000")),
        ("jp2 grey16", saved(grey16, "JPEG2000")),
        ("jp2 alpha", saved(translucent(seed), "JPEG2000")),
        ("jp2 small", saved(picture(seed, (7, 5)), "JPEG2000")),
        ("jp2 offsets", encoded(seed, offset=(13, 7), tile_offset=(5, 3), tile_size=(70, 50))),
        ("jp2 lengths listed", encoded(seed, plt=True)),
        ("jp2 icc", in_header(encoded(seed), b"colr", b"\2\0\0" + icc_profile(b"-"), first=True)),
        ("jp2 resolution", in_header(encoded(seed), b"res ", _resolution())),
        ("jp2 open end", _open(encoded(seed))),
    ]
    for order in ("LRCP", "RLCP", "RPCL", "PCRL", "CPRL"):
        files.append((f"jp2 {order}", encoded(seed, progression=order, **tiles, **small)))
    return files


def _resolution() -> bytes:
    return box(b"resd", struct.pack(">4H2b", 300, 1, 300, 1, 2, 2))


def _open(data: bytes) -> bytes:
    """A file whose last box and last tile-part leave their lengths open."""
    *parts, (name, stream) = boxes(data)
    at = stream.rindex(b"\xff\x90\0\n")
    stream = stream[: at + 6] + bytes(4) + stream[at + 10 :]
    return assembled(parts) + struct.pack(">I", 0) + name + stream


def planted(seed: int) -> list[Planted]:
    """(hiding place, JPEG 2000 file, marker) for every place that can be cleaned."""
    files: list[Planted] = []
    for place, build in _PLACES.items():
        mark = marker("jp2", place)
        files.append((f"jp2 {place}", build(seed, mark), mark))
    return files


def _bare(seed: int) -> bytes:
    return encoded(seed, no_jp2=True)


_PLACES = {
    "xml": lambda seed, mark: with_box(encoded(seed), b"xml ", b"<note>" + mark + b"</note>"),
    "xml before": lambda seed, mark: with_box(encoded(seed), b"xml ", mark, 2),
    "uuid": lambda seed, mark: with_box(encoded(seed), b"uuid", bytes(16) + mark),
    "uuid exif": lambda seed, mark: with_box(encoded(seed), b"uuid", b"JpgTiffExif->JP2" + mark),
    "uuid info": lambda seed, mark: with_box(encoded(seed), b"uinf", box(b"url ", bytes(4) + mark)),
    "property": lambda seed, mark: with_box(encoded(seed), b"jp2i", mark),
    "association": lambda seed, mark: with_box(encoded(seed), b"asoc", box(b"lbl ", mark)),
    "label": lambda seed, mark: with_box(encoded(seed), b"lbl ", mark),
    "free space": lambda seed, mark: with_box(encoded(seed), b"free", mark),
    "unknown box": lambda seed, mark: with_box(encoded(seed), b"note", mark),
    "file type": lambda seed, mark: assembled(
        [(n, c + mark if n == b"ftyp" else c) for n, c in boxes(encoded(seed))]
    ),
    "header unknown box": lambda seed, mark: in_header(encoded(seed), b"note", mark),
    "header second colour": lambda seed, mark: in_header(
        encoded(seed), b"colr", b"\2\0\0" + icc_profile(mark, "description")
    ),
    "icc text": lambda seed, mark: in_header(
        encoded(seed), b"colr", b"\2\0\0" + icc_profile(mark, "copyright"), first=True
    ),
    "icc private tag": lambda seed, mark: in_header(
        encoded(seed), b"colr", b"\2\0\0" + icc_profile(mark, "private"), first=True
    ),
    "colour tail": lambda seed, mark: in_header(
        encoded(seed), b"colr", b"\1\0\0\0\0\0\x10" + mark, first=True
    ),
    "resolution tail": lambda seed, mark: in_header(
        encoded(seed), b"res ", _resolution() + box(b"note", mark)
    ),
    "comment": lambda seed, mark: encoded(seed, comment=mark.decode()),
    "comment second": lambda seed, mark: in_main(encoded(seed), segment(0x64, b"\0\1" + mark)),
    "comment of a tile": lambda seed, mark: in_tile(
        encoded(seed), head=segment(0x64, b"\0\0" + mark)
    ),
    "comment of a bare codestream": lambda seed, mark: encoded(
        seed, comment=mark.decode(), no_jp2=True
    ),
    "registration": lambda seed, mark: in_main(encoded(seed), segment(0x63, mark)),
    "list of lengths": lambda seed, mark: in_main(encoded(seed), segment(0x57, b"\0" + mark)),
    "list of a tile": lambda seed, mark: in_tile(encoded(seed), head=segment(0x58, b"\0" + mark)),
    "behind the packets": lambda seed, mark: in_tile(encoded(seed), tail=mark),
    "behind the packets of a tile": lambda seed, mark: in_tile(
        encoded(seed, tile_size=(64, 64)), tail=mark
    ),
    "behind the codestream": lambda seed, mark: with_stream(
        encoded(seed), stream_of(encoded(seed)) + mark
    ),
    "behind a bare codestream": lambda seed, mark: _bare(seed) + mark,
    "second codestream": lambda seed, mark: with_box(
        encoded(seed), b"jp2c", stream_of(encoded(seed + 1, comment=mark.decode()))
    ),
}


def held(seed: int) -> list[tuple[str, bytes, str]]:
    """(name, file, reason) of JPEG 2000 files that may not be cleaned."""
    plain = encoded(seed)
    stream = stream_of(plain)
    huge = stream[:8] + struct.pack(">II", 1 << 20, 1 << 20) + stream[16:]
    tall = [part for part in boxes(plain) if part[0] != b"jp2c"]
    return [
        ("jp2 cut", plain[: len(plain) // 2], "incomplete"),
        ("jp2 cut by a byte", plain[:-1], "incomplete"),
        ("jp2 cut inside", with_stream(plain, stream[: len(stream) // 2] + b"\xff\xd9"),
         "incomplete"),
        ("jp2 packets missing", _cut_tile(plain), "incomplete"),
        ("jp2 without a codestream", assembled(tall), "malformed"),
        ("jp2 bare cut", stream[: len(stream) // 3], "incomplete"),
        ("jp2 bomb", with_stream(plain, huge), "limits-exceeded"),
        ("jp2 stray bytes", with_stream(plain, stream.replace(b"\xff\x90", b"??\xff\x90", 1)),
         "malformed"),
        ("jp2 declared otherwise", plain.replace(b"\0\0\0n\0\0\0\x96", b"\0\0\0n\0\0\0\x95", 1),
         "malformed"),
        ("jp2 channel of no colour",
         in_header(plain, b"cdef", b"\0\3" + b"\0\0\0\0Ja\0\1\0\0ne\0\2\0\0Do"), "malformed"),
        ("jp2 palette", in_header(plain, b"pclr", b"\0\1\3\7\7\7abc"), "format-not-supported"),
        ("jp2 high throughput", with_stream(plain, stream[:6] + b"\x40\0" + stream[8:]),
         "format-not-supported"),
    ]  # fmt: skip


def _cut_tile(data: bytes) -> bytes:
    """A file whose only tile ends inside a packet, and says so."""
    stream = stream_of(data)
    at = stream.rindex(b"\xff\x90\0\n")
    (size,) = struct.unpack_from(">I", stream, at + 6)
    shorter = stream[: at + 6] + struct.pack(">I", size - 99) + stream[at + 10 : at + size - 99]
    return with_stream(data, shorter + b"\xff\xd9")
