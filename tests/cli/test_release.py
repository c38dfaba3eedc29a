"""``tidings export`` and ``tidings report`` write a release's files and print their location."""

from pathlib import Path
from typing import Any

import pytest

from tests.analysis.report.sample_releases import write_ordinary_release


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("warehouse")
    write_ordinary_release(folder / "tidings.duckdb")
    return folder


@pytest.fixture
def tidings(command: Any) -> Any:
    """Return a function that runs a command on a warehouse: status, standard output, errors."""
    return lambda warehouse, *words: command(*words, TIDINGS_WAREHOUSE=str(warehouse))


def test_export_prints_its_folder(tidings: Any, warehouse: Any, tmp_path: Path) -> None:
    """`tidings export DIR` writes the package and prints its place; it refuses a filled folder."""
    status, out, err = tidings(warehouse, "export", tmp_path / "out")
    assert status == 0, err
    assert (Path(out.strip()) / "datapackage.json").is_file()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("kept")
    status, _, err = tidings(warehouse, "export", tmp_path / "other")
    assert status == 1
    assert "name a new folder" in err
    status, _, err = tidings(warehouse, "export", "/dev/null/out")
    assert status == 1
    assert err == "tidings: Cannot write /dev/null/out: Not a directory.\n"


def test_export_states_the_next_step(tidings: Any, warehouse: Any, tmp_path: Path) -> None:
    """The summary names files and the way to a DOI, or the upload; an invalid DOI writes none."""
    status, _, err = tidings(warehouse, "export", tmp_path / "out")
    assert status == 0, err
    assert all(path.name in err for path in (tmp_path / "out").iterdir())
    assert "the same command with --doi" in err.splitlines()[-1]
    status, _, err = tidings(
        warehouse, "export", tmp_path / "out", "--doi", "doi:10.5281/zenodo.42"
    )
    assert status == 0, err
    assert err.splitlines()[-1] == (
        "Next: pack this folder as a ZIP file and upload it as https://doi.org/10.5281/zenodo.42"
    )
    for option, value in (
        ("--doi", "zenodo.42"),
        ("--license", "CC BY 4.0"),
        ("--license", "MIT-9"),
        ("--license", "LicenseRef-x"),
    ):
        status, _, err = tidings(warehouse, "export", tmp_path / "new", option, value)
        assert (status, len(err.splitlines()), (tmp_path / "new").exists()) == (1, 1, False)
        assert value in err


def test_report_prints_only_the_path(tidings: Any, warehouse: Any) -> None:
    """Standard output is the path of the first page, also of a second call."""
    status, first, err = tidings(warehouse, "report")
    assert status == 0, err
    assert Path(first.strip()) == warehouse / "report" / "index.html"
    assert Path(first.strip()).is_file()
    _, second, err = tidings(warehouse, "report")
    assert "files written" in err
    assert second == first


def test_a_report_that_cannot_be_written_names_its_folder(tidings: Any, tmp_path: Path) -> None:
    """The sentence names the report's folder and not the temporary file that failed."""
    write_ordinary_release(tmp_path / "tidings.duckdb")
    (tmp_path / "report" / ".index.html.part").mkdir(parents=True)
    status, _, err = tidings(tmp_path, "report")
    assert (status, err) == (1, f"tidings: Cannot write {tmp_path}/report: Is a directory.\n")
