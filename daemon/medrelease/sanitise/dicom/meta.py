"""The new container: zeroed preamble, file meta information built from nothing (PS3.10 7.1)."""

from struct import pack

from medrelease.sanitise.dicom.elements import LONG

IMPLEMENTATION_CLASS_UID = "2.25.278347690116543928702312876155403213461"
IMPLEMENTATION_VERSION = "MEDRELEASE"


def header(sop_class: str, sop_instance: str, transfer_syntax: str) -> bytes:
    """Preamble, prefix and group 0002 of an object that is about to follow."""
    group = b"".join(
        (
            leaf(0x00020001, b"OB", b"\0\1"),
            leaf(0x00020002, b"UI", sop_class.encode("ascii")),
            leaf(0x00020003, b"UI", sop_instance.encode("ascii")),
            leaf(0x00020010, b"UI", transfer_syntax.encode("ascii")),
            leaf(0x00020012, b"UI", IMPLEMENTATION_CLASS_UID.encode("ascii")),
            leaf(0x00020013, b"SH", IMPLEMENTATION_VERSION.encode("ascii")),
        )
    )
    return bytes(128) + b"DICM" + leaf(0x00020000, b"UL", pack("<I", len(group))) + group


def leaf(tag: int, vr: bytes, value: bytes) -> bytes:
    """One element in explicit VR little endian, its value padded to an even length."""
    if len(value) & 1:
        value += b"\0" if vr in (b"UI", b"OB", b"UN") else b" "
    return element_header(tag, vr, len(value)) + value


def element_header(tag: int, vr: bytes, length: int) -> bytes:
    """Tag, VR and length of an element in explicit VR little endian."""
    if vr in LONG:
        return pack("<HH2sHI", tag >> 16, tag & 0xFFFF, vr, 0, length)
    return pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, length)


def sequence(tag: int, items: list[bytes]) -> bytes:
    """A sequence of already encoded items, all with their lengths."""
    body = b"".join(pack("<HHI", 0xFFFE, 0xE000, len(item)) + item for item in items)
    return element_header(tag, b"SQ", len(body)) + body
