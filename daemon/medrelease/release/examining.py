"""One step: have a worker look at the pixels of a cleaned file, and settle what follows.

The cleaned file is looked at, since that is what leaves, and the prover has shown that its picture
is the source's. (Of a TIFF the source itself: its directories are what masks count.) Where
something is to be blanked, or where the object itself says what was found in its pixels, it is
cleaned once more, and proved again.
"""

from dataclasses import replace

from medrelease.release import answers, labour
from medrelease.release.case import Case
from medrelease.release.cleaning import known_identifiers
from medrelease.release.desk import Desk
from medrelease.terms.flow import Hold, Verified
from medrelease.terms.words import Format


def examine(desk: Desk, case: Case, verified: Verified) -> Case | Hold:
    """Look at every picture of a cleaned file; what was seen stands in the case."""
    answer = labour.run(
        desk,
        case.claim,
        "examine",
        check=answers.read_examined,
        finished=verified.work,
        options=options(
            verified.format, case.route.keep, known_identifiers(case), desk.rules.look_seconds
        ),
    )
    if isinstance(answer, Hold):
        return answer
    seen = answers.read_examined(answer)
    return seen if isinstance(seen, Hold) else replace(case, examined=seen)


def options(
    form: Format, keep: tuple[str, ...], identifiers: tuple[str, ...], seconds: float
) -> dict[str, object]:
    """The options of the operation, as a job carries them."""
    return {
        "format": form.value,
        "keep": list(keep),
        "identifiers": list(identifiers),
        "seconds": seconds,
    }


def must_clean_again(case: Case) -> bool:
    """Whether what was seen changes the file: by masks, or by what a DICOM object says of it."""
    is_dicom = case.probe is not None and case.probe.format is Format.DICOM
    return bool(case.masks) or is_dicom
