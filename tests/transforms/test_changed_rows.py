"""An upgrade of the project's own SQL: tables built by article hold the same rows as if built from nothing."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.transforms.conftest import phrase_row
from tidings.transforms import session

if TYPE_CHECKING:
    from pathlib import Path

    from tests.transforms.conftest import TinyLake

SELECT = "+int_article_themes +int_statements_built"
BODY = "Claire Moreau said that factory robots help each and every one of those who live along the river."


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A copy of the project, to be altered, which builds use from here on."""
    copy = tmp_path / "project"
    shutil.copytree(session.PROJECT, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    monkeypatch.setattr(session, "PROJECT", copy)
    return copy


@pytest.fixture
def spoken(lake: TinyLake, tmp_path: Path) -> TinyLake:
    """A lake in which a person spoke on two days, with a work folder of its own."""
    lake.insert("ref.speakers", {"person_id": "moreau", "language": "en", "name": "Claire Moreau", "office": "premier"})
    lake.insert("ref.speech_verbs", {"language": "en", "form": "said", "lemma": "say", "pattern": "verb"})
    lake.work = tmp_path / "work"
    for day in (1, 2):
        lake.add_article(f"daily-{day}", "daily", f"2023-09-0{day}", f"Text {day}", BODY)
    return lake


def alter(path: Path, old: str, new: str) -> None:
    """Replace a piece of a file that stands in it once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, path
    path.write_text(text.replace(old, new), encoding="utf-8")


def held(lake: TinyLake) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of the tables built by article."""
    tables = ("marts.theme_mentions", "marts.article_stories", "marts.statements", "intermediate.int_article_themes")
    return {table: lake.rows(f"from {table} order by all") for table in tables}


def held_when_built_from_nothing(lake: TinyLake) -> dict[str, list[tuple[object, ...]]]:
    """Return the same after a build into an empty lake."""
    for schema in ("marts", "intermediate"):
        lake.con.execute(f"drop schema {schema} cascade")
    lake.build(select=SELECT)
    return held(lake)


def test_upgrade_reaches_what_earlier_nights_built(spoken: TinyLake, project: Path) -> None:
    """A column added to mentions, stories and statements, and another rule for snippets, hold for every night's articles."""
    spoken.build(select=SELECT)
    added = {
        "theme_mentions": "length(snippet) as snippet_length",
        "article_stories": "article_id = story_id as is_first",
        "statements": "length(sentence) as sentence_length",
    }
    for table, column in added.items():
        alter(project / "models" / "marts" / f"{table}.sql", "\nfrom final", f",\n    {column}\nfrom final")
    alter(project / "macros" / "snippet.sql", "reach=80", "reach=20")
    spoken.add_article("daily-3", "daily", "2023-09-03", "Text 3", BODY)
    spoken.build(select=SELECT)
    found = held(spoken)
    assert {table: len(rows) for table, rows in found.items()} == dict.fromkeys(found, 3)
    assert found == held_when_built_from_nothing(spoken)


def test_table_with_other_columns_is_never_filled_in_part(spoken: TinyLake) -> None:
    """Where columns differ though the SQL does not, the table is made whole: a night's new articles are not all it holds."""
    spoken.build(select=SELECT)
    spoken.con.execute("alter table marts.theme_mentions drop column snippet")
    spoken.con.execute("alter table marts.statements drop column office")
    spoken.add_article("daily-3", "daily", "2023-09-03", "Text 3", BODY)
    spoken.insert("ref.theme_phrases", phrase_row("p6", "water", "the river"))
    spoken.build(select=SELECT)
    found = held(spoken)
    assert {table: len(rows) for table, rows in found.items()} == dict.fromkeys(found, 3) | {"marts.theme_mentions": 6}
    assert found == held_when_built_from_nothing(spoken)


@pytest.mark.parametrize(
    ("file", "scopes"),
    [
        ("models/marts/theme_daily.sql", {"int_changed_days"}),
        ("models/marts/statements.sql", {"int_statement_articles"}),
        ("models/marts/theme_mentions.sql", {"int_articles_to_tag"}),
        ("macros/snippet.sql", {"int_articles_to_tag"}),
        ("macros/lives.sql", set()),
    ],
)
def test_scope_version_follows_its_own_sql_alone(project: Path, file: str, scopes: set[str]) -> None:
    """A change of a model or macro changes the version of what is built with it, and of nothing else."""
    before = session.scope_versions()
    with (project / file).open("a", encoding="utf-8") as stream:
        stream.write("-- changed\n")
    after = session.scope_versions()
    assert {scope for scope in after if after[scope] != before[scope]} == scopes
