"""The CSV register: as spreadsheets leave it, read right or refused with the line number."""

import fcntl
import os
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from medrelease.identifiers.job_number import JobFormat
from medrelease.policy.row import Row
from medrelease.register import Finding, Options, RowInvalid, open_register, row_bytes
from medrelease.register.table import Register
from medrelease.terms.faults import Transient
from medrelease.terms.words import Consent, Kind, Wait

JOBS = JobFormat(r"\d{2} \d{5}")
HEADER = "job_no,hc_no,consent,kind,clinician,consent_date,expires,withdrawn,study\n"
FULL = (
    "23 02210,012 345 6789,record;print,x-ray,Dr Smith,2026-01-02,2027-01-02,2026-12-01,ABC;DEF\n"
)
ROW = Row(
    job="23 02210",
    hc="012 345 6789",
    consent=frozenset({Consent.RECORD, Consent.PRINT}),
    kind=Kind.X_RAY,
    clinician="Dr Smith",
    consent_date=date(2026, 1, 2),
    expires=date(2027, 1, 2),
    withdrawn=date(2026, 12, 1),
    studies=frozenset({"ABC", "DEF"}),
)

Write = Callable[[str | bytes], Register]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the register's file and open it."""

    def make(content: str | bytes) -> Register:
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / "register.csv").write_bytes(data)
        return open_register(Options("csv:register.csv"), tmp_path, JOBS)

    return make


def refused(register: Register) -> str:
    """Why a register cannot be used now."""
    with pytest.raises(Transient) as caught:
        register.look_up("23 02210")
    assert caught.value.wait is Wait.REGISTER_UNAVAILABLE
    assert "6789" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        HEADER + FULL,
        (HEADER + FULL).encode("utf-8-sig"),
        (HEADER + FULL).encode("utf-16"),
        (HEADER + FULL).replace("\n", "\r\n"),
        HEADER + FULL.rstrip("\n") + "\r",
        HEADER.replace("study\n", "study,notes\n") + FULL.replace("DEF\n", "DEF,a no"),
        "\n\n" + HEADER + "\n,,,,,,,,\n" + FULL + "\n",
        HEADER.upper().replace(",", " , ") + FULL,
        HEADER.replace(",", "\t") + FULL.replace(",", "\t"),
        HEADER.replace(",", ";") + '"' + FULL.replace(",", '";"').replace("\n", '"\n'),
        HEADER + FULL.replace("012 345 6789", '="0123456789"'),
        HEADER + FULL.replace("012 345 6789", '"=""0123456789"""'),
        HEADER + FULL.replace("012 345 6789", "123456789"),
        HEADER + FULL.replace("23 02210", "2302210").replace("x-ray", " X-Ray "),
        HEADER + FULL.replace("23 02210", "23-02210").replace("record;print", "Record ; PRINT;"),
        HEADER.replace("\n", ",notes\n") + FULL.replace("\n", ',"two\nlines"\n'),
        HEADER + FULL.replace("\n", ",,\n"),
        HEADER + FULL + FULL,
        HEADER.replace("hc_no,", "x,hc_no,") + FULL.replace(",012", ",,012"),
    ],
)  # fmt: skip
def test_every_spelling_of_one_row(write: Write, content: str | bytes) -> None:
    """Encodings, delimiters, quotes, marks and order of columns do not change what is read."""
    register = write(content)
    assert register.look_up("23 02210") == ROW
    assert register.look_up("23 02211") is None
    assert register.check() == []


def test_windows_1252(write: Write) -> None:
    """A file that is no UTF-8 is read as Windows-1252, which Excel still writes."""
    row = write((HEADER + FULL.replace("Smith", "O’Néill")).encode("cp1252")).look_up("23 02210")
    assert isinstance(row, Row)
    assert row.clinician == "Dr O’Néill"


def test_empty_cells_and_absent_study(write: Write) -> None:
    """Empty cells say nothing, and `study` alone may be absent as a column."""
    register = write(HEADER.replace(",study", "") + "23 02210,,,,,,,\n")
    assert register.look_up("23 02210") == Row("23 02210")


