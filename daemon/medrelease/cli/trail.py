"""`audit tail|verify|find|export`: read the trail, prove it, search it."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import click

from medrelease.cli.exits import Exit, leave
from medrelease.cli.shared import config_file, config_option, json_option, paths, show


@click.group()
@config_option
def audit() -> None:
    """Read, verify and search the audit trail."""


@audit.command()
@config_option
@json_option
@click.option("-n", "count", default=10, show_default=True, help="How many records.")
@click.option("-f", "follow", is_flag=True, help="Go on as records are added.")
def tail(as_json: bool, count: int, follow: bool) -> None:
    """Print the last records, one JSON object a line."""
    from medrelease.audit import reading

    directory = paths().audit
    last = 0
    for record in reading.tail(directory, count):
        click.echo(_line(record, as_json))
        last = record["seq"]
    if follow:
        for record in reading.follow(directory, last):
            click.echo(_line(record, as_json))


def _line(record: dict[str, Any], as_json: bool) -> str:
    if as_json:
        return json.dumps(record)
    told = ("route", "release_id", "outcome", "reason", "coded_name")
    parts = [str(record[key]) for key in told if record[key] is not None]
    return f"{record['seq']:>6}  {record['ts'][:19]}Z  {record['event']:<18} {'  '.join(parts)}"


@audit.command()
@config_option
@json_option
@click.option(
    "--note",
    "notes",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A signed note kept elsewhere; may be given more than once.",
)
@click.option(
    "--key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The public key of the notes, kept elsewhere.",
)
def verify(as_json: bool, notes: tuple[Path, ...], key: Path | None) -> None:
    """Check chain, signed notes, released and kept files; exit 12 where anything was changed."""
    from medrelease.release.reconciling import Elsewhere, verify_site

    site = paths()
    verdict = verify_site(site.share, site.state, site.audit, Elsewhere(notes, key), _progress)
    if verdict is None:
        shown: dict[str, Any] = {"verdict": "empty", "records": 0, "head": None}
    else:
        shown = asdict(verdict)
    show(shown, as_json, _verdict_lines)
    if shown["verdict"] == "broken":
        leave(Exit.TRAIL_BROKEN)


def _progress(records: int) -> None:
    click.echo(f"{records} records read", err=True)


def _verdict_lines(shown: dict[str, Any]) -> list[str]:
    lines = [f"{shown['verdict']}: {shown['records']} records, head {shown['head']}"]
    lines += [f"  broken: {_finding(found)}" for found in shown.get("findings", ())]
    return lines + [f"  remark: {_finding(found)}" for found in shown.get("remarks", ())]


def _finding(found: dict[str, Any]) -> str:
    where = f" (line {found['seq']})" if found["seq"] else ""
    return f"{found['code']}: {found['text']}{where}"


@audit.command()
@config_option
@json_option
@click.option("--job", help="A job number.")
@click.option("--name", help="A coded name.")
@click.option("--subject", metavar="CODE", help="A subject code.")
@click.option("--hc", type=click.Choice(["-"]), help="An H&C number, read from standard input.")
def find(
    as_json: bool, job: str | None, name: str | None, subject: str | None, hc: str | None
) -> None:
    """Find the records of a job, a coded name, a subject or a patient."""
    from medrelease.identifiers import hc_number
    from medrelease.service.finding import find_records

    if sum(x is not None for x in (job, name, subject, hc)) != 1:
        raise click.UsageError("give exactly one of --job, --name, --subject, --hc")
    number = hc_number.parse(sys.stdin.readline().strip()) if hc else None
    if hc and number is None:
        raise click.UsageError("standard input holds no H&C number")
    found = find_records(config_file(), job=job, name=name, subject=subject, hc=number)
    if as_json:
        click.echo(json.dumps(found))
    else:
        for record in found:
            click.echo(_line(record, as_json=False))


@audit.command()
@config_option
@click.option("--format", "form", type=click.Choice(["csv", "fhir"]), required=True)
@click.option("--with-names", is_flag=True, help="Names that carry an H&C number as they are.")
def export(form: Literal["csv", "fhir"], with_names: bool) -> None:
    """Write every record as CSV, or every release as a FHIR AuditEvent, to standard output."""
    from medrelease.service.exporting import export_trail

    # csv and json both write their own line ends
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    export_trail(config_file(), form, sys.stdout, with_names=with_names)
