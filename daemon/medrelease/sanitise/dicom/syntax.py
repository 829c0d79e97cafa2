"""Transfer syntaxes of PS3.5 Annex A: how a data set and its pixel data are encoded."""

from dataclasses import dataclass
from enum import StrEnum

from medrelease.sanitise.refusal import malformed, unsupported

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"


class Coding(StrEnum):
    """The family of codestream in an encapsulated Pixel Data element."""

    NATIVE = "native"
    JPEG = "jpeg"
    JPEG_LS = "jpeg-ls"
    JPEG_2000 = "jpeg-2000"
    RLE = "rle"


_JPEG = ("4.50", "4.51", "4.57", "4.70")
_JPEG_LS = ("4.80", "4.81")
_JPEG_2000 = ("4.90", "4.91", "4.92", "4.93", "4.201", "4.202", "4.203")

_ENCAPSULATED = {
    **{f"1.2.840.10008.1.2.{tail}": Coding.JPEG for tail in _JPEG},
    **{f"1.2.840.10008.1.2.{tail}": Coding.JPEG_LS for tail in _JPEG_LS},
    **{f"1.2.840.10008.1.2.{tail}": Coding.JPEG_2000 for tail in _JPEG_2000},
    "1.2.840.10008.1.2.5": Coding.RLE,
}


@dataclass(frozen=True, slots=True)
class Syntax:
    """One transfer syntax: how its elements are encoded, and its pixel data."""

    uid: str
    implicit: bool = False
    big: bool = False
    deflated: bool = False
    coding: Coding = Coding.NATIVE

    @property
    def written(self) -> str:
        """The transfer syntax of the cleaned object: native ones all become explicit LE."""
        return EXPLICIT if self.coding is Coding.NATIVE else self.uid


def syntax(uid: str) -> Syntax:
    """What a Transfer Syntax UID means. Raises Refusal for those that are not cleaned here."""
    if uid in _ENCAPSULATED:
        return Syntax(uid, coding=_ENCAPSULATED[uid])
    native = {
        IMPLICIT: Syntax(IMPLICIT, implicit=True),
        EXPLICIT: Syntax(EXPLICIT),
        DEFLATED: Syntax(DEFLATED, deflated=True),
        BIG_ENDIAN: Syntax(BIG_ENDIAN, big=True),
    }
    if uid in native:
        return native[uid]
    if not uid.replace(".", "").isdigit():
        raise malformed("The Transfer Syntax UID is not a UID.")
    raise unsupported(
        "Its transfer syntax (video, or one that is not cleaned here) is not supported.",
        "Export it as an uncompressed or a JPEG-compressed DICOM file.",
    )
