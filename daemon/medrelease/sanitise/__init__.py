"""Cleaning: an allow-list of structures a format; descriptor in, descriptor out.

The room's front door. `probe` says what a file is, `sanitise` writes a clean copy of it. What
cannot be cleaned comes back as a `Hold`; a refusal of the room's parsers never leaves the room.
No paths, no configuration and no clock in here.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib import import_module

from medrelease.sanitise.blanking import mask_not_possible
from medrelease.sanitise.options import Options
from medrelease.sanitise.refusal import Refusal
from medrelease.sanitise.sniff import sniff
from medrelease.sanitise.source import Source, pieces
from medrelease.sanitise.target import Target
from medrelease.terms.flow import Hold, Probe, Sanitised
from medrelease.terms.words import Format

__all__ = ["Options", "probe", "sanitise"]

_Clean = Callable[[Source, Target, Options], Sanitised]


def probe(source: int) -> Probe | Hold:
    """What the file behind the descriptor `source` is; a DICOM object's own words besides."""
    opened = Source(source)
    try:
        found = sniff(opened.view)
        sha256 = _sha256(opened)
        if found is Format.DICOM:
            return _probe_dicom(opened, sha256)
        return Probe(found, sha256, opened.size, native=_needs_native(found, opened))
    except Refusal as refusal:
        return Hold(refusal.reason, refusal.detail)


def sanitise(source: int, target: int, options: Options) -> Sanitised | Hold:
    """Write a clean copy of `source` to the empty file behind `target`.

    After a `Hold` what stands in the target is worthless. Raises `Transient` on a full disk.
    """
    opened, finished = Source(source), Target(target)
    try:
        found = sniff(opened.view)
        if options.masks and found not in _BLANKED:
            raise mask_not_possible("Writing in a picture of this format cannot be blanked.")
        sanitised = _cleaner(found)(opened, finished, options)
    except Refusal as refusal:
        return Hold(refusal.reason, refusal.detail)
    finished.flush()
    if options.masks:
        actions = {**sanitised.actions, "masked-region": len(options.masks)}
        sanitised = replace(sanitised, actions=actions)
    return sanitised


def _sha256(source: Source) -> str:
    digest = hashlib.sha256()
    for piece in pieces(source.view):
        digest.update(piece)
    return digest.hexdigest()


def _needs_native(found: Format, source: Source) -> bool:
    """Whether a file of a format that mostly needs no native decoder needs one all the same."""
    if found not in (Format.TIFF, Format.SVS):
        return False
    from medrelease.sanitise.tiff import needs_native  # noqa: PLC0415 - loads what cleans TIFF

    try:
        return needs_native(source)
    except Refusal:
        return False


def _probe_dicom(source: Source, sha256: str) -> Probe:
    from medrelease.sanitise.dicom import probe_dicom  # noqa: PLC0415 - loads pydicom

    facts = probe_dicom(source)
    return Probe(
        Format.DICOM,
        sha256,
        source.size,
        sop_class_uid=facts.sop_class_uid,
        modality=facts.modality,
        dicom_hc=facts.patient_id_digits,
        native=facts.native,
    )


_MODULES = {
    Format.JPEG: "jpeg",
    Format.PNG: "png",
    Format.TIFF: "tiff",
    Format.SVS: "tiff",
    Format.BMP: "bmp",
    Format.GIF: "gif",
    Format.WEBP: "webp",
    Format.JP2: "jp2",
    Format.HEIC: "heif",
    Format.AVIF: "heif",
    Format.DICOM: "dicom",
}


_BLANKED = frozenset(
    {
        Format.BMP,
        Format.GIF,
        Format.JP2,
        Format.JPEG,
        Format.PNG,
        Format.TIFF,
        Format.SVS,
        Format.WEBP,
        Format.DICOM,
    }
)
"""The formats whose cleaners blank what `Options.masks` says."""


@cache
def _cleaner(found: Format) -> _Clean:
    """The module that cleans this format, loaded when it is first needed."""
    clean: _Clean = import_module(f"medrelease.sanitise.{_MODULES[found]}").clean
    return clean
