"""The package is one folder without links, works beside clones, and loads functions lazily."""

import datetime as dt
import doctest
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

import tidings
from tidings import api
from tidings.paths import ROOT
from tidings.storage.lake import WarehouseError

PAGE = "<article><h1>Steel</h1><p>" + "Tariffs on steel rise in May. " * 9 + "</p></article>"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the repository without links, in a folder with the package's name."""
    copy = tmp_path_factory.mktemp("parent") / "tidings"
    flags = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    command = [shutil.which("git") or "git", *flags]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name, follow_symlinks=False)
    return copy


def _run(code: str, folder: Path, *paths: Path) -> str:
    """Return the output of code in a folder, with these on Python's path, not this checkout."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("TIDINGS_")}
    env |= {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONSAFEPATH": ""}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_repository_contains_no_link(clone: Path) -> None:
    """No file is a symbolic link, so a clone without them (as on Windows) is complete."""
    assert [path for path in clone.rglob("*") if path.is_symlink()] == []


def test_the_package_is_complete_in_any_folder(clone: Path) -> None:
    """A clone's modules and data are its own, whatever the working folder is."""
    code = (
        "from importlib.util import find_spec; from tidings import paths; import tidings.cli;"
        "print(find_spec('tidings.flows.nightly').origin, paths.SEEDS, paths.TRANSFORMS,"
        " paths.MIGRATIONS, tidings.cli.__file__, sep='\\n')"
    )
    for folder in (clone, clone / "docs", clone.parent.parent):
        for path in _run(code, folder, clone).splitlines():
            assert Path(path).is_relative_to(clone), (folder, path)
            assert Path(path).exists()


def test_the_parent_folder_is_not_the_package(clone: Path) -> None:
    """Above a clone named ``tidings``, Python imports the installed package, not the clone."""
    assert _run("import tidings; print(tidings.__version__)", clone.parent) == tidings.__version__
    code = (
        "import importlib.util; print(importlib.util.find_spec('tidings.tests'),"
        " importlib.util.find_spec('tidings.docs'))"
    )
    assert _run(code, clone.parent) == "None None"


def test_two_clones_do_not_merge(clone: Path, tmp_path: Path) -> None:
    """With two clones on the path, every module comes from the first."""
    other = tmp_path / "second"
    shutil.copytree(clone / "tidings", other / "tidings")
    (other / "tidings" / "base" / "only_here.py").write_text("", encoding="utf-8")
    code = (
        "import importlib.util, tidings, tidings.flows.serve as serve;"
        "print(len(tidings.__path__), importlib.util.find_spec('tidings.base.only_here'),"
        " serve.__file__)"
    )
    count, found, file = _run(code, tmp_path, clone, other).split(" ", 2)
    assert (count, found) == ("1", "None")
    assert Path(file) == clone / "flows" / "serve.py"


def test_former_names_of_the_coding_sheet_work() -> None:
    """Scripts of 0.2 import the labels and samples of coders from ``tidings.flows.coding``."""
    code = (
        "from tidings.flows.coding.labels import CodingSheet; from tidings.flows.coding.sample"
        " import draw_sample;print(CodingSheet.__module__, draw_sample.__module__)"
    )
    assert _run(code, ROOT, ROOT) == "tidings.analysis.coding.labels tidings.analysis.coding.sample"


def test_importing_the_package_imports_no_library() -> None:
    """``import tidings`` loads neither DuckDB, lxml nor Prefect, but lists all functions."""
    code = (
        "import sys, tidings; print(sorted({'duckdb', 'lxml', 'prefect', 'tidings.api'} &"
        " set(sys.modules)), dir(tidings))"
    )
    assert _run(code, ROOT, ROOT) == f"[] {tidings.__all__}"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = tidings.nothing


