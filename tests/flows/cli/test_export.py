"""``tidings export`` writes a release's tables and prints where they are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.report.sample_releases import write_ordinary_release


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
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


def test_export_prints_its_folder(warehouse, tmp_path):
    """`tidings export DIR` writes the package and prints the folder; one with other files, or none, is refused in a sentence."""
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
    assert nowhere.stderr == "tidings: /dev/null/out cannot be written: Not a directory.\n"
