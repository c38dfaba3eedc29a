"""Artifacts of a run in the Prefect UI."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pytest

from tidings.analysis.breaks import Break
from tidings.flows import artifacts

NOW = dt.datetime(2026, 8, 27, 9, tzinfo=dt.UTC)  # a Thursday


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the artifacts that a test writes, by key."""
    written: dict[str, Any] = {}
    for kind in ("markdown", "table"):
        monkeypatch.setattr(
            artifacts,
            f"create_{kind}_artifact",
            lambda content, key, **_: written.update({key: content}),
        )
    return written


def test_progress_never_exceeds_the_total(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that another run adds during cleaning increase the total. The log shows progress until
    the end.
    """
    updates = []
    monkeypatch.setattr(artifacts, "EVERY_SECONDS", 0.0)
    monkeypatch.setattr(
        artifacts,
        "create_progress_artifact",
        lambda share, description: updates.append((share, description)),
    )
    monkeypatch.setattr(
        artifacts,
        "update_progress_artifact",
        lambda _, share, description: updates.append((share, description)),
    )
    monkeypatch.setattr(artifacts, "LOG_SECONDS", 0.0)
    lines: list[str] = []
    progress = artifacts.show_progress(lines.append)
    for done in (1, 4, 5):
        progress("cleaning", done, 4)
    assert updates == [
        (25.0, "cleaning: 1 of 4"),
        (100.0, "cleaning: 4 of 4"),
        (100.0, "cleaning: 5 of 5"),
    ]
    assert lines == ["cleaning: 1 of 4 so far"]


def coverage_of(
    *rows: tuple[str, str, str, int, str, float, str], is_gap: bool = True
) -> duckdb.DuckDBPyConnection:
    """Return a database with these rows: source, publisher, day, listed items, status, listed
    share, outcome of missing pages. Without ``is_gap``, the outlets have no gap.
    """
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'; create schema marts; create schema ref")
    con.execute(
        "create table ref.publishers as select 'p' as publisher_id, 'Pacific/Auckland' as time_zone"
    )
    con.execute(
        "create table marts.coverage (source_id text, publisher_id text, way text default 'feed',"
        " published_on date,"
        " listed_count int, status text, listed_share double, failures text[])"
    )
    con.execute(
        "create table marts.outlet_daily as select 'p' as publisher_id, date '2026-08-25' as"
        " published_on, null as gap_reason"
        " union all select 'p', date '2026-08-24', 'not_covered' union all select 'q',"
        " date '2026-08-24', 'feed_down'"
    )
    if not is_gap:
        con.execute("delete from marts.outlet_daily where gap_reason is not null")
    for source, publisher, day, listed, status, share, failure in rows:
        con.execute(
            "insert into marts.coverage values (?, ?, 'feed', ?, ?, ?, ?, ?)",
            [source, publisher, day, listed, status, share, [failure] if failure else []],
        )
    return con


def test_the_coverage_grid_states_the_next_backfill(shown: dict[str, Any]) -> None:
    """Each day has the letter of its state, and the window covers the lost days that a backfill may
    fill.
    """
    con = coverage_of(
        # the source's first day, partly covered
        ("p_feed", "p", "2026-08-19", 3, "later_copy", 0.4, ""),
        ("p_feed", "p", "2026-08-20", 3, "later_copy", 1.0, ""),
        ("p_feed", "p", "2026-08-21", 3, "original_capture", 1.0, ""),
        ("p_feed", "p", "2026-08-22", 0, "original_capture", 1.0, ""),
        ("p_feed", "p", "2026-08-23", 2, "listed_unretrievable", 1.0, "timed_out"),
        ("p_feed", "p", "2026-08-24", 0, "no_listing", 0.0, ""),
        # another source of the publisher covers the day
        ("p_feed", "p", "2026-08-25", 0, "no_listing", 0.0, ""),
        ("p_feed", "p", "2026-08-27", 0, "no_listing", 0.0, ""),  # not over in Auckland
        ("q_feed", "q", "2026-06-01", 1, "original_capture", 1.0, ""),
        ("q_feed", "q", "2026-06-02", 1, "listed_unretrievable", 1.0, "timed_out"),
        ("q_feed", "q", "2026-08-26", 1, "listed_unretrievable", 1.0, "robots_denied"),  # final
    )
    artifacts.show_coverage(con, NOW)
    lines = shown["coverage"].splitlines()
    assert "**Next backfill:** 2 lost days of 1 source, 2026-08-23 to 2026-08-24." in lines
    assert "`tidings backfill --start 2026-08-23 --end 2026-08-24 --feed p_feed`" in lines
    assert "Lost before this grid: 1 day of 1 source, 2026-06-02 to 2026-06-02." in lines
    assert "       27 Jul  03 Aug  10 Aug  17 Aug  24 Aug" in lines
    assert "p_feed" + " " * 28 + "Lc.X Xo >" in lines
    assert "q_feed" + " " * 35 + "X" in lines


@pytest.mark.parametrize(
    ("is_gap", "expected"),
    [
        (False, "**Nothing to backfill:** no outlet has a gap since 2026-07-27."),
        (True, "**Gaps remain:** 2 days of 2 outlets since 2026-07-27 (feed down, not covered)."),
    ],
)
@pytest.mark.parametrize("rows", [(), (("p", "p", "2026-08-21", 1, "original_capture", 1.0, ""),)])
def test_the_next_backfill_agrees_with_the_gaps(
    shown: dict[str, Any], rows: Any, is_gap: bool, expected: str
) -> None:
    """Without a lost day that a backfill may fill, the artifact counts the gaps of the outlets, and
    states that nothing is to be filled only if there are none.
    """
    artifacts.show_coverage(coverage_of(*rows, is_gap=is_gap), NOW)
    assert expected in shown["coverage"]


def test_the_summary_lists_data_problems() -> None:
    """A line has outlet, days, sentence and action, and at most twenty are listed."""
    day = dt.date(2026, 8, 24)
    found = Break("p", "A *P*", "silent", day, day, "The outlet published nothing.",
        "`tidings feeds check` reads its sources.", "open", None)  # fmt: skip
    assert list(artifacts.data_problems([])) == []
    lines = list(artifacts.data_problems([found] * 23))[1].splitlines()
    assert lines[0] == (
        "- A \\*P\\*, 2026-08-24 to 2026-08-24: The outlet published nothing. `tidings feeds check`"
        " reads its sources."
    )
    assert lines[20:] == ["- And 3 more."]
