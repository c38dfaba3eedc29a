"""``tidings code`` draws, serves the sheet, reports agreement and adds labels to reference data."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.coding.conftest import released  # noqa: F401 - a fixture
from tests.flows.nights import copy_prefect_database
from tidings.analysis.coding.labels import CodingSheet
from tidings.base.settings import read_settings
from tidings.cli.code import print_themes
from tidings.storage.lake import Lake
from tidings.storage.reference import read_csv
from tidings.storage.release import open_release
from tidings.storage.remote_lake import lake_of


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
        for place in range(len(sheet.rows)):
            roles = {"water": "main"} if place % 3 == 2 else {}
            sheet.store(place, {"roles": roles, "is_any": False})


def test_the_labels_of_two_coders_are_compared_and_added(
    code: Any,
    released: Any,  # noqa: F811
    tmp_path: Path,
) -> None:
    """``progress``, ``agreement`` and ``add`` read the files of both coders."""
    sample = tmp_path / "sample.csv"
    done = code("plan", sample, "--size", "6", "--from", "2026-01", "--width", "1")
    assert done.returncode == 0, done.stderr
    size = int(done.stdout.split()[1])
    label(released, sample, "Anna")
    label(released, sample, "Ben")
    done = code("progress", sample)
    assert f"{size} of {size} articles are coded, {size} of them twice." in done.stdout, done.stderr
    files = [tmp_path / "sample-Anna.csv", tmp_path / "sample-Ben.csv"]
    assert f"Use the labels: tidings code add {files[0]} {files[1]} && " in done.stdout
    assert "--coder" not in done.stdout
    done = code("agreement", *files, "--format", "csv")
    assert done.returncode == 0, done.stderr
    water = next(
        row for row in csv.DictReader(done.stdout.splitlines()) if row["theme_id"] == "water"
    )
    assert (water["measure"], float(water["agreement"]), float(water["alpha"])) == ("about", 1, 1)
    done = code("add", *files)
    assert f"Added the labels of {size} articles" in done.stdout, done.stderr
    assert len(read_csv(tmp_path / "own" / "codings.csv")) == sum(
        len(read_csv(file)) for file in files
    )
    (plan,) = read_csv(tmp_path / "own" / "coding_plans.csv")
    assert {row["plan_id"] for row in read_csv(files[0])} == {plan["plan_id"]}
    assert "no plan" not in done.stderr
    assert "no plan" not in code("add", shutil.move(files[0], tmp_path / "own")).stderr


def test_labels_without_their_plan_are_named(
    code: Any,
    released: Any,  # noqa: F811
    tmp_path: Path,
) -> None:
    """``add`` states how many articles have labels whose plan is neither beside them nor stored."""
    sample = tmp_path / "sample.csv"
    assert code("plan", sample, "--size", "3").returncode == 0
    label(released, sample, "Anna")
    (tmp_path / "sample.plan.csv").unlink()
    done = code("add", tmp_path / "sample-Anna.csv")
    assert done.returncode == 0, done.stderr
    assert "tidings: The labels of 3 articles have no plan: keep SAMPLE.plan.csv" in done.stderr
    assert "Added the labels of 3 articles" in done.stdout


@pytest.mark.slow
def test_a_release_uses_new_labels(
    code: Any,
    env: Any,
    released: Any,  # noqa: F811
    tmp_path: Path,
) -> None:
    """``tidings release`` loads added labels and their plan; bundled codings do not count. A later
    plan draws only the articles that are left.
    """
    sample, copy = tmp_path / "sample.csv", tmp_path / "copy"
    assert code("plan", sample, "--size", "6").returncode == 0
    label(released, sample, "Anna")
    assert code("add", tmp_path / "sample-Anna.csv").returncode == 0
    shutil.copytree(released.root, copy)
    copy_prefect_database(Lake(copy).prefect.parent)
    now = "2026-11-20T00:00Z"
    words = [sys.executable, "-m", "tidings.cli", "release", "--now", now]
    variables = os.environ | env | {"TIDINGS_WAREHOUSE": str(copy)}
    done = subprocess.run(words, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with open_release(lake_of(read_settings({"TIDINGS_WAREHOUSE": str(copy)}))) as con:
        found = con.execute("select count(distinct article_id), any_value(coder) from ref.codings")
        assert found.fetchall() == [(6, "Anna")]
        assert con.execute("select size from ref.coding_plans").fetchall() == [(6,)]
    rest = code("plan", tmp_path / "rest.csv", "--size", "12", TIDINGS_WAREHOUSE=str(copy))
    assert "Drew 6 articles" in rest.stdout, rest.stderr


def test_a_plan_is_frozen_and_can_only_become_longer(code: Any, tmp_path: Path) -> None:
    """The plan has question and hash. A longer sample keeps the first; others are refused."""
    sample, plan = tmp_path / "sample.csv", tmp_path / "sample.plan.csv"
    words = ("plan", sample, "--theme", "water", "--question", "How wet?")
    done = code(*words, "--size", "4", "--change", "0.2", "--width", "1")
    assert "Power" in done.stdout, done.stderr
    first = [row["article_id"] for row in read_csv(sample)]
    done = code(*words, "--size", "9")
    assert done.returncode == 0, done.stderr
    assert [row["article_id"] for row in read_csv(sample)][: len(first)] == first
    plans = read_csv(plan)
    assert [(row["question"], row["size"]) for row in plans] == [
        ("How wet?", str(len(first))), ("How wet?", "9"),
    ]  # fmt: skip
    assert "already exists" in code(*words, "--size", "12", "--seed", "2").stderr
    plan.write_text(plan.read_text().replace("How wet?", "How dry?"))
    assert "has changed since it was frozen" in code("label", sample, "--coder", "A").stderr


def test_labels_of_another_program_are_checked_and_added(
    code: Any,
    released: Any,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Scores are numbers from 0 to 1 of known themes; a label that is added again replaces the
    earlier one. A plan shows the widths without them, too.
    """
    with open_release(released) as con:
        article = con.execute("select text_id from marts.article_stories").fetchall()[0][0]
    given, own = tmp_path / "given.csv", tmp_path / "own" / "outside_labels.csv"
    head = "article_id,theme_id,score,model\n"
    for cells, expected in [
        ("water,1.5,babel", "score"), ("fire,0.5,babel", "theme"), ("water,x,babel", "score"),
    ]:  # fmt: skip
        given.write_text(f"{head}{article},{cells}\n")
        assert expected in code("outside", given).stderr
        assert not own.exists()
    for score in ("0.2", "0.9"):
        given.write_text(f"{head}{article},water,{score},babel\n")
        assert "Added 1 label" in code("outside", given).stdout
    assert [(row["score"], row["model"]) for row in read_csv(own)] == [("0.9", "babel")]
    done = code("plan", tmp_path / "new.csv", "--theme", "water", "--labels", given)
    assert "Without" in done.stdout, done.stderr