def test_study_may_be_absent_as_the_configuration_names_it(write: Write, tmp_path: Path) -> None:
    """`init` maps every column to its own name, and `study` may be absent all the same."""
    write(HEADER.replace(",study", "") + "23 02210,,,,,,,\n")
    columns = {name: name for name in HEADER.strip().split(",")}
    mapped = open_register(Options("csv:register.csv", columns=columns), tmp_path, JOBS)
    assert mapped.look_up("23 02210") == Row("23 02210")


def test_header_only_is_an_empty_register(write: Write) -> None:
    """The file that `init` makes is a readable register without jobs."""
    assert write(HEADER).look_up("23 02210") is None


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (("012 345 6789", "12345678"), "hc_no"),
        (("012 345 6789", "123456780"), "hc_no"),
        (("012 345 6789", "0"), "hc_no"),
        (("012 345 6789", "1.23E+08"), "hc_no"),
        (("record;print", "record;post"), "consent"),
        (("x-ray", "mri"), "kind"),
        (("2026-01-02", "02/01/2026"), "consent_date"),
        (("2027-01-02", "2027-02-30"), "expires"),
        (("2027-01-02", "20270102"), "expires"),
        ((",x-ray", ""), "number of cells"),
        (("x-ray,", "x-ray,x,"), "number of cells"),
        (("Dr Smith", '"Dr\nSmith"'), "line break"),
    ],
)
def test_rows_that_cannot_be_read(write: Write, change: tuple[str, str], column: str) -> None:
    """A row with a cell that cannot be read holds its job and no other; `check` names its line."""
    register = write(HEADER + FULL.replace("10,", "11,", 1) + FULL.replace(*change))
    said = register.look_up("23 02210")
    assert isinstance(said, RowInvalid)
    assert column in said.problem
    assert isinstance(register.look_up("23 02211"), Row)
    assert [finding.line for finding in register.check()] == [3 + ("\n" in change[1])]


def test_unreadable_withdrawal_counts_as_withdrawn(write: Write) -> None:
    """Whatever stands in `withdrawn` and is no date is an objection."""
    register = write(HEADER + FULL.replace("2026-12-01", "yes"))
    row = register.look_up("23 02210")
    assert isinstance(row, Row)
    assert row.withdrawn is None
    assert row.withdrawn_unreadable
    assert register.check() == [Finding(2, "withdrawn is no date, and counts as withdrawn")]


def test_hc_numbers_that_fail_the_sites_check(write: Write, tmp_path: Path) -> None:
    """`check` names the rows whose H&C number the site's own check refuses; look-ups give them."""
    register = write(HEADER + FULL.replace("6789", "6780"))
    assert register.check() == [Finding(2, "hc_no fails the site's check of H&C numbers")]
    assert isinstance(register.look_up("23 02210"), Row)
    unchecked = open_register(Options("csv:register.csv"), tmp_path, JOBS, "off")
    assert unchecked.check() == []
    write(HEADER + FULL)
    ranged = open_register(Options("csv:register.csv"), tmp_path, JOBS, "hc-range")
    assert len(ranged.check()) == 1


def test_rows_that_differ(write: Write) -> None:
    """Two rows of one job that differ hold it, in whatever spelling of the job number."""
    register = write(
        HEADER + FULL + FULL.replace("23 02210", "2302210").replace("print", "internet")
    )
    assert isinstance(register.look_up("23 02210"), RowInvalid)
    assert register.check() == [Finding(3, "the row differs from line 2 of the same job")]


