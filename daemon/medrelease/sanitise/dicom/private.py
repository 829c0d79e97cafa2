"""Safe private attributes: those that PS3.15 Table E.3.10-1 lists as saying nothing of anybody.

The Retain Safe Private option (PS3.15 section E.3.10) keeps them, in the block that their creator
has reserved in the same item (PS3.5 section 7.8.1). Binary values are not kept even so: what a
stream of a maker's own holds cannot be proved. UIDs are replaced like all others. The table lies
beside this module as safe_private.csv.
"""

import csv
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from medrelease.sanitise.dicom.decision import Decision
from medrelease.sanitise.dicom.elements import Element
from medrelease.sanitise.dicom.meta import leaf
from medrelease.sanitise.dicom.profile import Action
from medrelease.sanitise.dicom.values import up_to_nul

Blocks = dict[int, str]
"""The creator of each block of one item, by group and block number: the upper part of a tag."""

_BINARY = frozenset({b"OB", b"OW"})


@cache
def safe_rows() -> dict[tuple[str, int], tuple[bytes, int | None]]:
    """VR and most values of each safe attribute, by its creator and its tag without the block."""
    text = files(__package__).joinpath("safe_private.csv").read_text("utf-8")
    found = {}
    for creator, tag, vr, most in list(csv.reader(text.splitlines()))[1:]:
        place = int(tag.replace("xx", "00"), 16)
        found[creator, place] = (vr.encode(), int(most) if most else None)
    return found


def blocks(elements: Iterable[Element]) -> Blocks:
    """The blocks of an item that a creator of the table has reserved."""
    known = {creator for creator, _ in safe_rows()}
    found = {}
    for element in elements:
        group, number = element.tag >> 16, element.tag & 0xFFFF
        if group & 1 and 0x10 <= number <= 0xFF:
            creator = up_to_nul(bytes(element.value[:128])).decode("latin-1").strip()
            if creator in known:
                found[group << 8 | number] = creator
    return found


def decision(reserved: Blocks, tag: int, *, keep_uids: bool) -> Decision | None:
    """What is to be done with a private attribute that is safe; None with every other one."""
    creator = reserved.get(tag >> 8)
    row = safe_rows().get((creator, tag & 0xFFFF00FF)) if creator is not None else None
    if row is None or row[0] in _BINARY:
        return None
    vr, most = row
    action = Action.UID if vr == b"UI" and not keep_uids else Action.KEEP
    return Decision(action, Action.REMOVE, vr, most)


def creators(reserved: Blocks, kept: Iterable[int]) -> dict[int, bytes]:
    """The elements that reserve the blocks which the kept attributes stand in."""
    used = {tag >> 8 for tag in kept} & reserved.keys()
    tags = {block: block >> 8 << 16 | block & 0xFF for block in used}
    return {tag: leaf(tag, b"LO", reserved[block].encode()) for block, tag in tags.items()}
