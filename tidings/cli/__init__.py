"""The command line, which imports the module of a command when it is needed."""

import gc
import importlib
import os
import sys
from typing import Any

import typer
from typer import Option
from typer._click import Command, Context

# typer bundles its own copy of click
from typer._click.exceptions import ClickException, NoArgsIsHelpError
from typer.core import TyperCommand, TyperGroup

from tidings.base.messages import describe, guard_logs, message
from tidings.base.settings import read_secret_files
from tidings.cli import signals
from tidings.cli.terminal import guard_output
from tidings.version import __version__

PANELS = {
    "First steps": {
        "demo": "Run the pipeline on the bundled sample newsroom.",
        "nightly": "Run the nightly pipeline once.",
        "serve": "Run the Prefect server, its UI and the schedules.",
        "doctor": "Check the installation and the warehouse.",
    },
    "Results": {
        "sql": "Query the last release or an earlier one.",
        "explore": "Open a page with charts and articles, and its API.",
        "report": "Write the report of the last release and print its path.",
        "export": "Export a release as Parquet and CSV with its documentation.",
        "status": "Show source health, data problems, coverage gaps and disk use.",
        "mcp": "Answer an assistant's questions about a release (Model Context Protocol).",
    },
    "Sources and word list": {
        "feeds": "List, check, add, import and export the sources.",
        "phrase": "List rising phrases, preview a phrase, and accept it.",
        "code": "Draw articles, label their themes, and measure the agreement of coders.",
        "compare": "Add counts of Media Cloud, GDELT or an index beside your own series.",
    },
    "Texts and pages outside the warehouse": {
        "extract": "Extract articles from URLs, saved pages or JSON lines.",
        "tag": "Find the themes and policy areas of texts.",
        "quote": "Find the statements in texts and their speakers.",
        "fetch": "Request URLs with all safety limits and report each outcome.",
        "signing-key": "Make a key for hosts that ask for signed requests.",
        "index": "Compute an index from a CSV of article counts.",
    },
    "Upkeep": {
        "setup": "Create the databases and the bucket of several machines.",
        "backfill": "Process a date range: refetch, reprocess or retag.",
        "release": "Rebuild and release every table.",
        "maintain": "Merge files, delete old releases and vacuum the databases.",
        "backup": "Copy the whole warehouse, also while a run is active.",
        "restore": "Restore a warehouse from a backup.",
        "rebuild": "Rebuild the lake from the archive.",
        "forget": "Delete a page permanently from all stored data.",
    },
}
"""Commands with their summaries, in the groups and the order of the help."""
COMMANDS = {name: text for panel in PANELS.values() for name, text in panel.items()}

MODULES = {
    "demo": "nightly",
    "backfill": "release",
    "index": "compare",
    "report": "release",
    "export": "release",
    **dict.fromkeys(("extract", "tag", "quote"), "texts"),
    "mcp": "explore",
    "signing-key": "fetch",
    "status": "doctor",
    **dict.fromkeys(("maintain", "backup", "restore", "rebuild", "forget"), "warehouse"),
}
"""Modules that contain several commands; every other module has the name of its command."""


class Commands(TyperGroup):
    """The group of all commands. A command is a function, or a group of subcommands, with the
    command's name.
    """

    def __init__(self, **options: Any) -> None:
        """Make a command of each name and summary: importing all of them would take a second."""
        super().__init__(**options)
        self.commands = {
            name: TyperCommand(name, short_help=text, rich_help_panel=panel)
            for panel, names in PANELS.items()
            for name, text in names.items()
        }

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """Return the requested command with its options."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, self.load(name) if name else None, rest

    @staticmethod
    def load(cmd_name: str) -> Command:
        """Return a command with its options."""
        module = importlib.import_module(f"tidings.cli.{MODULES.get(cmd_name, cmd_name)}")
        command = getattr(module, cmd_name.replace("-", "_"))
        if not isinstance(command, typer.Typer):
            single = typer.Typer(add_completion=False, rich_markup_mode="markdown")
            single.command()(command)
            command = single
        loaded = typer.main.get_command(command)
        loaded.name, loaded.short_help = cmd_name, COMMANDS[cmd_name]
        return loaded


app = typer.Typer(
    cls=Commands,
    name="tidings",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Collect policy news every night and query in SQL which policy themes rise, spread and"
    " fade.\n\n"
    "- `tidings demo` runs everything in about two minutes on a sample newsroom, without network"
    " access.\n"
    '- `tidings sql "from theme_monthly"` and `tidings explore` show the result.\n'
    "- `tidings feeds add URL` adds a source of your choice.\n"
    "- `tidings nightly` collects the news of all sources once, `tidings serve` every night.",
)


@app.callback(invoke_without_command=True)
def start(
    version: bool = Option(False, "--version", help="Print the version and exit."),
) -> None:
    """Print the version if requested."""
    if version:
        print(f"tidings {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line and exit. A failure is one sentence and a nonzero status."""
    signals.watch()
    guard_output()
    guard_logs()
    # else the first import of Prefect prints a notice and reports the use
    os.environ.setdefault("DO_NOT_TRACK", "1")
    failure, code = "", 1
    try:
        read_secret_files()
        status = app(standalone_mode=False)
        code = status if isinstance(status, int) else 0
        if status == signals.INTERRUPTED:  # typer returns this status after Ctrl-C
            signals.end()
    except BrokenPipeError:  # the reader of the output, such as `head`, closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except NoArgsIsHelpError as error:
        print(error.format_message())
        code = error.exit_code
    except ClickException as error:
        path = getattr(getattr(error, "ctx", None), "command_path", "tidings")
        text = message(error.format_message())
        failure = f"{text}{'.' * (not text.endswith(('.', '?')))} See `{path} --help`."
        code = error.exit_code
    except typer.Abort:
        failure = "Cancelled; nothing was changed."
    except Exception as error:  # noqa: BLE001 - the last handler of every exception
        if signals.is_stopping():
            signals.end()
        failure = describe(error)
    if failure:
        print(f"tidings: {failure}", file=sys.stderr)
    # else the interpreter visits every object once more at its end, which takes .8 s of CPU time
    # after a run
    gc.freeze()
    sys.exit(code)
