"""A JPEG 2000 codestream by an allow-list of marker segments (ISO/IEC 15444-1 Annex A).

Kept are the segments that code the picture, each to its exact length, and the packets of every
tile. Comments, registration and lists of lengths go; what stands behind a tile's last packet is
found by walking over the packets, and goes too.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from struct import pack, unpack_from

from medrelease.sanitise.jp2.boxes import Extent
from medrelease.sanitise.jp2.geometry import Volume, ordered, precincts
from medrelease.sanitise.jp2.packets import Walk
from medrelease.sanitise.jp2.segments import DROPPED, Header, read_size, segment, take
from medrelease.sanitise.refusal import incomplete, malformed, unsupported

_SOT, _SOD, _EOC = 0x90, 0x93, 0xD9


@dataclass(slots=True)
class _Tile:
    """A tile's header fields, and the tile-parts as (index, count, segments, data)."""

    header: Header
    parts: list[tuple[int, int, bytes, memoryview]] = field(default_factory=list)


@dataclass(slots=True)
class Stream:
    """A codestream taken apart: `main` are the kept segments of its main header."""

    header: Header
    main: bytes
    order: list[tuple[int, int]]
    tiles: dict[int, _Tile]

    @property
    def extent(self) -> Extent:
        """Size and depths of the picture."""
        left, top, right, bottom = self.header.sizes.area
        return Extent(right - left, bottom - top, self.header.depths)

    def written(self) -> bytes:
        """The codestream with nothing but what was kept."""
        pieces = [b"\xff\x4f", self.main]
        for number, place in self.order:
            index, count, segments, data = self.tiles[number].parts[place]
            length = 14 + len(segments) + len(data)
            pieces.append(pack(">HHHIBB", 0xFF90, 10, number, length, index, count))
            pieces += [segments, b"\xff\x93", bytes(data)]
        return b"".join([*pieces, b"\xff\xd9"])


def read_stream(view: memoryview, actions: Counter[str]) -> tuple[Stream, int]:
    """Take a codestream apart, its tiles cut to their packets; returns it and where it ends.

    Raises refusals: incomplete, malformed, format-not-supported, limits-exceeded.
    """
    if bytes(view[:4]) != b"\xff\x4f\xff\x51":
        raise malformed("The JPEG 2000 codestream does not begin with its size.")
    at = 4 + _length(view, 4)
    header = read_size(view[4:at])
    kept = [segment(0x51, bytes(view[6:at]))]
    while (marker := _marker(view, at)) != _SOT:
        stop = at + 2 + _length(view, at + 2)
        kept.append(take(marker, bytes(view[at + 4 : stop]), header, actions, first=True))
        at = stop
    stream = Stream(header, b"".join(kept), [], {})
    while (marker := _marker(view, at)) != _EOC:
        if marker != _SOT:
            raise malformed("The JPEG 2000 codestream has bytes between its tile-parts.")
        at = _read_part(view, at, stream, actions)
    across, down = header.sizes.tiles
    if stream.tiles.keys() != set(range(across * down)):
        raise incomplete("the tiles of the JPEG 2000 picture")
    for number, tile in stream.tiles.items():
        _cut(number, tile, actions)
    return stream, at + 2


def _marker(view: memoryview, at: int) -> int:
    if at + 2 > len(view):
        raise incomplete("the JPEG 2000 codestream")
    if view[at] != 0xFF:
        raise malformed("The JPEG 2000 codestream has bytes between its segments.")
    return view[at + 1]


def _length(view: memoryview, at: int) -> int:
    length = int.from_bytes(view[at : at + 2])
    if at + max(length, 2) > len(view):
        raise incomplete("the JPEG 2000 codestream")
    if length < 2:
        raise malformed("A segment of the JPEG 2000 codestream has no length.")
    return length


def _read_part(view: memoryview, at: int, stream: Stream, actions: Counter[str]) -> int:
    """One tile-part (A.4.2); returns where it ends."""
    if _length(view, at + 2) != 10:
        raise malformed("A tile-part of the JPEG 2000 codestream has no valid header.")
    number, size, index, count = unpack_from(">HIBB", view, at + 4)
    end = at + size if size else _open_end(view, at)
    if end > len(view):
        raise incomplete("a tile of the JPEG 2000 picture")
    tile = stream.tiles.get(number)
    if tile is None:
        main = stream.header
        own = replace(main, own=dict(main.own), volumes=list(main.volumes))
        tile = stream.tiles[number] = _Tile(own)
    across, down = stream.header.sizes.tiles
    if number >= across * down or index != len(tile.parts) or (count and count <= index):
        raise malformed("The tile-parts of the JPEG 2000 codestream are out of order.")
    segments, place = [], at + 12
    while (marker := _marker(view, place)) != _SOD:
        stop = place + 2 + _length(view, place + 2)
        content = bytes(view[place + 4 : stop])
        if index and marker not in DROPPED:
            raise unsupported("JPEG 2000 that changes its coding inside a tile is not supported.")
        segments.append(take(marker, content, tile.header, actions, first=False))
        place = stop
    if place + 2 > end:
        raise malformed("A tile-part of the JPEG 2000 codestream is shorter than its header.")
    tile.parts.append((index, count, b"".join(segments), view[place + 2 : end]))
    stream.order.append((number, index))
    return end


def _open_end(view: memoryview, at: int) -> int:
    """Where the last tile-part ends if it does not say so: no packet holds the EOC marker."""
    found = bytes(view[at:]).find(b"\xff\xd9")
    if found < 0:
        raise incomplete("the JPEG 2000 codestream")
    return at + found


def _cut(number: int, tile: _Tile, actions: Counter[str]) -> None:
    """Cut a tile's data behind its last packet. Raises refusals."""
    header, codings = tile.header, tile.header.codings()
    data = tile.parts[0][3]
    if len(tile.parts) > 1:
        data = memoryview(b"".join(part[3] for part in tile.parts))
    whole = Volume(header.order, (0, 33), (0, len(codings)), header.layers)
    everything = precincts(header.sizes, number, codings)
    walk, sent = Walk(data), set[tuple[int, int]]()
    for volume in header.volumes or [whole]:
        layers = min(volume.layers, header.layers)
        asked = Volume(volume.order, volume.resolutions, volume.components, layers)
        fresh = (
            (one, layer)
            for one, layer in ordered(everything, asked)
            if not header.volumes or _first_time(sent, id(one), layer)
        )
        walk.go(fresh, codings, marked=bool(header.flags & 4))
    surplus = len(data) - walk.at
    actions["surplus-bytes"] += surplus
    while surplus:
        index, count, segments, rest = tile.parts[-1]
        cut = min(surplus, len(rest))
        tile.parts[-1] = (index, count, segments, rest[: len(rest) - cut])
        surplus -= cut
        if surplus:
            raise malformed("A tile-part of the JPEG 2000 codestream holds no part of a tile.")


def _first_time(sent: set[tuple[int, int]], precinct: int, layer: int) -> bool:
    """Whether a packet was not in an earlier progression; from now on it was."""
    if (precinct, layer) in sent:
        return False
    sent.add((precinct, layer))
    return True
