"""After a change of the project's SQL, tables built by article have the same rows as after a full
build.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.transforms.conftest import phrase_row
from tidings import paths
from tidings.stages.models.changes import scope_versions, transforms_version
from tidings.stages.models.project import read_project
from tidings.stages.models.run import TransformsError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.transforms.conftest import TinyLake

SELECT = "+int_article_themes +stories +statements"
BODY = (
    "Claire Moreau said that factory robots help each and every one of those who live along the"
    " river."
)


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A copy of the project that builds use and the test may change."""
    copy = tmp_path / "project"
    shutil.copytree(paths.TRANSFORMS, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    monkeypatch.setattr(paths, "TRANSFORMS", copy)
    return copy


@pytest.fixture
def spoken(lake: TinyLake, tmp_path: Path) -> TinyLake:
    """A lake with statements of a person on two days and its own work folder."""
    lake.insert(
        "ref.speakers",
        {"person_id": "moreau", "language": "en", "name": "Claire Moreau", "office": "premier"},
    )
    lake.insert(
        "ref.speech_verbs", {"language": "en", "form": "said", "lemma": "say", "pattern": "verb"}
    )
    lake.work = tmp_path / "work"
    for day in (1, 2):
        lake.add_article(f"daily-{day}", "daily", f"2023-09-0{day}", f"Text {day}", BODY)
    return lake


def alter(path: Path, old: str, new: str) -> None:
    """Replace a text that occurs once in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, path
    path.write_text(text.replace(old, new), encoding="utf-8")


def held(lake: TinyLake) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of the tables built by article."""
    tables = (
        "marts.theme_mentions",
        "marts.article_stories",
        "marts.statements",
        "intermediate.int_article_themes",
    )
    return {table: lake.rows(f"from {table} order by all") for table in tables}


def held_when_built_from_nothing(lake: TinyLake) -> dict[str, list[tuple[object, ...]]]:
    """Return the same rows after a full build."""
    for schema in ("marts", "intermediate"):
        lake.con.execute(f"drop schema {schema} cascade")
    lake.build(select=SELECT)
    return held(lake)


def test_upgrade_reaches_what_earlier_nights_built(spoken: TinyLake, project: Path) -> None:
    """A new column of mentions, stories and statements applies to articles of earlier runs too."""
    spoken.build(select=SELECT)
    added = {
        "theme_mentions": (
            "\nfrom {{ source('annotations', 'mentions') }} as mentions",
            "length(mentions.snippet) as snippet_length",
        ),
        "article_stories": (
            " as story_id\nfrom members",
            "members.article_id = story_id as is_first",
        ),
        "statements": (
            " sentences.language\nfrom sentences",
            "length(sentence) as sentence_length",
        ),
    }
    for table, (end, column) in added.items():
        head, _, source = end.rpartition("\n")
        alter(
            project / "models" / "marts" / f"{table}.sql", end, f"{head},\n    {column}\n{source}"
        )
    spoken.add_article("daily-3", "daily", "2023-09-03", "Text 3", BODY)
    spoken.build(select=SELECT)
    found = held(spoken)
    assert {table: len(rows) for table, rows in found.items()} == dict.fromkeys(found, 3)
    assert found == held_when_built_from_nothing(spoken)


def test_table_with_other_columns_is_never_filled_in_part(spoken: TinyLake) -> None:
    """A table with outdated columns is rebuilt completely, not only with the new articles."""
    spoken.build(select=SELECT)
    spoken.con.execute("alter table marts.theme_mentions drop column snippet")
    spoken.con.execute("alter table marts.statements drop column office")
    spoken.add_article("daily-3", "daily", "2023-09-03", "Text 3", BODY)
    spoken.insert("ref.theme_phrases", phrase_row("p6", "water", "the river"))
    spoken.build(select=SELECT)
    found = held(spoken)
    assert {table: len(rows) for table, rows in found.items()} == dict.fromkeys(found, 3) | {
        "marts.theme_mentions": 6
    }
    assert found == held_when_built_from_nothing(spoken)


def test_mart_without_a_unique_key_is_named(lake: TinyLake, project: Path) -> None:
    """A mart without a unique key fails on its first build with its name and the missing
    setting.
    """
    model = project / "models" / "marts" / "text_monthly.sql"
    model.write_text("-- One row.\nselect 1 as text_count\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"text_monthly has no unique_key\. Add config"):
        lake.build(select="text_monthly")


FUNCTIONS = {"find_shared_passages": "1", "group_event_day": "1", "track_events": "1"}


@pytest.mark.parametrize(
    ("file", "scopes"),
    [
        ("models/marts/theme_daily.sql", set()),
        ("models/marts/statements.sql", {"int_statement_articles"}),
        ("models/marts/theme_mentions.sql", {"int_articles_to_tag"}),
        ("macros/snippet.sql", set()),
        ("macros/lives.sql", set()),
    ],
)
def test_scope_version_follows_its_own_sql_alone(
    project: Path, file: str, scopes: set[str]
) -> None:
    """A changed model or macro changes only the versions of the article scopes that use it."""
    before = scope_versions(project, FUNCTIONS)
    with (project / file).open("a", encoding="utf-8") as stream:
        stream.write("-- changed\n")
    after = scope_versions(project, FUNCTIONS)
    assert {scope for scope in after if after[scope] != before[scope]} == scopes


def test_scope_version_follows_the_functions_that_its_sql_calls(project: Path) -> None:
    """Changed rules of a function change the version of the scope whose models call it."""
    before, after = (
        scope_versions(project, FUNCTIONS),
        scope_versions(project, FUNCTIONS | {"find_shared_passages": "2"}),
    )
    assert {scope for scope in after if after[scope] != before[scope]} == {"int_articles_to_link"}


def test_each_scope_lists_every_key_if_its_tables_are_compared_completely() -> None:
    """The SQL of each scope, or of a model before it, calls is_whole, except lexicon_changes, never
    compared completely.
    """
    models = read_project(paths.TRANSFORMS, transforms_version(paths.TRANSFORMS)).models
    scopes = {node.config["scope"] for node in models.values() if "scope" in node.config}
    sql = "\n".join(node.raw_code for node in models.values())
    assert {name for name in scopes if f"is_whole('{name}')" not in sql} == {"int_lexicon_change"}


def test_a_model_that_reads_an_unknown_model_is_named(lake: TinyLake, project: Path) -> None:
    """A build of a project with a misspelt model fails with one sentence that names both models."""
    model = project / "models" / "marts" / "text_monthly.sql"
    model.write_text("select * from {{ ref('theme_dayly') }}\n", encoding="utf-8")
    with pytest.raises(
        TransformsError, match="text_monthly reads the model theme_dayly, which does not exist"
    ):
        lake.build()
