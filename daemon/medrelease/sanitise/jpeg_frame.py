"""The frame and the scans of a JPEG picture: what they declare, and whether that holds together.

Sections are those of ITU-T T.81. Nothing is decoded: sizes are compared with what the declared
numbers of blocks need at least, and progressive scans must each add bits that are still missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from struct import pack

from medrelease.sanitise.refusal import incomplete, malformed, too_large, unsupported

MAX_PIXELS = 1 << 29
"""Largest JPEG in pixels: half a gigapixel, five times the largest camera back."""

_PROGRESSIVE = 0xC2
_USUAL = (
    *((1,), (0,), (1, 2, 3), (0, 1, 2), tuple(b"RGB")),
    *((1, 2, 3, 4), (0, 1, 2, 3), tuple(b"CMYK")),
)
"""Names of components that encoders give; any other could be a message."""


@dataclass(frozen=True, slots=True)
class Component:
    """One component of B.2.2: identifier, sampling factors, quantisation table."""

    name: int
    across: int
    down: int
    table: int


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan header of B.2.3; `tables` are the Huffman slots (class << 4 | slot) it reads.

    `selectors` name them a component (DC << 4 | AC), zero where the scan reads no such table.
    """

    components: tuple[Component, ...]
    tables: tuple[int, ...]
    selectors: tuple[int, ...]
    first: int
    last: int
    refines: int
    low: int

    @property
    def reads_dc(self) -> bool:
        """Whether the scan has DC coefficients behind Huffman codes."""
        return self.first == 0 and not self.refines

    def header(self, names: Mapping[int, int]) -> bytes:
        """The payload of its SOS segment, in which a component is called as `names` has it."""
        head = bytes((len(self.components),))
        for component, selectors in zip(self.components, self.selectors, strict=True):
            head += bytes((names[component.name], selectors))
        return head + bytes((self.first, self.last, self.refines << 4 | self.low))


