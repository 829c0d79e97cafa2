"""The colours of a BMP outside of its masks, and that what lies under them is of one colour."""

import hashlib
from collections.abc import Iterator

import numpy as np

from medrelease.verify.bmp_header import Head
from medrelease.verify.bmp_pixels import Bytes, pure_rows, runs
from medrelease.verify.masks import Cover, Masks, prove_within, rectangles


def blanked(view: memoryview, head: Head, masks: Masks, *, strict: bool) -> str:
    """Return a SHA-256 over the pixels that no mask covers.

    Raises Refusal(malformed) where, if `strict`, those under the masks differ from each other.
    """
    prove_within(masks, [(head.wide, head.high)])
    cover = Cover(rectangles(masks, 0, head.wide, head.high), strict=strict)
    table = np.zeros((256, head.entry), np.uint8)
    if head.bits <= 8:
        colours = np.frombuffer(view[slice(*head.palette)], np.uint8).reshape(-1, head.entry)
        table[: len(colours)] = colours
    digest = hashlib.sha256(repr((head.wide, head.high, head.bits, head.channels)).encode())
    for first, values in _stored(view, head, strict=strict):
        pixels = table[values, :3] if head.bits <= 8 else values
        if head.rows_down:
            digest.update(cover.out(pixels, range(head.wide), _from(first, pixels)).tobytes())
        else:
            down = _from(head.high - first - len(pixels), pixels)
            upright = cover.out(pixels[::-1], range(head.wide), down)
            digest.update(upright[::-1].tobytes())
    return digest.hexdigest()


def _from(first: int, pixels: Bytes) -> range:
    return range(first, first + len(pixels))


def _stored(view: memoryview, head: Head, *, strict: bool) -> Iterator[tuple[int, Bytes]]:
    """Yield rows as they are stored, with the number of the first: (rows, wide[, bytes])."""
    if head.coding in (1, 2):
        plane = _Plane()
        runs(view, head, plane, strict=strict)
        yield 0, np.frombuffer(plane.data, np.uint8).reshape(head.high, head.wide)
        return
    first = 0
    for rows in pure_rows(view, head):
        if head.bits >= 8:
            size = head.bits // 8
            pixels = rows[:, : head.wide * size].reshape(len(rows), head.wide, size)
            yield first, pixels[:, :, 0] if size == 1 else pixels
        else:
            bits = np.unpackbits(rows, axis=1)[:, : head.wide * head.bits]
            places = 1 << np.arange(head.bits - 1, -1, -1, dtype=np.uint8)
            yield first, bits.reshape(len(rows), head.wide, head.bits) @ places
        first += len(rows)


class _Plane:
    """Takes in what `runs` spells out."""

    def __init__(self) -> None:
        self.data = b""

    def update(self, data: bytes, /) -> None:
        """Keep the bytes."""
        self.data += data
