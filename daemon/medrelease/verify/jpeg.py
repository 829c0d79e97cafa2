"""JPEG files: the source as it came, and the finished one proved segment by segment.

Sources: ITU-T T.81 annex B, T.871 (JFIF), Exif 2.32 section 4.5, ICC.1 annex B.4 and Adobe's
APP14 as T.872 gives it.
"""

import hashlib
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

from medrelease.terms.flow import Mask
from medrelease.verify import exif, icc, iptc, xmp
from medrelease.verify import jpeg_walk as walk
from medrelease.verify.coded import Coded
from medrelease.verify.jpeg_frame import Frame
from medrelease.verify.jpeg_idle import Picture, plain_steps, prove_plain
from medrelease.verify.jpeg_values import prove_scans, values_digest
from medrelease.verify.reading import Reading
from medrelease.verify.refusal import malformed
from medrelease.verify.runs import decode, printable

_EXIF, _ICC, _JFIF, _ADOBE = b"Exif\0\0", b"ICC_PROFILE\0", b"JFIF\0", b"Adobe"
_PICTURE = {walk.DQT, walk.DHT, walk.DRI, walk.SOS, walk.DAC, walk.DNL} | walk.FRAMES


@dataclass(slots=True)
class Look:
    """What the application segments say about how the picture is shown."""

    jfif: bytes = b""
    adobe: bytes = b""
    display: exif.Display | None = None
    chunks: dict[int, bytes] = field(default_factory=dict)
    chunk_total: int = 0

    def profile(self) -> bytes | None:
        """Return the colour profile, None where there is none or a chunk of it is missing."""
        if not self.chunks or sorted(self.chunks) != list(range(1, self.chunk_total + 1)):
            return None
        return b"".join(self.chunks[index] for index in sorted(self.chunks))

    def shown(self, frame: Frame) -> tuple[tuple[str, str], ...]:
        """Return orientation, resolution, profile and colour model as pairs."""
        display = self.display or exif.Display()
        density = _jfif_density(self.jfif) or display.density
        profile = self.profile()
        return (
            ("orientation", str(display.orientation)),
            ("resolution", "" if density is None else f"{density[0]} {density[1]}"),
            ("profile", icc.rendering(profile) if profile else ""),
            ("colour", self._colour(frame)),
        )

    def _colour(self, frame: Frame) -> str:
        """Return the colour model as decoders infer it from JFIF, Adobe and component names."""
        transform = self.adobe[11] if len(self.adobe) >= 12 else None
        number = len(frame.components)
        if number == 4:
            inverted = "plain" if transform is None else "inverted"
            return f"{'ycck' if transform == 2 else 'cmyk'} {inverted}"
        if number != 3:
            return f"{number} components"
        if self.jfif:
            return "ycc"
        if transform is not None:
            return "ycc" if transform else "rgb"
        return "rgb" if bytes(frame.components) == b"RGB" else "ycc"


def _coded(view: memoryview, frame: Frame, said: "hashlib._Hash") -> Coded:
    """Return a picture as it compares: what was said of it, and the coded bytes of its scans."""
    coded = Coded(view)
    coded.say(said.digest())
    for scan in frame.scans:
        coded.add(scan.start, scan.stop)
    return coded


def read_source(view: memoryview) -> Reading:
    """Read a dropped JPEG: its texts wherever they stand, its picture, how it is shown.

    Raises Refusal(incomplete | malformed | format-not-supported).
    """
    frame, look, digest = Frame(apart=True), Look(), hashlib.sha256()
    texts: list[str | bytes] = []
    end = 0
    for segment in walk.segments(view, strict=False):
        if segment.marker in _PICTURE:
            frame.feed(segment, digest)
        elif segment.marker in walk.APPS or segment.marker == walk.COM:
            texts += _source_texts(segment, look)
        end = segment.end
    if not frame.scans:
        malformed("JPEG without a scan")
    if end < len(view):
        texts += printable(bytes(view[end:]))
    if profile := look.profile():
        texts += icc.texts(profile)
    return Reading(
        tuple(texts),
        Picture(_coded(view, frame, digest), frame),
        shown=look.shown(frame),
        pixels=partial(_values, view, frame, strict=False),
        blanked=partial(_values, view, frame, strict=False),
    )


