"""What the cleaning of one coded picture gives, whatever coded it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coded:
    """An item's cleaned picture.

    `pieces` are its bytes in order, `configuration` the content of its configuration property,
    `size` the width and height in pixels that its own header declares.
    """

    pieces: list[bytes | memoryview]
    configuration: bytes
    size: tuple[int, int]
