"""The `dbt` executable, started directly in the project's folder, works on the lake of
TIDINGS_WAREHOUSE.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tidings.paths import TRANSFORMS
from tidings.storage.lake import Lake, connect, open_lake
from tidings.storage.migrate import migrate
from tidings.storage.reference import lexicon_version

if TYPE_CHECKING:
    from tests.transforms.conftest import TinyLake

pytestmark = pytest.mark.slow

BODY = "Claire Moreau said that factory robots help. We promote the harbour robots plan."


@pytest.fixture
def complete_lake(lake: TinyLake) -> TinyLake:
    """A lake with all reference data that a build requires, two articles and two polls."""
    lake.insert(
        "ref.speakers",
        {"person_id": "moreau", "language": "en", "name": "Claire Moreau", "office": "premier"},
    )
    lake.insert(
        "ref.speech_verbs", {"language": "en", "form": "said", "lemma": "say", "pattern": "verb"}
    )
    lake.insert(
        "ref.evidence_words",
        {"language": "en", "word": "promote", "kind": "verb"},
        {"language": "en", "word": "plan", "kind": "head_noun"},
    )
    for outlet in ("gazette", "daily"):
        lake.add_poll(outlet, outlet, "2023-09-09 22:00:00+00", "2023-09-01 00:00:00+00")
        lake.add_article(
            f"{outlet}-1", outlet, "2023-09-08", f"Factory robots in the {outlet}", BODY
        )
    with open_lake(lake.lake) as con:
        lake.lexicon = lexicon_version(con)
    lake.annotate()
    return lake


def dbt(lake: TinyLake, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the dbt executable in the project's folder as of the lake's run time."""
    return run_dbt(
        lake.lake.root, lake.work, *arguments, "--vars", f"as_of: {lake.as_of.isoformat()}"
    )


def run_dbt(warehouse: Path, work: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the dbt executable in the project's folder, with its own files in a work folder."""
    paths = ["--target-path", str(work / "cli_target"), "--log-path", str(work / "cli_logs")]
    command = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *arguments, *paths]
    env = {**os.environ, "TIDINGS_WAREHOUSE": str(warehouse)}
    return subprocess.run(
        command, cwd=TRANSFORMS, env=env, capture_output=True, text=True, check=False
    )


def mart_rows(lake: TinyLake) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all marts."""
    names = lake.rows(
        "select table_name from duckdb_tables() where schema_name = 'marts' order by all"
    )
    return {str(name): lake.rows(f"from marts.{name} order by all") for (name,) in names}


def test_dbt_build_writes_the_same_rows_as_the_program(complete_lake: TinyLake) -> None:
    """`dbt build` fills every mart as the program does, and a second build by the program only adds
    comments of tables.
    """
    result = dbt(complete_lake, "build")
    assert result.returncode == 0, result.stdout
    rows, snapshot = mart_rows(complete_lake), complete_lake.snapshot()
    assert len(rows["theme_mentions"]) == 4
    assert len(rows["statements"]) == 2
    complete_lake.build()
    assert complete_lake.snapshot() <= snapshot + 1
    assert mart_rows(complete_lake) == rows
    for schema in ("marts", "intermediate"):
        complete_lake.con.execute(f"drop schema {schema} cascade")
    complete_lake.build()
    assert mart_rows(complete_lake) == rows


def test_parts_of_the_project_can_be_selected(complete_lake: TinyLake) -> None:
    """`dbt show`, `dbt test` and `dbt build` of single models compute the working tables that they
    read.
    """
    complete_lake.build()
    shown = dbt(
        complete_lake, "show", "--select", "theme_daily", "--output", "json", "--limit", "1000"
    )
    assert shown.returncode == 0, shown.stdout
    assert shown.stdout.count('"theme_id"') == len(complete_lake.rows("from marts.theme_daily"))
    snapshot = complete_lake.snapshot()
    for arguments in (
        ("test", "--select", "stg_articles", "theme_mentions"),
        ("build", "--select", "theme_monthly"),
    ):
        result = dbt(complete_lake, *arguments)
        assert result.returncode == 0, result.stdout
    assert complete_lake.snapshot() == snapshot


def test_a_build_completes_a_part_that_dbt_built(complete_lake: TinyLake) -> None:
    """Dbt commits each model; the next build of the program gives the rows of a full build."""
    complete_lake.build()
    complete_lake.add_article("gazette-2", "gazette", "2023-09-09", "The factory robots plan", BODY)
    complete_lake.con.execute("delete from core.articles where title like '%daily%'")
    complete_lake.annotate()
    result = dbt(complete_lake, "run", "--select", "+article_stories", "+theme_mentions")
    assert result.returncode == 0, result.stdout
    complete_lake.build()
    rows = mart_rows(complete_lake)
    for schema in ("marts", "intermediate"):
        complete_lake.con.execute(f"drop schema {schema} cascade")
    complete_lake.build()
    assert mart_rows(complete_lake) == rows


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("no lake", "There is no warehouse in"),
        ("no schema", "This warehouse has no schema; this program needs schema"),
        (
            "no reference data",
            "lacks reference data (ref.publishers, ref.themes, ref.theme_phrases, ref.speakers",
        ),
    ],
)
def test_dbt_refuses_an_incomplete_lake(tmp_path: Path, state: str, message: str) -> None:
    """The command ends with one sentence that names the missing part, and writes nothing."""
    if state != "no lake":
        with connect(Lake(tmp_path)) as con:
            if state == "no reference data":
                migrate(con)
    result = run_dbt(tmp_path, tmp_path, "build", "--select", "theme_daily")
    assert result.returncode != 0
    assert message in result.stdout.splitlines()[-1]
