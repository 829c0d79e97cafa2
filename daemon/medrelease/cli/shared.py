"""What the verbs share: `--config` before or after a verb, `--json`, and how things are shown."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from medrelease.config.light import Paths, find_file, site_paths

Command = TypeVar("Command", bound=Callable[..., Any])


def _remember(ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        ctx.find_root().meta["medrelease.config"] = value
    return value


config_option = click.option(
    "--config",
    "-c",
    metavar="FILE",
    type=click.Path(),
    expose_value=False,
    callback=_remember,
    is_eager=True,
    help="The configuration file (else $MEDRELEASE_CONFIG, else the one under /etc/medrelease).",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def config_file() -> Path:
    """The configuration file that this call is about."""
    chosen = click.get_current_context().find_root().meta.get("medrelease.config")
    return find_file(chosen, os.environ)


def paths() -> Paths:
    """The site's folders, without reading more of the configuration than that."""
    return site_paths(config_file())


def show(value: Any, as_json: bool, lines: Callable[[Any], list[str]]) -> None:
    """Print a value as JSON, or as the lines that a person reads."""
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False))
        return
    for line in lines(value):
        click.echo(line)


def require_words(reason: str) -> None:
    """A reason that stands in the record must say something. Raises UsageError."""
    if not reason.strip():
        raise click.BadParameter("it must not be empty", param_hint="--reason")
