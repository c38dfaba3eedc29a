"""``tidings export`` and ``tidings report`` write the files of a release and print their location."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.flows.report.sample_releases import write_ordinary_release


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("warehouse")
    write_ordinary_release(folder / "tidings.duckdb")
    return folder


def _tidings(warehouse: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tidings.flows.cli", *words],
        env=os.environ | {"TIDINGS_WAREHOUSE": str(warehouse)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_export_prints_its_folder(warehouse: Any, tmp_path: Path) -> None:
    """`tidings export DIR` writes the package and prints the folder; it refuses a folder with other files."""
    made = _tidings(warehouse, "export", str(tmp_path / "out"))
    assert made.returncode == 0, made.stderr
    assert (Path(made.stdout.strip()) / "datapackage.json").is_file()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("kept")
    refused = _tidings(warehouse, "export", str(tmp_path / "other"))
    assert refused.returncode == 1
    assert "name a new folder" in refused.stderr
    nowhere = _tidings(warehouse, "export", "/dev/null/out")
    assert nowhere.returncode == 1
    assert nowhere.stderr == "tidings: Cannot write /dev/null/out: Not a directory.\n"


def test_report_prints_only_the_path(warehouse: Any) -> None:
    """Standard output is the path of the first page; a second call writes no files."""
    first = _tidings(warehouse, "report")
    assert first.returncode == 0, first.stderr
    assert Path(first.stdout.strip()) == warehouse / "report" / "index.html"
    assert Path(first.stdout.strip()).is_file()
    second = _tidings(warehouse, "report")
    assert "0 of" in second.stderr
    assert second.stdout == first.stdout


def test_report_without_a_release_fails(tmp_path: Path) -> None:
    """Without a release, the command fails with one sentence that names the next command."""
    failed = _tidings(tmp_path, "report")
    assert failed.returncode == 1
    assert len(failed.stderr.strip().splitlines()) == 1
    assert "tidings nightly" in failed.stderr
