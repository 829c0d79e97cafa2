"""PNG filters undone (in C, `entropy/filters.c`) and applied on whole bands of rows.

Source: PNG third edition, clause 9.
"""

import numpy as np
from numpy.typing import NDArray

from medrelease.sanitise.refusal import Refusal, malformed
from medrelease.terms.words import Reason

try:
    from medrelease.sanitise import _entropy
except ImportError:  # the module was not built: no picture that must be looked at is released
    HAS_FILTERS = False
else:
    HAS_FILTERS = True

Rows = NDArray[np.uint8]
"""Shape (rows, bytes a row)."""


def unfilter(coded: Rows, above: Rows, step: int) -> Rows:
    """The plain rows of a band; `coded` are they behind their filter bytes, `above` is before.

    `step` is the distance in bytes to the left neighbour. Raises a refusal: malformed for a filter
    that the standard does not know, decoder-missing.
    """
    if not HAS_FILTERS:
        raise Refusal(Reason.DECODER_MISSING, "The module that reads PNG rows is missing.")
    plain = _entropy.unfilter(coded, above, step)
    if plain is None:
        raise malformed("The PNG picture uses a filter that the standard does not know.")
    return np.frombuffer(plain, np.uint8).reshape(len(coded), -1)


def refilter(rows: Rows, above: Rows, step: int, *, plain: bool) -> Rows:
    """Rows behind their filter bytes: the best of None, Sub and Up for each, None if `plain`."""
    count, width = rows.shape
    if plain:
        return np.hstack((np.zeros((count, 1), np.uint8), rows))
    sub, up = rows.copy(), rows.copy()
    sub[:, step:] -= rows[:, :-step]
    up[0] -= above
    up[1:] -= rows[:-1]
    choices = (rows, sub, up)
    # the sum of the differences, each as the distance from zero either way round
    weights = [np.minimum(one, -one).sum(axis=1, dtype=np.int64) for one in choices]
    best = np.stack(weights).argmin(axis=0)
    filtered = np.empty((count, 1 + width), np.uint8)
    filtered[:, 0] = best
    for kind, one in enumerate(choices):
        filtered[best == kind, 1:] = one[best == kind]
    return filtered
