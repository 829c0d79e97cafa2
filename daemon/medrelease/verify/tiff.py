"""TIFF files: the source as it came, and the finished one proved to its last byte.

Sources: TIFF 6.0, BigTIFF. Every byte of a finished file is the header's, a directory's, a value's,
a strip's or tile's, or zero padding for alignment; every tag is on the list.
"""

from dataclasses import replace
from functools import partial

from medrelease.terms.words import Reason
from medrelease.verify import exif, icc, ifd, tiff_slide
from medrelease.verify import jpeg_walk as walk
from medrelease.verify import tiff_page as tags
from medrelease.verify.coded import Coded
from medrelease.verify.exif import cover
from medrelease.verify.mapped import Behind
from medrelease.verify.reading import Reading
from medrelease.verify.refusal import Refusal, malformed
from medrelease.verify.runs import printable
from medrelease.verify.tiff_blanked import blanked
from medrelease.verify.tiff_hidden import prove_nothing_hidden
from medrelease.verify.tiff_masks import meant
from medrelease.verify.tiff_picture import add_page

_PADDING = 15
_ASCII = 2
_ALL_ROWS = (1 << 32) - 1
_SHORTS, _WHOLE, _RATIOS = (3,), (3, 4, 16), (5, 10)
_PER_SAMPLE = -1
_ALLOWED: dict[int, tuple[tuple[int, ...], int]] = {
    # tag: (types, most values; -1 for one a sample)
    254: (_WHOLE, 1), 256: (_WHOLE, 1), 257: (_WHOLE, 1),
    258: (_SHORTS, _PER_SAMPLE), 259: (_SHORTS, 1), 262: (_SHORTS, 1), 263: (_SHORTS, 1),
    266: (_SHORTS, 1), 274: (_SHORTS, 1), 277: (_SHORTS, 1), 278: (_WHOLE, 1),
    280: (_SHORTS, _PER_SAMPLE), 281: (_SHORTS, _PER_SAMPLE), 282: (_RATIOS, 1), 283: (_RATIOS, 1),
    284: (_SHORTS, 1), 292: (_WHOLE, 1), 293: (_WHOLE, 1), 296: (_SHORTS, 1), 297: (_SHORTS, 2),
    301: (_SHORTS, 3 << 16), 317: (_SHORTS, 1), 318: (_RATIOS, 2), 319: (_RATIOS, 6),
    320: (_SHORTS, 3 << 16), 322: (_WHOLE, 1), 323: (_WHOLE, 1), 332: (_SHORTS, 1),
    334: (_SHORTS, 1), 338: (_SHORTS, _PER_SAMPLE), 339: (_SHORTS, _PER_SAMPLE),
    340: ((3, 4, 11, 12, 8, 9, 1, 6), _PER_SAMPLE), 341: ((3, 4, 11, 12, 8, 9, 1, 6), _PER_SAMPLE),
    529: (_RATIOS, 3), 530: (_SHORTS, 2), 531: (_SHORTS, 1), 532: (_RATIOS, 6),
}  # fmt: skip
_PLACES = {tags.STRIPS, tags.STRIP_BYTES, tags.TILES, tags.TILE_BYTES}
_BLOBS = {tags.TABLES, tags.PROFILE}


def read_source(view: memoryview) -> Reading:
    """Read a dropped TIFF. Raises Refusal(incomplete | malformed | format-not-supported)."""
    form = ifd.layout(view)
    every = tags.pages(view, form)
    # a reduced copy of another page is a second picture that no viewer shows as a page
    plain = [page for page in every if not page.one(tags.SUBFILE) & 1]
    found = tiff_slide.levels(view, every) or plain
    texts: list[str | bytes] = []
    exif.walk(view, form, form.first, texts)
    for page in every:
        if page.profile:
            texts += icc.texts(page.profile)
        texts += _jpeg_texts(view, page)
    reading = _reading(view, found, texts, finished=False)
    slide = bool(tiff_slide.levels(view, every))
    return replace(reading, meant=partial(meant, every, found, slide=slide))


def _jpeg_texts(view: memoryview, page: tags.Page) -> list[str]:
    """Return the printable runs of the application and comment segments of each JPEG piece."""
    if page.one(tags.COMPRESSION) != tags.JPEG:
        return []
    streams = [memoryview(page.tables)] if page.tables else []
    streams += [tags.piece(view, place) for place in page.pieces()]
    found, behind = [], Behind(view)
    for stream in streams:
        for segment in walk.segments(stream, strict=False):
            if segment.marker in walk.APPS or segment.marker == walk.COM:
                found += printable(segment.payload)
        behind.leave(stream)
    return found


def read_finished(view: memoryview) -> Reading:
    """Prove a finished TIFF. Raises Refusal(malformed | incomplete) naming what is not allowed."""
    form = ifd.layout(view)
    every = tags.pages(view, form)
    levels = tiff_slide.levels(view, every)
    tiff_slide.prove_further(view, every, levels)
    found = levels or every
    spans = [(0, form.header)]
    fields: list[str | bytes] = []
    for page in every:
        described = page is every[0] and tiff_slide.is_aperio(view, page)
        spans += _prove_page(view, form, page, described)
        if page.profile is not None:
            fields += icc.prove_clean(page.profile)
    _prove_cover(view, spans)
    prove_nothing_hidden(view, found, "<" if bytes(view[:2]) == b"II" else ">")
    return _reading(view, found, fields, finished=True)


