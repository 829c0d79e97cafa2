"""BMP files of every version and depth, built by hand from a seed, with a marker in each place."""

import struct

import numpy as np

from corpora.photos_base import Planted, icc_profile, marker, picture

WIDTH, HEIGHT = 45, 30
"""A width of which no row is a multiple of four bytes, whatever the depth."""

_SRGB, _EMBEDDED, _LINKED = b"BGRs", b"DEBM", b"KNIL"


def palette(depth: int, entry: int = 4) -> bytes:
    """A ramp of all colours that the depth can name."""
    most = (1 << depth) - 1
    ramp = [(255 * level // most, 40, 255 - 255 * level // most) for level in range(most + 1)]
    return b"".join(bytes(colour) + bytes(entry - 3) for colour in ramp)


def rows(seed: int, depth: int, pad: bytes = b"\0\0\0\0") -> bytes:
    """The rows of a picture from the bottom up, padded to four bytes with repeats of `pad`."""
    image = picture(seed, (WIDTH, HEIGHT))
    grey = np.asarray(image.convert("L")).astype(np.uint32)
    colour = np.asarray(image).astype(np.uint32)
    red, green, blue = colour[..., 0], colour[..., 1], colour[..., 2]
    found = []
    for row in range(HEIGHT - 1, -1, -1):
        if depth <= 8:
            bits = np.unpackbits((grey[row] >> (8 - depth)).astype(np.uint8)[:, None], axis=1)
            line = np.packbits(bits[:, 8 - depth :].reshape(-1)).tobytes()
        elif depth == 16:
            words = red[row] >> 3 << 10 | green[row] >> 3 << 5 | blue[row] >> 3
            line = words.astype("<u2").tobytes()
        elif depth == 24:
            line = np.stack((blue[row], green[row], red[row]), axis=-1).astype(np.uint8).tobytes()
        else:
            line = (red[row] << 16 | green[row] << 8 | blue[row]).astype("<u4").tobytes()
        found.append(line + (pad * 4)[: -len(line) % 4])
    return b"".join(found)


def assembled(
    size: int,
    depth: int,
    bits: bytes,
    colours: bytes = b"",
    *,
    compression: int = 0,
    height: int = HEIGHT,
    masks: tuple[int, ...] = (),
    space: bytes = _SRGB,
    gap: bytes = b"",
    tail: bytes = b"",
    profile: bytes = b"",
    reserved: bytes = bytes(4),
    extra: bytes = b"",
    used: int = 0,
) -> bytes:
    """A BMP of a header of `size` bytes, a palette, a gap, its coded bits, a profile and a tail."""
    form = "<IHHHH" if size == 12 else "<IiiHH"
    dib = struct.pack(form, size, WIDTH, height, 1, depth)
    if size > 16:
        dib += struct.pack("<IIiiII", compression, len(bits), 11811, 11811, used, 0)
    behind = b""
    if size == 40:
        behind = struct.pack(f"<{len(masks)}I", *masks)
    elif size in (52, 56, 108, 124):
        dib += struct.pack("<4I", *(*masks, 0, 0, 0, 0)[:4])[: size - 40]
    start = 14 + size + len(behind) + len(colours) + len(gap)
    if size >= 108:
        dib += space.ljust(52, b"\0")
    if size == 124:
        dib += struct.pack("<4I", 4, start - 14 + len(bits), len(profile), 0)
    dib = (dib + extra).ljust(size, b"\0")
    whole = 14 + len(dib + behind + colours + gap + bits + profile)
    head = b"BM" + struct.pack("<I", whole) + reserved + struct.pack("<I", start)
    return head + dib + behind + colours + gap + bits + profile + tail


def runs(seed: int, depth: int, *, odd: int = 0) -> bytes:
    """A run-length coded picture: runs, pixels one by one, a move, an end code.

    `odd` is what stands in bits that no pixel shows.
    """
    grey = np.asarray(picture(seed, (WIDTH, HEIGHT)).convert("L")) >> (8 - depth)
    coded = bytearray()
    for row in grey[::-1].tolist():
        value = row[0]
        coded += bytes((10, value * 17 if depth == 4 else value))
        some = row[10:21]
        if depth == 4:
            pairs = [*some, odd & 15]
            packed = [high << 4 | low for high, low in zip(pairs[::2], pairs[1::2], strict=True)]
            coded += bytes((0, 11, *packed))
            coded += bytes((1, row[21] << 4 | odd & 15))
        else:
            coded += bytes((0, 11, *some, odd))
            coded += bytes((1, row[21]))
        coded += bytes((0, 2, 3, 0, 0, 0))
    return bytes(coded) + b"\0\1"


_FIELDS = {16: (0xF800, 0x7E0, 0x1F), 32: (0xFF0000, 0xFF00, 0xFF)}


def faithful(seed: int) -> list[tuple[str, bytes]]:
    """(name, file) of every version and depth."""
    files = [
        (f"bmp core {depth}", assembled(12, depth, rows(seed, depth), palette(depth, 3)))
        for depth in (1, 4, 8)
    ]
    files.append(("bmp core 24", assembled(12, 24, rows(seed, 24))))
    for size in (40, 64, 108, 124):
        for depth in (1, 4, 8, 16, 24, 32):
            colours = palette(depth) if depth <= 8 else b""
            files.append(
                (f"bmp {size} {depth}", assembled(size, depth, rows(seed, depth), colours))
            )
    for size in (40, 52, 56, 108, 124):
        for depth, masks in _FIELDS.items():
            file = assembled(size, depth, rows(seed, depth), compression=3, masks=masks)
            files.append((f"bmp fields {size} {depth}", file))
    files.append(("bmp alpha", assembled(124, 32, _translucent(seed), compression=3, masks=_ALPHA)))
    files.append(("bmp top down", assembled(40, 24, rows(seed, 24), height=-HEIGHT)))
    for depth, compression in ((8, 1), (4, 2)):
        file = assembled(40, depth, runs(seed, depth), palette(depth), compression=compression)
        files.append((f"bmp runs {depth}", file))
    profile = icc_profile(b"-")
    files.append(("bmp icc", assembled(124, 24, rows(seed, 24), space=_EMBEDDED, profile=profile)))
    return files


_ALPHA = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)


def _translucent(seed: int, hidden: bytes = b"") -> bytes:
    """32-bit rows of which the first stored one is transparent, with bytes under its alpha."""
    pixels = np.frombuffer(rows(seed, 32), "<u4").reshape(HEIGHT, WIDTH).copy()
    pixels |= np.uint32(0xFF000000)
    pixels[0] = 0
    raw = bytearray(pixels.tobytes())
    for place, value in enumerate(hidden):
        raw[place // 3 * 4 + place % 3] = value
    return bytes(raw)


def planted(seed: int) -> list[Planted]:
    """(hiding place, BMP file, marker) for every place that can be cleaned."""
    plain, eight = rows(seed, 24), palette(8)
    files: list[Planted] = []
    for place, build in _PLACES.items():
        mark = marker("bmp", place)
        files.append((f"bmp {place}", build(seed, mark), mark))
    mark = marker("bmp", "file header")[:4]
    files.append(("bmp file header", assembled(40, 24, plain, reserved=mark), mark))
    mark = marker("bmp", "masks of no use")[:16]
    file = assembled(124, 24, plain, masks=struct.unpack("<4I", mark))
    files.append(("bmp masks of no use", file, mark))
    mark = marker("bmp", "row padding")[:3]
    padded = rows(seed, 24, mark)
    files.append(("bmp row padding", assembled(40, 24, padded), _last(padded)))
    mark = bytes(marker("bmp", "hidden colour"))
    file = assembled(124, 32, _translucent(seed, mark), compression=3, masks=_ALPHA)
    files.append(("bmp hidden colour", file, mark[:3] + b"\0" + mark[3:6] + b"\0" + mark[6:9]))
    mark = marker("bmp", "fourth byte")
    raw = bytearray(rows(seed, 32))
    raw[3 : 3 + 4 * len(mark) : 4] = mark
    files.append(("bmp fourth byte", assembled(40, 32, bytes(raw)), bytes(raw[: 4 * len(mark)])))
    mark = marker("bmp", "palette reserve")
    spread = bytearray(eight)
    spread[3 : 3 + 4 * len(mark) : 4] = mark
    shown = bytes(spread[: 4 * len(mark)])
    files.append(("bmp palette reserve", assembled(40, 8, rows(seed, 8), bytes(spread)), shown))
    return files


def _last(padded: bytes) -> bytes:
    """A row's last pixel and its padding: what must not stand in a finished file any more."""
    stride = len(padded) // HEIGHT
    return padded[stride - 6 : stride]


def _unused(seed: int, mark: bytes) -> bytes:
    """A marker in palette entries that no pixel names: the picture has four levels only."""
    few = np.frombuffer(rows(seed, 8), np.uint8) & 0xC0
    colours = bytearray(palette(8))
    colours[4 * 65 : 4 * 65 + len(mark)] = mark
    return assembled(40, 8, few.tobytes(), bytes(colours))


def _runs(seed: int, tail: bytes) -> bytes:
    return assembled(40, 8, runs(seed, 8) + tail, palette(8), compression=1)


_PLACES = {
    "gap": lambda seed, mark: assembled(40, 24, rows(seed, 24), gap=mark),
    "gap behind palette": lambda seed, mark: assembled(40, 8, rows(seed, 8), palette(8), gap=mark),
    "palette of true colour": lambda seed, mark: assembled(40, 24, rows(seed, 24), mark, used=5),
    "trailer": lambda seed, mark: assembled(40, 24, rows(seed, 24), tail=mark),
    "trailer core": lambda seed, mark: assembled(12, 24, rows(seed, 24), tail=mark),
    "unused palette entries": _unused,
    "surplus rows": lambda seed, mark: assembled(40, 24, rows(seed, 24) + mark * 9),
    "runs behind the end": _runs,
    "runs behind the end 4": lambda seed, mark: assembled(
        40, 4, runs(seed, 4) + mark, palette(4), compression=2
    ),
    "os/2 fields": lambda seed, mark: assembled(64, 24, rows(seed, 24), extra=mark),
    "calibration": lambda seed, mark: assembled(
        108, 24, rows(seed, 24), space=bytes(4) + mark + bytes(28)
    ),
    "calibration of no use": lambda seed, mark: assembled(
        108, 24, rows(seed, 24), space=_SRGB + bytes(8) + mark
    ),
    "linked profile": lambda seed, mark: assembled(
        124, 24, rows(seed, 24), space=_LINKED, profile=b"C:\\" + mark + b"\0"
    ),
    "profile description": lambda seed, mark: assembled(
        124, 24, rows(seed, 24), space=_EMBEDDED, profile=icc_profile(mark, "description")
    ),
    "profile private tag": lambda seed, mark: assembled(
        124, 24, rows(seed, 24), space=_EMBEDDED, profile=icc_profile(mark, "private")
    ),
    "profile slack": lambda seed, mark: assembled(
        124, 24, rows(seed, 24), space=_EMBEDDED, profile=icc_profile(mark, "slack")
    ),
    "behind the profile": lambda seed, mark: assembled(
        124, 24, rows(seed, 24), space=_EMBEDDED, profile=icc_profile(b"-"), tail=mark
    ),
}


def held(seed: int) -> list[tuple[str, bytes, str]]:
    """(name, file, reason) of BMP files that may not be cleaned."""
    plain, malformed = assembled(40, 24, rows(seed, 24)), "malformed"
    beyond = bytes((255, 1)) * 4 + b"\0\1"
    version = b"BM" + struct.pack("<IIII", 60, 0, 26, 33) + bytes(60)
    few = assembled(40, 8, rows(seed, 8), palette(8)[:80], used=20)
    overlapping = assembled(40, 32, rows(seed, 32), compression=3, masks=(255, 511, 7))
    sides, many = struct.pack("<ii", WIDTH, HEIGHT), struct.pack("<ii", 1 << 20, 1 << 20)
    wide = struct.pack("<ii", 1 << 22, 100)
    bomb = assembled(40, 1, bytes(64), palette(1)).replace(sides, many)
    return [
        ("bmp cut", plain[:-40], "incomplete"),
        ("bmp cut header", plain[:30], "incomplete"),
        ("bmp runs bomb", _runs(seed, b"").replace(sides, wide, 1), "limits-exceeded"),
        ("bmp runs cut", _runs(seed, b"")[:-300], "incomplete"),
        ("bmp of a jpeg", assembled(40, 24, b"\xff\xd8", compression=4), "format-not-supported"),
        ("bmp version", version, "format-not-supported"),
        ("bmp depth", assembled(40, 7, rows(seed, 8)), malformed),
        ("bmp runs beyond", assembled(40, 8, beyond, palette(8), compression=1), malformed),
        ("bmp index beyond", few, malformed),
        ("bmp masks overlap", overlapping, malformed),
        ("bmp bomb", bomb, "limits-exceeded"),
    ]
