"""A record becomes a line: one JSON object in plain ASCII, chained to the line before.

The chain is SHA-256 over the previous raw line without its newline, across segments; the first
line carries 64 zeros. `jq` and `sha256sum` can follow it (DESIGN.md 5.5).
"""

import platform
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

import medrelease
from medrelease.audit.line import LONGEST, Head, digest, timestamp
from medrelease.audit.record import complete
from medrelease.terms.faults import Defect
from medrelease.terms.words import Event


@dataclass(frozen=True, slots=True)
class Line:
    """One rendered record. `raw` is ASCII without the newline; `head` is the chain with it."""

    raw: bytes
    record: dict[str, Any]
    head: Head


class Renderer:
    """The structlog pipeline of the trail: complete, chain, render."""

    def __init__(self) -> None:
        self._host = platform.node()
        self._software = f"medrelease {medrelease.__version__}"
        self._log = structlog.wrap_logger(
            structlog.ReturnLogger(),
            wrapper_class=structlog.make_filtering_bound_logger(0),
            processors=[
                self._complete,
                self._chain,
                structlog.processors.JSONRenderer(
                    separators=(",", ":"), allow_nan=False, default=_refuse
                ),
            ],
        )

    def render(self, event: Event, fields: Mapping[str, Any], after: Head, now: datetime) -> Line:
        """The line that follows `after`. Raises Defect where the fields make no record."""
        link: dict[str, Any] = {"after": after, "now": now}
        try:
            raw = self._log.info(event, fields=fields, link=link).encode("ascii")
        except (TypeError, ValueError):
            raise Defect(f"an audit record of {event} has a value that is no JSON") from None
        if len(raw) >= LONGEST:
            raise Defect(f"an audit record of {event} is too long for a line")
        return Line(raw, link["record"], Head(after.seq + 1, digest(raw)))

    @staticmethod
    def _complete(_log: Any, _method: str, said: MutableMapping[str, Any]) -> dict[str, Any]:
        record = complete(said["event"], said["fields"])
        link = said["link"]
        link["record"] = record
        return {"record": record, "after": link["after"], "now": link["now"]}

    def _chain(self, _log: Any, _method: str, said: MutableMapping[str, Any]) -> dict[str, Any]:
        record: dict[str, Any] = said["record"]
        after: Head = said["after"]
        record["seq"], record["prev"] = after.seq + 1, after.sha256
        record["ts"] = timestamp(said["now"])
        record["process"] = record["process"] or "medrelease"
        record["software"], record["host"] = self._software, self._host
        return record


def _refuse(value: object) -> object:
    # structlog would write the repr of anything: the trail takes JSON or nothing
    raise TypeError(f"no JSON for {type(value).__name__}")
