"""README says what the program says of itself."""

import ast
import re
import subprocess
import sys
from pathlib import Path

from medrelease.audit.mapping import MAPPING
from medrelease.cli.exits import Exit
from medrelease.cli.main import VERBS
from medrelease.notices.reasons import EXPLANATIONS
from medrelease.sanitise.dicom import describe
from medrelease.sanitise.structures import structures

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_every_structure_stands_in_the_readme() -> None:
    """Each row of `profile describe` that is no DICOM attribute is a row of the README."""
    for row in structures():
        assert f"| {row.format} | {row.structure} | {row.done} |" in README
    for described in describe():
        if not described.tag:
            assert f"| dicom | {described.keyword} | {described.default} |" in README


def test_every_reason_stands_in_the_readme() -> None:
    """Each reason has its row, with the title and the remedy of the catalogue."""
    for reason, told in EXPLANATIONS.items():
        assert f"| `{reason.value}` | {told.title} | {' '.join(told.remedy)} |" in README


def test_every_verb_and_exit_code_stands_in_the_readme() -> None:
    """Each verb and each exit code is named."""
    for verb in VERBS:
        assert f"`medrelease {verb}" in README
    for code in Exit:
        assert f"\n| {code.value} |" in README


def test_every_promise_has_tests_that_exist() -> None:
    """Each test that the README names for a promise is there, and every promise has one."""
    rows = re.findall(r"(?m)^\| ([1-7][^|]*) \| `(tests/[\w/]+\.py)::(\w+)` \|$", README)
    promises = re.findall(r"(?m)^(\d)\. ", README.split("## What it promises")[1].split("##")[0])
    assert {promise for row, _, _ in rows for promise in _numbers(row)} == set(promises)
    for _, place, test in rows:
        tree = ast.parse((ROOT / place).read_text())
        assert test in {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}, test


def _numbers(row: str) -> set[str]:
    """The promises that a row of the table is about: `1 to 7`, or `1, 3: ...`."""
    if row.startswith("1 to 7"):
        return set("1234567")
    return set(re.findall(r"\d", row.split(":", maxsplit=1)[0]))


def test_profile_describe_prints_every_row() -> None:
    """The verb prints the photographs' structures and all rows of Table E.1-1."""
    command = [sys.executable, "-m", "medrelease", "profile", "describe"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == len(structures()) + len(describe())
    assert "dicom (0010,0010) PatientName" in done.stdout


def test_the_mapping_of_the_export_stands_in_the_readme() -> None:
    """The table of keys, FHIR elements and DICOM fields is the program's own, row by row."""
    head = "| key of the trail | FHIR AuditEvent | DICOM PS3.15 A.5.3.4 Data Export |"
    table = README[README.index(head) :].split("\n\n", 1)[0].splitlines()[2:]
    assert table == [f"| `{row.key}` | `{row.fhir}` | {row.dicom} |" for row in MAPPING]
