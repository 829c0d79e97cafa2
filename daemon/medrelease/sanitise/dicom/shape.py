"""The shape of an object's pixels, as its Image Pixel module says it (PS3.3 C.7.6.3)."""

from dataclasses import dataclass

from medrelease.sanitise.dicom.elements import Element
from medrelease.sanitise.dicom.values import up_to_nul
from medrelease.sanitise.refusal import malformed

_FLOAT_BITS = {0x7FE00008: 32, 0x7FE00009: 64}


@dataclass(frozen=True, slots=True)
class Shape:
    """Rows, columns, samples a pixel, frames; bits allocated, stored, and the high bit."""

    rows: int
    columns: int
    samples: int
    frames: int
    allocated: int
    stored: int
    high: int
    signed: bool
    halved: bool
    """Whether chrominance is shared by two pixels (YBR_FULL_422, YBR_PARTIAL_422)."""
    photometric: str = ""
    planar: bool = False
    """Whether each sample of a frame has a plane of its own."""
    floating: bool = False

    @property
    def native_length(self) -> int:
        """Bytes of native pixel data, before padding to an even length."""
        samples = self.rows * self.columns * self.frames * self.samples
        if self.halved:
            samples = samples * 2 // 3
        return (samples * self.allocated + 7) // 8

    @property
    def frame_length(self) -> int:
        """Bytes of one frame, where frames begin at whole bytes."""
        return self.native_length // self.frames

    @property
    def used_bits(self) -> int:
        """The bits of a sample's cell that the pixel value fills, as a mask."""
        return ((1 << self.stored) - 1) << (self.high + 1 - self.stored)


def shape_of(elements: list[Element], pixel_tag: int) -> Shape:
    """The shape that the root of an object declares. Raises Refusal where it declares none."""
    by_tag = {e.tag: e for e in elements if e.tag >> 16 == 0x0028}
    rows, columns = _number(by_tag, 0x00280010), _number(by_tag, 0x00280011)
    samples = _number(by_tag, 0x00280002, 1)
    allocated = _FLOAT_BITS.get(pixel_tag) or _number(by_tag, 0x00280100)
    stored = allocated if pixel_tag in _FLOAT_BITS else _number(by_tag, 0x00280101, allocated)
    high = stored - 1 if pixel_tag in _FLOAT_BITS else _number(by_tag, 0x00280102, stored - 1)
    frames = _text(by_tag, 0x00280008) or "1"
    if not frames.isdigit() or not rows * columns * samples * allocated * int(frames):
        raise malformed("The attributes of the image's shape are absent or contradict each other.")
    if not 0 < stored <= allocated <= 64 or not stored - 1 <= high < allocated:
        raise malformed("Bits allocated, bits stored and high bit contradict each other.")
    return Shape(
        rows,
        columns,
        samples,
        int(frames),
        allocated,
        stored,
        high,
        signed=_number(by_tag, 0x00280103, 0) == 1,
        halved="422" in _text(by_tag, 0x00280004) and samples == 3,
        photometric=_text(by_tag, 0x00280004),
        planar=samples > 1 and _number(by_tag, 0x00280006) == 1,
        floating=pixel_tag in _FLOAT_BITS,
    )


def _number(by_tag: dict[int, Element], tag: int, default: int = 0) -> int:
    element = by_tag.get(tag)
    if element is None or len(element.value) < 2:
        return default
    return int.from_bytes(element.value[:2], "big" if element.big else "little")


def _text(by_tag: dict[int, Element], tag: int) -> str:
    element = by_tag.get(tag)
    return up_to_nul(bytes(element.value)).decode("latin-1").strip() if element else ""
