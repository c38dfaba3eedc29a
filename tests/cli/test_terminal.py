"""Texts of strangers appear in the terminal as they are: no markup, emoji or control codes."""

import io
from pathlib import Path

import duckdb
from rich.table import Table

from tests.analysis.report.sample_releases import write_ordinary_release
from tests.cli.screen import screen
from tidings import flows
from tidings.cli.nightly import print_summary
from tidings.cli.terminal import SafeConsole, headed
from tidings.storage.lake import Lake

NAME = "[a] [/b] [bold red]News[/] :smile: \x1b[2J"
PRINTED = r"[a] [/b] [bold red]News[/] :smile: \u001b[2J"


def test_names_and_texts_are_printed_as_they_are(tmp_path: Path) -> None:
    """A publisher and a theme with brackets in their names keep them in the summary, and so do
    plain texts, styled texts, headings and all parts of a table in a terminal.
    """
    write_ordinary_release(tmp_path / "tidings.duckdb")
    with duckdb.connect(tmp_path / "tidings.duckdb") as con:
        con.execute("update ref.publishers set name = ?", [NAME])
        con.execute("update ref.themes set label_en = ?", [NAME])
    with screen(width=200) as shown:
        print_summary(Lake(tmp_path))
    outlets, _, themes = shown.getvalue().partition("Largest themes")
    assert outlets.count(PRINTED) == 1
    assert themes.count(PRINTED) >= 2
    shown = io.StringIO()
    console = SafeConsole(file=shown, width=200, force_terminal=True, color_system=None)
    table = Table(NAME, title=NAME, caption=NAME)
    table.add_row(NAME)
    console.print(NAME)
    console.print(NAME, style="bold")
    console.print(headed("\nHeading", f"  {NAME} {tmp_path}"), soft_wrap=True)
    console.print(table)
    assert shown.getvalue().count(PRINTED) == 7


def test_no_module_prints_with_another_console() -> None:
    """Only ``SafeConsole`` is created, and nothing prints with rich's own functions."""
    folder = Path(flows.__file__).parent
    for path in folder.rglob("*.py"):
        text = path.read_text(encoding="utf-8").replace("SafeConsole(Console)", "")
        assert " Console(" not in text, path
        assert "=Console(" not in text, path
        assert "from rich import print" not in text, path
