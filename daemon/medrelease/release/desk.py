"""The desk: everything that one release needs at hand, gathered once by the service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol

from medrelease.audit.trail import Trail
from medrelease.identifiers import keyed
from medrelease.identifiers.coded_name import Template
from medrelease.identifiers.job_number import JobFormat
from medrelease.intake.share import Share
from medrelease.ledger.held_places import HeldPlaces
from medrelease.ledger.linkage import Linkage
from medrelease.ledger.store import Ledger
from medrelease.register import Register
from medrelease.spool.claims import Claims
from medrelease.spool.layout import Layout
from medrelease.terms.route import Route
from medrelease.workers.protocol import Workers

Check = Literal["check-digit", "hc-range", "off"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the configuration says about a release; replaced whole when it is read again.

    `look_seconds` is how long the pixels of one file may be looked at.
    """

    routes: Mapping[str, Route]
    templates: Mapping[str, Template]
    job_format: JobFormat
    check: Check
    contact: str
    policy_title: str
    policy_sha256: str
    look_seconds: float = 300.0


class Counsel(Protocol):
    """What it takes to decide about a file: `explain` has no more than this."""

    @property
    def rules(self) -> Rules:
        """What the configuration says."""

    @property
    def register(self) -> Register:
        """The job register."""

    def today(self) -> date:
        """The site's local day."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The collaborators of one running service.

    `site_keys` are 32 secret bytes each, the newest last.
    """

    rules: Rules
    site_keys: tuple[bytes, ...]
    register: Register
    share: Share
    layout: Layout
    claims: Claims
    workers: Workers
    trail: Trail
    ledger: Ledger
    held_places: HeldPlaces
    linkage: Linkage
    log: Any
    clock: Callable[[], datetime]

    @property
    def site_key(self) -> bytes:
        """The key under which new codes are made."""
        return self.site_keys[-1]

    def subject_key(self, route: Route, subject: str) -> bytes:
        """The key of a subject's code, UIDs and dates on a route; one a study on research routes.

        Who has a code under an older site key keeps it, so that in a study one patient stays
        one subject whenever the keys were changed.
        """
        for site_key in self.site_keys[:-1]:
            key = keyed.route_key(site_key, route.key_label)
            if self.linkage.find(keyed.subject_code(key, subject)) is not None:
                return key
        return keyed.route_key(self.site_key, route.key_label)

    def route_keys(self, route: Route) -> tuple[bytes, ...]:
        """Every key that codes of a route may have been made with."""
        return tuple(keyed.route_key(key, route.key_label) for key in self.site_keys)

    def trail_key(self, route: Route) -> bytes:
        """The key of the hashes that stand in the trail: per study, so that nothing links."""
        return self.trail_keys(route)[-1]

    def trail_keys(self, route: Route) -> tuple[bytes, ...]:
        """Every key that hashes of a route in the trail may have been made with."""
        if route.study is not None:
            return self.route_keys(route)
        return tuple(keyed.route_key(key, "trail") for key in self.site_keys)

    def today(self) -> date:
        """The site's local day, in which consent is reckoned (DESIGN.md section 2, rule 4)."""
        return self.clock().astimezone().date()
