"""Hold the released folder against the trail while it is read.

Every file that stands there must be one that the trail says was published, byte for byte. What
the trail says was published and is not there was sent and taken away: a remark.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from medrelease.audit.findings import Findings
from medrelease.terms.words import Event


class ReleasedFile(NamedTuple):
    """What stands in `released/<route>/`; `sha256` reads it, and raises OSError where it is gone.

    It is empty for what is no regular file.
    """

    route: str
    name: str
    sha256: Callable[[], str]


@dataclass(slots=True)
class _Known:
    file: ReleasedFile
    event: str | None = None
    sha256: str | None = None
    seq: int | None = None


_TELLING = frozenset({Event.RELEASE_INTENDED, Event.RELEASE_PUBLISHED, Event.RELEASE_REMOVED})


class Reconciliation:
    """The files that stood in released before the trail was read: memory goes by their number."""

    def __init__(self, released: Iterable[ReleasedFile]) -> None:
        self._present = {(file.route, file.name): _Known(file) for file in released}
        self._published = 0

    def see(self, record: dict[str, Any]) -> None:
        """Remember what the trail says of the files that stand there."""
        event = record.get("event")
        if event not in _TELLING:
            return
        self._published += (event == Event.RELEASE_PUBLISHED) - (event == Event.RELEASE_REMOVED)
        known = self._present.get((str(record.get("route")), str(record.get("coded_name"))))
        if known is None:
            return
        known.event, known.seq = event, record["seq"]
        result = record.get("result")
        if isinstance(result, dict) and result.get("sha256"):
            known.sha256 = result["sha256"]

    def finish(self, findings: Findings, remarks: Findings) -> None:
        """Read every file that stands there and compare it with the trail's last word on it."""
        standing = sum(self._settle(known, findings, remarks) for known in self._present.values())
        if self._published > standing:
            remarks.add("absent", f"{self._published - standing} released files are not there")

    def _settle(self, known: _Known, findings: Findings, remarks: Findings) -> bool:
        """Judge one file; True where it is a published one that stands as it was published."""
        if known.event is None:
            findings.add("released-unknown", "a file in released is unknown to the trail")
            return False
        try:
            sha256 = known.file.sha256()
        except FileNotFoundError:
            return False
        except OSError:
            findings.add("released-unreadable", "a file in released cannot be read", known.seq)
            return False
        if sha256 != known.sha256:
            findings.add("released-altered", "a file in released was altered", known.seq)
        elif known.event == Event.RELEASE_INTENDED:
            remarks.add("unfinished", "a release was intended and not yet finished", known.seq)
        elif known.event == Event.RELEASE_REMOVED:
            remarks.add("not-removed", "a file recorded as removed still stands", known.seq)
        else:
            return True
        return False
