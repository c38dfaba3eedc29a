"""Missing rows: what the audit refuses, what a person accepts, and what brings rows back."""

import contextlib
import datetime as dt
import shutil
import sqlite3
from types import SimpleNamespace

import duckdb
import pytest

from tests.flows.nights import settings_for
from tidings.flows.fetch.window import Window
from tidings.flows.stages.clean import reprocess
from tidings.flows.stages.release import AuditError, audit, model, release
from tidings.flows.stages.run import start_run
from tidings.warehouse.lake import Lake, open_lake
from tidings.warehouse.writer_lock import writer_lock

DAY = dt.date(2026, 7, 15)


@pytest.fixture
def night_after(sample_night, tmp_path):
    """A run over a copy of the sample night's warehouse, a day later, and what it tells; nothing is new."""
    shutil.copytree(sample_night.lake.root, tmp_path / "data")
    lake = Lake(tmp_path / "data")
    with contextlib.closing(sqlite3.connect(lake.catalog)) as catalog, catalog:
        moved = [lake.attach_options()["DATA_PATH"]]
        catalog.execute("update ducklake_metadata set value = ? where key = 'data_path'", moved)
    told = []
    settings = settings_for(lake.root, sample_night.settings.feeds, [], ":".join(map(str, sample_night.settings.seeds)))
    now = sample_night.release.released_at + dt.timedelta(days=1)
    return SimpleNamespace(run=start_run(settings, now=now, run_id="test", log=told.append), lake=lake, told=told)


def spoil(lake, *statements):
    with open_lake(lake) as con:
        for statement in statements:
            con.execute(statement)


def finish(run, reason=None):
    with writer_lock(run.lake):
        model(run)
        return release(run, audit(run, reason), reason)


def test_missing_articles_are_refused_until_a_person_accepts_them(night_after):
    """The message names outlet, day and counts; the reason stands in the releases and their file; the next night needs none."""
    spoil(night_after.lake, "delete from core.articles where hash(article_id) % 2 = 0")
    with pytest.raises(AuditError, match=r"no_missing_articles: core\.articles, sample_\w+, 2026-06-01, before_count") as refused:
        finish(night_after.run)
    assert "no_missing_mentions_or_statements" not in str(refused.value)  # what went with its article is not told twice
    assert all(f"`tidings {name}" in str(refused.value) for name in ("backfill", "release", "rebuild", "restore"))
    assert "--accept-loss" in str(refused.value)
    made = finish(night_after.run, "half of it was lost")
    assert (made.accepted_loss, made.audit_warned) == ("half of it was lost", 1)
    with duckdb.connect(night_after.lake.release_file, read_only=True) as con:
        assert con.execute("select accepted_loss from ops.releases order by snapshot_id").fetchall() == [
            (None,),
            ("half of it was lost",),
        ]
    assert finish(night_after.run) == made


def test_stored_pages_make_missing_articles_again(night_after):
    """A reprocess of the day on which articles are missing brings them back, and the audit passes."""
    spoil(night_after.lake, f"delete from core.articles where published_on = '{DAY}'")
    with open_lake(night_after.lake, read_only=True) as con:
        publishers = [row[0] for row in con.execute("select distinct publisher_id from core.articles").fetchall()]
        seen = con.execute("select max(fetched_at)::date from raw.captures").fetchone()[0]
    reprocess(night_after.run, publishers, Window(seen, seen))
    assert finish(night_after.run).accepted_loss is None


def test_what_is_missing_is_found_in_every_table(night_after):
    """Emptied marts, mentions, statements, captures and a column's values are each found by a test of their own."""
    spoil(
        night_after.lake,
        *(f"delete from marts.{name}" for name in ("theme_monthly", "coverage", "bursts", "keyness_monthly")),
        *(f"delete from marts.{name} where hash(article_id) % 2 = 0" for name in ("theme_mentions", "statements")),
        "delete from marts.outlet_daily where published_on < '2026-07-01'",
        "delete from raw.captures where kind = 'page' and hash(capture_id) % 2 = 0",
        "update core.articles set section = null",
    )
    found = {one.name: {row["table_name"] for row in one.rows} for one in audit(night_after.run, "all of it").losses}
    assert found.pop("sums_agree")
    assert found == {
        "no_missing_bursts": {"marts.bursts"},
        "no_empty_columns": {"core.articles"},
        "no_missing_days": {"marts.outlet_daily"},
        "no_missing_mentions_or_statements": {"marts.theme_mentions", "marts.statements"},
        "no_empty_marts": {"marts.theme_monthly", "marts.coverage", "marts.keyness_monthly"},
        "no_missing_records": {"raw.captures"},
    }


def test_a_first_night_is_held_against_itself(night_after):
    """Without a release to compare with, missing articles, emptied marts and sums that differ are found all the same."""
    spoil(
        night_after.lake,
        "delete from ops.releases",
        "delete from core.articles where hash(article_id) % 2 = 0",
        "delete from marts.theme_weekly",
        "update core.articles set content_hash = null",
    )
    with pytest.raises(AuditError) as refused:
        audit(night_after.run)
    for name in ("no_missing_articles", "no_empty_marts", "no_empty_columns", "sums_agree"):
        assert f"{name}: " in str(refused.value)


def test_a_table_that_can_be_computed_is_built_again(night_after):
    """An emptied mart is filled by a build of all tables; earlier changes of the word list, which nothing tells of, stay."""
    change = "insert into marts.lexicon_changes by name select 'water' as theme_id, date '2026-06-01' as month_start_on,"
    spoil(
        night_after.lake,
        "delete from marts.theme_monthly",
        f"{change} 'a' as lexicon_before, 'b' as lexicon_after, 1 as gained_count, 0 as lost_count",
    )
    with writer_lock(night_after.lake):
        model(night_after.run, is_whole=True)
        assert audit(night_after.run).is_ok
    with open_lake(night_after.lake, read_only=True) as con:
        assert con.execute("select lexicon_before from marts.lexicon_changes").fetchall() == [("a",)]
