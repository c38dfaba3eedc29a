"""Every command has help, and the shell completes commands, options and option values."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

from tidings.cli import COMMANDS, app


def test_the_help_lists_every_command(command: Any) -> None:
    """``tidings --help`` has one line per command with its name and description."""
    shown = command("--help", COLUMNS="140").stdout
    for name, summary in COMMANDS.items():
        assert any(name in line and summary[:40] in line for line in shown.splitlines()), name


def test_every_command_has_help() -> None:
    """Each command, subcommand, option and argument has a help text."""
    group: Any = typer.main.get_command(app)
    for name in COMMANDS:
        command = group.load(name)
        parts = [command, *getattr(command, "commands", {}).values()]
        for part in parts:
            assert (part.help or "").strip(), f"{name} {part.name}"
            missing = [option.name for option in part.params if not getattr(option, "help", None)]
            assert not missing, f"{name} {part.name}: {missing}"


@pytest.mark.parametrize(
    ("typed", "place", "wanted"),
    [
        ("tidings do", 1, {"doctor"}),
        ("tidings backfill --mode ", 3, {"refetch", "reprocess", "retag"}),
        ("tidings feeds ", 2, {"list", "check", "add", "import", "export"}),
    ],
)
def test_the_shell_completes(typed: Any, place: Any, wanted: Any) -> None:
    """Bash completes commands, option values and subcommands."""
    found = subprocess.run(
        [str(Path(sys.executable).with_name("tidings"))],
        env=os.environ
        | {"_TIDINGS_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(place)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert wanted <= set(found.stdout.split()), found.stderr


def test_the_help_imports_no_command() -> None:
    """``tidings --help`` imports none of the commands' modules, so it starts quickly."""
    code = (
        "import sys; sys.argv = ['tidings', '--help']\n"
        "from tidings import cli\n"
        "try: cli.main()\n"
        "finally: print([name for name in cli.COMMANDS if f'tidings.cli.{cli.MODULES.get(name,"
        " name)}' in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert shown.stdout.splitlines()[-1] == "[]"
