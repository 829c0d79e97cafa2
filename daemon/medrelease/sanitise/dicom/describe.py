"""What the DICOM profile does, attribute by attribute and structure by structure."""

from collections.abc import Mapping
from dataclasses import dataclass

from medrelease.sanitise.dicom.profile import rows

_WORDS = {
    "X": "removed",
    "Z": "emptied",
    "D": "replaced by a dummy",
    "U": "replaced by a keyed UID",
    "K": "kept",
    "C": "cleaned",
    "X/Z": "emptied where Type 2, else removed",
    "X/D": "replaced where Type 1, else removed",
    "X/Z/D": "replaced where Type 1, emptied where Type 2, else removed",
    "Z/D": "replaced where Type 1, else emptied",
    "X/Z/U*": "kept with keyed UIDs where Type 1, emptied where Type 2, else removed",
}

_STRUCTURES = (
    ("preamble", "zeroed; one that is an executable or a TIFF file raises an alert"),
    ("file meta information", "built anew"),
    ("group lengths", "removed"),
    ("private attributes", "removed; with retain-safe-private those of Table E.3.10-1 kept"),
    ("attributes that neither the table nor the IOD names", "removed"),
    ("text that the table does not name", "dummy, emptied or removed by Type, unless plain words"),
    ("code strings", "kept as defined terms, else as text"),
    ("numbers, UIDs of the standard", "kept"),
    ("coded entries", "kept with the meaning of the scheme; local schemes removed"),
    ("text behind a NUL", "removed"),
    ("overlays and curves (60xx, 50xx)", "removed"),
    ("structured reports, key objects", "cleaned with clean-structured-content, else held"),
    ("presentation states", "cleaned with clean-graphics, else held"),
    ("drawn lines, compound graphics", "removed; points, circles and ellipses as the table says"),
    ("signatures, encrypted attributes, waveforms, documents", "removed"),
    ("bytes past the last pixel", "removed"),
    ("unused bits beside a pixel's bits", "cleared"),
    ("application data and comments inside frames", "removed"),
    ("offset tables, fragments", "built anew, one fragment a frame"),
    ("regions that are to be blanked", "filled black; smallest and largest pixel value removed"),
    ("places where a known device or an ultrasound scanner writes names", "blanked with the text"),
    ("bytes after the last element", "the file is held"),
)


@dataclass(frozen=True, slots=True)
class Described:
    """One attribute or structure: its tag (empty for a structure), what is done by default, and
    what is done instead under each option."""

    tag: str
    keyword: str
    default: str
    options: Mapping[str, str]


def describe() -> list[Described]:
    """Every row of Table E.1-1, then every structure that the table does not speak of."""
    found = [
        Described(_shown(tag), name, _WORDS[basic], {o: _WORDS[c] for o, c in options.items()})
        for tag, name, basic, options in rows()
    ]
    return found + [Described("", name, done, {}) for name, done in _STRUCTURES]


def _shown(tag: str) -> str:
    return f"({tag[:4]},{tag[4:]})" if len(tag) == 8 else "(odd group)"
