"""Exit codes (DESIGN.md 5.4), and the one place that turns an exception into one of them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import click

from medrelease.terms.faults import ConfigError, MedreleaseError, TrailBroken


class Exit(IntEnum):
    """What the command's exit status means."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    HELD = 3
    ANOTHER_INSTANCE = 11
    TRAIL_BROKEN = 12
    CONFIGURATION = 78


def leave(code: int) -> None:
    """End the command with this exit status."""
    sys.exit(int(code))


@contextmanager
def exit_codes() -> Iterator[None]:
    """End the command in plain words and with the right status where a fault comes up."""
    try:
        yield
    except ConfigError as error:
        for key, text in error.findings:
            click.echo(
                f"configuration: {key}: {text}" if key else f"configuration: {text}", err=True
            )
        leave(Exit.CONFIGURATION)
    except TrailBroken as error:
        click.echo(f"the audit trail is broken: {error}", err=True)
        leave(Exit.TRAIL_BROKEN)
    except MedreleaseError as error:
        click.echo(f"medrelease: {error}", err=True)
        leave(Exit.FAILURE)
    except OSError as error:
        # without the file's name, which may be a patient's
        click.echo(f"medrelease: {error.strerror or 'the disk failed'}", err=True)
        leave(Exit.FAILURE)
