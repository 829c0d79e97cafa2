"""`explain` and `clean`: one file, outside a release."""

from pathlib import Path
from typing import Any

import click

from medrelease.cli.exits import Exit, leave
from medrelease.cli.shared import config_file, config_option, json_option, show

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@config_option
@json_option
@click.argument("file", type=_FILE)
def explain(file: Path, as_json: bool) -> None:
    """Say what would happen to FILE and what would be removed; writes nothing."""
    from medrelease.config.load import load
    from medrelease.service.single import explain as explain_file

    show(explain_file(file, load(config_file())), as_json, _lines)


def _lines(told: dict[str, Any]) -> list[str]:
    lines = []
    for key, value in told.items():
        if isinstance(value, dict):
            lines.append(f"{key}:")
            lines += [f"  {name}: {count}" for name, count in sorted(value.items())]
        elif value not in (None, ""):
            lines.append(f"{key}: {value}")
    return lines


@click.command()
@config_option
@json_option
@click.argument("file", type=_FILE)
@click.option("-o", "out", required=True, type=click.Path(path_type=Path), help="The new file.")
@click.option(
    "--text",
    type=click.Choice(["hold", "redact", "keep"]),
    default="hold",
    show_default=True,
    help="What becomes of writing in the picture.",
)
def clean(file: Path, out: Path, text: str, as_json: bool) -> None:
    """Sanitise and verify FILE to OUT with one-time keys. This is not a release.

    The pixels are not examined yet, whatever --text asks for, and the answer says so.
    """
    from medrelease.service.single import clean as clean_file
    from medrelease.service.single import refuse_place
    from medrelease.terms.flow import Hold

    refusal = refuse_place(out)
    if refusal is not None:
        raise click.UsageError(refusal)
    done = clean_file(file, out)
    if isinstance(done, Hold):
        held = {"would": "hold", "reason": done.reason.value, "detail": done.detail}
        show(held, as_json, _lines)
        leave(Exit.HELD)
        return
    told = {
        "text": text,
        "written": str(out),
        "format": done.sanitised.format.value,
        "sha256": done.proved.sha256,
        "proof": done.proved.proof.value,
        "pixels": "not-examined",
        "removed": dict(done.sanitised.actions),
        "note": "This is not a release: nothing was decided, coded or recorded.",
    }
    show(told, as_json, _lines)
