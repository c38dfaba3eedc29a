"""Artifacts of a run in the Prefect UI."""

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


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """Return a database with gaps of two outlets, one in a time zone in which the day is over."""
    con = duckdb.connect()
    con.execute("""
        set timezone = 'UTC'; create schema marts; create schema ref; create schema raw;
        create table ref.publishers as from (values ('p', 'P*', 'Pacific/Auckland'),
            ('q', 'Q', null)) as rows (publisher_id, name, time_zone);
        create table raw.feeds as from (values ('p_feed', 'p', true), ('p_old', 'p', false),
            ('q_feed', 'q', true)) as rows (feed_id, publisher_id, is_enabled);
        create table marts.outlet_daily as select publisher_id, day::date as published_on,
            gap_reason, gap_reason is not null as is_gap from (values
            ('p', '2026-06-01', 'feed_down'), ('p', '2026-08-23', 'pages_missing'),
            ('p', '2026-08-24', 'not_covered'), ('p', '2026-08-25', 'not_covered'),
            ('p', '2026-08-26', null), ('p', '2026-08-27', 'not_covered'),
            ('q', '2026-08-20', 'unexpected_silence'), ('q', '2026-08-26', 'pages_missing')
            ) as rows (publisher_id, day, gap_reason);
        create table marts.coverage as select publisher_id, day::date as published_on,
            missing_count, failures from (values ('p', '2026-08-23', 2, ['gone', 'timed_out']),
            ('q', '2026-08-26', 2, ['robots_denied'])) as rows (publisher_id, day, missing_count,
            failures)
    """)  # fmt: skip
    return con


def test_the_coverage_lists_the_gaps_and_the_next_backfill(
    shown: dict[str, Any], con: duckdb.DuckDBPyConnection
) -> None:
    """The list has each gap of ``outlet_daily`` that is over, and the window those that a backfill
    may fill, with the enabled sources of their outlets.
    """
    artifacts.show_coverage(con, NOW)
    lines = shown["coverage"].splitlines()
    assert lines[2:5:2] == [
        "**Next backfill:** 3 days of 1 outlet, 2026-08-23 to 2026-08-25.",
        "`tidings backfill --start 2026-08-23 --end 2026-08-25 --feed p_feed`",
    ]
    assert lines[8:] == [
        "| Q | 2026-08-26 | 2026-08-26 | 1 | pages missing |",
        "| P\\* | 2026-08-24 | 2026-08-25 | 2 | not covered |",
        "| P\\* | 2026-08-23 | 2026-08-23 | 1 | pages missing |",
        "| Q | 2026-08-20 | 2026-08-20 | 1 | unexpected silence |",
    ]


@pytest.mark.parametrize(
    ("kept", "is_listed"), [("publisher_id = 'q'", True), ("gap_reason is null", False)]
)
def test_nothing_to_backfill_means_no_gap(
    shown: dict[str, Any], con: duckdb.DuckDBPyConnection, kept: str, is_listed: bool
) -> None:
    """A gap that no backfill fills is listed without a command, and only without any gap nothing is
    to be filled.
    """
    con.execute(f"delete from marts.outlet_daily where not ({kept})")
    artifacts.show_coverage(con, NOW)
    assert "Next backfill" not in shown["coverage"]
    assert ("| Q |" in shown["coverage"]) is is_listed
    sentence = "**Nothing to backfill:** no outlet has a gap since 2026-07-28."
    assert (sentence in shown["coverage"]) is not is_listed


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
