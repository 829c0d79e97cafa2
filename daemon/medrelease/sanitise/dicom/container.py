"""The DICOM file around a data set (PS3.10 section 7): preamble, file meta, deflation.

Also reads what older software wrote: files without preamble or file meta, and data sets whose
encoding is not the one that the file meta names.
"""

import zlib
from dataclasses import dataclass
from struct import pack

from medrelease.sanitise.dicom.elements import LONG, SHORT, Element, Reader
from medrelease.sanitise.dicom.syntax import (
    BIG_ENDIAN,
    EXPLICIT,
    IMPLICIT,
    Coding,
    Syntax,
    syntax,
)
from medrelease.sanitise.headerless import looks_headerless
from medrelease.sanitise.refusal import incomplete, malformed, too_large

MOST_INFLATED = 256 << 20
"""Largest deflated data set, in bytes once inflated, that is read."""

_PIECE = 1 << 16
_EXECUTABLES = ((b"MZ", "preamble-mz"), (b"\x7fELF", "preamble-elf"))
_TIFFS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")


@dataclass(frozen=True, slots=True)
class Container:
    """An opened DICOM file: its data set still encoded, and what its preamble pretends to be."""

    syntax: Syntax
    dataset: memoryview
    alerts: tuple[str, ...]

    def elements(self, until: int | None = None) -> list[Element]:
        """The elements of the data set, or those with a tag up to `until`."""
        reader = Reader(self.dataset, implicit=self.syntax.implicit, big=self.syntax.big)
        return reader.root(until)


def open_file(view: memoryview) -> Container:
    """Open a DICOM file. Raises Refusal for what is cut, contradicts itself or is not read."""
    if len(view) >= 132 and bytes(view[128:132]) == b"DICM":
        alerts = _alerts(bytes(view[:4]))
        named, start = _file_meta(view, 132)
        return _opened(named, view[start:], alerts)
    if looks_headerless(view):
        named, start = _file_meta(view, 0)
        return _opened(named, view[start:], ())
    raise malformed("The file is no DICOM file.")


def _alerts(head: bytes) -> tuple[str, ...]:
    found = [name for magic, name in _EXECUTABLES if head.startswith(magic)]
    return (*found, "preamble-tiff") if head in _TIFFS else tuple(found)


def _file_meta(view: memoryview, start: int) -> tuple[str, int]:
    """Transfer Syntax UID that the file meta names (empty where none) and its end."""
    position, named = start, ""
    while position + 8 <= len(view) and bytes(view[position : position + 2]) == b"\x02\x00":
        vr = bytes(view[position + 4 : position + 6])
        if vr in LONG:
            size, value = 4, position + 12
        elif vr in SHORT:
            size, value = 2, position + 8
        else:
            raise malformed("The file meta information is not in explicit VR.")
        stop = value + int.from_bytes(view[value - size : value], "little")
        if stop > len(view):
            raise incomplete("the file meta information")
        if bytes(view[position + 2 : position + 4]) == b"\x10\x00":
            named = bytes(view[value:stop]).decode("latin-1").strip(" \0")
        position = stop
    return named, position


def _opened(named: str, dataset: memoryview, alerts: tuple[str, ...]) -> Container:
    if not dataset:
        raise incomplete("the file meta information")
    if not named:
        return Container(_guessed(dataset), dataset, alerts)
    chosen = syntax(named)
    if chosen.deflated:
        return Container(syntax(EXPLICIT), _inflated(dataset), alerts)
    if chosen.coding is Coding.NATIVE:
        guessed = _guessed(dataset)
        if guessed.big == chosen.big:
            chosen = guessed
    elif _guessed(dataset).implicit:
        chosen = Syntax(chosen.uid, implicit=True, coding=chosen.coding)
    return Container(chosen, dataset, alerts)


def _guessed(dataset: memoryview) -> Syntax:
    """The encoding that the first element has: a VR stands where explicit VR has one."""
    explicit = bytes(dataset[4:6]) in SHORT | LONG
    if explicit and dataset[0] == 0 and dataset[1]:
        return syntax(BIG_ENDIAN)
    return syntax(EXPLICIT if explicit else IMPLICIT)


def _inflated(data: memoryview) -> memoryview:
    """The data set behind PS3.5 A.5: raw deflate, one null byte after it for an even length."""
    engine, plain, position = zlib.decompressobj(-15), bytearray(), 0
    while position < len(data) and not engine.eof:
        try:
            piece = data[position : position + _PIECE]
            plain += engine.decompress(piece, MOST_INFLATED + 1 - len(plain))
        except zlib.error:
            raise malformed("The deflated data set does not inflate.") from None
        if len(plain) > MOST_INFLATED:
            raise too_large("The deflated data set is larger than 256 MiB.")
        position += _PIECE
    if not engine.eof:
        raise incomplete("the deflated data set")
    # Some writers add gzip's trailer, which says nothing that the data does not say.
    gzip_trailer = pack("<II", zlib.crc32(plain), len(plain))
    if bytes(engine.unused_data) + bytes(data[position:][:9]) not in (b"", b"\0", gzip_trailer):
        raise malformed("Bytes follow the deflated data set.")
    return memoryview(plain).toreadonly()
