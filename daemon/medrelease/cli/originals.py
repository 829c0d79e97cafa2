"""`originals list|restore`: what is kept after a release, and how to have it back."""

from pathlib import Path
from typing import Any

import click

from medrelease.cli.exits import Exit, leave
from medrelease.cli.shared import config_file, config_option, json_option, paths, show


@click.group()
@config_option
def originals() -> None:
    """List or restore the originals that are kept."""


@originals.command("list")
@config_option
@json_option
def list_originals(as_json: bool) -> None:
    """List the originals by release id, with the time since when they are kept."""
    from medrelease.spool.layout import Layout
    from medrelease.spool.originals import list_originals as kept

    entries = [
        {"release_id": o.release_id, "route": o.route, "since": o.disposed.isoformat()}
        for o in kept(Layout(paths().share))
    ]
    show(entries, as_json, _lines)


def _lines(entries: list[dict[str, Any]]) -> list[str]:
    return [f"{e['release_id']}  {e['since'][:19]}  {e['route']}" for e in entries]


@originals.command()
@config_option
@click.argument("release_id")
@click.option("--to", type=click.Path(path_type=Path), help="A new file outside the site.")
@click.option("--reason", default="", help="Why; stands in the record.")
def restore(release_id: str, to: Path | None, reason: str) -> None:
    """Put an original back where it was dropped, or copy it to a new file; this is recorded."""
    from medrelease.service.asking import restore_original

    refusal = restore_original(config_file(), release_id, to, reason)
    if refusal is not None:
        click.echo(f"medrelease: {refusal}", err=True)
        leave(Exit.FAILURE)
