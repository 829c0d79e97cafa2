"""WebP by an allow-list of chunks: the picture or the frames, their colour and how they are shown.

Lossy, lossless, with alpha and animated. Coded streams are carried over up to where a decoder
stops reading; colour under zero alpha and masks of a lossless picture have it coded anew.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from medrelease.sanitise.blanking import Box
from medrelease.sanitise.exif_minimal import read_display, write_display
from medrelease.sanitise.icc import rebuild_profile
from medrelease.sanitise.layers import Layer, boxes_of_layers
from medrelease.sanitise.options import Options
from medrelease.sanitise.source import Source
from medrelease.sanitise.target import Target
from medrelease.sanitise.webp_chunks import File, Frame, read_file, write_file
from medrelease.sanitise.webp_picture import is_opaque, settle
from medrelease.terms.flow import Mask, Sanitised
from medrelease.terms.words import Format

_DISPOSED, _NOT_BLENDED = 1, 2
"""The flags of a frame (RFC 9649 section 2.7.1.1)."""


def clean(source: Source, target: Target, options: Options) -> Sanitised:
    """Write what `source` shows to `target`, and nothing else that is in the file.

    Raises a refusal: incomplete, malformed, limits-exceeded or mask-not-possible.
    """
    actions: Counter[str] = Counter()
    file = read_file(source.view, actions)
    under = _boxes(file, options.masks)
    for number, (frame, found) in enumerate(zip(file.frames, under, strict=True)):
        file.frames[number] = replace(frame, coded=settle(frame.coded, found, actions))
    if file.profile:
        file.profile = rebuild_profile(file.profile, actions)
    file.exif = write_display(read_display(file.exif, actions))
    target.write(write_file(file))
    actions["trailer-bytes"] += source.size - file.end
    return Sanitised(Format.WEBP, dict(+actions))


def _boxes(file: File, masks: Sequence[Mask]) -> list[list[Box]]:
    """What is to be blanked of each frame, in its own rows and columns."""
    if not masks:
        return [[] for _ in file.frames]
    layers = [
        Layer(
            frame.left,
            frame.top,
            (frame.coded.width, frame.coded.height),
            removed=bool(frame.flags & _DISPOSED),
            covers=partial(_covers, frame),
        )
        for frame in file.frames
    ]
    return boxes_of_layers(layers, (file.width, file.height), masks)


def _covers(frame: Frame, box: Box) -> bool:
    """Whether a frame replaces what lies beneath a box: it is not blended, or opaque there."""
    if frame.flags & _NOT_BLENDED or not frame.coded.translucent:
        return True
    return is_opaque(frame.coded, box)
