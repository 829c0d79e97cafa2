"""What the masks cover of each frame of a moving picture, whose frames show through each other.

Masks count from the canvas's corner and name what is seen while a frame is shown. Where that frame
does not draw all of it itself, older frames show through: those are blanked as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from medrelease.sanitise.blanking import Box, Size, boxes, mask_not_possible, prove_placed
from medrelease.terms.flow import Mask


@dataclass(frozen=True, slots=True)
class Layer:
    """One frame: its place on the canvas, and whether its pixels go before the next is drawn.

    `covers` says of a box, in the frame's own rows and columns, whether nothing shows through it.
    """

    left: int
    top: int
    size: Size
    removed: bool
    covers: Callable[[Box], bool]

    def within(self, mask: Mask) -> list[Box]:
        """What a mask covers of the frame, in its own rows and columns."""
        own = Mask(None, mask.left - self.left, mask.top - self.top, mask.width, mask.height)
        return boxes([own], 0, self.size)


def boxes_of_layers(
    layers: Sequence[Layer], canvas: Size, masks: Sequence[Mask]
) -> list[list[Box]]:
    """The boxes of each frame. Raises a refusal where a mask lies on no frame."""
    wide = max(canvas[0], *(layer.left + layer.size[0] for layer in layers))
    high = max(canvas[1], *(layer.top + layer.size[1] for layer in layers))
    found: list[list[Box]] = [[] for _ in layers]
    prove_placed(masks, [(wide, high)] * len(layers))
    for mask in masks:
        last = len(layers) - 1 if mask.page is None else mask.page
        whole = boxes([mask], last, (wide, high))[0]
        drawn = False
        for number in range(last, -1, -1):
            layer = layers[number]
            inside = layer.within(mask)
            found[number] += inside
            drawn |= bool(inside)
            stays = number == last or not layer.removed
            if mask.page is not None and stays and _draws_all(layer, inside, whole):
                break
        if not drawn:
            raise mask_not_possible("A region that is to be blanked lies outside of every frame.")
    return found


def _draws_all(layer: Layer, inside: list[Box], whole: Box) -> bool:
    """Whether a frame draws everything under a mask, so that nothing older shows there."""
    return sum(map(_area, inside)) == _area(whole) and layer.covers(inside[0])


def _area(box: Box) -> int:
    return (box.bottom - box.top) * (box.right - box.left)
