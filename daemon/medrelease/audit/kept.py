"""Hold what the site keeps against the trail while it is read: originals, and what is held.

    what is found                           what it says
    an original with other bytes            a finding: only the service can enter its store
    an original of a release unknown here   a remark: the trail may be of another site, or cut
    an original, a held file that is gone   a remark
    a held file with other bytes            a remark: senders may replace what they dropped
    a held file that no line tells of       a remark

Memory goes by the number of files that stand there, never by the length of the trail.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from medrelease.audit.findings import Findings
from medrelease.terms.words import Event


class KeptFile(NamedTuple):
    """A file that the site keeps for a release.

    `sha256` reads it: None where it has gone, empty where it may not be read. `stored` is the
    digest that it was stored under, where the store says one.
    """

    release_id: str
    sha256: Callable[[], str | None]
    stored: str = ""


@dataclass(slots=True)
class _Known:
    file: KeptFile
    seq: int | None = None
    recorded: str | None = None
    counts: bool = True


class _Kept:
    """Files by their release ids, and the count of those that the trail says are there."""

    def __init__(self, files: Iterable[KeptFile]) -> None:
        self.present = {file.release_id: _Known(file) for file in files}
        self.expected = 0

    def known(self, record: dict[str, Any]) -> _Known | None:
        """The file of the record's release, if one stands; it is known from now on."""
        known = self.present.get(str(record.get("release_id")))
        if known is not None:
            known.seq = record["seq"]
        return known

    def remember(self, record: dict[str, Any]) -> None:
        """Keep the source's digest of a record, unless it is a keyed one of a study."""
        known = self.known(record)
        source = record.get("source")
        if known is not None and isinstance(source, dict) and record.get("study") is None:
            known.recorded = source.get("sha256") or known.recorded


class Originals(_Kept):
    """The store of originals; see the table above."""

    def see(self, record: dict[str, Any]) -> None:
        """Follow what the trail says of originals."""
        event = record.get("event")
        if event == Event.ORIGINAL_DISPOSED:
            actions = record.get("actions") or {}
            self.expected += ("stored" in actions) - ("destroyed" in actions)
            self.remember(record)
        elif event == Event.ORIGINAL_RESTORED:
            self.expected -= "returned" in (record.get("actions") or {})
        else:
            self.known(record)

    def finish(self, findings: Findings, remarks: Findings) -> None:
        """Read every original and compare it with its store and with the trail."""
        standing = sum(self._stands(known, findings, remarks) for known in self.present.values())
        if self.expected > standing:
            remarks.add("original-absent", f"{self.expected - standing} originals are not there")

    @staticmethod
    def _stands(known: _Known, findings: Findings, remarks: Findings) -> bool:
        found = known.file.sha256()
        if found is None:
            return False
        if known.seq is None:
            remarks.add("original-unknown", "an original is of a release that the trail lacks")
            return False
        others = {known.file.stored, known.recorded or "", found} - {""}
        if len(others) > 1:
            findings.add("original-altered", "an original is not what was stored", known.seq)
        return True


class Held(_Kept):
    """The files in held that a note of the program's lies beside; see the table above."""

    def see(self, record: dict[str, Any]) -> None:
        """Follow what the trail says of held files."""
        event = record.get("event")
        if event == Event.RELEASE_HELD:
            self.expected += 1
            self.remember(record)
        elif event == Event.HOLD_RESOLVED:
            self.expected -= 1
        elif event == Event.SECURITY_ALERT and (stray := self.known(record)) is not None:
            stray.counts = False  # it was put into held without ever having been dropped

    def finish(self, _findings: Findings, remarks: Findings) -> None:
        """Read every held file and compare it with what the trail says was held."""
        standing = 0
        for known in self.present.values():
            found = known.file.sha256()
            if found is None:
                continue
            standing += known.counts
            if known.seq is None:
                remarks.add("held-unknown", "a held file is of a release that the trail lacks")
            elif known.recorded and found and found != known.recorded:
                remarks.add("held-altered", "a held file is not what was held", known.seq)
        if self.expected > standing:
            remarks.add("held-absent", f"{self.expected - standing} held files are not there")
