"""The cleaning of one object, from the container to the last pixel."""

from collections import Counter
from dataclasses import replace

from medrelease.sanitise.dicom.charset import is_charset
from medrelease.sanitise.dicom.container import open_file
from medrelease.sanitise.dicom.dataset import Cleaning, Encoded
from medrelease.sanitise.dicom.elements import FIRST_PIXELS, PIXEL_DATA, Element
from medrelease.sanitise.dicom.encapsulated import write_encapsulated
from medrelease.sanitise.dicom.facts import text
from medrelease.sanitise.dicom.iod import Kind, Place, kind, place
from medrelease.sanitise.dicom.markers import markers
from medrelease.sanitise.dicom.masking import EXTREMES, Blanking, blanking_of
from medrelease.sanitise.dicom.meta import header, leaf
from medrelease.sanitise.dicom.native import write_native
from medrelease.sanitise.dicom.options import in_force
from medrelease.sanitise.dicom.refused import no_image, no_pixels, not_asked
from medrelease.sanitise.dicom.shape import Shape, shape_of
from medrelease.sanitise.dicom.syntax import EXPLICIT, Coding, Syntax
from medrelease.sanitise.options import Options
from medrelease.sanitise.refusal import Refusal, malformed
from medrelease.sanitise.source import Source
from medrelease.sanitise.target import Target
from medrelease.terms.flow import Sanitised
from medrelease.terms.words import Format, Reason

_SOP_CLASS, _SOP_INSTANCE = 0x00080016, 0x00080018
_CHARSET, _IMAGE_TYPE, _SIGN = 0x00080005, 0x00080008, 0x00280103
_REFERENCED_SERIES = 0x00081115
_REFERENCE = b"\x08\x00\x55\x11UI"
"""The head of a Referenced SOP Instance UID."""

_FRAMES_OF_A_SLIDE = frozenset({"LABEL", "OVERVIEW"})
_NEEDED = {
    Kind.DOCUMENT: ("clean-structured-content", "Structured reports and key objects"),
    Kind.STATE: ("clean-graphics", "Presentation states"),
}


def clean(source: Source, target: Target, options: Options) -> Sanitised:
    """Write the cleaned object to `target`. Raises Refusal for what may not go."""
    opened = open_file(source.view)
    elements = opened.elements()
    found = {element.tag: element for element in elements}
    what, iod = _admitted(found, options.dicom_options)
    if what is not Kind.IMAGE:  # it has no pixels of which anything could be said
        options = replace(options, pixels_examined=False, faces_excluded=False)
    force = in_force(
        options.dicom_options,
        pixels_examined=options.pixels_examined,
        faces_excluded=options.faces_excluded,
    )
    pixels = _pixel_element(elements) if what is Kind.IMAGE else None
    shape = shape_of(elements, pixels.tag) if pixels is not None else None
    blanking = blanking_of(options.masks, shape, found) if shape is not None else None
    signed = shape is not None and shape.signed
    cleaning = Cleaning(options, force, text(found, _CHARSET) or "", signed)
    kept = cleaning.level([e for e in elements if e.tag < FIRST_PIXELS], iod)
    _prune_charset(kept, text(found, _CHARSET) or "", ascii_only=not cleaning.beyond_ascii)
    if what is Kind.IMAGE:
        _drop_idle_references(kept)
    if blanking:
        kept = {tag: encoded for tag, encoded in kept.items() if tag not in EXTREMES}
    kept |= markers(force, options, beyond_ascii=cleaning.beyond_ascii)
    instance = text(found, _SOP_INSTANCE)
    if instance is None or _SOP_INSTANCE not in kept:
        raise malformed("The object has no SOP Instance UID.")
    written = kept[_SOP_INSTANCE][8:].rstrip(b"\0").decode("ascii")
    syntax = opened.syntax.written if pixels is not None else EXPLICIT
    target.write(header(text(found, _SOP_CLASS) or "", written, syntax))
    target.write(b"".join(kept[tag] for tag in sorted(kept)))
    if pixels is not None and shape is not None:
        _write_pixels(pixels, shape, opened.syntax, (target, cleaning.counts), blanking)
    counts = {name: count for name, count in cleaning.counts.items() if count}
    return Sanitised(Format.DICOM, counts, opened.alerts)


def _write_pixels(
    pixels: Element,
    shape: Shape,
    syntax: Syntax,
    written: tuple[Target, Counter[str]],
    blanking: Blanking | None,
) -> None:
    target, counts = written
    if pixels.fragments is not None and syntax.coding is Coding.NATIVE:
        raise malformed("The pixel data is encapsulated, against its transfer syntax.")
    if pixels.fragments is not None:
        write_encapsulated(pixels.fragments, shape, syntax, target, counts, blanking=blanking)
    elif syntax.coding is Coding.NATIVE:
        write_native(pixels, shape, target, counts, blanking)
    else:
        raise malformed("The pixel data is not encapsulated, as its transfer syntax says.")


def _prune_charset(kept: Encoded, named: str, *, ascii_only: bool) -> None:
    """Leave the name of the character set where it is one and every text is plain ASCII.

    Texts beyond it are written in UTF-8, which the object's marks then say.
    """
    if not ascii_only or not is_charset(named):
        kept.pop(_CHARSET, None)
    else:
        kept[_CHARSET] = leaf(_CHARSET, b"CS", named.encode("ascii"))


def _drop_idle_references(kept: Encoded) -> None:
    """Remove the list of referenced series where nothing in the object refers any more.

    PS3.3 C.12.2: it is present only in an object that references instances.
    """
    if _REFERENCED_SERIES not in kept:
        return
    others = (encoded for tag, encoded in kept.items() if tag != _REFERENCED_SERIES)
    if not any(_REFERENCE in encoded for encoded in others):
        del kept[_REFERENCED_SERIES]


def _admitted(found: dict[int, Element], asked: frozenset[str]) -> tuple[Kind, Place]:
    """What the object is, and the root of its IOD, where the route's options let it be cleaned."""
    sop_class = text(found, _SOP_CLASS) or ""
    what, iod = kind(sop_class), place(sop_class)
    if what is None or iod is None:
        raise no_image(sop_class, found)
    if what is not Kind.IMAGE:
        option, name = _NEEDED[what]
        if option not in asked:
            raise not_asked(option, name)
        if found.keys() & PIXEL_DATA:
            raise malformed("An object that is no image has pixel data.")
        return what, iod
    flavours = set((text(found, _IMAGE_TYPE) or "").upper().split("\\"))
    if flavours & _FRAMES_OF_A_SLIDE:
        raise Refusal(
            Reason.IDENTIFICATION_FRAME,
            "The image is the label or the overview of a slide, which show its identification.",
        )
    return what, iod


def _pixel_element(elements: list[Element]) -> Element:
    found = [element for element in elements if element.tag in PIXEL_DATA]
    if not found:
        raise no_pixels()
    if len(found) > 1:
        raise malformed("The object has more than one kind of pixel data.")
    return found[0]
