"""The audit reports missing rows; a user accepts the loss, or another run restores the rows."""

import dataclasses
import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from tests.flows.nights import settings_for
from tests.storage.conftest import copy_lake
from tidings.base.records import Release
from tidings.fetch.window import Window
from tidings.stages.annotate import annotate
from tidings.stages.audit import AuditError, audit
from tidings.stages.build import model
from tidings.stages.clean import reprocess
from tidings.stages.group import group
from tidings.stages.release import release
from tidings.stages.run import Run, start_run
from tidings.storage.lake import Lake, open_lake
from tidings.storage.release import file_release, last_release, newest_snapshot
from tidings.storage.writer_lock import writer_lock

DAY = dt.date(2026, 7, 15)


@pytest.fixture
def night_after(sample_night: Any, tmp_path: Path) -> SimpleNamespace:
    """Return a run a day later on a copy of the sample warehouse, its lake and its log lines."""
    lake = copy_lake(sample_night.lake, tmp_path / "data")
    lines: list[str] = []
    settings = settings_for(
        lake.root, sample_night.settings.feeds, [], ":".join(map(str, sample_night.settings.seeds))
    )
    now = sample_night.release.released_at + dt.timedelta(days=1)
    return SimpleNamespace(
        run=start_run(settings, now=now, run_id="test", log=lines.append), lake=lake, lines=lines
    )


def damage(lake: Lake, *statements: str) -> None:
    """Execute SQL statements that damage the lake."""
    with open_lake(lake) as con:
        for statement in statements:
            con.execute(statement)


def finish(run: Run, reason: str | None = None) -> Release:
    """Build the models, audit them and return the release."""
    with writer_lock(run.lake):
        annotate(run)
        group(run)
        model(run)
        return release(run, audit(run, reason), reason)


@pytest.mark.slow
def test_missing_articles_fail_the_audit_until_a_user_accepts_them(
    night_after: SimpleNamespace,
) -> None:
    """The message names outlet, day and counts, and readers keep the last release. The next release
    stores the reason, and the run after it needs no reason.
    """
    with open_lake(night_after.lake, read_only=True) as con:
        before = last_release(con)
    damage(night_after.lake, f"delete from core.articles where published_on = '{DAY}'")
    with pytest.raises(
        AuditError, match=rf"no_missing_articles: core\.articles, sample_\w+, {DAY}, before_count"
    ) as error:
        finish(night_after.run)
    with open_lake(night_after.lake, read_only=True) as con:
        assert last_release(con) == before
    assert before
    assert file_release(night_after.lake.release_file) == before.release_id
    # rows removed with their article are not reported again
    assert "no_missing_mentions_or_statements" not in str(error.value)
    assert all(
        f"`tidings {name}" in str(error.value)
        for name in ("backfill", "release", "rebuild", "restore")
    )
    assert "--accept-loss" in str(error.value)
    accepted = finish(night_after.run, "a day was lost")
    assert (accepted.accepted_loss, accepted.audit_warned) == ("a day was lost", 1)
    with duckdb.connect(night_after.lake.release_file, read_only=True) as con:
        found = con.execute(
            "select accepted_loss from ops.releases order by snapshot_id"
        ).fetchall()
        assert found == [(None,), ("a day was lost",)]
    assert finish(night_after.run) == accepted


@pytest.mark.slow
def test_reprocessing_restores_missing_articles(night_after: SimpleNamespace) -> None:
    """Reprocessing a day's stored pages restores its missing articles, and the audit passes."""
    damage(night_after.lake, f"delete from core.articles where published_on = '{DAY}'")
    with open_lake(night_after.lake, read_only=True) as con:
        publishers = [
            row[0]
            for row in con.execute("select distinct publisher_id from core.articles").fetchall()
        ]
        seen = con.execute("select max(fetched_at)::date from raw.captures").fetchone()[0]
    reprocess(night_after.run, publishers, Window(seen, seen))
    assert finish(night_after.run).accepted_loss is None


