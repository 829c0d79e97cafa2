"""Private attributes that a route may keep: the prover's own reading of PS3.15 Table E.3.10-1.

dicom_safe_private.csv has a line for each: its creator, its tag with `xx` for the block, its VR.
A finished object holds them in blocks that a creator of the table reserves in the same item
(PS3.5 section 7.8.1), and only where the route retains safe private attributes.
"""

import csv
from importlib.resources import files

from medrelease.verify.dicom_rules import prove_value
from medrelease.verify.dicom_walk import Leaf, Path, read_as
from medrelease.verify.refusal import malformed

OPTION = "retain-safe-private"


def _rows() -> dict[tuple[str, str], str]:
    text = files(__package__).joinpath("dicom_safe_private.csv").read_text("utf-8")
    return {(creator, tag): vr for creator, tag, vr in list(csv.reader(text.splitlines()))[1:]}


_ROWS = _rows()
"""Read with the module: a worker's sandbox lets no file be opened later."""

_CREATORS = frozenset(creator for creator, _ in _ROWS)


class Blocks:
    """The blocks that creators of the table have reserved in the item that is being walked."""

    __slots__ = ("_options", "_reserved")

    def __init__(self, options: frozenset[str]) -> None:
        self._options = options
        self._reserved: dict[Path, dict[int, str]] = {}

    def safe(self, leaf: Leaf) -> Leaf | None:
        """The leaf with the table's VR where it may be kept, or reserves a block; else None."""
        if OPTION not in self._options:
            return None
        group, number = leaf.tag >> 16, leaf.tag & 0xFFFF
        if number <= 0xFF:
            creator = bytes(leaf.value[:128]).rstrip(b"\0 ").decode("latin-1").strip()
            if number < 0x10 or creator not in _CREATORS:
                return None
            if len(self._reserved) > 64:
                self._reserved = {
                    path: kept
                    for path, kept in self._reserved.items()
                    if leaf.path[: len(path)] == path
                }
            self._reserved.setdefault(leaf.path, {})[group << 8 | number] = creator
            return read_as(leaf, "LO")
        owner = self._reserved.get(leaf.path, {}).get(leaf.tag >> 8, "")
        vr = _ROWS.get((owner, f"{group:04X}xx{number & 0xFF:02X}"))
        return read_as(leaf, vr) if vr is not None else None

    def prove(self, leaf: Leaf) -> None:
        """One private element of a finished object. Raises Refusal(malformed) unless it is safe."""
        safe = self.safe(leaf)
        if safe is None or safe.vr != leaf.vr:
            malformed("a private attribute is in the object")
        if leaf.vr == "SQ":
            if not leaf.defined:
                malformed("a sequence has no length")
        elif len(leaf.value) % 2:
            malformed("a value has an odd length")
        else:
            prove_value(leaf.vr, leaf.value)