def test_rows_without_a_job_number(write: Write) -> None:
    """A row whose job number cannot be read is told by `check`, all faults at once."""
    register = write(HEADER + FULL.replace("23 02210", "job 1") + FULL.replace("x-ray", "mri"))
    assert [finding.line for finding in register.check()] == [2, 3]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no header"),
        ("\n\n", "no header"),
        (HEADER[:40], "line 1: .*consent_date"),
        (HEADER.replace("withdrawn,", "") + FULL, "line 1: .*withdrawn"),
        ("\n" + HEADER.replace("expires", "kind") + FULL, "line 2: .*"),
        (HEADER.replace("study", "hc_no") + FULL, "twice: hc_no"),
        (HEADER + FULL + FULL[:30], "line 3: .*middle of a row"),
        (HEADER + FULL.rstrip("\n"), "line 2: .*middle of a row"),
        (HEADER.rstrip("\n"), "line 1: .*middle of a row"),
        (HEADER + FULL + '23 02211,"012 345', "line 3: .*quotes"),
        (HEADER + '23 02211,"a"b,,,,,,,\n' + FULL, "line 2: .*quotes"),
        (HEADER + FULL + "\0" * 100, "line 3: .*NUL"),
        ((HEADER + FULL).encode("utf-16")[:-1], "UTF-16"),
        (HEADER.encode() + b"23 02210,\x81\xff\n", "line 2: .*neither"),
        ("23 02210,012 345 6789,record,,,,,\n", "line 1: .*job_no"),
    ],
)
def test_half_written_or_foreign_files(write: Write, content: str | bytes, words: str) -> None:
    """A file that is not whole, or is something else, is refused with the line."""
    register = write(content)
    message = refused(register)
    assert re.search(words, message), message
    for ask in (register.check, lambda: register.snapshot_id):
        with pytest.raises(Transient):
            ask()


def test_absent_file_and_its_return(write: Write, tmp_path: Path) -> None:
    """An absent register is unavailable, old content is not used, and it may come back."""
    register = write(HEADER + FULL)
    assert register.look_up("23 02210") == ROW
    (tmp_path / "register.csv").rename(tmp_path / "away.csv")
    refused(register)
    (tmp_path / "away.csv").rename(tmp_path / "register.csv")
    assert register.look_up("23 02210") == ROW


def test_changes_are_seen(write: Write, tmp_path: Path) -> None:
    """A changed file is read again at the next look-up, and `snapshot_id` changes with it."""
    register = write(HEADER + FULL)
    before = register.snapshot_id
    write(HEADER + FULL.replace("x-ray", "photograph"))
    row = register.look_up("23 02210")
    assert isinstance(row, Row)
    assert row.kind is Kind.PHOTOGRAPH
    assert register.snapshot_id != before
    write(HEADER + FULL)
    assert register.snapshot_id == before


def leases_here(folder: Path) -> bool:
    """Whether the file system of a folder grants leases."""
    (folder / "probe").touch()
    descriptor = os.open(folder / "probe", os.O_RDONLY)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def test_a_file_being_written(write: Write, tmp_path: Path) -> None:
    """While somebody has just written and may write on, the register is unavailable."""
    register = write(HEADER + FULL)
    path = tmp_path / "register.csv"
    with path.open("ab") as writer:
        writer.write(FULL.encode()[:50] + b"\n")
        writer.flush()
        assert "being written" in refused(register)
        writer.truncate(len(HEADER + FULL))
        os.utime(path, (time.time() - 60,) * 2)
        assert register.look_up("23 02210") == ROW  # open in a spreadsheet, and still
    if leases_here(tmp_path):
        os.utime(path)
        assert register.look_up("23 02210") == ROW  # closed, and just written


def test_a_file_that_changes_while_it_is_read(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is replaced under the reader's hands is not believed."""
    register = write(HEADER + FULL)
    path, new = tmp_path / "register.csv", tmp_path / "new.csv"
    new.write_text(HEADER)
    true_fdopen = os.fdopen

    def replace_first(*arguments: object) -> object:
        if new.exists():
            new.rename(path)
        return true_fdopen(*arguments)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "fdopen", replace_first)
    assert "changed while" in refused(register)
    assert register.look_up("23 02210") is None


def test_columns_under_other_names(tmp_path: Path) -> None:
    """The configuration may say under which names the register keeps its columns."""
    header = HEADER.replace("job_no", "Job No").replace("study", "Trials")
    (tmp_path / "register.csv").write_text(header + FULL)
    options = Options("csv:register.csv", columns={"job_no": "job no", "study": "TRIALS"})
    assert open_register(options, tmp_path, JOBS).look_up("23 02210") == ROW
    absent = Options("csv:register.csv", columns={"job_no": "job no", "study": "Studies"})
    assert "Studies" in refused(open_register(absent, tmp_path, JOBS))


