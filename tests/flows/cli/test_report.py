"""``tidings report`` writes the report of the last release and prints where it is."""

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


def test_it_prints_the_path_alone(warehouse):
    """Standard output is the path of the first page, so that a script can open it; a second call writes nothing."""
    first = _tidings(warehouse, "report")
    assert first.returncode == 0, first.stderr
    assert Path(first.stdout.strip()) == warehouse / "report" / "index.html"
    assert Path(first.stdout.strip()).is_file()
    second = _tidings(warehouse, "report")
    assert "0 of" in second.stderr
    assert second.stdout == first.stdout


def test_without_a_release_it_says_what_to_do(tmp_path):
    """Where nothing was released yet the command fails with one sentence."""
    failed = _tidings(tmp_path, "report")
    assert failed.returncode == 1
    assert len(failed.stderr.strip().splitlines()) == 1
    assert "tidings nightly" in failed.stderr
