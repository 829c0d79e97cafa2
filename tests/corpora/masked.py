"""Masks for tests: where they lie, and the two doors on bytes, cleaned and proved with masks."""

import tempfile
from dataclasses import replace

import numpy as np

from corpora.cleaned import OPTIONS
from medrelease import sanitise, verify
from medrelease.terms.flow import Hold, Mask, Sanitised
from medrelease.verify import Accepted


def cleaned_under(data: bytes, masks: tuple[Mask, ...]) -> tuple[Sanitised | Hold, bytes]:
    """What the cleaning room says of a file with masks, and what it wrote."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(data)
        source.flush()
        options = replace(OPTIONS, masks=masks)
        outcome = sanitise.sanitise(source.fileno(), target.fileno(), options)
        target.seek(0)
        return outcome, target.read()


def proved_under(source: bytes, finished: bytes, masks: tuple[Mask, ...]) -> Accepted | Hold:
    """The verifier's word on a pair of files and masks."""
    with tempfile.TemporaryFile() as before, tempfile.TemporaryFile() as after:
        before.write(source)
        after.write(finished)
        before.flush()
        after.flush()
        return verify.verify(before.fileno(), after.fileno(), verify.Options(masks=masks))


def under(masks: tuple[Mask, ...], page: int, height: int, width: int) -> np.ndarray:
    """Which pixels of a page lie under the masks, shape (height, width)."""
    found = np.zeros((height, width), np.bool_)
    for mask in masks:
        if mask.page in (None, page):
            left, top = max(0, mask.left), max(0, mask.top)
            found[top : max(0, mask.top + mask.height), left : max(0, mask.left + mask.width)] = (
                True
            )
    return found


def placed(seed: int, width: int, height: int, pages: int = 1) -> dict[str, tuple[Mask, ...]]:
    """Sets of masks by name: edges, a pixel, the whole, overlapping, many, beyond the edge."""
    rng = np.random.default_rng(seed)
    x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
    page = int(rng.integers(0, pages)) if pages > 1 else None
    many = tuple(
        Mask(None, int(rng.integers(0, width)), int(rng.integers(0, height)), 2, 1)
        for _ in range(25)
    )
    return {
        "a pixel": (Mask(page, x, y, 1, 1),),
        "edges": (
            Mask(None, 0, 0, width, 1),
            Mask(None, width - 3, 0, 3, height),
            Mask(None, 0, height - 2, 5, 2),
        ),
        "the whole": (Mask(None, 0, 0, width, height),),
        "overlapping": (
            Mask(page, width // 4, height // 4, width // 3, height // 3),
            Mask(page, width // 3, height // 3, width // 3, height // 2),
        ),
        "many": many,
        "beyond": (Mask(None, -4, -5, 9, 9), Mask(None, width - 2, height - 3, 40, 40)),
    }


def beside(masks: tuple[Mask, ...], columns: int = 1) -> tuple[Mask, ...]:
    """The same masks some columns further right: applied elsewhere than was asked for."""
    return tuple(replace(mask, left=mask.left + columns) for mask in masks)
