"""EXIF: every text of a source's block, how it asks to be shown, and what a clean one may hold.

Source: CIPA DC-008 (Exif 2.32) section 4.6. The reader of sources is lenient: a broken
directory ends the walk, and the block's printable runs are taken in any case.
"""

import struct
from dataclasses import dataclass
from fractions import Fraction

from medrelease.terms.words import Reason
from medrelease.verify import ifd, iptc, xmp
from medrelease.verify.refusal import Refusal, malformed
from medrelease.verify.runs import decode, printable

ORIENTATION, X_RES, Y_RES, UNIT = 0x112, 0x11A, 0x11B, 0x128
_POINTERS = (0x8769, 0x8825, 0xA005, 0x14A)
_WIDE_TEXTS = range(0x9C9B, 0x9CA0)
_PICTURE_BLOBS = (0x15B, 0x8773)  # JPEG tables and colour profile have readers of their own
_COORDINATES = (2, 4, 6)
_CLEAN = {ORIENTATION: (3, 1), X_RES: (5, 1), Y_RES: (5, 1), UNIT: (3, 1)}
_STRUCTURAL = 0x214
"""Up to here numbers place and shape the picture; beyond, a long number may be a serial number."""
_DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Display:
    """What decides how a picture is shown: orientation 1 to 8, and dots per inch."""

    orientation: int = 1
    density: tuple[Fraction, Fraction] | None = None


def texts(block: memoryview) -> list[str | bytes]:
    """Return every text, coordinate and long number of an EXIF block (a TIFF stream)."""
    found: list[str | bytes] = list(printable(bytes(block)))
    try:
        form = ifd.layout(block)
    except Refusal:
        return found
    walk(block, form, form.first, found)
    return found


def walk(block: memoryview, form: ifd.Layout, first: int, found: list[str | bytes]) -> None:
    """Add the texts of the directory at `first`, its successors and those it points to.

    Raises Refusal(limits-exceeded) where values overlap so much that they exceed the block.
    """
    waiting, seen = [first], set[int]()
    budget = 4 * len(block) + (1 << 16)
    while waiting and len(seen) < _DEEPEST:
        start = waiting.pop()
        if start == 0 or start in seen:
            continue
        seen.add(start)
        try:
            folder = ifd.directory(block, form, start)
        except Refusal:
            continue
        waiting.append(folder.following)
        for entry in folder.entries:
            if entry.end > len(block):
                continue
            budget -= entry.end - entry.start
            if budget < 0:
                raise Refusal(Reason.LIMITS_EXCEEDED, "EXIF values that overlap")
            if entry.tag in _POINTERS and entry.count <= _DEEPEST and entry.type in (4, 13, 18):
                waiting.extend(ifd.integers(block, form, entry))
            else:
                found.extend(_value_texts(block, form, entry))


def _value_texts(block: memoryview, form: ifd.Layout, entry: ifd.Entry) -> list[str | bytes]:
    """Return what one value says, in each form in which it could be left behind."""
    value = ifd.raw(block, entry)
    if entry.tag in _PICTURE_BLOBS:
        return []
    if entry.tag in _WIDE_TEXTS:
        return [value.decode("utf-16-le", "ignore").strip("\0 ")]
    if entry.tag == 0x2BC:
        return list(xmp.texts(value))
    if entry.tag in (0x83BB, 0x8649):
        return list(iptc.texts(value))
    if entry.type == 2:
        return [decode(part) for part in value.split(b"\0") if part.strip()]
    return _number_texts(block, form, entry, value)


def _number_texts(
    block: memoryview, form: ifd.Layout, entry: ifd.Entry, value: bytes
) -> list[str | bytes]:
    """Return what a value that is not declared a text says."""
    if entry.tag in _COORDINATES and entry.type == 5 and entry.count == 3:
        return [value, *_degrees(ifd.rationals(block, form, entry))]
    if entry.type in (4, 9, 16) and entry.count == 1 and entry.tag > _STRUCTURAL:
        return [str(ifd.integers(block, form, entry)[0])]
    if entry.type in (1, 7) and value[:8] in (b"UNICODE\0", b"ASCII\0\0\0", b"\0" * 8):
        wide = "utf-16-le" if form.order == "<" else "utf-16-be"
        plain = value[8:].decode(wide, "ignore") if value[:1] == b"U" else decode(value[8:])
        return [plain.strip("\0 "), *printable(value)]
    return list(printable(value)) if entry.type in (1, 7) else []


