"""The life of the service: start, look again and again, reload, drain, stop."""

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from medrelease.config.load import load
from medrelease.config.settings import Settings
from medrelease.intake.filesystem import filesystem_type, gives_events
from medrelease.intake.hints import Hints
from medrelease.intake.stillness import Stillness
from medrelease.release import requests
from medrelease.release.desk import Desk
from medrelease.release.housekeeping import Housekeeping, Keeping
from medrelease.release.lanes import Lanes
from medrelease.release.recovery import make_up, pending
from medrelease.release.rounds import Round, Rounds
from medrelease.service import systemd
from medrelease.service.assemble import open_desk, reread
from medrelease.service.instance import only_one
from medrelease.service.logs import open_log, speak_for_python
from medrelease.service.signals import Signals
from medrelease.spool.lease import ignore_lease_signals
from medrelease.terms.faults import ConfigError, Transient, name_of, wait_of
from medrelease.terms.words import Event, Outcome, Wait

_IDLE = 5.0
"""Seconds between two looks while nothing hints at anything."""


@dataclass(slots=True)
class Service:
    """A running site. `waits` counts by cause what the last look found waiting."""

    settings: Settings
    desk: Desk
    signals: Signals
    lanes: Lanes
    rounds: Rounds
    hints: Hints
    housekeeping: Housekeeping
    waits: dict[Wait, int] = field(default_factory=dict)

    def start(self) -> None:
        """Record the start, settle what the last run left, tell systemd."""
        self.desk.trail.append(Event.SERVICE_STARTED, {})
        self._record_configuration()
        make_up(self.desk)
        self.rounds.resume(self.desk, pending(self.desk))
        systemd.ready()

    def run(self) -> int:
        """Look again and again until a signal ends it. Returns the exit code."""
        while not self.signals.stop and self.lanes.failed is None:
            if self.signals.take_reload():
                self._reload()
            done = self.look()
            self._sleep(done)
        return self.finish()

    def run_once(self) -> int:
        """Deal with what the first look saw, and end (DESIGN.md 5.4, `run --once`)."""
        done = self.look(only=frozenset())
        wanted = _places(done)
        site = self.settings.site
        # patience is for files that change: what is quiet since the first look is dealt with,
        # however many, by a look that begins when it has settled
        enough = time.monotonic() + max(site.patience, site.settle)
        while not self.signals.stop and self.lanes.failed is None:
            begun = time.monotonic()
            done = self.look(only=wanted)
            left = wanted & _places(done)
            working = self.lanes.running or done.taken or done.deferred
            if not working and (begun > enough or self._is_done(done, left)):
                break
            self._sleep(done)
        code = self.finish()
        return code or self._verdict(done, wanted & _places(done))

    def _is_done(self, done: Round, left: frozenset[tuple[str, bytes]]) -> bool:
        return not left and done.seen is not None and not self.lanes.busy

    def look(self, only: frozenset[tuple[str, bytes]] | None = None) -> Round:
        """One round, with everything that goes with it."""
        self.signals.wake.clear()
        self.hints.mind()
        done = self.rounds.go(self.desk, only)
        self._keep_house(done)
        self.waits = done.waits
        systemd.ping()
        systemd.status(_summary(done, self.lanes))
        return done

    def _keep_house(self, done: Round) -> None:
        try:
            requests.serve(self.desk, self.rounds, self.settings.site.state)
            self.housekeeping.go(self.desk, self.rounds, keeping(self.settings), done.waits)
        except Transient as fault:
            done.wait(fault.wait)
            self.desk.log.info("housekeeping waits", wait=fault.wait.value, cause=str(fault))
        except OSError as error:
            done.wait(wait_of(error))
            self.desk.log.warning("housekeeping waits", cause=name_of(error))

    def finish(self) -> int:
        """Drain: the journeys under way end, and the stop is recorded."""
        systemd.stopping()
        self.hints.close()
        self.lanes.close()
        if self.lanes.failed is not None:
            self.desk.log.critical("releases have stopped", cause=str(self.lanes.failed))
            return 1
        try:
            self.housekeeping.finish(self.desk, keeping(self.settings), self.waits)
        except Transient as fault:
            self.desk.log.warning("left for the next start", wait=fault.wait.value)
        except OSError as error:
            self.desk.log.warning("left for the next start", cause=name_of(error))
        self.desk.register.close()
        self.desk.trail.append(Event.SERVICE_STOPPED, {})
        return 0

    def _reload(self) -> None:
        systemd.reloading()
        try:
            settings = load(self.settings.file)
            old, self.desk = self.desk, reread(self.desk, settings)
            old.register.close()
        except ConfigError as error:
            keys = [key for key, _ in error.findings]
            self.desk.log.warning(
                "the new configuration is not usable: the old one stands", keys=keys
            )
        else:
            self.settings = settings
            self._record_configuration()
        systemd.ready()

    def _record_configuration(self) -> None:
        """Which policy holds from now on, and how many site keys there are."""
        fields = {
            "policy_sha256": self.desk.rules.policy_sha256,
            "actions": {"site-keys": len(self.desk.site_keys)},
        }
        self.desk.trail.append(Event.CONFIG_LOADED, fields)

    def _sleep(self, done: Round) -> None:
        settle = self.settings.site.settle
        idle = _IDLE if self.hints.watching else max(1.0, settle)
        pause = min(idle, max(0.02, settle / 4)) if done.waits or self.lanes.busy else idle
        interval = systemd.ping_interval()
        self.signals.wake.wait(min(pause, interval) if interval else pause)

    def _verdict(self, done: Round, left: frozenset[tuple[str, bytes]]) -> int:
        if left or self.lanes.busy:
            waits = {cause.value: count for cause, count in done.waits.items()}
            self.desk.log.warning("files still wait", files=len(left), waits=waits)
            return 1 if "register-unavailable" in waits else 3
        return 3 if self.lanes.counts[Outcome.HELD] else 0


def keeping(settings: Settings) -> Keeping:
    """How long the configuration has things kept."""
    site = settings.site
    return Keeping(site.name, site.patience, site.originals_days, site.released_days)


def _places(done: Round) -> frozenset[tuple[str, bytes]]:
    if done.seen is None:
        return frozenset()
    return frozenset((a.route, a.path) for a in done.seen.arrivals)


def _summary(done: Round, lanes: Lanes) -> str:
    waiting = sum(done.waits.values())
    released = lanes.counts[Outcome.RELEASED]
    return f"{released} released, {lanes.counts[Outcome.HELD]} held, {waiting} waiting"


def serve(file: Path, *, once: bool, log: Any = None) -> int:
    """Run the site of a configuration file in the foreground; returns the exit code.

    Without a `log` this process is the service, and speaks for the interpreter too. Raises
    ConfigError, TrailBroken, AnotherInstance or Transient where it cannot start.
    """
    settings = load(file)
    if log is None:
        log = open_log()
        speak_for_python(log)
    signals = Signals()
    signals.listen()
    ignore_lease_signals()
    with only_one(settings.site.state), ExitStack() as closing:
        desk = open_desk(settings, log, closing, early=not once)
        lanes = Lanes(2 * desk.workers.capacity(), signals.wake.set)
        stillness = Stillness(settings.site.settle, settings.site.patience, once=once)
        polling = not gives_events(filesystem_type(settings.site.share))
        hints = Hints([desk.share.outbox], signals.wake, polling=polling)
        house = Housekeeping(settings.site.state)
        service = Service(settings, desk, signals, lanes, Rounds(lanes, stillness), hints, house)
        service.start()
        return service.run_once() if once else service.run()