def test_articles_are_exported_for_other_packages(code: Any) -> None:
    """The export has a row for each counted article."""
    rows = list(csv.DictReader(code("export", "water").stdout.splitlines()))
    assert len(rows) == 12
    assert {row["prediction"] for row in rows} == {"absent", "mentioned"}


def test_bad_input_is_one_sentence(code: Any, released: Any, tmp_path: Path) -> None:  # noqa: F811
    """Missing files, wrong options and one coder's labels yield one line and status 1."""
    sample, empty = tmp_path / "sample.csv", tmp_path / "empty.csv"
    empty.write_text("a,b\n1,2\n")
    assert code("plan", sample, "--size", "3").returncode == 0
    label(released, sample, "Anna")
    nowhere = {"TIDINGS_WAREHOUSE": str(tmp_path / "nowhere")}
    for words, variables, expected in [
        (("plan", tmp_path / "new.csv"), nowhere, "or `tidings nightly`"),
        (("plan", sample, "--seed", "2"), {}, "already exists"),
        (("plan", tmp_path / "new.csv", "--theme", "watr"), {}, "Similar: water"),
        (
            ("plan", tmp_path / "new.csv", "--from", "2026-05", "--until", "2026-01"),
            {},
            "is after --until",
        ),
        (("plan", tmp_path / "new.csv", "--from", "x"), {}, "invalid date"),
        (("label", tmp_path / "absent.csv", "--coder", "A"), {}, "cannot be read"),
        (("label", empty, "--coder", "A"), {}, "column"),
        (("label", sample, "--coder", "../A"), {}, "Invalid coder"),
        (("agreement", tmp_path / "sample-Anna.csv"), {}, "two coders"),
        (("agreement", empty), {}, "column"),
        (("progress", tmp_path / "absent.csv"), {}, "draw the sample with a plan"),
        (("export", "watr"), {}, "Unknown theme"),
        (("add", empty), {}, "column"),
    ]:
        status, _, err = code(*words, **variables)
        assert status == 1, words
        assert len(err.splitlines()) == 1, err
        assert expected in err


def test_a_long_theme_takes_no_column_from_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    """In 80 columns, the ID of a theme is folded, and each percentage is on one line."""
    names = ["Found", "Expected", "Width, 60", "Width, 160", "Width, 300", "Bad list", "Power"]
    row = dict.fromkeys(names, 1.0) | {"theme_id": "new_quality_productive_forces"}
    print_themes([row], zip(names, names, strict=True))
    shown = capsys.readouterr().out
    assert shown.count("100.0%") == len(names)
    assert all(word in shown for word in ("Bad", "Power", "new_quality_"))
    assert max(map(len, shown.splitlines())) <= 80
