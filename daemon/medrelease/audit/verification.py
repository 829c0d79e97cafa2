"""Is the trail intact? One pass over it, in bounded memory.

    attack                              what shows it
    edit, delete, reorder, duplicate    the chain: seq and prev
    cut tail                            a note, or the ledger's head, is ahead of the trail
    rewrite without the key             the notes name other hashes, or are gone
    rollback of trail and notes         the ledger's head, or a note kept elsewhere
    rollback of these and the ledger    a note kept elsewhere, and nothing else
    another key put in its place        the key that the state folder or a person keeps
    a file put into released            no line published it
    an original exchanged               the digest in its store and in the trail

A torn last line is what a crash leaves; opening the trail repairs it, so it is a remark.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from medrelease.audit import checkpoint, kept
from medrelease.audit.checkpoint import SignedNote
from medrelease.audit.findings import Finding, Findings, Verdict
from medrelease.audit.kept import KeptFile
from medrelease.audit.line import START, Head, digest
from medrelease.audit.note_check import NoteCheck
from medrelease.audit.notes import PublicKey
from medrelease.audit.reading import RawLine, lines
from medrelease.audit.reconciliation import Reconciliation, ReleasedFile
from medrelease.audit.record import KEYS, VERSION
from medrelease.audit.segment import TODAY

__all__ = ["Finding", "KeptFile", "ReleasedFile", "Verdict", "verify_trail"]

_STEP = 100_000


class Witness(Protocol):
    """What stands in a folder, held against the trail while it is read."""

    def see(self, record: dict[str, Any], /) -> None:
        """Follow one record."""

    def finish(self, findings: Findings, remarks: Findings, /) -> None:
        """Judge what stands there."""


@dataclass(slots=True)
class _Chain:
    """The chain as read so far; after a break it goes on from the line that stands there."""

    findings: Findings
    head: Head = START
    records: int = 0
    moment: str = ""
    clock_set_back: int = 0
    unread: list[RawLine] = field(default_factory=list)

    def see(self, line: RawLine) -> str | None:
        """Check one line; its SHA-256, or None where it is no record."""
        if self.unread:
            self.findings.add("not-a-record", "a line is no record", self.head.seq + 1)
            self.unread.clear()
        record = line.record
        if record is None or not line.whole:
            self.unread.append(line)
            return None
        if tuple(record) != KEYS or record["v"] != VERSION:
            self.findings.add("wrong-keys", "a line has other keys than a record", record["seq"])
        if record["seq"] != self.head.seq + 1:
            self.findings.add("sequence", "a line is missing, doubled or moved", record["seq"])
        if record["prev"] != self.head.sha256:
            self.findings.add("chain", "the line before was changed or taken away", record["seq"])
        moment = str(record.get("ts"))
        self.clock_set_back += moment < self.moment
        self.moment = moment
        self.head = Head(record["seq"], digest(line.raw))
        self.records += 1
        return self.head.sha256

    def finish(self, remarks: Findings) -> None:
        """Judge what stands behind the last record."""
        if self.unread and self.unread[0].segment.name != TODAY:
            self.findings.add("not-a-record", "an earlier day ends in a torn line", self.head.seq)
        elif self.unread:
            remarks.add("torn", "the last line is torn; the next start repairs it", self.head.seq)
        if self.clock_set_back:
            remarks.add("clock", f"the clock was set back {self.clock_set_back} times")


def verify_trail(
    directory: Path,
    public_key: PublicKey | None,
    *,
    notes: Iterable[SignedNote] = (),
    ledger_head: tuple[int, str] | None = None,
    released: Iterable[ReleasedFile] = (),
    originals: Iterable[KeptFile] | None = None,
    held: Iterable[KeptFile] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Verdict:
    """Verify the trail in a folder, its notes, and what stands in the folders of the site.

    `notes` are some from elsewhere; `ledger_head` is (seq, SHA-256) of the ledger's last line;
    `originals` and `held` are None where nobody could look at them. All of these must have been
    looked at before the trail is: a service that runs meanwhile only adds to it. `progress` is
    called with the count of lines now and then. Raises OSError where the folder is unreadable.
    """
    findings, remarks = Findings(), Findings()
    note_check = NoteCheck(directory / checkpoint.FOLDER, public_key, notes)
    witnesses = _witnesses(released, originals, held)
    chain = _Chain(findings)
    for line in lines(directory):
        if b"\0" in line.raw and line.segment.name == TODAY:
            chain.unread.append(line)
            break
        sha256 = chain.see(line)
        if sha256 is None or line.record is None:
            continue
        note_check.see(line.record, sha256, findings)
        for witness in witnesses:
            witness.see(line.record)
        if ledger_head is not None and ledger_head[0] == line.record["seq"]:
            _compare_ledger(ledger_head, sha256, findings)
        if progress is not None and chain.records % _STEP == 0:
            progress(chain.records)
    chain.finish(remarks)
    if ledger_head is not None and ledger_head[0] > chain.head.seq:
        findings.add("ledger-ahead", "the ledger knows lines that the trail lacks", ledger_head[0])
    unsigned = note_check.finish(findings, remarks)
    for witness in witnesses:
        witness.finish(findings, remarks)
    return _verdict(chain, unsigned, findings, remarks)


def _verdict(chain: _Chain, unsigned: int, findings: Findings, remarks: Findings) -> Verdict:
    return Verdict(
        "broken" if findings.count else "intact",
        chain.records,
        chain.head.sha256,
        unsigned,
        tuple(findings.kept),
        findings.count,
        tuple(remarks.kept),
    )


def _witnesses(
    released: Iterable[ReleasedFile],
    originals: Iterable[KeptFile] | None,
    held: Iterable[KeptFile] | None,
) -> list[Witness]:
    witnesses: list[Witness] = [Reconciliation(released)]
    if originals is not None:
        witnesses.append(kept.Originals(originals))
    if held is not None:
        witnesses.append(kept.Held(held))
    return witnesses


def _compare_ledger(head: tuple[int, str], sha256: str, findings: Findings) -> None:
    if head[1] != sha256:
        findings.add("ledger-mismatch", "the ledger knows another line than stands here", head[0])
