"""`held list|show|retry|release|discard`: look at what could not go, and resolve it."""

from typing import Any, Literal

import click

from medrelease.cli.exits import Exit, leave
from medrelease.cli.shared import (
    config_file,
    config_option,
    json_option,
    paths,
    require_words,
    show,
)

Verb = Literal["retry", "release", "discard"]


@click.group()
@config_option
def held() -> None:
    """List, show, retry, release or discard what is held."""


@held.command("list")
@config_option
@json_option
def list_held(as_json: bool) -> None:
    """List every held file by its release id."""
    from medrelease.ledger import reader

    show(reader.held_list(paths().state / "ledger.sqlite"), as_json, _list_lines)


def _list_lines(entries: list[dict[str, Any]]) -> list[str]:
    return [
        f"{e['release_id']}  {e['since'][:19]}Z  {e['route']:<12} {e['reason']}" for e in entries
    ]


@held.command("show")
@config_option
@json_option
@click.argument("release_id")
def show_held(release_id: str, as_json: bool) -> None:
    """Say why a file is held, and what to do."""
    from medrelease.ledger import reader
    from medrelease.notices.reasons import EXPLANATIONS
    from medrelease.terms.words import Reason

    listed = reader.held_list(paths().state / "ledger.sqlite")
    found = [e for e in listed if e["release_id"] == release_id]
    if not found:
        _unknown()
        return
    entry = EXPLANATIONS[Reason(found[0]["reason"])]
    told = found[0] | {"title": entry.title, "cause": entry.cause, "remedy": list(entry.remedy)}
    show(told, as_json, _show_lines)


def _show_lines(told: dict[str, Any]) -> list[str]:
    head = [
        f"{key}: {told[key]}"
        for key in ("release_id", "route", "reason", "since", "title", "cause")
    ]
    return head + [f"  {number}. {step}" for number, step in enumerate(told["remedy"], 1)]


@held.command()
@config_option
@click.argument("release_id")
def retry(release_id: str) -> None:
    """Try a held file again."""
    _request("retry", release_id, None)


@held.command()
@config_option
@click.argument("release_id")
@click.option("--reason", required=True, help="Why it may go; stands in the record.")
def release(release_id: str, reason: str) -> None:
    """Approve a held file as a second person."""
    require_words(reason)
    _request("release", release_id, reason)


@held.command()
@config_option
@click.argument("release_id")
@click.option("--reason", required=True, help="Why it is not wanted; stands in the record.")
def discard(release_id: str, reason: str) -> None:
    """Take a held file out of held; its original is kept for the usual time."""
    require_words(reason)
    _request("discard", release_id, reason)


def _request(verb: Verb, release_id: str, reason: str | None) -> None:
    """Leave the request to the running service, or carry it out where none runs."""
    from medrelease.ledger import reader
    from medrelease.service.asking import ask

    listed = reader.held_list(paths().state / "ledger.sqlite")
    if not any(e["release_id"] == release_id for e in listed):
        _unknown()
        return
    answer = ask(config_file(), verb, release_id, reason)
    click.echo(answer.text)
    if not answer.done:
        leave(Exit.FAILURE)


def _unknown() -> None:
    click.echo("medrelease: nothing is held under that release id", err=True)
    leave(Exit.FAILURE)
