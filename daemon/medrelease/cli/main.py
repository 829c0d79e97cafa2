"""`medrelease`: the table of its verbs."""

from importlib import import_module

import click

from medrelease import __version__
from medrelease.cli.exits import exit_codes
from medrelease.cli.shared import config_option

VERBS = {
    "init": ("site", "Make a site in an empty folder."),
    "run": ("site", "Run the service in the foreground."),
    "check": ("site", "Check configuration, register and environment."),
    "explain": ("file", "Say what would happen to a file; writes nothing."),
    "clean": ("file", "Sanitise and verify one file; not a release."),
    "status": ("reports", "Say what waits, what is held and what went today."),
    "held": ("held", "List, show, retry, release or discard what is held."),
    "audit": ("trail", "Read, verify and search the audit trail."),
    "originals": ("originals", "List or restore the originals that are kept."),
    "linkage": ("secrets", "Find the patient behind a code; itself recorded."),
    "key": ("secrets", "Make keys."),
    "profile": ("profile", "Describe what is kept, replaced and removed."),
}
"""Each verb: the module of this room that has it, and what `--help` says of it."""


class Verbs(click.Group):
    """The verbs, each imported when it is called: `--help` costs nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name; its module is imported only now."""
        if cmd_name not in VERBS:
            return None
        module = import_module(f"medrelease.cli.{VERBS[cmd_name][0]}")
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above is ours
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs from the table, so that help imports no verb."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])


@click.command(cls=Verbs)
@config_option
@click.version_option(__version__, prog_name="medrelease")
def verbs() -> None:
    """Release medical images coded, clean and recorded."""


def main() -> None:
    """The console entry point."""
    with exit_codes():
        verbs.main(prog_name="medrelease")
