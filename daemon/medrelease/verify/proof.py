"""The proof of one pair: read both, compare the pictures, search for what must be gone."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import NamedTuple

from medrelease.terms.flow import Mask
from medrelease.terms.words import Format, Proof, Reason
from medrelease.verify import bmp, gif, heif, jpeg, png, tiff
from medrelease.verify.accepted import Accepted
from medrelease.verify.digest import both
from medrelease.verify.needles import gather
from medrelease.verify.options import Options
from medrelease.verify.reading import Reading
from medrelease.verify.refusal import Refusal, malformed
from medrelease.verify.residual import prove_absent
from medrelease.verify.sniff import sniff


class _Readers(NamedTuple):
    """The two readers of one format."""

    source: Callable[[memoryview], Reading]
    finished: Callable[[memoryview], Reading]


def prove(source: memoryview, finished: memoryview, options: Options) -> Accepted:
    """Prove a finished file against its source. Raises Refusal for what is not proved."""
    form = sniff(finished)
    if options.format not in (None, form):
        malformed("the finished file is not of the format that the cleaner named")
    if sniff(source) is not form:
        malformed("the finished file is not of the source's format")
    readers = _readers(form, options)
    before = readers.source(source)
    after = readers.finished(finished)
    proof = _compare(before, after, options.masks)
    needles = gather(before.texts, options)
    prove_absent(needles, after, finished)
    source_sha256, sha256 = both(source, finished)
    return Accepted(
        format=form,
        sha256=sha256,
        size=len(finished),
        source_sha256=source_sha256,
        proof=proof,
        actions={**after.counts, "identifiers-searched": len(needles)},
    )


def _readers(form: Format, options: Options) -> _Readers:
    """Return a format's readers. Those that come with a library are loaded when they are needed."""
    modules = {
        Format.JPEG: jpeg,
        Format.PNG: png,
        Format.TIFF: tiff,
        Format.SVS: tiff,
        Format.BMP: bmp,
        Format.GIF: gif,
        Format.HEIC: heif,
        Format.AVIF: heif,
    }
    module: ModuleType | None = modules.get(form)
    if form in (Format.WEBP, Format.JP2):
        module = import_module(f"medrelease.verify.{form.value}")
    if form is Format.DICOM:
        from medrelease.verify import dicom  # noqa: PLC0415

        return _Readers(
            partial(dicom.read_source, options=options.dicom_options),
            partial(dicom.read_finished, options=options.dicom_options),
        )
    if module is None:
        raise Refusal(Reason.FORMAT_NOT_SUPPORTED, "nothing here can prove this format")
    return _Readers(module.read_source, module.read_finished)


def _compare(before: Reading, after: Reading, masks: tuple[Mask, ...]) -> Proof:
    """Return how the two pictures were shown to be one, but for what lies under the masks.

    Raises Refusal(malformed | mask-not-possible).
    """
    differing = sorted({name for name, _ in set(before.shown) ^ set(after.shown)})
    if differing:
        malformed(f"how the picture is shown changed: {', '.join(differing)}")
    if masks:
        if not before.blanked or not after.blanked:
            raise Refusal(Reason.MASK_NOT_POSSIBLE, "nothing here can prove a mask in this format")
        masks = before.meant(masks) if before.meant else masks
        if before.blanked(masks) != after.blanked(masks):
            malformed("the picture changed outside of what was to be blanked")
        return Proof.PIXELS_IDENTICAL
    if before.picture == after.picture:
        return Proof.CODED_IDENTICAL
    if not before.pixels or not after.pixels or before.pixels() != after.pixels():
        malformed("the picture changed")
    return Proof.PIXELS_IDENTICAL
