"""Every command has help, and the shell completes commands, options and their values."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from tidings.flows.cli import COMMANDS, app


def _tidings(*words, **variables):
    return subprocess.run(
        [str(Path(sys.executable).with_name("tidings")), *words],
        env=os.environ | {"COLUMNS": "140"} | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_list_names_every_command():
    """``tidings --help`` has a line a command, with its name and what it does."""
    shown = _tidings("--help").stdout
    for name, words in COMMANDS.items():
        assert any(name in line and words[:40] in line for line in shown.splitlines()), name


def test_every_command_explains_itself():
    """Each command, and each below ``feeds``, has a sentence, and so has each of its options and arguments."""
    group = typer.main.get_command(app)
    for name in COMMANDS:
        command = group.get_command(None, name)
        parts = [command, *getattr(command, "commands", {}).values()]
        for one in parts:
            assert (one.help or "").strip(), f"{name} {one.name}"
            silent = [option.name for option in one.params if not getattr(option, "help", None)]
            assert not silent, f"{name} {one.name}: {silent}"


def test_a_slip_of_the_pen_is_answered_with_the_nearest_name():
    """A misspelt command ends with the command that was meant."""
    shown = _tidings("reprot")
    assert shown.returncode == 2
    assert "Did you mean 'report'?" in shown.stderr


@pytest.mark.parametrize(
    ("typed", "place", "wanted"),
    [
        ("tidings do", 1, {"doctor"}),
        ("tidings sql --format ", 3, {"table", "csv", "json", "parquet"}),
        ("tidings backfill --mode ", 3, {"refetch", "reprocess", "retag"}),
        ("tidings feeds ", 2, {"list", "check", "add", "import", "export"}),
    ],
)
def test_the_shell_completes(typed, place, wanted):
    """Bash is given the commands, the values of an option, and the commands below a command."""
    found = _tidings(_TIDINGS_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=str(place))
    assert wanted <= set(found.stdout.split()), found.stderr


def test_a_slip_says_what_to_do():
    """An unknown command or option ends with a status that is not 0 and names what was meant to be there."""
    slip = _tidings("sqk", "x")
    assert slip.returncode != 0
    assert "sqk" in slip.stderr
    assert "--help" in slip.stderr
