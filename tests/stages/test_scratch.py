"""dbt builds the same rows as the program, in a scratch file beside the lake."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.transforms.conftest import TinyLake, phrase_row
from tidings.paths import TRANSFORMS
from tidings.storage.lake import open_lake
from tidings.storage.reference import lexicon_version

pytestmark = pytest.mark.slow

BODY = "Claire Moreau said that factory robots help. We promote the harbour robots plan."


def run(lake: TinyLake, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the project's folder, with the lake as warehouse."""
    env = {
        **os.environ,
        "TIDINGS_WAREHOUSE": str(lake.lake.root),
        "TIDINGS_SCRATCH": str(lake.lake.root / "scratch" / "lake.duckdb"),
    }
    return subprocess.run(
        command, cwd=TRANSFORMS, env=env, capture_output=True, text=True, check=False
    )


def write_scratch(lake: TinyLake) -> subprocess.CompletedProcess[str]:
    """Write the scratch file of a lake."""
    path = lake.lake.root / "scratch" / "lake.duckdb"
    return run(lake, sys.executable, "-m", "tidings.stages.scratch", str(path))


def test_stock_dbt_builds_and_tests_the_same_rows(lake: TinyLake, tmp_path: Path) -> None:
    """`dbt build` without a plugin passes all tests, and every table by day and every other mart
    has the rows that the program built in two nights; the lake stays as it was.
    """
    lake.insert(
        "ref.speakers", person_id="moreau", language="en", name="Claire Moreau", office="premier"
    )
    lake.insert("ref.speech_verbs", language="en", form="said", lemma="say", pattern="verb")
    lake.insert("ref.theme_phrases", phrase_row("p9", "water", "harbour"))
    for night, outlet in enumerate(("gazette", "daily")):
        lake.add_poll(outlet, outlet, "2023-09-09 22:00:00+00", "2023-09-01 00:00:00+00")
        lake.add_article(
            f"{outlet}-1", outlet, f"2023-09-0{night + 7}", f"Factory robots in the {outlet}", BODY
        )
        with open_lake(lake.lake) as con:
            lake.lexicon = lexicon_version(con)
        lake.build()
    before = lake.snapshot()
    written = write_scratch(lake)
    assert written.returncode == 0, written.stderr
    assert json.loads(written.stdout)["lexicon_version"] == lake.lexicon
    folders = ["--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")]
    dbt = str(Path(sys.executable).with_name("dbt"))
    built = run(lake, dbt, "--no-use-colors", "build", "--vars", written.stdout, *folders)
    assert built.returncode == 0, built.stdout
    scratch = duckdb.connect(lake.lake.root / "scratch" / "lake.duckdb", read_only=True)
    names = lake.rows(
        "select schema_name || '.' || table_name from duckdb_tables()"
        " where schema_name in ('marts', 'measures') order by all"
    )
    assert len(names) > 30
    for (name,) in names:
        expected = lake.rows(f"from {name} order by all")
        assert scratch.execute(f"from {name} order by all").fetchall() == expected, name
    assert lake.snapshot() == before


@pytest.mark.parametrize(
    ("is_empty", "message"), [(True, "There is no warehouse in"), (False, "has no tables yet")]
)
def test_a_missing_warehouse_is_named(lake: TinyLake, is_empty: bool, message: str) -> None:
    """Without a warehouse or a build, the command ends with one sentence."""
    if is_empty:
        lake.con.close()
        lake.lake.catalog.unlink()
    result = write_scratch(lake)
    assert result.returncode == 1
    assert message in result.stderr
