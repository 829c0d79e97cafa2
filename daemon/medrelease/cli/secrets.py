"""`linkage find` and `key new`: the one way back from a code, and the keys behind all codes."""

from dataclasses import asdict

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


@click.group()
@config_option
def linkage() -> None:
    """Find the patient behind a code; itself recorded."""


@linkage.command("find")
@config_option
@json_option
@click.argument("code")
@click.option("--reason", required=True, help="Why it must be known; stands in the record.")
def find_linkage(code: str, reason: str, as_json: bool) -> None:
    """Print whose subject code CODE is. The look is recorded before it happens."""
    from medrelease.identifiers.keyed import parse_subject_code
    from medrelease.service.asking import find_linkage as find

    require_words(reason)
    canonical = parse_subject_code(code)
    if canonical is None:
        raise click.UsageError("CODE is no subject code: its check character does not fit")
    found = find(config_file(), canonical, reason)
    if found is None:
        click.echo("medrelease: no subject is known under that code", err=True)
        leave(Exit.FAILURE)
        return
    show(asdict(found), as_json, lambda told: [f"{key}: {value}" for key, value in told.items()])


@click.group()
@config_option
def key() -> None:
    """Make keys."""


@key.command()
@config_option
def new() -> None:
    """Make the site key, or a newer one behind those that are there.

    No older key is dropped: old codes keep their way back, and who has one keeps it.
    """
    from medrelease.config.keys import KEY_FILE, add_key, write_key

    place = paths().state / KEY_FILE
    try:
        write_key(place)
    except FileExistsError:
        number = add_key(place)
        click.echo(f"Key {number} was added to {place}: new subjects get their codes under it.")
        click.echo("A running service takes it up when it is reloaded (systemctl reload).")
    else:
        click.echo(f"A new site key was made in {place}.")
    click.echo("Keep a copy of the file where only you can open it.")
