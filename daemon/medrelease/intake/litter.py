"""Litter: what operating systems, editors and copying programs leave beside real files."""

import re

_LITTER = re.compile(
    rb"""
    \.                                                  # hidden, .DS_Store and ._* among them
    | ~\$                                               # Office's owner files
    | (thumbs\.db | desktop\.ini) \Z
    | .* ( \. (tmp | part | partial | filepart | crdownload) | ~ ) \Z
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def is_litter(name: bytes) -> bool:
    """Whether a file or folder of this name is ignored and left where it is, in any case."""
    return _LITTER.match(name) is not None
