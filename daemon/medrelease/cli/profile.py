"""`profile describe`: every attribute and structure, and what becomes of it."""

from dataclasses import asdict
from typing import Any

import click

from medrelease.cli.shared import config_option, json_option, show


@click.group()
@config_option
def profile() -> None:
    """Describe what is kept, replaced and removed."""


@profile.command()
@config_option
@json_option
def describe(as_json: bool) -> None:
    """Print every attribute and structure with what is done to it."""
    from medrelease.sanitise.dicom import describe as describe_profile

    show([asdict(row) for row in describe_profile()], as_json, _lines)


def _lines(rows: list[dict[str, Any]]) -> list[str]:
    return ["  ".join(str(value) for value in row.values() if value) for row in rows]