def test_extract_returns_an_article_or_a_named_outcome() -> None:
    """A page as text or bytes yields an article, one without text its outcome and reason."""
    for html in (PAGE, PAGE.encode()):
        article: Any = tidings.extract(html, "https://ministry.example/news/1")
        assert (article.title, article.language) == ("Steel", "en")
    empty: Any = tidings.extract("", "https://ministry.example/news/2")
    assert empty.outcome
    assert empty.reason


def test_tag_and_quote_use_the_words_of_the_given_folders(tmp_path: Path) -> None:
    """Without folders the bundled lists apply; a folder of one's own replaces them."""
    found = tidings.tag(
        "The ministry raised tariffs on steel.", "en", title="New tariffs", day=dt.date(2026, 8, 31)
    )
    assert found["themes"][0]["theme_id"] == "tariffs"
    (tmp_path / "themes.csv").write_text("theme_id,parent_id,cap_code\nmetal,,\n", encoding="utf-8")
    (tmp_path / "theme_phrases.csv").write_text(
        "phrase_id,theme_id,language,phrase,match_type,role,salience\nm1,metal,en,steel,word,include,\n",
        encoding="utf-8",
    )
    for seeds in (tmp_path, str(tmp_path), [tmp_path]):
        own = tidings.tag("The ministry raised tariffs on steel.", "en", seeds=seeds)
        assert [theme["theme_id"] for theme in own["themes"]] == ["metal"]
    shown = tidings.quote("“Growth is slow,” said Christine Lagarde.", "en")[0]["person_id"]
    assert shown == "lagarde"


def test_a_wrong_argument_is_named(tmp_path: Path) -> None:
    """An unknown time zone is not taken for UTC, the name of a language not for its tag, a text or
    time not for a day, and a missing folder or one without phrases not for an empty word list.
    """
    with pytest.raises(ValueError, match="Unknown time zone 'Europe/Zuerich'"):
        tidings.extract("<p>Text</p>", "https://ministry.example/", time_zone="Europe/Zuerich")
    missing = tmp_path / "missing"
    no_days: list[Any] = ["2026-08-31", dt.datetime.now(dt.UTC)]
    for function in (tidings.tag, tidings.quote):
        with pytest.raises(WarehouseError, match="Folder of seeds not found: .*missing"):
            function("Steel", "en", seeds=[missing])
        with pytest.raises(ValueError, match="Unknown language 'English'"):
            function("Steel", "English")
        for day in no_days:
            with pytest.raises(TypeError, match="is not a day"):
                function("Steel", "en", day=day)
    with pytest.raises(WarehouseError, match="There are no phrases in "):
        tidings.tag("Steel", "en", seeds=[tmp_path])


def test_open_release_reads_the_marts_and_refuses_other_files(
    sample_night: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection only reads, marts without a schema; without a release it names a step."""
    with tidings.open_release(sample_night.lake.release_file) as con:
        assert con.sql("select count(*) from theme_monthly").fetchone()[0] > 0
        with pytest.raises(Exception, match="read-only"):
            con.execute("create table marts.mine (a integer)")
    (tmp_path / "a.duckdb").write_text("no database", encoding="utf-8")
    duckdb.connect(tmp_path / "b.duckdb").close()
    for name in ("a.duckdb", "b.duckdb", "none.duckdb"):
        with pytest.raises(WarehouseError, match="not a release"):
            tidings.open_release(tmp_path / name)
    monkeypatch.setenv("TIDINGS_WAREHOUSE", str(tmp_path / "none"))
    with pytest.raises(WarehouseError, match="tidings nightly"):
        tidings.open_release()


def test_the_examples_in_the_docstrings_are_true() -> None:
    """The examples of ``extract``, ``tag`` and ``quote`` match their docstrings."""
    runner = doctest.DocTestRunner()
    for function in (api.extract, api.tag, api.quote):
        for test in doctest.DocTestFinder().find(function, globs={"tidings": tidings}):
            runner.run(test)
    assert runner.summarize(verbose=False) == (0, 7)
