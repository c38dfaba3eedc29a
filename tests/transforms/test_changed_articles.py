"""Builds after changed articles equal a full build, also after an interrupted build."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.conftest import copied, phrase_row
from tidings.extraction.measures import minhash
from tidings.stages.models.rendering import ModelError, Renderer
from tidings.stages.models.run import build

if TYPE_CHECKING:
    from pathlib import Path

    from tests.transforms.conftest import TinyLake

LATER = dt.datetime(2023, 9, 20, tzinfo=dt.UTC)
# What a run writes of itself, not of articles.
OWN = ("last_build", "int_lexicon_change")


@pytest.fixture
def storied(built: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> TinyLake:
    """A built lake of twelve days and two outlets, one of which usually repeats the other's article
    of two days before.
    """
    return copied(built, tmp_path, tmp_path_factory, LATER)


@pytest.fixture(scope="module")
def built(empty_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this lake, for tests to copy."""
    rng = random.Random(3)
    lake = copied(empty_lake, tmp_path_factory.mktemp("built"), tmp_path_factory, LATER)
    with lake.at_once():
        for day in range(1, 13):
            body = " ".join(
                f"factory robots w{rng.randrange(900)} along the river basin x{rng.randrange(900)}."
                for _ in range(12)
            )
            for outlet, late in (("gazette", 0), ("daily", 2)):
                text = body if day % 4 else body + f" {outlet} " * 60
                lake.add_article(
                    f"{outlet}-{day}",
                    outlet,
                    f"2023-09-{day + late:02}",
                    f"{outlet} {day}",
                    text,
                    signature=minhash(text),
                )
    lake.build()
    lake.con.close()
    return lake.lake.root


def change(lake: TinyLake) -> None:
    """Move an article to another day, remove one from its story, delete one, and add one to an old
    story.
    """
    signature, body = lake.rows(
        "select signature, body_text from core.articles where title = 'gazette 6'"
    )[0]
    lake.add_article(
        "daily-1",
        "daily",
        "2023-09-09",
        "daily 1",
        "No robotic arm here.",
        signature=minhash("No robotic arm here."),
    )
    lake.con.execute(
        "update core.articles set published_on = '2023-09-10' where title = 'gazette 2'"
    )
    lake.con.execute("delete from core.articles where title = 'gazette 3'")
    lake.add_article("daily-99", "daily", "2023-09-05", "daily 99", str(body), signature=signature)


def held(lake: TinyLake) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of all tables that the models write."""
    tables = lake.rows(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'lake'"
        f" and schema_name in ('marts', 'intermediate') and table_name not in {OWN} order by 1"
    )
    return {str(table): lake.rows(f"from {table} order by all") for (table,) in tables}


def held_when_built_from_nothing(lake: TinyLake) -> dict[str, list[tuple[object, ...]]]:
    """Return the same rows after a full build."""
    for schema in ("marts", "intermediate"):
        lake.con.execute(f"drop schema {schema} cascade")
    lake.build()
    return held(lake)


def differing(lake: TinyLake) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows that differ from a full build."""
    actual, expected = held(lake), held_when_built_from_nothing(lake)
    assert actual.keys() == expected.keys()
    return {
        table: [row for row in rows if row not in expected[table]]
        for table, rows in actual.items()
        if rows != expected[table]
    }


def test_a_night_looks_only_at_what_changed(storied: TinyLake) -> None:
    """Moved, separated, deleted and added articles give the rows of a full build; other articles
    are not rewritten.
    """
    written = (
        "select count(*) from ducklake_table_changes('lake', 'intermediate',"
        " 'int_article_themes', {}, {})"
    )
    before = storied.snapshot()
    change(storied)
    storied.build()
    # three of them twice: as it was, as it is
    assert storied.rows(written.format(before + 1, storied.snapshot())) == [(6,)]
    assert differing(storied) == {}


def test_an_interrupted_build_leaves_the_tables_of_the_last_one(
    storied: TinyLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build that fails after a late table writes nothing, and the next build completes it, also
    for a changed word list.
    """
    change(storied)
    storied.insert("ref.theme_phrases", phrase_row("p6", "water", "the river"))
    storied.lexicon = "v2"
    storied.annotate()
    before = storied.snapshot()
    with monkeypatch.context() as patch:
        patch.setattr(Renderer, "build", build_until("lead_lags"))
        result = build(storied.lake, as_of=storied.as_of, lexicon_version="v2")
    assert [failure.message for failure in result.failures] == ["interrupted"]
    assert storied.snapshot() == before
    storied.add_article(
        "gazette-100", "gazette", "2023-09-12", "gazette 100", "Factory robots at last."
    )
    storied.build()
    assert {table for table, rows in differing(storied).items() if rows} <= {
        "marts.lexicon_changes"
    }


def build_until(last: str) -> Any:
    """Return a replacement of ``Renderer.build`` that fails after one model."""
    original = Renderer.build

    def build_one(renderer: Renderer, node: Any) -> None:
        original(renderer, node)
        if node.name == last:
            raise ModelError("interrupted")

    return build_one


def test_forgotten_rows_do_not_compute_every_text_again(storied: TinyLake) -> None:
    """If the changes since the last build are unknown, day tables are compared completely and only
    changed articles are read.
    """
    change(storied)
    storied.con.execute("update intermediate.last_build set began_at = null")
    written = (
        "select count(*) from ducklake_table_changes('lake', 'intermediate',"
        " 'int_article_themes', {}, {})"
    )
    before = storied.snapshot()
    storied.build()
    assert storied.rows(written.format(before + 1, storied.snapshot())) == [(6,)]
    assert differing(storied) == {}


def test_changed_rules_compare_every_row(storied: TinyLake) -> None:
    """After a change of all rules, every table is compared completely, and the same rows remain."""
    change(storied)
    storied.build()
    before = held(storied)
    storied.con.execute(
        "update intermediate.last_build set rules_version = 'other', scope_versions = '{}'"
    )
    storied.con.execute("delete from marts.theme_daily where published_on = '2023-09-06'")
    storied.build()
    assert held(storied) == before