def test_row_bytes() -> None:
    """A row's bytes are one JSON text, equal for equal rows and different for different ones."""
    assert row_bytes(ROW) == (
        b'{"clinician":"Dr Smith","consent":["print","record"],"consent_date":"2026-01-02",'
        b'"expires":"2027-01-02","hc_no":"012 345 6789","job_no":"23 02210","kind":"x-ray",'
        b'"study":["ABC","DEF"],"withdrawn":"2026-12-01"}'
    )
    assert row_bytes(Row("1", withdrawn_unreadable=True)) != row_bytes(Row("1"))


def test_a_hundred_thousand_rows(write: Write) -> None:
    """A large register is read whole; what that costs is told by scripts/bench register."""
    tail = FULL.partition(",")[2]
    rows = (f"{year} {number:05},{tail}" for year in range(20, 24) for number in range(25_000))
    register = write(HEADER + "".join(rows))
    assert isinstance(register.look_up("20 00000"), Row)
    assert isinstance(register.look_up("23 24999"), Row)
    assert register.look_up("24 00000") is None


ORDERS = [
    "job_no,hc_no,consent,kind,clinician,consent_date,expires,withdrawn,study",
    "job_no,hc_no,consent,kind,clinician,consent_date,expires,withdrawn",
    "job_no,withdrawn,expires,hc_no,consent,clinician,consent_date,study,kind",
    "withdrawn,expires,hc_no,consent,kind,clinician,study,consent_date,job_no",
]
SAID = {
    "job_no": "23 02211",
    "hc_no": "943 476 5919",
    "consent": "record;teaching",
    "kind": "photograph",
    "clinician": "Dr Ng",
    "consent_date": "2026-01-02",
    "expires": "2027-01-02",
    "withdrawn": "2026-12-01",
    "study": "ABC;DEF-2",
}


@pytest.mark.parametrize("order", ORDERS)
def test_no_beginning_of_a_file_is_half_read(tmp_path: Path, order: str) -> None:
    """Cut after any byte, a register is refused, or says the whole of a row or nothing of it.

    A file without its last line break may end with an empty cell of studies: none is consented to.
    """
    columns = order.split(",")
    first = [{**SAID, "job_no": "23 02210"}[column] for column in columns]
    last = [SAID[column] for column in columns]
    data = "".join(",".join(row) + "\r\n" for row in (columns, first, last)).encode()
    whole: dict[str, Row | RowInvalid | None] = {}
    path = tmp_path / "register.csv"
    for cut in range(len(data), 0, -1):
        path.write_bytes(data[:cut])
        register = open_register(Options("csv:register.csv"), tmp_path, JOBS)
        for job in ("23 02210", "23 02211"):
            try:
                said = register.look_up(job)
            except Transient:
                continue
            row = whole.setdefault(job, said)
            assert isinstance(row, Row)
            assert said in (row, replace(row, studies=frozenset()), None), cut


def test_check_tells_every_fault_at_once(write: Write) -> None:
    """Each cell of each row that cannot be read is told, and none of their values."""
    bad = "23 02211,0123,records,mri,Dr X,tomorrow,2027-02-30,soon,\n"
    found = write(
        HEADER + FULL + bad + "job 7,,,,,,,,\n" + bad.replace("23 02211", "23 02212")
    ).check()
    per_row = ["hc_no", "consent", "kind", "consent_date", "expires"]
    told = [(finding.line, finding.message.split()[0]) for finding in found]
    assert told == [
        *((3, column) for column in per_row),
        (4, "job_no"),
        *((5, column) for column in per_row),
    ]
    assert not any(word in f.message for f in found for word in ("0123", "mri", "tomorrow"))


def test_a_row_that_cannot_be_read_is_told_with_its_line(write: Write) -> None:
    """What stands in a note says where in the file to look; the line is no part of the fault."""
    said = write(
        HEADER + FULL + "\n" + FULL.replace("23 02210", "23 02211").replace("x-ray", "mri")
    )
    row = said.look_up("23 02211")
    assert isinstance(row, RowInvalid)
    assert row.problem == "line 4 of the register: kind is not one of the kinds that are known"
    assert row.problems == ("kind is not one of the kinds that are known",)