@pytest.mark.slow
def test_each_table_with_missing_rows_is_reported(night_after: SimpleNamespace) -> None:
    """Separate dbt tests report empty marts, an empty column, and missing mentions, statements and
    captures, but not a column that may become empty.
    """
    damage(
        night_after.lake,
        *(
            f"delete from {name}"
            for name in ("marts.theme_monthly", "marts.coverage", "measures.keyness_monthly")
        ),
        *(
            f"delete from marts.{name} where hash(article_id) % 2 = 0"
            for name in ("theme_mentions", "statements")
        ),
        "delete from marts.outlet_daily where published_on < '2026-07-01'",
        "delete from raw.captures where kind = 'page' and hash(capture_id) % 2 = 0",
        "update core.articles set section = null",
        "update measures.phrase_adoptions set possible_gap_on = null",  # no gap is left
    )
    tables_by_test = {
        loss.name: {row["table_name"] for row in loss.rows}
        for loss in audit(night_after.run, "all of it").losses
    }
    assert tables_by_test.pop("sums_agree")
    assert tables_by_test == {
        "no_empty_columns": {"core.articles"},
        "no_missing_days": {"marts.outlet_daily"},
        "no_missing_mentions_or_statements": {"marts.theme_mentions", "marts.statements"},
        "no_empty_marts": {"marts.theme_monthly", "marts.coverage", "measures.keyness_monthly"},
        "no_missing_records": {"raw.captures"},
    }


def test_the_first_release_is_checked_without_an_earlier_release(
    night_after: SimpleNamespace,
) -> None:
    """Without an earlier release the audit still reports missing articles, empty marts and sums."""
    damage(
        night_after.lake,
        "delete from ops.releases",
        "delete from core.articles where hash(article_id) % 2 = 0",
        "delete from marts.theme_weekly",
        "update core.articles set content_hash = null",
    )
    with pytest.raises(AuditError) as error:
        audit(night_after.run)
    for name in ("no_missing_articles", "no_empty_marts", "no_empty_columns", "sums_agree"):
        assert f"{name}: " in str(error.value)


def test_an_unchanged_warehouse_is_neither_built_nor_audited(
    night_after: SimpleNamespace, sample_night: Any
) -> None:
    """A second run within a day without new rows releases nothing and leaves the lake alone."""
    later = dataclasses.replace(
        night_after.run, now=sample_night.release.released_at + dt.timedelta(minutes=5)
    )
    with open_lake(night_after.lake, read_only=True) as con:
        before = newest_snapshot(con)
    assert finish(later) == sample_night.release
    assert night_after.lines == [
        "annotated: no article was waiting",
        "grouped: nothing changed",
        "models: nothing changed since the last run",
        "audit: no table changed since the last release",
        f"nothing changed: {sample_night.release.release_id} remains the last release",
    ]
    with open_lake(night_after.lake, read_only=True) as con:
        assert newest_snapshot(con) == before


@pytest.mark.slow
@pytest.mark.parametrize(("release_on", "is_built"), [("poll", True), ("news", False)])
def test_a_poll_without_news_is_released_as_the_settings_say(
    night_after: SimpleNamespace, sample_night: Any, release_on: str, is_built: bool
) -> None:
    """With ``poll``, a later poll of the day builds models; with ``news``, only new articles."""
    now = sample_night.release.released_at + dt.timedelta(minutes=5)
    settings = dataclasses.replace(night_after.run.settings, release_on=release_on)
    run = dataclasses.replace(night_after.run, now=now, settings=settings)
    polled = (
        "insert into raw.captures by name select * replace (uuid() as capture_id) from"
        " raw.captures where kind = 'feed' limit 1"
    )
    damage(night_after.lake, polled)
    model(run)
    audit(run)
    assert ("models: nothing changed since the last run" not in night_after.lines) == is_built
    assert ("audit: no table changed since the last release" not in night_after.lines) == is_built
    if is_built:
        return
    damage(
        night_after.lake,
        "update core.articles set content_hash = 'new' where article_id = (select min(article_id)"
        " from core.articles)",
    )
    night_after.lines.clear()
    assert model(run)
