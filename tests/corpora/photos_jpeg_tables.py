"""JPEG files with a marker in tables that a scan reads: in what no block of the picture needs."""

import string

from PIL import Image

from corpora.photos_base import Planted, marker, picture, saved
from corpora.photos_jpeg import segment


def _tables(jpeg: bytes, code: int) -> list[tuple[int, int, bytes]]:
    """(offset, end, payload) of each segment with this marker."""
    found, at = [], 2
    while at + 4 <= len(jpeg):
        size = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if jpeg[at + 1] == code:
            found.append((at, at + 2 + size, jpeg[at + 4 : at + 2 + size]))
        at += 2 + size
        if jpeg[at - 2 - size + 1] == 0xDA:
            while not (jpeg[at] == 0xFF and jpeg[at + 1] not in (0, *range(0xD0, 0xD8))):
                at += 1
        if jpeg[at + 1] == 0xD9:
            break
    return found


def idle_steps(mark: bytes, number: int = 0, **options: object) -> bytes:
    """A flat picture; the marker in the steps of coefficients that it does not have."""
    jpeg = saved(Image.new("RGB", (64, 48), (90, 140, 200)), "JPEG", **options)
    start, _, payload = _tables(jpeg, 0xDB)[number]
    at = start + 4 + 30
    assert at + len(mark) <= start + 4 + len(payload)
    return jpeg[:at] + mark + jpeg[at + len(mark) :]


def idle_codes(seed: int, which: int, **options: object) -> tuple[bytes, bytes]:
    """A file whose Huffman table of that number has codes for symbols that no block has, and these.

    The symbols are letters; they get the longest codes, which the optimal table leaves free.
    """
    jpeg = saved(picture(seed), "JPEG", optimize=True, **options)
    places = [table for table in _tables(jpeg, 0xC4) if table[2][0] >> 4]
    start, end, payload = places[which]
    counts, symbols = bytearray(payload[1:17]), payload[17:]
    free = (1 << 16) - sum(count << (15 - at) for at, count in enumerate(counts))
    letters = bytes(x for x in string.ascii_letters.encode() if x & 15 < 11 and x not in symbols)
    mark = letters[: min(12, free - 1)]
    counts[15] += len(mark)
    table = payload[:1] + bytes(counts) + symbols + mark
    return jpeg[:start] + segment(0xC4, table) + jpeg[end:], mark


def planted(seed: int) -> list[Planted]:
    """(hiding place, JPEG file, marker) for every place in tables that are read."""
    files: list[Planted] = []
    for name, options in (("", {}), (" progressive", {"progressive": True})):
        for number in (0, 1):
            mark = marker("jpeg idle steps", name, str(number))
            made = idle_steps(mark, number, **options)
            files.append((f"jpeg steps that nothing needs{name} {number}", made, mark))
    for name, options, which in (
        ("", {}, 0),
        (" chroma", {}, 1),
        (" progressive", {"progressive": True}, 0),
        (" refined", {"progressive": True}, -1),
    ):
        made, letters = idle_codes(seed, which, **options)
        files.append((f"jpeg codes that nothing uses{name}", made, letters))
    return files


def coarse(seed: int) -> bytes:
    """A progressive picture of its first scan alone, which decoders smooth by the steps."""
    steps = [[3 + at for at in range(64)], [5 + 2 * at for at in range(64)]]
    jpeg = saved(picture(seed), "JPEG", progressive=True, qtables=steps)
    second = jpeg.index(b"\xff\xc4", jpeg.index(b"\xff\xda"))
    return jpeg[:second] + b"\xff\xd9"


def camera_like(seed: int, quality: int = 90) -> bytes:
    """A picture with quantisation tables that are none of the standard's, as cameras have."""
    steps = [[1 + at * quality // 300 for at in range(64)], [2 + at // 4 for at in range(64)]]
    return saved(picture(seed, (160, 120)), "JPEG", qtables=steps)
