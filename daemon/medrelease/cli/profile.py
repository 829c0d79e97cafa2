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
    from medrelease.sanitise.dicom import describe as describe_dicom
    from medrelease.sanitise.structures import structures

    told = {
        "photographs": [asdict(row) for row in structures()],
        "dicom": [asdict(row) for row in describe_dicom()],
    }
    show(told, as_json, _lines)


def _lines(told: dict[str, list[dict[str, Any]]]) -> list[str]:
    lines = [f"{row['format']:<5} {row['structure']}: {row['done']}" for row in told["photographs"]]
    for row in told["dicom"]:
        options = "".join(f"; {name}: {done}" for name, done in row["options"].items())
        lines.append(f"dicom {row['tag']} {row['keyword']}: {row['default']}{options}")
    return lines
