"""HEIC and AVIF by an allow-list of boxes, items, properties and coded units; nothing is decoded.

A new file is written with the main picture, the tiles that it is made of and their alpha. Exif,
XMP, thumbnails, second pictures, gain maps, depth, names, messages between the coded units, and
every byte that no kept item claims are dropped. Image sequences are held.
"""

from collections import Counter

from medrelease.sanitise.heif.boxes import Box, read_box
from medrelease.sanitise.heif.items import read_meta
from medrelease.sanitise.heif.pictures import Picture, shown
from medrelease.sanitise.heif.write import write
from medrelease.sanitise.options import Options
from medrelease.sanitise.refusal import Refusal, incomplete, malformed, too_large, unsupported
from medrelease.sanitise.sniff import sniff
from medrelease.sanitise.source import Source
from medrelease.sanitise.target import Target
from medrelease.terms.flow import Sanitised
from medrelease.terms.words import Format, Reason

_NEEDED = frozenset({b"ftyp", b"meta", b"mdat"})
_MOST_BOXES = 64
_PADDING = frozenset({b"free", b"skip"})


def clean(source: Source, target: Target, options: Options) -> Sanitised:
    """Write the main picture of `source` to `target`, and nothing else that is in the file."""
    if options.masks:
        raise Refusal(
            Reason.MASK_NOT_POSSIBLE, "Writing in a HEIC or AVIF picture cannot be blanked."
        )
    actions: Counter[str] = Counter()
    catalogue = read_meta(_meta(source.view, actions).data)
    pictures = shown(catalogue, source.view, actions)
    form = _format(pictures)
    if form is not sniff(source.view):
        raise malformed("The file's brand contradicts how its picture is coded.")
    write(pictures, form, target)
    actions["unreferenced-bytes"] += max(0, source.size - target.tell())
    return Sanitised(form, dict(+actions))


def _meta(view: memoryview, actions: Counter[str]) -> Box:
    """The meta box; counts the boxes beside it that are dropped, and a trailer."""
    at, count, meta, seen = 0, 0, None, set[bytes]()
    while at < len(view):
        box = read_box(view, at)
        if box is None or (box.name == b"ftyp" and at):
            if meta is None or bytes(view[at + 4 : at + 8]) == b"mdat":
                raise incomplete("a box of the HEIF structure")
            actions["trailer-bytes"] += len(view) - at
            break
        if box.name == b"moov":
            raise unsupported("Image sequences and animated pictures are not supported.")
        if box.name == b"meta" and meta is None:
            meta = box
        elif box.name not in _NEEDED or box.name in seen - {b"mdat"}:
            actions["free-space" if box.name in _PADDING else "unknown-box"] += 1
        seen.add(box.name)
        count += 1
        if count > _MOST_BOXES:
            raise too_large("The HEIF file has too many boxes.")
        at = box.end
    if meta is None:
        raise malformed("The HEIF file does not describe its picture.")
    return meta


def _format(pictures: list[Picture]) -> Format:
    """What the main picture is coded as. Raises unsupported for a mixture."""
    codings = {one.type for one in pictures} - {b"grid", b"iden"}
    if codings == {b"hvc1"}:
        return Format.HEIC
    if codings == {b"av01"}:
        return Format.AVIF
    raise unsupported("HEIF pictures of this coding are not supported.")