def _source_texts(segment: walk.Segment, look: Look) -> list[str | bytes]:
    """Return the texts of one application or comment segment, and note how to show."""
    payload = segment.payload
    if segment.marker == walk.COM:
        return [decode(payload), *printable(payload)]
    if segment.marker == 0xE0 and payload.startswith(_JFIF) and len(payload) >= 14:
        look.jfif = look.jfif or payload[:14]
        return list(printable(payload[14:]))
    if segment.marker == 0xEE and payload.startswith(_ADOBE) and len(payload) >= 12:
        look.adobe = look.adobe or payload[:12]
        return list(printable(payload[12:]))
    if segment.marker == 0xE2 and payload.startswith(_ICC) and len(payload) > 14:
        look.chunks.setdefault(payload[12], payload[14:])
        look.chunk_total = payload[13]
        return []
    if segment.marker == 0xE1:
        return _app1_texts(payload, look)
    return list(iptc.texts(payload))


def _app1_texts(payload: bytes, look: Look) -> list[str | bytes]:
    """Return the texts of an Exif or XMP segment, and note how to show."""
    if not payload.startswith(_EXIF):
        return [*xmp.texts(payload), *printable(payload)]
    block = memoryview(payload)[6:]
    look.display = look.display or exif.display(block)
    return exif.texts(block)


def read_finished(view: memoryview) -> Reading:
    """Prove a finished JPEG: only segments on the list, only allowed content, nothing after EOI.

    Raises Refusal(malformed | incomplete), its detail naming the kind of structure.
    """
    frame, look, digest = Frame(apart=True), Look(), hashlib.sha256()
    end = 0
    for segment in walk.segments(view, strict=True):
        if segment.marker in _PICTURE:
            frame.feed(segment, digest)
        elif segment.marker not in (walk.SOI, walk.EOI):
            if frame.mode:
                malformed("JPEG application segment after the frame header")
            _prove_segment(segment, look)
        end = segment.end
    if not frame.scans:
        malformed("JPEG without a scan")
    if end != len(view):
        malformed("JPEG bytes after the end of image")
    if frame.unused or frame.spare or frame.loose or frame.selecting:
        malformed("JPEG table, name, selector or interval that no scan uses")
    prove_scans(view, frame)
    needed = prove_plain(view, frame)
    texts, streams = _prove_profile(look)
    return Reading(
        tuple(texts),
        Picture(_coded(view, frame, digest), frame, needed),
        shown=look.shown(frame),
        streams=streams,
        coded=tuple((scan.start, scan.stop) for scan in frame.scans),
        pixels=partial(_values, view, frame, strict=True),
        blanked=partial(_values, view, frame, strict=True),
    )


def _values(view: memoryview, frame: Frame, masks: tuple[Mask, ...] = (), *, strict: bool) -> str:
    """Return what tells all coefficients outside of the masks, and the steps that they need."""
    return values_digest(view, frame, masks, strict=strict) + plain_steps(view, frame, masks)


def _prove_segment(segment: walk.Segment, look: Look) -> None:
    """Refuse an application segment that is not one of the four allowed, or is there twice."""
    payload, marker = segment.payload, segment.marker
    if marker == 0xE0 and not look.jfif and payload.startswith(_JFIF) and len(payload) == 14:
        look.jfif = payload
        if payload[5] != 1 or payload[6] > 2 or payload[7] > 2 or any(payload[12:]):
            malformed("JFIF segment out of range")
    elif marker == 0xE1 and look.display is None and payload.startswith(_EXIF):
        look.display = exif.clean_display(memoryview(payload)[6:])
    elif marker == 0xE2 and payload.startswith(_ICC) and len(payload) > 14:
        if payload[12] != len(look.chunks) + 1 or look.chunk_total not in (0, payload[13]):
            malformed("colour profile chunks out of order")
        look.chunks[payload[12]] = payload[14:]
        look.chunk_total = payload[13]
    elif marker == 0xEE and not look.adobe and payload.startswith(_ADOBE) and len(payload) == 12:
        look.adobe = payload
        if payload[5:7] not in (b"\0\x64", b"\0\x65") or payload[11] > 2:
            malformed("Adobe segment out of range")
        if payload[7] & 0x3F or any(payload[8:11]):
            malformed("Adobe segment out of range")
    else:
        malformed("JPEG segment that is not allowed")


def _prove_profile(look: Look) -> tuple[list[str], tuple[bytes, ...]]:
    """Prove the colour profile, if there is one; return its texts and its bytes in one piece."""
    if not look.chunks:
        return [], ()
    profile = look.profile()
    if profile is None:
        malformed("colour profile with a chunk missing")
    return icc.prove_clean(profile), (profile,)


def _jfif_density(jfif: bytes) -> tuple[Fraction, Fraction] | None:
    """Return the JFIF density in dots per inch, None where it gives only an aspect of one."""
    if not jfif:
        return None
    unit = jfif[7]
    across, down = (int.from_bytes(jfif[at : at + 2], "big") for at in (8, 10))
    scale = {1: Fraction(1), 2: Fraction(254, 100)}.get(unit)
    if scale is None or not across or not down:
        return None
    return across * scale, down * scale
