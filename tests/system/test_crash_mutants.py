"""The crash harness is itself proved: it finds every defect that is planted, by name."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpora.crashing import Setting, crashed, power_cut, record, set_up
from corpora.mutants import MORE, NAMED, Mutant, planted
from corpora.worlds import World

FULL = bool(os.environ.get("MEDRELEASE_FULL"))
NEAR = 4
"""How many operations from a rename the first points to be tried lie."""


def findings(mutant: Mutant, setting: Setting, base: Path) -> Iterator[list[str]]:
    """What the harness says of one point or state after another, the likely ones first."""
    if mutant.found_by == "cut":
        # a defect moves the operations: whichever of them is a write now is torn
        every = range(1, len(setting.names) + 1)
        renames = [at for at in every if setting.names[at - 1].startswith("rename")]
        order = sorted(every, key=lambda p: all(abs(p - at) > NEAR for at in renames))
        yield from (crashed(setting, base, (at, True)) for at in order)
        return
    legal = record(setting, base)
    yield legal.shown_before_it_is_firm()
    yield from (power_cut(setting, base, state) for state in legal.states(seed=1))


@pytest.mark.parametrize("mutant", NAMED + (MORE if FULL else ()), ids=lambda m: m.name)
def test_a_planted_defect_is_found(mutant: Mutant, world: World, base: Path) -> None:
    """The promise that the defect breaks is reported as broken."""
    setting = set_up(mutant.scene, world, base)
    with planted(mutant):
        tried, found = 0, ""
        for told in findings(mutant, setting, base):
            tried += 1
            found = next((text for text in told if text.startswith(mutant.promise)), "")
            if found:
                break
    print(f"{mutant.name}: found after {tried}: {found}")
    assert found, f"not found in {tried} tries"
