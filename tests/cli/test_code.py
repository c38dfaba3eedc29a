"""``tidings code`` draws, serves the coding sheet, reports agreement and adds the labels to the
reference data.
"""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from tests.analysis.coding.conftest import released  # noqa: F401 - a fixture
from tidings.analysis.coding.labels import CodingSheet
from tidings.storage.reference import read_csv
from tidings.storage.release import open_release

if TYPE_CHECKING:
    from pathlib import Path

    from tidings.storage.lake import Lake


@pytest.fixture
def env(released: Any, tmp_path: Path) -> dict[str, str]:  # noqa: F811
    """Return the variables of a command, with own reference data for the themes of the release."""
    own = tmp_path / "own"
    own.mkdir()
    columns = ("theme_id", "parent_id", "label_en", "kind")
    rows = [
        ("industry", "", "Industry", "theme"),
        ("robots", "industry", "Robots", "theme"),
        ("water", "", "Water", "theme"),
    ]
    with (own / "themes.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return {"TIDINGS_WAREHOUSE": str(released.root), "TIDINGS_SEEDS": str(own)}


@pytest.fixture
def code(env: Any, command: Any) -> Any:
    """Return a function that runs a subcommand."""
    return lambda *words, **other: command("code", *words, **{**env, **other})


def label(lake: Lake, sample: Path, coder: str) -> None:
    """Label the articles of a sample as the page does: the third and sixth with a theme."""
    with open_release(lake) as con:
        sheet = CodingSheet(con, sample, coder)
        for place in range(sheet.count):
            roles = {"water": "main"} if place % 3 == 2 else {}
            sheet.store(place, {"roles": roles, "is_any": False})


def test_the_labels_of_two_coders_are_compared_and_added(
    code: Any,
    released: Any,  # noqa: F811
    tmp_path: Path,
) -> None:
    """``agreement`` and ``add`` read the files of both coders."""
    sample = tmp_path / "sample.csv"
    done = code("draw", sample, "--size", "6")
    assert done.returncode == 0, done.stderr
    assert "Drew 6 articles" in done.stdout
    label(released, sample, "Anna")
    label(released, sample, "Ben")
    files = [tmp_path / "sample-Anna.csv", tmp_path / "sample-Ben.csv"]
    done = code("agreement", *files, "--format", "csv")
    assert done.returncode == 0, done.stderr
    water = next(
        row for row in csv.DictReader(done.stdout.splitlines()) if row["theme_id"] == "water"
    )
    assert (water["measure"], float(water["agreement"]), float(water["alpha"])) == ("about", 1, 1)
    done = code("add", *files)
    assert "Added the labels of 6 articles" in done.stdout, done.stderr
    assert len(read_csv(tmp_path / "own" / "codings.csv")) == sum(
        len(read_csv(file)) for file in files
    )


def test_the_page_ends_with_the_command(code: Any, env: Any, tmp_path: Path) -> None:
    """The command prints a URL on 127.0.0.1 that works, and ends with a summary when it is
    stopped.
    """
    sample = tmp_path / "sample.csv"
    assert code("draw", sample, "--size", "3").returncode == 0
    words = [sys.executable, "-m", "tidings.cli", "code", "label", str(sample), "--coder", "Anna"]
    with subprocess.Popen(
        words, env=os.environ | env, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        url = running.stdout.readline().rpartition(" ")[2].strip()
        assert url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(url, timeout=20) as page:
            assert b"Coding sheet" in page.read()
        running.send_signal(signal.SIGINT)
        rest = running.communicate(timeout=20)[0]
    assert running.returncode == 0
    assert "0 of 3 articles are coded" in rest


def test_bad_input_is_one_sentence(code: Any, released: Any, tmp_path: Path) -> None:  # noqa: F811
    """Missing releases and files, wrong options and labels of one coder yield one line on standard
    error and status 1.
    """
    sample, empty = tmp_path / "sample.csv", tmp_path / "empty.csv"
    empty.write_text("a,b\n1,2\n")
    assert code("draw", sample, "--size", "3").returncode == 0
    label(released, sample, "Anna")
    nowhere = {"TIDINGS_WAREHOUSE": str(tmp_path / "nowhere")}
    for words, variables, expected in [
        (("draw", tmp_path / "new.csv"), nowhere, "or `tidings nightly`"),
        (("draw", sample), {}, "already exists"),
        (("draw", tmp_path / "new.csv", "--theme", "watr"), {}, "Similar: water"),
        (
            ("draw", tmp_path / "new.csv", "--from", "2026-05", "--until", "2026-01"),
            {},
            "is after --until",
        ),
        (("draw", tmp_path / "new.csv", "--from", "x"), {}, "invalid date"),
        (("label", tmp_path / "absent.csv", "--coder", "A"), {}, "cannot be read"),
        (("label", empty, "--coder", "A"), {}, "column"),
        (("label", sample, "--coder", "../A"), {}, "Invalid coder"),
        (("agreement", tmp_path / "sample-Anna.csv"), {}, "two coders"),
        (("agreement", empty), {}, "column"),
        (("add", empty), {}, "column"),
    ]:
        status, _, err = code(*words, **variables)
        assert status == 1, words
        assert len(err.splitlines()) == 1, err
        assert expected in err
