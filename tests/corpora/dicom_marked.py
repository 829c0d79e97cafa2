"""One CT instance of 528 KB with 122 markers, each of its own, for tools that are compared.

`marked(seed)` gives the file; MARKS the markers in it, by the place that each is planted in.
"""

import numpy as np
from pydicom.datadict import dictionary_VR, tag_for_keyword

from corpora import dicoms
from corpora.dicoms import Elements, element, implicit, sequence

COUNT = 122
SIDE = 512


def _mark(number: int) -> bytes:
    return f"QX{number:03d}LEAK".encode()


def _odd_places() -> list[str]:
    return [
        "preamble",
        "sender in the file meta",
        "behind the pixels",
        "behind a NUL",
        "private",
        "private sequence",
        "unknown even group",
        "name in a sequence coded as UN",
        "overlay label",
        "overlay comments",
        "overlay data",
        "curve",
        "waveform data",
        "encapsulated document",
        "original attributes",
        "signature",
        "trailing padding",
        "fourth value of Image Type",
        "manufacturer",
        "kernel",
        "code meaning",
        "document title",
        "nested under a listed parent",
        "nested under an unlisted parent",
        "nested under an unknown parent",
        "GPS of a photograph",
    ]


def _table() -> dict[int, str]:
    """Attributes of the table that hold text, evenly chosen, to make up the count."""
    tags = []
    for row in dicoms.rows():
        tag = tag_for_keyword(row["keyword-or-name"])
        if tag and tag > 0x00080005 and dictionary_VR(tag) in ("LO", "SH", "LT", "ST", "UT", "PN"):
            tags.append((tag, dictionary_VR(tag)))
    wanted = COUNT - len(_odd_places())
    return dict(sorted(tags)[n * len(tags) // wanted] for n in range(wanted))


TABLE = _table()
MARKS = {
    **{_mark(n): f"{tag:08X}" for n, tag in enumerate(TABLE)},
    **{_mark(len(TABLE) + n): place for n, place in enumerate(_odd_places())},
}


def marked(seed: int) -> bytes:
    """The instance; its pixels are twelve bits of noise around a slope."""
    found = dicoms.image("ct", seed)
    for tag in (0x00280010, 0x00280011):
        found[tag] = element(tag, "US", SIDE.to_bytes(2, "little"))
    rng = np.random.default_rng(seed)
    pixels = (rng.normal(900, 60, (SIDE, SIDE)) + np.arange(SIDE)).clip(0, 4095).astype("<u2")
    found |= {tag: element(tag, vr, _mark(n)) for n, (tag, vr) in enumerate(TABLE.items())}
    at = {place: mark for mark, place in MARKS.items()}
    found |= _odd(at)
    found[0x7FE00010] = element(0x7FE00010, "OW", pixels.tobytes() + at["behind the pixels"] + b"!")
    data = dicoms.file(found, preamble=at["preamble"])
    return data.replace(dicoms.MARKER.encode().ljust(8, b" "), at["sender in the file meta"][:8], 1)


def _odd(at: dict[str, bytes]) -> Elements:
    coded = element(0x00080100, "SH", b"T-D3000") + element(0x00080102, "SH", b"SRT")
    even = {
        0x00080070: element(0x00080070, "LO", at["manufacturer"]),
        0x00181210: element(0x00181210, "SH", at["kernel"]),
        0x00420010: element(0x00420010, "ST", at["document title"]),
        0x00420011: element(0x00420011, "OB", at["encapsulated document"]),
        0x0008F00E: element(0x0008F00E, "UN", at["unknown even group"]),
        0x00160073: element(0x00160073, "ST", at["GPS of a photograph"]),
        0x50000022: element(0x50000022, "LO", at["curve"]),
        0x60001500: element(0x60001500, "LO", at["overlay label"]),
        0x60004000: element(0x60004000, "LT", at["overlay comments"]),
        0x60003000: element(0x60003000, "OW", at["overlay data"] + b"!"),
        0xFFFCFFFC: element(0xFFFCFFFC, "OB", at["trailing padding"]),
        0x00090010: element(0x00090010, "LO", b"ACME 1.0"),
        0x00091001: element(0x00091001, "LO", at["private"]),
    }
    wave = element(0x54001004, "US", b"\x10\0") + element(0x54001006, "CS", b"SS")
    kinds = b"ORIGINAL\\PRIMARY\\AXIAL\\" + at["fourth value of Image Type"]
    nested = {
        0x00080008: element(0x00080008, "CS", kinds),
        0x00180015: element(0x00180015, "CS", b"CHEST\0" + at["behind a NUL"]),
        0x00091002: sequence(0x00091002, element(0x00100010, "PN", at["private sequence"])),
        0x00540016: sequence(
            0x00540016, implicit(0x00100010, at["name in a sequence coded as UN"]), vr="UN"
        ),
        0x54000100: sequence(
            0x54000100, wave + element(0x54001010, "OW", at["waveform data"] + b"!")
        ),
        0x04000561: sequence(0x04000561, element(0x00100010, "PN", at["original attributes"])),
        0xFFFAFFFA: sequence(0xFFFAFFFA, element(0x04000120, "OB", at["signature"])),
        0x00082218: sequence(0x00082218, coded + element(0x00080104, "LO", at["code meaning"])),
    }
    for tag, place in (
        (0x00081110, "nested under a listed parent"),
        (0x00082228, "nested under an unlisted parent"),
        (0x0008F00C, "nested under an unknown parent"),
    ):
        nested[tag] = sequence(tag, element(0x00100020, "LO", at[place]))
    return even | nested


def leaks(finished: bytes) -> list[str]:
    """The places whose marker is in a finished file."""
    return [place for mark, place in MARKS.items() if mark in finished or mark[:8] in finished]