def _prove_page(
    view: memoryview, form: ifd.Layout, page: tags.Page, described: bool
) -> list[tuple[int, int]]:
    """Refuse a tag that is not allowed; return the bytes that the page accounts for."""
    folder = page.folder
    spans = [(folder.start, folder.end)]
    order = [entry.tag for entry in folder.entries]
    if order != sorted(set(order)):
        malformed("TIFF tags that are not in ascending order")
    for entry in folder.entries:
        # a slide's description was compared with what it must be, byte for byte
        if not (described and entry.tag == tiff_slide.DESCRIPTION and entry.type == _ASCII):
            _prove_entry(page, entry)
        room = 8 if form.big else 4
        if entry.inline and any(view[entry.end : entry.start + room]):
            malformed("TIFF value with a tail")
        if not entry.inline:
            spans.append((entry.start, entry.end))
    rows = page.one(tags.ROWS, 1)
    if not (0 < rows < 1 << 31 or rows == _ALL_ROWS):
        malformed("TIFF rows per strip out of range")
    coded = [(start, start + size) for start, size in page.pieces() if size]
    return spans + coded


def _prove_entry(page: tags.Page, entry: ifd.Entry) -> None:
    """Refuse a tag, type or count that a clean page does not have."""
    samples = max(page.one(tags.SAMPLES), 1)
    kinds: tuple[int, ...]
    if entry.tag in _PLACES:
        kinds, most = _WHOLE, page.number()
    elif entry.tag in _BLOBS:
        kinds, most = (1, 7), 16 << 20
    elif entry.tag in _ALLOWED:
        kinds, most = _ALLOWED[entry.tag]
        most = samples if most == _PER_SAMPLE else most
    else:
        malformed("TIFF tag that is not allowed")
    if entry.type not in kinds or not 1 <= entry.count <= most:
        malformed("TIFF tag of a type or count that is not allowed")
    if page.idle(entry.tag):
        malformed("TIFF tag that says nothing of its page")
    if entry.tag == tags.TABLES and page.one(tags.COMPRESSION) != tags.JPEG:
        malformed("TIFF tag that the page has no use for")
    if entry.tag == 320 and entry.count != 3 << page.one(tags.BITS):
        malformed("TIFF colour map that does not fit")


def _prove_cover(view: memoryview, spans: list[tuple[int, int]]) -> None:
    """Refuse shared bytes, and bytes that nothing accounts for but zero padding."""
    end, _ = cover(spans)
    if end > len(view):
        malformed("TIFF value or piece beyond the file")
    ordered = sorted(spans)
    starts = [*(start for start, _ in ordered[1:]), len(view)]
    behind = Behind(view)
    for (first, stop), start in zip(ordered, starts, strict=True):
        if start - stop > _PADDING or any(view[stop:start]):
            malformed("TIFF bytes that no structure accounts for")
        behind.leave(view[first:start])


def _reading(
    view: memoryview, found: list[tags.Page], texts: list[str | bytes], *, finished: bool
) -> Reading:
    """Put together what both sides have in common, page by page."""
    coded = [(start, start + size) for page in found for start, size in page.pieces() if size]
    if sum(end - start for start, end in coded) > 2 * len(view):
        raise Refusal(Reason.LIMITS_EXCEEDED, "TIFF pages that share their picture data")
    picture = Coded(view)
    shown = [("pages", str(len(found)))]
    if found and tiff_slide.is_aperio(view, found[0]):
        shown.append(("slide", tiff_slide.clean_text(view, found[0]).decode()))
    for number, page in enumerate(found):
        add_page(view, page, picture, strict=finished)
        shown += _shown(page, number)
    streams = tuple(page.profile for page in found if page.profile) if finished else ()
    without = partial(
        blanked, view, found, "<" if bytes(view[:2]) == b"II" else ">", strict=finished
    )
    return Reading(
        tuple(texts),
        picture,
        counts={"pages": len(found)} if finished else {},
        shown=tuple(shown),
        streams=streams,
        coded=tuple(sorted(coded)) if finished else (),
        pixels=partial(without, masks=(), decoded=True),
        blanked=without,
    )


def _shown(page: tags.Page, number: int) -> list[tuple[str, str]]:
    """Return what decides how one page is shown, as pairs."""
    turn = page.one(tags.TURN, 1)
    ratios = [page.ratios.get(tag, (None,))[0] for tag in (tags.X_RES, tags.Y_RES)]
    dots = [*map(tags.plain, ratios), str(page.one(tags.UNIT, 2))] if all(ratios) else []
    return [
        (f"orientation of page {number}", str(turn if 1 <= turn <= 8 else 1)),
        (f"resolution of page {number}", " ".join(dots)),
        (f"profile of page {number}", icc.rendering(page.profile) if page.profile else ""),
    ]
