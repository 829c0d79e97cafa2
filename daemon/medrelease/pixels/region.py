"""A rectangle of a frame, in pixels of its stored rows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """`width` x `height` pixels whose upper left one stands at (`left`, `top`)."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column after it."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first row after it."""
        return self.top + self.height

    @property
    def area(self) -> int:
        """How many pixels it holds."""
        return self.width * self.height


def within(left: float, top: float, right: float, bottom: float, shape: tuple[int, ...]) -> Region:
    """The whole pixels that such a rectangle touches, cut to a frame of `shape` (rows, columns).

    At least one pixel, so that no finding is ever lost at an edge.
    """
    rows, columns = shape[:2]
    x, y = min(max(int(left), 0), columns - 1), min(max(int(top), 0), rows - 1)
    x_end = min(max(-int(-right // 1), x + 1), columns)
    y_end = min(max(-int(-bottom // 1), y + 1), rows)
    return Region(x, y, x_end - x, y_end - y)
