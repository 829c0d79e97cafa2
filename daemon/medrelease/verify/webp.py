"""WebP files: the source as it came, and the finished one proved byte for byte.

A finished file must be the clean form of what it shows (RFC 9649), each stream needed to its end.
"""

import hashlib
from functools import partial

from medrelease.verify import exif, icc, webp_picture, xmp
from medrelease.verify.exif import Display
from medrelease.verify.layers import Sheet, frame_by_frame, own
from medrelease.verify.masks import Cover, Masks, Rectangle
from medrelease.verify.reading import Reading
from medrelease.verify.refusal import malformed
from medrelease.verify.webp_chunks import File, canonical, read, texts
from medrelease.verify.webp_frame import Frame


def read_source(view: memoryview) -> Reading:
    """Read a dropped WebP. Raises Refusal(incomplete | malformed | limits-exceeded)."""
    file = read(view)
    block = memoryview(file.exif.removeprefix(b"Exif\0\0"))
    found: list[str | bytes] = [*texts(file), *exif.texts(block), *icc.texts(file.profile)]
    for name, content in file.others:
        if name == b"XMP ":
            found += xmp.texts(content)
        elif name == b"EXIF":
            found += exif.texts(memoryview(content.removeprefix(b"Exif\0\0")))
        elif name == b"ICCP":
            found += icc.texts(content)
    return _reading(file, found, exif.display(block), finished=False)


def read_finished(view: memoryview) -> Reading:
    """Prove a finished WebP. Raises Refusal(malformed | incomplete) naming what is not allowed."""
    file = read(view)
    if canonical(file) != view:
        malformed("WebP file in a form that is not allowed")
    fields: list[str | bytes] = [*icc.prove_clean(file.profile)] if file.profile else []
    display = exif.clean_display(memoryview(file.exif)) if file.exif else Display()
    for frame in file.frames:
        webp_picture.prove_nothing_hidden(frame)
    return _reading(file, fields, display, finished=True)


def _reading(file: File, found: list[str | bytes], display: Display, *, finished: bool) -> Reading:
    """Put together what both sides have in common."""
    coded = hashlib.sha256()
    for frame in file.frames:
        coded.update(frame.chunks())
    return Reading(
        tuple(found),
        coded.hexdigest(),
        counts={"frames": len(file.frames)} if finished else {},
        shown=(
            ("canvas", repr(file.canvas)),
            ("loop count", repr((file.loop, file.ground if file.loop >= 0 else b""))),
            ("frames", repr([(one.size, one.place, one.timing) for one in file.frames])),
            ("orientation", str(display.orientation)),
            ("resolution", repr(display.density)),
            ("colour", icc.rendering(file.profile) if file.profile else ""),
        ),
        coded=tuple(file.spans) if finished else (),
        streams=(file.profile,) if finished and file.profile else (),
        pixels=lambda: _shown_pixels(file),
        blanked=partial(_blanked, file, strict=finished),
        meant=partial(_meant, file),
    )


def _shown_pixels(file: File) -> str:
    """Return a SHA-256 over the pixels of every frame, colour under zero alpha left out."""
    return _blanked(file, (), strict=False)


def _blanked(file: File, masks: Masks, *, strict: bool) -> str:
    """Return the same over the pixels that no mask covers; those must be opaque if `strict`."""
    digest = hashlib.sha256()
    for number, frame in enumerate(file.frames):
        found = own(masks, number, (*frame.place, *frame.size))
        shown = webp_picture.visible(webp_picture.pixels(frame))
        for left, top, right, bottom in found:
            if strict and (shown[top:bottom, left:right, 3] != 255).any():
                malformed("what was to be blanked shows what lies beneath")
        wide, high = frame.size
        Cover(found, strict=strict).feed(digest, shown, range(wide), range(high))
    return digest.hexdigest()


def _meant(file: File, masks: Masks) -> Masks:
    """Return the masks of single frames. Raises Refusal(mask-not-possible) for one on no frame."""
    sheets = [
        Sheet((*one.place, *one.size), bool(one.timing[1] & 1), partial(_opaque, one))
        for one in file.frames
    ]
    return frame_by_frame(sheets, file.canvas, masks)


def _opaque(frame: Frame, whole: Rectangle) -> bool:
    """Return whether a frame hides what lies beneath a part: unblended, or without alpha there."""
    if frame.timing[1] & 2 or not frame.translucent:
        return True
    left, top, right, bottom = whole
    return bool((webp_picture.pixels(frame)[top:bottom, left:right, 3] == 255).all())
