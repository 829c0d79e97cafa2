"""One coded picture of a WebP file as the prover reads it: VP8, VP8L and the alpha plane.

Sources: RFC 6386 sections 7 and 9, RFC 9649 sections 2.7 and 3.4. Streams end where the decoder
stops reading; `pixels` of the sibling module asks it.
"""

from dataclasses import dataclass

from medrelease.verify.refusal import incomplete, malformed


@dataclass(slots=True)
class Frame:
    """A picture of `size` (width, height) at `place` on the canvas.

    `timing` is (duration in ms, blend and dispose bits). `parts` are the streams: the partitions
    of VP8 or the single one of VP8L; `plane` the ALPH chunk in its clean form, or empty.
    """

    size: tuple[int, int]
    parts: tuple[bytes, ...]
    tag: int = 0
    plane: bytes = b""
    place: tuple[int, int] = (0, 0)
    timing: tuple[int, int] = (0, 0)

    @property
    def lossless(self) -> bool:
        """Whether it is coded as VP8L; a key frame of VP8 always has a tag."""
        return not self.tag

    @property
    def translucent(self) -> bool:
        """Whether it has an alpha plane."""
        return bool(self.plane) or (self.lossless and bool(self.parts[0][4] & 0x10))

    def chunks(self) -> bytes:
        """Return the picture's chunks in their clean form."""
        if self.lossless:
            return chunk(b"VP8L", self.parts[0])
        first = self.parts[0]
        head = (self.tag | len(first) << 5).to_bytes(3, "little") + b"\x9d\x01\x2a"
        head += b"".join(size.to_bytes(2, "little") for size in self.size)
        lengths = b"".join(len(part).to_bytes(3, "little") for part in self.parts[1:-1])
        coded = head + first + lengths + b"".join(self.parts[1:])
        return (chunk(b"ALPH", self.plane) if self.plane else b"") + chunk(b"VP8 ", coded)


def chunk(name: bytes, content: bytes) -> bytes:
    """Return one chunk, padded to an even length."""
    return name + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) & 1)


def frame(name: bytes, content: memoryview, plane: memoryview | None) -> Frame:
    """Read a picture chunk, under its alpha plane if any. Raises Refusal(incomplete | malformed).

    VP8L has its own alpha, so that a plane beside it shows nothing.
    """
    if name == b"VP8L":
        return _lossless(content)
    found = _lossy(content)
    if plane is not None:
        found.plane = _plane(plane, found.size[0] * found.size[1])
    return found


def _lossless(content: memoryview) -> Frame:
    if len(content) < 6:
        incomplete("WebP picture cut")
    head = int.from_bytes(content[1:5], "little")
    if content[0] != 0x2F or head >> 29:
        malformed("WebP picture without its signature")
    return Frame((1 + (head & 0x3FFF), 1 + (head >> 14 & 0x3FFF)), (bytes(content),))


def _lossy(content: memoryview) -> Frame:
    if len(content) < 11:
        incomplete("WebP picture cut")
    tag = int.from_bytes(content[:3], "little")
    if bytes(content[3:6]) != b"\x9d\x01\x2a" or tag & 0x11 != 0x10 or tag & 0x0E > 6:
        malformed("WebP picture that is no key frame")
    wide, high = (int.from_bytes(content[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    if 0 in (wide, high):
        malformed("WebP picture without a size")
    cut = 10 + (tag >> 5)
    if cut > len(content):
        incomplete("WebP picture cut")
    first = bytes(content[10:cut])
    parts = [first]
    number = 1 << _partition_bits(first)
    at = cut + 3 * (number - 1)
    for place in range(cut, at, 3):
        size = int.from_bytes(content[place : place + 3], "little")
        parts.append(bytes(content[at : at + size]))
        at += size
    if at > len(content):
        incomplete("WebP partition cut")
    return Frame((wide, high), (*parts, bytes(content[at:])), tag & 0x1F)


def _plane(plane: memoryview, area: int) -> bytes:
    """Return an alpha chunk without the bits and bytes that show nothing."""
    if len(plane) < 2:
        incomplete("WebP alpha plane cut")
    kind = plane[0] & 3
    if kind > 1:
        malformed("WebP alpha plane of an unknown coding")
    if kind == 0 and len(plane) <= area:
        incomplete("WebP alpha plane cut")
    return bytes((plane[0] & 0x0F,)) + bytes(plane[1 : 1 + area] if kind == 0 else plane[1:])


def _partition_bits(first: bytes) -> int:
    """Return the logarithm of the number of partitions, read from the frame header.

    Every flag before it is coded with even chance, so the stream is taken as one long number:
    section 7.3, with the split at half of the range.
    """
    reader = _Even(first)
    reader.skip(2)
    if reader.flag():
        renewed, data = reader.flag(), reader.flag()
        if data:
            reader.skip(1)
            for width in (8, 8, 8, 8, 7, 7, 7, 7):
                reader.optional(width)
        if renewed:
            for _ in range(3):
                reader.optional(8)
    reader.skip(10)
    if reader.flag() and reader.flag():
        for _ in range(8):
            reader.optional(7)
    return 2 * reader.flag() + reader.flag()


class _Even:
    """Flags of even chance out of a boolean-coded stream."""

    def __init__(self, data: bytes) -> None:
        self._left = int.from_bytes(data[:64].ljust(64, b"\0"))
        self._width, self._scale = 512, 255

    def flag(self) -> int:
        """Return the next flag: whether the stream lies in the upper part of the range."""
        lower = 1 + (self._scale - 1) // 2
        edge = lower << (self._width - 8)
        value = int(self._left >= edge)
        if value:
            self._left -= edge
        self._scale = self._scale - lower if value else lower
        while self._scale < 128:
            self._scale *= 2
            self._width -= 1
        return value

    def skip(self, count: int) -> None:
        """Read flags that decide nothing here."""
        for _ in range(count):
            self.flag()

    def optional(self, width: int) -> None:
        """Read past a value of `width` flags that is there if its first flag says so."""
        if self.flag():
            self.skip(width)