def _degrees(parts: tuple[Fraction | None, ...]) -> list[str]:
    """Return a coordinate as people write it: decimal degrees, and the three parts."""
    if any(part is None for part in parts):
        return []
    d, m, s = (float(part or 0) for part in parts)
    return [f"{d + m / 60 + s / 3600:.6f}", f"{d:g} {m:g} {s:g}"]


def display(block: memoryview) -> Display:
    """Return how a source's EXIF block asks to be shown; defaults where it does not say."""
    try:
        form = ifd.layout(block)
        return display_of(block, form, ifd.directory(block, form, form.first))
    except Refusal:
        return Display()


def display_of(block: memoryview, form: ifd.Layout, folder: ifd.Directory) -> Display:
    """Return what one directory says about orientation and resolution, in dots per inch."""
    turn = _whole(block, form, folder.entry(ORIENTATION), 1)
    unit = _whole(block, form, folder.entry(UNIT), 2)
    across, down = (_dots(block, form, folder.entry(tag)) for tag in (X_RES, Y_RES))
    scale = {2: Fraction(1), 3: Fraction(254, 100)}.get(unit)
    density = (_plain(across) * scale, _plain(down) * scale) if across and down and scale else None
    return Display(turn if 1 <= turn <= 8 else 1, density)


def _plain(ratio: Fraction) -> Fraction:
    """Return a ratio with a denominator of 16 bits: programs write more digits than they know."""
    return ratio.limit_denominator(0xFFFF)


def _whole(block: memoryview, form: ifd.Layout, entry: ifd.Entry | None, absent: int) -> int:
    """Return the single whole number of an entry, or `absent` where it is not one."""
    if entry is None or entry.count != 1 or entry.type not in (1, 3, 4):
        return absent
    return ifd.integers(block, form, entry)[0]


def _dots(block: memoryview, form: ifd.Layout, entry: ifd.Entry | None) -> Fraction | None:
    """Return a positive rational, or None."""
    if entry is None or entry.count != 1 or entry.type != 5:
        return None
    value = ifd.rationals(block, form, entry)[0]
    return value if value and value > 0 else None


def clean_display(block: memoryview) -> Display:
    """Prove that a finished EXIF block holds orientation and resolution and not one byte more.

    Raises Refusal(malformed) for any other tag, type, count, gap, overlap or second directory.
    """
    form = ifd.layout(block)
    folder = ifd.directory(block, form, form.first)
    tags = [entry.tag for entry in folder.entries]
    if form.big or form.first != 8 or folder.following or not tags or tags != sorted(set(tags)):
        malformed("EXIF block of a form that is not allowed")
    spans = [(0, 8), (folder.start, folder.end)]
    for entry in folder.entries:
        if _CLEAN.get(entry.tag) != (entry.type, entry.count):
            malformed("EXIF tag that is not allowed")
        if entry.inline and any(block[entry.end : entry.start + 4]):
            malformed("EXIF value with a tail")
        if not entry.inline:
            spans.append((entry.start, entry.end))
    if cover(spans) != (len(block), 0):
        malformed("EXIF block with bytes that no tag uses")
    _check_values(block, form, folder)
    return display_of(block, form, folder)


def _check_values(block: memoryview, form: ifd.Layout, folder: ifd.Directory) -> None:
    """Refuse an orientation or unit outside its range: a number may carry a message."""
    if _whole(block, form, folder.entry(ORIENTATION), 1) not in range(1, 9):
        malformed("EXIF orientation out of range")
    if _whole(block, form, folder.entry(UNIT), 2) not in (1, 2, 3):
        malformed("EXIF resolution unit out of range")
    for tag in (X_RES, Y_RES):
        entry = folder.entry(tag)
        if entry and 0 in struct.unpack_from(form.order + "II", block, entry.start):
            malformed("EXIF resolution of zero")


def cover(spans: list[tuple[int, int]]) -> tuple[int, int]:
    """Return (end of the last span, number of bytes between spans that none covers).

    Raises Refusal(malformed) where two spans overlap.
    """
    end = gaps = 0
    for start, stop in sorted(spans):
        if start < end:
            malformed("two structures share bytes")
        gaps += start - end
        end = stop
    return end, gaps
