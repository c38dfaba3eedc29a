"""The examples of docs/sql.md for the shell and for Python run unchanged on a real release."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "sql.md"
BLOCKS = re.findall(
    r"^```(\w+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def workspace(sample_night: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a folder like the repository's, with the sample warehouse, and an environment."""
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "warehouse").mkdir()
    (folder / "warehouse" / "data").symlink_to(sample_night.lake.root)
    programs = folder / "bin"
    programs.mkdir()
    (programs / "tidings").write_text(
        f'#!/bin/sh\nexec {sys.executable} -m tidings.cli "$@"\n', encoding="utf-8"
    )
    (programs / "tidings").chmod(0o755)
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    return folder, os.environ | {
        "PATH": path,
        "TIDINGS_WAREHOUSE": str(sample_night.lake.root),
        "PYTHONPATH": str(ROOT),
    }


def _run(command: Any, workspace: Any) -> Any:
    folder, environment = workspace
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
        encoding="utf-8",
    )


def _lines(kind: Any) -> Any:
    return [text for language, text in BLOCKS if language == kind]


def test_each_language_has_examples() -> None:
    """The page has examples for the shell, for Python and for R."""
    assert {language for language, _ in BLOCKS} >= {"sh", "python", "r"}
    assert len(_lines("sh")) >= 4
    assert len(_lines("python")) >= 3


@pytest.mark.slow
def test_the_shell_examples_run(workspace: Any) -> None:
    """Every shell example succeeds without an error, and the files that it writes have rows."""
    for block in _lines("sh"):
        found = _run(["bash", "-e", "-c", block], workspace)
        assert found.returncode == 0, f"{block}\n{found.stderr}"
        assert "rror" not in found.stderr
    folder = workspace[0]
    weekly = duckdb.sql(f"select count(*) from '{folder}/weekly.parquet'").fetchone()
    assert weekly
    assert weekly[0] > 100
    assert (folder / "gaps.csv").read_text(encoding="utf-8").count("\n") > 3
    assert (folder / "gaps.json").read_text(encoding="utf-8").startswith("[")
    months = (folder / "theme_monthly.csv").read_text(encoding="utf-8").splitlines()
    assert months[0].startswith("theme_id,month_start_on")
    assert any("digital_economy" in line for line in months)


@pytest.mark.parametrize("number", range(len(_lines("python"))))
def test_the_python_examples_run(workspace: Any, number: Any) -> None:
    """Every Python example runs separately and uses the data of the release."""
    found = _run([sys.executable, "-c", _lines("python")[number]], workspace)
    assert found.returncode == 0, found.stderr
    if number == 0:
        assert "digital_economy" in found.stdout
    if number == 1:
        assert "vega" in (workspace[0] / "digital_economy.html").read_text(encoding="utf-8")
    if number == 2:
        assert found.stdout.count("[ ") == 5
        assert "http://" in found.stdout


def test_the_r_and_power_query_examples_fit_the_release(workspace: Any, sample_night: Any) -> None:
    """R's query runs in DuckDB, as R may be missing; Power Query's names existing columns."""
    (block,) = _lines("r")
    query = re.search(r'dbGetQuery\(con, "(.*?)", params = list\("(\w+)"\)', block, re.DOTALL)
    assert query
    with duckdb.connect(sample_night.lake.release_file, read_only=True) as con:
        assert con.execute(query[1], [query[2]]).fetchall()
    named = re.findall(r'\{"(\w+)", ', next(text for _, text in BLOCKS if "Csv.Document" in text))
    with duckdb.connect(sample_night.lake.release_file, read_only=True) as con:
        columns = {row[0] for row in con.execute("describe marts.theme_monthly").fetchall()}
    assert named
    assert set(named) <= columns
