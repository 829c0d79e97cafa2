"""What was seen in a picture: may it go so, and what is blanked in it (DESIGN.md 5.2, 5.6).

Faces and covered eyes are the business of `rules`, since they hang on purpose and basis.
"""

from collections.abc import Mapping

from medrelease.terms.flow import Examined, Hold, Mask
from medrelease.terms.route import Route
from medrelease.terms.words import Reason


def judge(seen: Examined, route: Route, agreed: frozenset[Reason]) -> Hold | None:
    """Why the picture may not go, if so; `agreed` are the holds that a second person resolved.

    An approval skips the one hold that it was given for and no other.
    """
    holds = (_identification(seen), _written(seen, route), _unmaskable(seen, route))
    for hold in (*holds, _too_large(seen, route)):
        if hold is not None and hold.reason not in agreed:
            return hold
    return None


def judge_alone(seen: Examined, route: Route) -> Hold | None:
    """Why a file that is on no route may not go: `route` decides about writing alone.

    Covered eyes hold it, as on every route but care (DESIGN.md section 2, rule 8): nothing says
    that it is for care. A recognisable face does not: where the patient consented it may go.
    """
    if seen.eyes_covered:
        return Hold(Reason.EYES_COVERED, "the eyes were covered, which is not anonymity")
    return judge(seen, route, frozenset())


def masks(seen: Examined | None, route: Route) -> tuple[Mask, ...]:
    """What is to be blanked: nothing where the route leaves writing to a person."""
    return seen.masks if seen is not None and route.text == "redact" else ()


def leaves_nothing(seen: Examined, route: Route) -> bool:
    """Whether no writing that was found is left in the picture, but for terms that may stay."""
    return not seen.residual and (route.text == "redact" or not seen.masks)


def actions(seen: Examined, route: Route) -> Mapping[str, int]:
    """What was done about the writing in a picture, as counts for the record."""
    done = "masked" if route.text == "redact" else "left"
    counts = {
        f"text-{done}": seen.text,
        f"codes-{done}": seen.codes,
        f"device-{done}": seen.devices,
        f"identifiers-{done}": seen.identifiers,
        "text-kept": seen.kept,
        "text-doubtful": seen.residual,
    }
    return {name: count for name, count in counts.items() if count}


def _identification(seen: Examined) -> Hold | None:
    if not seen.identification_frame:
        return None
    return Hold(Reason.IDENTIFICATION_FRAME, "a label or a code fills the picture")


def _written(seen: Examined, route: Route) -> Hold | None:
    if route.text != "redact" and (seen.masks or seen.residual):
        return Hold(Reason.RESIDUAL_TEXT, "the picture has writing, which this route leaves alone")
    if seen.residual:
        return Hold(Reason.RESIDUAL_TEXT, "there may be writing that the masks do not cover")
    return None


def _unmaskable(seen: Examined, route: Route) -> Hold | None:
    if route.text != "redact" or not seen.unmaskable:
        return None
    return Hold(Reason.MASK_NOT_POSSIBLE, "nothing in a picture of this kind can be blanked")


def _too_large(seen: Examined, route: Route) -> Hold | None:
    if route.text != "redact" or seen.masked_share <= route.max_masked:
        return None
    return Hold(Reason.MASK_TOO_LARGE, "more than the route's max_masked would be blanked")
