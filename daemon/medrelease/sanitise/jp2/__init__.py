"""JPEG 2000 by an allow-list of boxes, marker segments and packets; a bare codestream gets a file.

The codestream's packets are carried over. Where colour lies under zero opacity the picture is
coded anew, without loss, with that colour cleared; so is one of which a part is to be blanked.
"""

from collections import Counter

from medrelease.sanitise.jp2.boxes import SIGNATURE, box, plain_colour, read_shown, write_head
from medrelease.sanitise.jp2.codestream import read_stream
from medrelease.sanitise.jp2.masking import blanked
from medrelease.sanitise.options import Options
from medrelease.sanitise.source import Source
from medrelease.sanitise.target import Target
from medrelease.terms.flow import Sanitised
from medrelease.terms.words import Format


def clean(source: Source, target: Target, options: Options) -> Sanitised:
    """Write the picture of `source` to `target`, and nothing else that is in the file.

    Raises a refusal: incomplete, malformed, format-not-supported, limits-exceeded,
    mask-not-possible or decoder-missing.
    """
    actions: Counter[str] = Counter()
    if bytes(source.view[: len(SIGNATURE)]) == SIGNATURE:
        shown, view = read_shown(source.view, actions)
        stream, end = read_stream(view, actions)
    else:
        view = source.view
        stream, end = read_stream(view, actions)
        shown = plain_colour(len(stream.extent.depths))
    actions["trailer-bytes"] += len(view) - end
    head = write_head(stream.extent, shown)
    coded = stream.written()
    if shown.translucent:
        from medrelease.sanitise.jp2 import opacity  # noqa: PLC0415 - loads Pillow

        coded = opacity.without_hidden(stream, head, coded, actions)
    if options.masks:
        coded = blanked(coded, stream.extent, shown, options.masks)
    target.write(head + box(b"jp2c", coded))
    return Sanitised(Format.JP2, dict(+actions))
