"""Put a desk together from the configuration: the one place where all rooms meet."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from medrelease.audit import reading
from medrelease.audit.notes import load_or_create_signer
from medrelease.audit.trail import Options as TrailOptions
from medrelease.audit.trail import Trail
from medrelease.config.keys import site_keys
from medrelease.config.settings import Settings
from medrelease.identifiers.coded_name import Template
from medrelease.identifiers.job_number import JobFormat
from medrelease.intake.share import Share
from medrelease.ledger.held_places import HeldPlaces
from medrelease.ledger.linkage import Linkage
from medrelease.ledger.store import Ledger
from medrelease.register import Options as RegisterOptions
from medrelease.register import open_register
from medrelease.release import operations
from medrelease.release.desk import Desk, Rules
from medrelease.release.reconciling import PRIVATE_KEY
from medrelease.service.journal_sink import JournalSink
from medrelease.spool.claims import Claims
from medrelease.spool.layout import Layout
from medrelease.workers.local import LocalPool

LINKAGE = "linkage.sqlite"
"""Where the linkage lies in the state folder."""


def now() -> datetime:
    """The clock of the service: UTC, aware."""
    return datetime.now(UTC)


def rules(settings: Settings) -> Rules:
    """What the configuration says about a release, in the form the release room takes."""
    return Rules(
        routes={route.name: route for route in settings.routes},
        templates={route.name: Template(route.filename) for route in settings.routes},
        job_format=JobFormat(settings.numbers.job),
        check=settings.numbers.check,
        contact=settings.site.contact,
        policy_title=settings.site.policy,
        policy_sha256=settings.policy_sha256,
        look_seconds=look_seconds(settings.workers.timeout),
    )


def look_seconds(timeout: float) -> float:
    """How long the pixels of one file may be looked at: it ends itself before it is ended."""
    return 0.9 * operations.SLOW["examine"] * timeout


def register_of(settings: Settings, chosen: Rules) -> Any:
    """The job register that the configuration names."""
    options = RegisterOptions(
        url=settings.register.url,
        table=settings.register.table,
        query=settings.register.query,
        columns=dict(settings.register.columns),
    )
    return open_register(
        options, base_dir=settings.file.parent, job_format=chosen.job_format, check=chosen.check
    )


def pool(settings: Settings, layout: Layout, *, early: bool) -> LocalPool:
    """The worker pool: as many cleaners and as many provers as there are cores."""
    return LocalPool(
        root=layout.private,
        operations=operations.__name__,
        roles=operations.ROLES,
        forked=operations.FORKED,
        slow=operations.SLOW,
        early=frozenset({"look"}) if early else frozenset(),
        processes=settings.workers.processes or os.cpu_count() or 1,
        memory_bytes=settings.workers.memory,
        timeout=settings.workers.timeout,
    )


def open_desk(settings: Settings, log: Any, closing: ExitStack, *, early: bool = False) -> Desk:
    """Open everything a running service needs; `closing` closes it in the right order.

    With `early` the models are loaded before the first file comes, where a route needs them.

    Raises ConfigError, TrailBroken or Transient where a part cannot be opened.
    """
    chosen = rules(settings)
    layout = Layout(settings.site.share)
    share = Share.pin(settings.site.share)
    layout.make(frozenset(chosen.routes))
    ledger = open_ledger(settings, closing)
    trail = open_trail(settings, ledger, closing)
    workers = pool(settings, layout, early=early and any(r.examines for r in settings.routes))
    closing.callback(workers.close)
    claims = Claims(layout)
    closing.callback(claims.close_all)
    linkage = Linkage(settings.site.state / LINKAGE)
    closing.callback(linkage.close)
    held_places = HeldPlaces(settings.site.state / "held.sqlite")
    closing.callback(held_places.close)
    return Desk(
        rules=chosen,
        site_keys=site_keys(settings.site.state, os.environ),
        register=register_of(settings, chosen),
        share=share,
        layout=layout,
        claims=claims,
        workers=workers,
        trail=trail,
        ledger=ledger,
        held_places=held_places,
        linkage=linkage,
        log=log,
        clock=now,
    )


def open_ledger(settings: Settings, closing: ExitStack) -> Ledger:
    """The index of the trail; codes of research routes are read by the routes' own templates."""
    templates = {route.name: Template(route.filename) for route in settings.routes}

    def subject_of(route: str, coded_name: str) -> tuple[str, int] | None:
        parts = templates[route].parse(coded_name) if route in templates else None
        if parts is None or parts["subject"] is None:
            return None
        return parts["subject"], parts["image"]

    ledger = Ledger(settings.site.state / "ledger.sqlite", subject_of)
    closing.callback(ledger.close)
    return ledger


def open_trail(settings: Settings, ledger: Ledger, closing: ExitStack) -> Trail:
    """Open the trail for writing, with the ledger brought up to it and fed by it."""
    audit = settings.site.audit
    sinks: list[Callable[[Any], None]] = [ledger.apply]
    note_sinks: list[Callable[[str], None]] = []
    if settings.audit.journal:
        journal = JournalSink()
        closing.callback(journal.close)
        sinks.append(journal)
        note_sinks.append(journal.note)
    trail = Trail(
        audit,
        clock=now,
        signer=load_or_create_signer(settings.site.state / PRIVATE_KEY),
        options=TrailOptions(
            checkpoint_lines=settings.audit.checkpoint_lines,
            checkpoint_seconds=settings.audit.checkpoint_seconds,
            notes_dir=settings.audit.notes_dir,
            origin=settings.site.name,
        ),
        sinks=sinks,
        note_sinks=note_sinks,
        recovered=lambda: ledger.roll_forward(reading.records(audit, after=ledger.head()[0])),
    )
    closing.callback(trail.close)
    return trail


def reread(desk: Desk, settings: Settings) -> Desk:
    """The same desk under a configuration that was read again (SIGHUP)."""
    chosen = rules(settings)
    desk.layout.make(frozenset(chosen.routes))
    return replace(
        desk,
        rules=chosen,
        register=register_of(settings, chosen),
        site_keys=site_keys(settings.site.state, os.environ),
    )
