"""Builds after changed articles equal a full build, also if interrupted or after a new project."""

import datetime as dt
import random
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.transforms.conftest import TinyLake, copies_of, phrase_row
from tidings import paths
from tidings.extraction.measures import minhash
from tidings.stages import build as building
from tidings.stages.build import build
from tidings.storage.lake import WarehouseError

LATER = dt.datetime(2023, 9, 20, tzinfo=dt.UTC)


def add_stories(lake: TinyLake) -> None:
    """Add twelve days of two outlets, one of which usually repeats the other's article later."""
    rng = random.Random(3)
    with lake.at_once():
        for day in range(1, 13):
            body = " ".join(
                f"factory robots w{rng.randrange(900)} along the river basin x{rng.randrange(900)}."
                for _ in range(12)
            )
            for outlet, late in (("gazette", 0), ("daily", 2)):
                text = body if day % 4 else body + f" {outlet} " * 60
                row = (f"{outlet}-{day}", outlet, f"2023-09-{day + late:02}", f"{outlet} {day}")
                lake.add_article(*row, text, signature=minhash(text))
    lake.build()


storied = copies_of(add_stories, LATER)


def change(lake: TinyLake) -> None:
    """Move an article to another day, remove one from its story, delete one, and add one to an old
    story.
    """
    signature, body = lake.rows(
        "select signature, body_text from core.articles where title = 'gazette 6'"
    )[0]
    moved = "No robotic arm here."
    lake.add_article("daily-1", "daily", "2023-09-09", "daily 1", moved, signature=minhash(moved))
    lake.con.execute(
        "update core.articles set published_on = '2023-09-10' where title = 'gazette 2'"
    )
    lake.con.execute("delete from core.articles where title = 'gazette 3'")
    lake.add_article("daily-99", "daily", "2023-09-05", "daily 99", str(body), signature=signature)


def held(lake: TinyLake) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of all tables that the models write."""
    tables = lake.rows(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'lake'"
        " and schema_name in ('marts', 'measures', 'intermediate') order by 1"
    )
    return {str(table): lake.rows(f"from {table} order by all") for (table,) in tables}


def held_when_built_from_nothing(lake: TinyLake) -> dict[str, list[tuple[object, ...]]]:
    """Return the same rows after a full build."""
    for schema in ("marts", "measures", "intermediate"):
        lake.con.execute(f"drop schema {schema} cascade")
    lake.build(reads_texts=False)
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


def written(lake: TinyLake, table: str, since: int) -> int:
    """Return the number of rows of a table that were inserted or deleted after a snapshot."""
    schema, name = table.split(".")
    changes = f"ducklake_table_changes('lake', '{schema}', '{name}', {since + 1}"
    (row,) = lake.rows(f"select count(*) from {changes}, {lake.snapshot()})")
    return int(str(row[0]))


@pytest.mark.slow
def test_a_night_writes_only_what_changed(storied: TinyLake) -> None:
    """Moved, separated, deleted and added articles give the rows of a full build; the days of other
    articles are not rewritten. After a change of the project's SQL, all days are computed.
    """
    before = storied.snapshot()
    change(storied)
    result = storied.build()
    # Each article has three themes: three rows deleted, six moved, three added, and three of an
    # article replaced by two.
    assert written(storied, "marts.article_themes", before) == 3 + 6 + 3 + 3 + 2
    assert set(result.days) == {dt.date(2023, 9, day) for day in (1, 2, 3, 4, 5, 6, 8, 9, 10)}
    assert differing(storied) == {}
    expected = held(storied)
    storied.con.execute("update annotations.last_build set rules_version = 'other'")
    storied.con.execute("delete from marts.theme_daily where published_on = '2023-09-06'")
    storied.build(reads_texts=False)
    assert held(storied) == expected


@pytest.mark.slow
def test_an_interrupted_build_leaves_the_tables_of_the_last_one(
    storied: TinyLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build that fails after a late table writes nothing, and the next build completes it, also
    for a word list with a phrase of another theme and one for a theme that articles already have.
    """
    change(storied)
    storied.insert("ref.theme_phrases", phrase_row("p6", "robots", "along the river"))
    storied.insert("ref.themes", {"theme_id": "new", "label_en": "New", "kind": "theme"})
    storied.con.execute("update ref.theme_phrases set theme_id = 'new' where phrase_id = 'p3'")
    storied.lexicon = "v2"
    storied.annotate()
    before = storied.snapshot()
    with monkeypatch.context() as patch:
        patch.setattr(building._Builder, "build", build_until("lead_lags"))
        with pytest.raises(WarehouseError, match="model lead_lags failed: interrupted"):
            build(storied.lake, as_of=storied.as_of, lexicon="v2")
    assert storied.snapshot() == before
    storied.add_article(
        "gazette-100", "gazette", "2023-09-12", "gazette 100", "Factory robots at last."
    )
    storied.build()
    assert differing(storied) == {}


def build_until(last: str) -> Any:
    """Return a replacement of ``_Builder.build`` that fails after one model."""
    original = building._Builder.build

    def build_one(builder: Any, node: Any) -> None:
        original(builder, node)
        if node.name == last:
            raise duckdb.Error("interrupted")

    return build_one


@pytest.mark.slow
def test_new_columns_reach_what_earlier_nights_built(
    storied: TinyLake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A new or removed column applies to all rows of a table by day and of the tables behind it."""
    copy = tmp_path / "project"
    shutil.copytree(paths.TRANSFORMS, copy)
    monkeypatch.setattr(paths, "TRANSFORMS", copy)
    model = copy / "models" / "marts" / "statements.sql"
    text = model.read_text(encoding="utf-8")
    model.write_text(
        text.replace("language\nfrom sentences", "language,\n    1 as added\nfrom sentences"),
        encoding="utf-8",
    )
    storied.con.execute("alter table marts.theme_mentions drop column snippet")
    count = storied.rows("select count(*) from marts.theme_mentions")
    storied.add_article("daily-30", "daily", "2023-09-13", "Text", "No robots.")
    storied.build()
    assert storied.rows("select count(snippet) from marts.theme_mentions") == count
    assert "added" in [row[0] for row in storied.rows("describe marts.statements")]
    assert differing(storied) == {}
