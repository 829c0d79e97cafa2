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
from medrelease.terms.flow import Hold, Probe
from medrelease.terms.words import Format, Reason

ROLES = {
    "probe": "clean",
    "clean": "clean",
    "prove": "prove",
    "clean-native": "clean-native",
    "prove-native": "prove-native",
    "examine": "look",
    "draw": "look",
}
FORKED = frozenset({"clean-native", "prove-native", "examine", "draw"})
"""Operations that call native decoders or models: each file has a child of its own (section 4)."""
SLOW = {"examine": 5.0}
"""How much longer than others an operation may take: a file has many pages, and models are dear."""

_COUNTED_IN_SOURCE = frozenset({Format.TIFF, Format.SVS})
_NATIVE_FORMATS = frozenset({Format.WEBP, Format.JP2, Format.HEIC, Format.AVIF})
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
        masks=answers.masks_of(options.get("masks", [])),
        pixels_examined=options.get("pixels_examined", False),
        faces_excluded=options.get("faces_excluded", False),
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
        masks=answers.masks_of(options.get("masks", [])),
    )
    return answers.encode(verify.verify(reads[0], reads[1], chosen))


def examine(
    reads: Sequence[int], _writes: Sequence[int], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Look at every picture of the cleaned file `reads[1]`, with the models that `warm` loaded.

    Of a TIFF it is the source, `reads[0]`, whose directories masks count. Of a DICOM object the
    source alone names the device.
    """
    from medrelease.pixels.faults import ModelMissing

    nets = _looking[0]
    if isinstance(nets, ModelMissing):
        return answers.encode(Hold(Reason.PIXELS_NOT_EXAMINED, _NO_MODELS))
    from medrelease.pixels import examining
    from medrelease.pixels.options import Options

    chosen = Options(
        format=Format(options["format"]),
        keep=tuple(options["keep"]),
        identifiers=tuple(options["identifiers"]),
        seconds=options["seconds"],
    )
    looked_at = reads[0] if chosen.format in _COUNTED_IN_SOURCE else reads[1]
    dropped = reads[0] if chosen.format is Format.DICOM else None
    return answers.encode(examining.examine(looked_at, nets, chosen, dropped))


def draw(reads: Sequence[int], writes: Sequence[int], options: Mapping[str, Any]) -> dict[str, Any]:
    """Draw the pages that `examine` looks at, with boxes around masks, as a PNG file."""
    from medrelease.pixels import drawing

    masks = answers.masks_of(options["masks"])
    form = Format(options["format"])
    looked_at = reads[0] if form in _COUNTED_IN_SOURCE else reads[1]
    held = drawing.draw(looked_at, writes[0], form, masks)
    return answers.encode(held) if held else {}


OPERATIONS: dict[str, Operation] = {
    "probe": probe,
    "clean": clean,
    "prove": prove,
    "clean-native": clean,
    "prove-native": prove,
    "examine": examine,
    "draw": draw,
}
_NO_MODELS = "The models that look at pictures are absent or altered."
_looking: list[Any] = []
"""What the role `look` looks with: its models, or why there are none."""


def suited(operation: str, found: Probe, *, blanked: bool = False) -> str:
    """The form of `clean` or `prove` that a file needs: native decoders fork.

    `blanked` says that the file has masks: then the pieces under them are decoded.
    """
    form = found.format
    native = found.native or form in _NATIVE_FORMATS or (blanked and form in _NATIVE_WHEN_BLANKED)
    return f"{operation}-native" if native else operation


_PHOTOGRAPHS = ("jpeg", "png", "tiff", "bmp", "gif", "heif")
_WARM = {
    "clean": ("sanitise", "sanitise.dicom", *(f"sanitise.{name}" for name in _PHOTOGRAPHS)),
    "prove": ("verify", "verify.dicom", *(f"verify.{name}" for name in _PHOTOGRAPHS)),
}
_NATIVE = {
    "clean": ("sanitise.codecs", "sanitise.webp_picture", "sanitise.jp2.opacity"),
    "prove": ("verify.codecs", "verify.libheif", "verify.webp_picture", "verify.jp2"),
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
    if role == "look":
        _warm_look()
        return
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


def _warm_look() -> None:
    """Load the models once; children inherit them. Where they are missing each file hears so."""
    from medrelease.pixels.faults import ModelMissing

    try:
        from medrelease.pixels import drawing, examining, warming  # noqa: F401 - before the walls

        _looking.append(warming.warm())
    except ModelMissing as missing:
        _looking.append(missing)
    except ImportError:
        _looking.append(ModelMissing("the extra [pixels] is not installed"))
