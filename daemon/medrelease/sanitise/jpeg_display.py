"""How a JPEG picture is shown: its application segments, read for that and written anew.

Kept are density (JFIF, T.871), orientation and resolution (a minimal Exif block), the colour
profile (ICC.1 annex B.4, rebuilt) and the colour transform (Adobe, T.872). All others, and every
further byte of these, are dropped and counted by kind.
"""

from collections import Counter
from fractions import Fraction
from struct import pack

from medrelease.sanitise.exif_minimal import Display, Resolution, read_display, write_display
from medrelease.sanitise.icc import rebuild_profile
from medrelease.sanitise.jpeg_segments import APP0, COM
from medrelease.sanitise.refusal import malformed

_CHUNK = 65519
_JFIF, _ADOBE, _EXIF, _ICC = b"JFIF\0", b"Adobe", b"Exif\0\0", b"ICC_PROFILE\0"

_DROPPED: tuple[tuple[int, bytes, str], ...] = (
    (0xE0, b"JFXX\0", "thumbnail"),
    (0xE1, b"http://ns.adobe.com/xap/1.0/\0", "xmp"),
    (0xE1, b"http://ns.adobe.com/xmp/extension/\0", "xmp"),
    (0xE1, _EXIF, "exif"),
    (0xE2, b"MPF\0", "mpf"),
    (0xE2, b"FPXR", "flashpix"),
    (0xEB, b"JP", "jumbf"),
    (0xED, b"Photoshop 3.0\0", "photoshop"),
    (COM, b"", "comment"),
)


class Appearance:
    """What the application segments of one JPEG stream say about how it is shown."""

    def __init__(self) -> None:
        self._density: tuple[int, int, int] | None = None
        self._transform: int | None = None
        self._display: Display | None = None
        self._chunks: dict[int, bytes] = {}
        self._chunk_count = 0

    def take(self, marker: int, payload: memoryview, actions: Counter[str]) -> None:
        """Read one application or comment segment; `actions` counts what will not be written."""
        head = bytes(payload[:12])
        if marker == APP0 and head.startswith(_JFIF) and len(payload) >= 14:
            self._take_jfif(bytes(payload), actions)
        elif marker == 0xE1 and head.startswith(_EXIF) and self._display is None:
            self._display = read_display(bytes(payload[6:]), actions)
            actions["exif"] += 1
        elif marker == 0xE2 and head == _ICC and len(payload) > 14:
            self._take_chunk(payload)
        elif marker == 0xEE and head.startswith(_ADOBE) and len(payload) >= 12:
            self._take_adobe(payload[11], len(payload) - 12, actions)
        else:
            drop(marker, payload, actions)

    def _take_jfif(self, payload: bytes, actions: Counter[str]) -> None:
        unit, x, y = payload[7], *(int.from_bytes(payload[at : at + 2]) for at in (8, 10))
        if self._density is None:
            self._density = (unit, x, y) if unit <= 2 and x and y else (0, 1, 1)
        actions["thumbnail"] += len(payload) > 14

    def _take_chunk(self, payload: memoryview) -> None:
        number, count = payload[12], payload[13]
        if number in self._chunks or self._chunk_count not in (0, count):
            raise malformed("The chunks of the colour profile contradict each other.")
        self._chunks[number], self._chunk_count = bytes(payload[14:]), count

    def _take_adobe(self, transform: int, tail: int, actions: Counter[str]) -> None:
        if transform > 2 or self._transform not in (None, transform):
            raise malformed("The JPEG stream contradicts itself about its colour transform.")
        self._transform = transform
        actions["adobe-tail"] += tail > 0

    def segments(self, actions: Counter[str]) -> bytes:
        """The application segments that stand in the clean stream, after its SOI."""
        written = bytearray()
        if self._density is not None:
            written += _segment(APP0, _JFIF + pack(">BBBHHBB", 1, 1, *self._density, 0, 0))
        # Where there is an Exif block readers take 72 dots an inch for said, unless told better.
        bare = self._display is not None and not (self._density and self._density[0])
        if block := write_display(self._needed_display(), upright=bare):
            written += _segment(0xE1, _EXIF + block)
        written += self._profile_segments(actions)
        return bytes(written) + self.transform()

    def transform(self) -> bytes:
        """The Adobe segment that names the colour transform, empty where there was none."""
        if self._transform is None:
            return b""
        return _segment(0xEE, _ADOBE + pack(">HHHB", 100, 0, 0, self._transform))

    def chroma(self, names: tuple[int, ...]) -> bool:
        """Whether the second and third component are chroma, as decoders infer it."""
        if len(names) == 4:
            return self._transform == 2
        if len(names) != 3 or self._density is not None:
            return len(names) == 3
        return names != tuple(b"RGB") if self._transform is None else self._transform > 0

    def _needed_display(self) -> Display:
        """The Exif display without a resolution that the JFIF density says already."""
        display = self._display or Display()
        if self._density and self._density[0]:
            unit, x, y = self._density
            if display.resolution == Resolution(Fraction(x), Fraction(y), unit + 1):
                return Display(display.orientation)
        return display

    def _profile_segments(self, actions: Counter[str]) -> bytes:
        if not self._chunks:
            return b""
        if sorted(self._chunks) != list(range(1, self._chunk_count + 1)):
            raise malformed("A chunk of the colour profile is missing.")
        whole = b"".join(self._chunks[number] for number in sorted(self._chunks))
        profile = rebuild_profile(whole, actions)
        chunks = [profile[at : at + _CHUNK] for at in range(0, len(profile), _CHUNK)]
        return b"".join(
            _segment(0xE2, _ICC + bytes((number, len(chunks))) + chunk)
            for number, chunk in enumerate(chunks, 1)
        )


def drop(marker: int, payload: memoryview, actions: Counter[str]) -> None:
    """Count a segment that is not carried on, by its kind."""
    head = bytes(payload[:40])
    for known, signature, kind in _DROPPED:
        if marker == known and head.startswith(signature):
            actions[kind] += 1
            return
    actions["application-segment"] += 1


def _segment(marker: int, payload: bytes) -> bytes:
    return pack(">BBH", 0xFF, marker, 2 + len(payload)) + payload
