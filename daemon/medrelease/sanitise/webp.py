"""WebP by an allow-list of chunks: the picture or the frames, their colour and how they are shown.

Lossy, lossless, with alpha and animated. Coded streams are carried over up to where a decoder
stops reading; colour under zero alpha and masks of a lossless picture have it coded anew.
"""

from collections import Counter
from dataclasses import replace

from medrelease.sanitise.exif_minimal import read_display, write_display
from medrelease.sanitise.icc import rebuild_profile
from medrelease.sanitise.options import Options
from medrelease.sanitise.source import Source
from medrelease.sanitise.target import Target
from medrelease.sanitise.webp_chunks import read_file, write_file
from medrelease.sanitise.webp_picture import settle
from medrelease.terms.flow import Sanitised
from medrelease.terms.words import Format


def clean(source: Source, target: Target, options: Options) -> Sanitised:
    """Write what `source` shows to `target`, and nothing else that is in the file.

    Raises a refusal: incomplete, malformed, limits-exceeded or mask-not-possible.
    """
    actions: Counter[str] = Counter()
    file = read_file(source.view, actions)
    for number, frame in enumerate(file.frames):
        masks = [mask for mask in options.masks if mask.page in (None, number)]
        coded = settle(frame.coded, masks, actions, left=frame.left, top=frame.top)
        file.frames[number] = replace(frame, coded=coded)
    if file.profile:
        file.profile = rebuild_profile(file.profile, actions)
    file.exif = write_display(read_display(file.exif, actions))
    target.write(write_file(file))
    actions["trailer-bytes"] += source.size - file.end
    return Sanitised(Format.WEBP, dict(+actions))
