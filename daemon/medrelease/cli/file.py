"""`explain` and `clean`: one file, outside a release."""

from pathlib import Path
from typing import Any, Literal

import click

from medrelease.cli.exits import Exit, leave
from medrelease.cli.shared import config_file, config_option, json_option, show

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(path_type=Path)


@click.command()
@config_option
@json_option
@click.argument("file", type=_FILE)
@click.option("--picture", type=_NEW, help="Show the picture with its boxes, as a new PNG file.")
def explain(file: Path, picture: Path | None, as_json: bool) -> None:
    """Say what would happen to FILE and what would be removed; writes nothing to the site."""
    from medrelease.config.load import load
    from medrelease.service.explaining import explain as explain_file

    _refuse(picture)
    show(explain_file(file, load(config_file()), picture), as_json, _lines)


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
@click.option("-o", "out", required=True, type=_NEW, help="The new file.")
@click.option(
    "--text",
    type=click.Choice(["hold", "redact", "keep"]),
    default="hold",
    show_default=True,
    help="What becomes of writing in the picture; keep: nobody looks.",
)
@click.option("--boxes", type=_NEW, help="Write what would be blanked as a new JSON file.")
def clean(
    file: Path,
    out: Path,
    text: Literal["hold", "redact", "keep"],
    boxes: Path | None,
    as_json: bool,
) -> None:
    """Sanitise and verify FILE to OUT with one-time keys. This is not a release.

    What every release but one for care would be held for holds it too, with exit 3: writing where
    it is not to be blanked, an identification frame, covered eyes. A recognisable face is told.
    """
    from medrelease.service import single
    from medrelease.terms.flow import Hold

    _refuse(out)
    _refuse(boxes)
    made = single.clean(file, out, single.any_route(text))
    if boxes is not None and made.seen is not None:
        single.write_boxes(boxes, made.seen.masks)
    done = made.outcome
    if isinstance(done, Hold):
        held = {"would": "hold", "reason": done.reason.value, "detail": done.detail}
        show(held, as_json, _lines)
        leave(Exit.HELD)
        return
    told: dict[str, Any] = {
        "text": text,
        "written": str(out),
        "format": done.sanitised.format.value,
        "sha256": done.proved.sha256,
        "proof": done.proved.proof.value,
        "pixels": "examined" if made.seen else "not-examined",
        "removed": dict(done.sanitised.actions),
        "note": "This is not a release: nothing was decided, coded or recorded.",
    }
    if made.seen is not None:
        told |= {"face": made.seen.face, "eyes_covered": made.seen.eyes_covered}
    show(told, as_json, _lines)


def _refuse(out: Path | None) -> None:
    """End with a usage error where a file may not be written."""
    from medrelease.service.single import refuse_place

    refusal = refuse_place(out) if out is not None else None
    if refusal is not None:
        raise click.UsageError(refusal)
