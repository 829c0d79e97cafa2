"""The one place that speaks to systemd; where systemd does not run every call is a no-op."""

import os
from collections.abc import Mapping

from systemd import daemon, journal


def ready() -> None:
    """Tell that the service works (READY=1)."""
    daemon.notify("READY=1")


def status(text: str) -> None:
    """One line for `systemctl status`."""
    daemon.notify(f"STATUS={text}")


def reloading() -> None:
    """Tell that the configuration is being read again."""
    daemon.notify("RELOADING=1")


def stopping() -> None:
    """Tell that the service drains and ends."""
    daemon.notify("STOPPING=1")


def ping() -> None:
    """Reset the watchdog."""
    daemon.notify("WATCHDOG=1")


def ping_interval() -> float | None:
    """Seconds between two pings that keep the watchdog content; None where there is none."""
    usec = os.environ.get("WATCHDOG_USEC", "")
    return int(usec) / 2_000_000 if usec.isdigit() and int(usec) else None


def journal_entry(message: str, fields: Mapping[str, str]) -> None:
    """Send one record to the journal, where there is one; the trail is durable before."""
    if os.path.exists("/run/systemd/journal/socket"):
        journal.send(message, SYSLOG_IDENTIFIER="medrelease", **fields)
