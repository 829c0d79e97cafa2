"""What second persons have agreed to so far, about one file that was held.

An approval skips the one hold that it was given for. A file may be held more than once, each time
for something else, so agreements add up, for as long as the bytes stay those that were seen.
"""

from collections.abc import Mapping
from typing import Any

from medrelease.ledger.held_places import HeldPlace
from medrelease.terms.flow import Arrival

Agreement = Mapping[str, Any]
"""Who agreed last (`user`, `uid`), why (`reason`), and to which holds in all (`for`)."""


def so_far(place: HeldPlace, arrival: Arrival) -> Agreement | None:
    """What was agreed to before; nothing where the file is not the one that was held."""
    return place.approval if arrival.stamp.same_bytes(place.stamp) else None


def with_one_more(place: HeldPlace, said: Agreement) -> Agreement:
    """The same, with this hold agreed to as `said`."""
    earlier = (place.approval or {}).get("for", ())
    return {**said, "for": sorted({*earlier, place.reason.value})}