@dataclass(slots=True)
class Frame:
    """One frame header, and which coefficient bits the scans have delivered so far.

    `precision` is in bits a sample, `width` and `height` in pixels. `precise` maps (component,
    coefficient) to the lowest bit that is known.
    """

    marker: int
    precision: int
    width: int
    height: int
    components: dict[int, Component]
    precise: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def progressive(self) -> bool:
        """Whether its scans are progressive."""
        return self.marker == _PROGRESSIVE

    @property
    def mcu(self) -> tuple[int, int]:
        """Width and height of an MCU of all its components, in pixels (A.2.3)."""
        widest, tallest = self._factors()
        return 8 * widest, 8 * tallest

    @property
    def mcus(self) -> tuple[int, int]:
        """How many of these it takes across and down."""
        width, height = self.mcu
        return -(-self.width // width), -(-self.height // height)

    def blocks(self, component: Component) -> tuple[int, int]:
        """The blocks of a component across and down that hold samples of the picture."""
        widest, tallest = self._factors()
        columns = -(-self.width * component.across // widest)
        rows = -(-self.height * component.down // tallest)
        return -(-columns // 8), -(-rows // 8)

    def shape(self, components: tuple[Component, ...]) -> tuple[int, int]:
        """MCUs of a scan of these components, across and down (A.2.2, A.2.3)."""
        return self.mcus if len(components) > 1 else self.blocks(components[0])

    def units(self, components: tuple[Component, ...]) -> int:
        """Number of MCUs of a scan of these components."""
        across, down = self.shape(components)
        return across * down

    def header(self, names: Mapping[int, int]) -> bytes:
        """The payload of its SOF segment, in which a component is called as `names` has it."""
        head = pack(">BHHB", self.precision, self.height, self.width, len(self.components))
        for name, one in self.components.items():
            head += bytes((names[name], one.across << 4 | one.down, one.table))
        return head

    def names(self) -> Mapping[int, int]:
        """How its components are called in a clean stream: as they are where that is usual."""
        told = tuple(self.components)
        usual = told if told in _USUAL else range(1, len(told) + 1)
        return dict(zip(told, usual, strict=True))

    def _factors(self) -> tuple[int, int]:
        widest = max(component.across for component in self.components.values())
        tallest = max(component.down for component in self.components.values())
        return widest, tallest

    def deliver(self, scan: Scan) -> None:
        """Note what a scan adds. Raises a malformed refusal where it repeats or skips bits."""
        for component in scan.components:
            for index in range(scan.first, scan.last + 1):
                known = self.precise.get((component.name, index), 0)
                if known != scan.refines or (scan.refines == 0) != (
                    (component.name, index) not in self.precise
                ):
                    raise malformed("A JPEG scan repeats or skips what others delivered.")
                self.precise[component.name, index] = scan.low

    def check_complete(self) -> None:
        """Refuse a picture of which a component was never delivered."""
        if any((name, 0) not in self.precise for name in self.components):
            raise incomplete("the coded picture")


def read_frame(marker: int, payload: bytes) -> Frame:
    """The frame header of B.2.2. Raises a refusal where it contradicts itself."""
    if len(payload) < 6 or len(payload) != 6 + 3 * payload[5]:
        raise malformed("The JPEG frame header has a wrong length.")
    height, width = int.from_bytes(payload[1:3], "big"), int.from_bytes(payload[3:5], "big")
    if payload[0] not in (8, 12) or not height:
        raise unsupported("JPEG of that many bits a sample or without a height is not supported.")
    if not width or payload[5] not in (1, 3, 4):
        raise malformed("The JPEG frame header declares no picture.")
    if width * height > MAX_PIXELS:
        raise too_large("The JPEG picture is larger than 536 megapixels.")
    components = {}
    for at in range(6, len(payload), 3):
        name, factors, table = payload[at : at + 3]
        component = Component(name, factors >> 4, factors & 15, table)
        if not (1 <= component.across <= 4 and 1 <= component.down <= 4) or table > 3:
            raise malformed("The JPEG frame header has invalid sampling factors.")
        components[name] = component
    if len(components) != payload[5]:
        raise malformed("The JPEG frame header names a component twice.")
    if len(components) == 1:  # whose sampling factors say nothing (A.2.2)
        components = {name: Component(name, 1, 1, one.table) for name, one in components.items()}
    return Frame(marker, payload[0], width, height, components)


def read_scan(frame: Frame, payload: bytes) -> Scan:
    """The scan header of B.2.3. Raises a malformed refusal where it does not fit the frame."""
    count = payload[0] if payload else 0
    if not 1 <= count <= 4 or len(payload) != 4 + 2 * count:
        raise malformed("A JPEG scan header has a wrong length.")
    first, last, bits = payload[-3:]
    refines, low = bits >> 4, bits & 15
    names = payload[1:-3:2]
    if len(set(names)) != count or not set(names) <= frame.components.keys():
        raise malformed("A JPEG scan header names no component of the frame.")
    if frame.marker != _PROGRESSIVE:
        # B.2.3 leaves a sequential scan no choice. Decoders do not look at what some writers put
        # there, and nor is it believed here: the header is written anew with what is true.
        first, last, refines, low = 0, 63, 0, 0
    elif not _progressive(first, last, refines, low, count):
        raise malformed("A progressive JPEG scan header contradicts itself.")
    components = tuple(frame.components[name] for name in names)
    read = (0xF0 if first == 0 and not refines else 0) | (0x0F if last else 0)
    selectors = tuple(told & read for told in payload[2:-3:2])
    tables = _tables(payload, first, last, refines)
    return Scan(components, tables, selectors, first, last, refines, low)


def _progressive(first: int, last: int, refines: int, low: int, count: int) -> bool:
    """Whether the parameters of a progressive scan are those that G.1.1.1 allows."""
    band = last == 0 if first == 0 else first <= last <= 63 and count == 1
    return band and low <= 13 and (refines == 0 or refines == low + 1)


def _tables(payload: bytes, first: int, last: int, refines: int) -> tuple[int, ...]:
    """The Huffman tables that a scan reads, in the order of its components."""
    slots: list[int] = []
    for selectors in payload[2:-3:2]:
        if first == 0 and not refines:
            slots.append(selectors >> 4)
        if last > 0:
            slots.append(0x10 | selectors & 15)
    return tuple(dict.fromkeys(slots))
