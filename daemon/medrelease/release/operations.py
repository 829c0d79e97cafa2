"""What a worker can do with a file: the operations by name, and the roles that they share.

This module runs inside worker processes. A worker of the role `clean` never loads the
verifier and one of the role `prove` never loads the sanitiser, so that no single fault in
either can both leave a name in a file and vouch for it (DESIGN.md section 4).
"""

import codecs
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from medrelease.release import answers
from medrelease.terms.words import Format

ROLES = {
    "probe": "clean",
    "clean": "clean",
    "prove": "prove",
    "clean-native": "clean-native",
    "prove-native": "prove-native",
}
FORKED = frozenset({"clean-native", "prove-native"})
"""Operations that call native decoders: each file has a child of its own (DESIGN.md section 4)."""

_NATIVE_FORMATS = frozenset({Format.WEBP, Format.JP2})
_NATIVE_WHEN_BLANKED = frozenset({Format.TIFF, Format.SVS, Format.DICOM})

Operation = Callable[[Sequence[int], Sequence[int], Mapping[str, Any]], dict[str, Any]]


def probe(
    reads: Sequence[int], _writes: Sequence[int], _options: Mapping[str, Any]
) -> dict[str, Any]:
    """First look at `reads[0]`: its format and what a DICOM object says of itself."""
    from medrelease import sanitise

    return answers.encode(sanitise.probe(reads[0]))


def clean(
    reads: Sequence[int], writes: Sequence[int], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Write a sanitised copy of `reads[0]` to `writes[0]`."""
    from medrelease import sanitise

    chosen = sanitise.Options(
        patient_label=options["patient_label"],
        route_key=bytes.fromhex(options["route_key"]),
        subject=options["subject"],
        dicom_options=frozenset(options["dicom_options"]),
        hsc=options["hsc"],
    )
    return answers.encode(sanitise.sanitise(reads[0], writes[0], chosen))


def prove(
    reads: Sequence[int], _writes: Sequence[int], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Hold the finished file `reads[1]` against its source `reads[0]`."""
    from medrelease import verify

    chosen = verify.Options(
        identifiers=tuple(options["identifiers"]),
        published=tuple(options["published"]),
        format=Format(options["format"]),
        dicom_options=frozenset(options["dicom_options"]),
    )
    return answers.encode(verify.verify(reads[0], reads[1], chosen))


OPERATIONS: dict[str, Operation] = {
    "probe": probe,
    "clean": clean,
    "prove": prove,
    "clean-native": clean,
    "prove-native": prove,
}


def suited(operation: str, form: Format, *, blanked: bool = False) -> str:
    """The form of `clean` or `prove` that a file of this format needs: native decoders fork.

    `blanked` says that the file has masks: then the pieces under them are decoded.
    """
    native = form in _NATIVE_FORMATS or (blanked and form in _NATIVE_WHEN_BLANKED)
    return f"{operation}-native" if native else operation


_PHOTOGRAPHS = ("jpeg", "png", "tiff", "bmp", "gif", "heif")
_WARM = {
    "clean": ("sanitise", "sanitise.dicom", *(f"sanitise.{name}" for name in _PHOTOGRAPHS)),
    "prove": ("verify", "verify.dicom", *(f"verify.{name}" for name in _PHOTOGRAPHS)),
}
_NATIVE = {
    "clean": ("sanitise.codecs", "sanitise.webp_picture", "sanitise.jp2.opacity"),
    "prove": ("verify.codecs", "verify.webp_picture", "verify.jp2"),
}
"""Modules that call native decoders, each with a `warm` of its own."""

_CODECS = (
    *("ascii", "utf_8", "utf_8_sig", "utf_16", "utf_16_le", "utf_16_be", "utf_32_le", "utf_32_be"),
    *("latin_1", "cp1252", "mac_roman", "idna", "hex", "base64", "quopri", "zlib"),
    *("iso8859_2", "iso8859_3", "iso8859_4", "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_8"),
    *("iso8859_9", "iso8859_11", "iso8859_15", "tis_620", "shift_jis", "euc_jp", "euc_kr"),
    *("iso2022_jp", "iso2022_jp_2", "iso2022_kr", "gb18030", "gbk", "gb2312"),
)
"""Text encodings that a file may name: Python loads each from a file of its own."""


def warm(role: str) -> None:
    """Import what the role's operations need, before the sandbox closes the file system."""
    side, _, native = role.partition("-")
    for module in _WARM[side]:
        import_module(f"medrelease.{module}")
    if native:
        import_module(f"medrelease.{_WARM[side][0]}.webp")
        for module in _NATIVE[side]:
            import_module(f"medrelease.{module}").warm()
    for name in _CODECS:
        codecs.lookup(name)
    if side == "clean":
        from medrelease.sanitise import dicom

        dicom.warm()
