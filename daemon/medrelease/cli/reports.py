"""`status`: what waits, what is held, what went today, when the service last looked."""

from typing import Any

import click

from medrelease.cli.shared import config_option, json_option, paths, show


@click.command()
@config_option
@json_option
def status(as_json: bool) -> None:
    """Say what waits, what is held and what went today."""
    from medrelease.release.status import report

    site = paths()
    show(report(site.share, site.state, site.audit), as_json, _lines)


def _lines(found: dict[str, Any]) -> list[str]:
    waits = [f"  {count} by {cause}" for cause, count in sorted(found.get("waits", {}).items())]
    return [
        f"waiting         {found['waiting']}",
        *waits,
        f"held            {found['held']}",
        f"released today  {found['released_today']}",
        f"last look       {found['last_scan'] or 'never'}",
        f"trail           {found['trail']}",
    ]
