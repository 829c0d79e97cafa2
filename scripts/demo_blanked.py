"""What became of the label in the pixels of the demo's picture.

    demo_blanked.py RELEASED

Holds the released PNG against the picture that was dropped, pixel by pixel.
"""

import sys
from pathlib import Path

import numpy as np
from demo_images import labelled, picture
from PIL import Image


def main(released: Path) -> None:
    """Print how much of the label was there, how much is left, and what else changed."""
    before, after = labelled(), np.asarray(Image.open(released).convert("RGB"))
    label = (before != picture(360, 480, 7)).any(axis=2)
    same = (before == after).all(axis=2)
    left, changed = int((label & same).sum()), float((~same & ~label).mean())
    sys.stdout.write(
        f"   {int(label.sum())} pixels of the label were dropped, {left} have left;"
        f" {changed:.1%} of the rest of the picture was blanked with it\n"
    )
    sys.exit(left != 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
