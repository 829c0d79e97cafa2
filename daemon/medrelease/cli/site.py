"""`init`, `run` and `check`: make a site, run it, look whether it can run."""

from pathlib import Path

import click

from medrelease.cli.exits import Exit, leave
from medrelease.cli.shared import config_file, config_option, json_option, show


@click.command()
@config_option
@click.argument("directory", type=click.Path(path_type=Path))
def init(directory: Path) -> None:
    """Make a complete site in DIRECTORY, which must be absent or empty."""
    from medrelease.config.init import make_site

    refusal = make_site(directory)
    if refusal is not None:
        click.echo(f"medrelease init: {directory}: {refusal}; nothing was changed", err=True)
        leave(Exit.USAGE)
    file = directory.absolute() / "medrelease.toml"
    click.echo(f"A site was made in {directory}. The next three steps:")
    click.echo(f"  1. Put your name, contact and job register into {file}")
    click.echo(f"  2. medrelease --config {file} check")
    click.echo(f"  3. medrelease --config {file} run")


@click.command()
@config_option
@click.option("--once", is_flag=True, help="Deal with what is there now, then end.")
def run(once: bool) -> None:
    """Run the service in the foreground."""
    from medrelease.service.instance import AnotherInstance
    from medrelease.service.life import serve

    try:
        leave(serve(config_file(), once=once))
    except AnotherInstance:
        click.echo("medrelease: another instance runs this site", err=True)
        leave(Exit.ANOTHER_INSTANCE)


@click.command()
@config_option
@json_option
def check(as_json: bool) -> None:
    """Check configuration, register and environment."""
    from medrelease.service.checks import run_checks

    findings = run_checks(config_file())
    shown = [
        {"code": f.code, "severity": f.severity, "cause": f.cause, "remedy": f.remedy}
        for f in findings
    ]
    show(shown, as_json, _lines)
    if any(f.severity == "error" for f in findings):
        leave(Exit.CONFIGURATION)


def _lines(findings: list[dict[str, str]]) -> list[str]:
    marks = {"ok": "ok     ", "warning": "warning", "error": "ERROR  "}
    lines = []
    for finding in findings:
        lines.append(f"{marks[finding['severity']]} {finding['code']}: {finding['cause']}")
        if finding["remedy"]:
            lines.append(f"        {finding['remedy']}")
    return lines
