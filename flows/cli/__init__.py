"""The command line: one module a command, imported when it is asked for, so that ``--help`` stays quick."""

from __future__ import annotations

import importlib
import os
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError, UsageError  # typer bundles its own copy of click
from typer.core import TyperGroup

from tidings.flows.cli import signals
from tidings.flows.cli.terminal import guard_output
from tidings.flows.messages import describe, guard_logs, message
from tidings.flows.settings import VERSION

if TYPE_CHECKING:
    from typer._click import Command, Context

COMMANDS = {
    "demo": "the night on the bundled sample newsroom",
    "nightly": "the night, once, here",
    "backfill": "a window of the past: refetch, reprocess or retag",
    "serve": "Prefect server, UI and schedule, until Ctrl-C",
    "sql": "ask the last release, or an earlier one",
    "status": "health, gaps and disk",
    "doctor": "what is missing or stale here, and what to do",
    "warehouse": "move the warehouse to another location and back, or adopt a copy",
    "feeds": "the registry of sources: list, check, add, import, export",
    "extract": "what is read of pages: addresses, saved files or JSON lines",
    "fetch": "fetch addresses politely and say what came of each",
    "report": "write the report of the last release, and say where it is",
    "export": "a release's tables as Parquet and CSV, with dictionary and citation",
    "release": "rebuild and release every table, with missing rows if you accept the loss",
    "maintain": "upkeep: merge, expire, thin, vacuum, and say what that gave back",
    "backup": "a copy of the whole warehouse, consistent while a night runs",
    "restore": "a warehouse from such a copy",
    "rebuild": "rebuild the lake from the archive",
    "forget": "take a page out of archive, lake, releases and exports, for good",
    "index": "an index from anyone's counts",
    "phrase": "phrases that rise, what one would hit, accept or reject it",
}


MODULES = {
    "demo": "nightly",
    "report": "release",
    "export": "release",
    **dict.fromkeys(("maintain", "backup", "restore", "rebuild", "forget"), "warehouse"),
}
"""Modules of commands that share a module with another command; all other modules have the name of their command."""


class Commands(TyperGroup):
    """The commands by name; each is a function of its own name in ``flows.cli.NAME``."""

    def list_commands(self, _ctx: Context) -> list[str]:
        """Return the commands' names, in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Return the command that is asked for; a slip of the pen is answered with the nearest name."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS, n=1)
            ctx.fail(
                f"There is no command '{args[0]}'. " + (f"Did you mean '{near[0]}'?" if near else "`tidings --help` lists them.")
            )
        return super().resolve_command(ctx, args)

    def get_command(self, _ctx: Context, cmd_name: str) -> Command | None:
        """Return a command, or None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        found = getattr(importlib.import_module(f"tidings.flows.cli.{MODULES.get(cmd_name, cmd_name)}"), cmd_name)
        if isinstance(found, typer.Typer):
            group = typer.main.get_command(found)
            group.name, group.short_help = cmd_name, COMMANDS[cmd_name]
            return group
        single = typer.Typer(add_completion=False)
        single.command(name=cmd_name, short_help=COMMANDS[cmd_name])(found)
        return typer.main.get_command(single)


app = typer.Typer(
    cls=Commands,
    name="tidings",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Reads policy news every night and tells, in SQL, which themes rise, spread and fade.",
)


@app.callback(invoke_without_command=True)
def start(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    """Reads policy news every night and tells, in SQL, which themes rise, spread and fade.

    Start with `tidings nightly`, then ask `tidings sql "from theme_monthly"`.
    """
    if version:
        print(f"tidings {VERSION}")
        raise typer.Exit


def main() -> None:
    """Run the command line and exit. A failure prints one sentence on standard error and gives a nonzero exit status."""
    signals.watch()
    guard_output()
    guard_logs()
    try:
        status = app(standalone_mode=False)
        if status == signals.INTERRUPTED:  # typer returns this status after Ctrl-C
            signals.end()
    except BrokenPipeError:  # the reader of the output, such as `head`, closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except ClickException as error:
        path = error.ctx.command_path if isinstance(error, UsageError) and error.ctx else "tidings"
        if isinstance(error, NoArgsIsHelpError):
            print(error.format_message())
        else:
            print(f"tidings: {message(error.format_message()).rstrip('.')}. See `{path} --help`.", file=sys.stderr)
        sys.exit(error.exit_code)
    except typer.Abort:
        print("tidings: Nothing was done.", file=sys.stderr)
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the last handler of every exception
        if signals.is_asked():
            signals.end()
        print(f"tidings: {describe(error)}", file=sys.stderr)
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)
