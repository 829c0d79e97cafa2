"""Few enough rectangles to be told: a message between processes holds only so many."""

from medrelease.pixels.faults import too_large
from medrelease.terms.flow import Mask

MOST = 1200


def compact(masks: list[Mask]) -> tuple[Mask, ...]:
    """The same masks without repeats and without those inside others.

    Raises CannotDecode (`limits-exceeded`) where more than `MOST` are left.
    """
    distinct = sorted(set(masks), key=lambda mask: -mask.width * mask.height)
    kept: list[Mask] = []
    for mask in distinct:
        if not any(_inside(mask, other) for other in kept):
            kept.append(mask)
    if len(kept) > MOST:
        raise too_large(f"More than {MOST} places would have to be blanked.")
    return tuple(kept)


def _inside(one: Mask, other: Mask) -> bool:
    return (
        other.page in (None, one.page)
        and other.left <= one.left
        and other.top <= one.top
        and one.left + one.width <= other.left + other.width
        and one.top + one.height <= other.top + other.height
    )
