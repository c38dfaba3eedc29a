"""Commands and artifacts that show the sample's figures state that they are invented."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.cli.in_terminal import run_in_terminal
from tests.cli.screen import screen
from tidings.analysis.report.release import ALL
from tidings.cli.nightly import print_summary
from tidings.flows import artifacts
from tidings.storage.release import open_release


def test_summaries_state_it(
    sample_night: Any, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run's summary, in terminal and Prefect's UI, and `tidings status` have the notice."""
    with screen(width=200) as shown:
        print_summary(sample_night.lake)
    assert ALL.notice in shown.getvalue()
    status, out, _ = command("status", TIDINGS_WAREHOUSE=str(sample_night.lake.root), COLUMNS="200")
    assert (status, ALL.notice in out) == (0, True)
    written: list[str] = []
    monkeypatch.setattr(
        artifacts, "create_markdown_artifact", lambda content, **_: written.append(content)
    )
    run: Any = SimpleNamespace(
        run_id="none", now=sample_night.release.released_at, lake=sample_night.lake
    )
    with open_release(sample_night.lake) as con:
        artifacts.show_summary(con, run, sample_night.release, "no days")
    assert f"**{ALL.notice}**" in written[0]


def test_queries_on_a_terminal_state_it(sample_night: Any, command: Any, tmp_path: Any) -> None:
    """`tidings sql` prints the notice on a terminal only; an export ends with it, without a DOI."""
    folder = str(sample_night.lake.root)
    status, shown = run_in_terminal("sql", "select 41 + 1 as n", TIDINGS_WAREHOUSE=folder)
    assert (status, ALL.notice in shown, "42" in shown) == (0, True, True)
    assert command("sql", "select 41 + 1 as n", "--format", "csv", TIDINGS_WAREHOUSE=folder)[
        1:
    ] == ("n\n42\n", "")
    status, _, err = command("export", tmp_path / "out", TIDINGS_WAREHOUSE=folder)
    assert (status, err.splitlines()[-1]) == (
        0,
        f"{ALL.notice} Do not publish this folder as real data.",
    )
