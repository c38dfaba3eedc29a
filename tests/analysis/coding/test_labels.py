"""A coder's labels are stored immediately, can be corrected, and survive a kill."""

import hashlib
import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.coding.conftest import NOW, drawn
from tests.cases import cases
from tidings.analysis.coding.labels import COLUMNS, TEXT, CodingSheet, read_labels
from tidings.analysis.coding.sample import COLUMNS as SAMPLE_COLUMNS
from tidings.analysis.coding.sample import freeze_plan
from tidings.analysis.inputs import InputError
from tidings.analysis.own_seeds import replace_rows
from tidings.storage.reference import read_csv, write_csv
from tidings.storage.release import open_release
from tidings.storage.seed_checks import check_cells

THEMES = {"industry", "robots", "water"}


def place_of(sheet: CodingSheet, stratum: str) -> int:
    return next(
        place for place in range(len(sheet.rows)) if sheet.rows[place]["stratum"] == stratum
    )


def test_labels_become_rows_of_codings(open_sheet: Any) -> None:
    """An article has a row per theme, with its text's hash and the themes of the word list."""
    sheet = open_sheet()
    place = place_of(sheet, "hit")
    sheet.save(place, {"water": "main", "robots": "side"}, is_any=False, now=NOW)
    article = sheet.article(place)
    rows = read_csv(sheet.path)
    assert list(rows[0]) == list(COLUMNS)
    assert {row["theme_id"]: row["role"] for row in rows} == {"water": "main", "robots": "side"}
    plain = "".join((article["title"] + article["body"]).split())
    assert {row["text_hash"] for row in rows} == {hashlib.sha256(plain.encode()).hexdigest()[:16]}
    themes = {"found_theme_ids": "industry|robots", "about_theme_ids": "industry|robots"}
    expected = {"coder": "Anna", "coded_at": "2026-11-01T12:00:00Z", "stratum": "hit", **themes}
    assert all(row | expected | {"lexicon_version": "words1"} == row for row in rows)
    assert article["roles"] == {"water": "main", "robots": "side"}


def test_a_correction_replaces_the_earlier_labels(open_sheet: Any) -> None:
    """No theme is one row with role none. It differs from an article without labels."""
    sheet = open_sheet()
    assert sheet.article(0)["roles"] is None
    sheet.save(0, {"water": "main"}, is_any=False)
    sheet.save(0, {}, is_any=True)
    (row,) = read_csv(sheet.path)
    assert (row["theme_id"], row["role"], row["is_any"]) == ("", "none", "true")
    assert (sheet.article(0)["roles"], sheet.article(0)["is_any"]) == ({}, True)


def test_the_sheet_continues_after_a_restart(open_sheet: Any) -> None:
    """The next article is the next one without labels; skipped articles follow at the end."""
    sheet = open_sheet()
    sheet.save(0, {}, is_any=False)
    sheet.save(2, {}, is_any=False)
    again = open_sheet()
    assert [again.next_place(place) for place in (0, 1, len(again.rows) - 1)] == [1, 3, 1]
    assert again.next_place() == 1
    for place in range(len(again.rows)):
        again.save(place, {}, is_any=False)
    assert again.next_place() is None
    assert len(again.decided()) == len(again.rows)


def test_a_second_coder_does_not_see_the_first_labels(open_sheet: Any) -> None:
    """Each coder has a file and sees neither labels of others nor results of the word list."""
    open_sheet("Anna").save(0, {"water": "main"}, is_any=False)
    ben = open_sheet("Ben")
    second = ben.article(0)
    assert (second["roles"], ben.decided()) == (None, set())
    assert set(second) == {
        "where", "url", "title", "body", "language", "published_on", "roles", "is_any",
    }  # fmt: skip


def test_weights_are_those_of_the_articles_coded_so_far(con: Any, tmp_path: Path) -> None:
    """Three of twelve articles weigh more than six of them; those for a second coder are fewer, and
    their labels have no weight and refer to the plan.
    """
    sample = tmp_path / "sample.csv"
    rows = drawn(con, 10)
    write_csv(sample, SAMPLE_COLUMNS, rows)
    plan_id = freeze_plan(sample, {"question": "How wet?", "size": 10}, rows)
    sheet = CodingSheet(con, sample, "Anna")
    for place in range(6):
        sheet.save(place, {}, is_any=False)
        if place == 2:
            three = [float(row["weight"]) for row in read_csv(sheet.path)]
    six = [float(row["weight"]) for row in read_csv(sheet.path)]
    assert all(before > after >= 1 for before, after in zip(three, six, strict=False))
    second = CodingSheet(con, sample, "Ben", is_second=True)
    assert len(second.rows) == 2
    second.save(0, {}, is_any=False)
    (row,) = read_csv(second.path)
    assert (row["weight"], row["plan_id"]) == ("", plan_id)


def test_coded_articles_also_stand_for_skipped_ones(con: Any, tmp_path: Path) -> None:
    """If articles before the last coded one were skipped, the weights of a stratum still add up to
    those of all its articles up to there; without a skipped article they are as before.
    """
    sample = tmp_path / "sample.csv"
    rows = drawn(con, 10)
    write_csv(sample, SAMPLE_COLUMNS, rows)
    whole, skipping = (CodingSheet(con, sample, name) for name in ("Anna", "Ben"))
    last = 8
    first = whole.rows[0]["stratum"]
    assert sum(row["stratum"] == first for row in whole.rows[:last]) > 1
    for place in range(last):
        whole.save(place, {}, is_any=False)
        if place > 0:
            skipping.save(place, {}, is_any=False)

    def totals(sheet: CodingSheet) -> dict[str, float]:
        sums: dict[str, float] = {}
        for row in read_csv(sheet.path):
            sums[row["stratum"]] = sums.get(row["stratum"], 0) + float(row["weight"])
        return sums

    assert totals(skipping) == pytest.approx(totals(whole))
    skipping.save(0, {}, is_any=False)
    weights = [
        {row["article_id"]: row["weight"] for row in read_csv(sheet.path)}
        for sheet in (whole, skipping)
    ]
    assert weights[0] == weights[1]


def _label_forever(lake: Any, sample: Any) -> None:
    with open_release(lake) as con:
        sheet = CodingSheet(con, sample, "Anna")
        while True:
            for place in range(len(sheet.rows)):
                sheet.save(place, {"water": "main", "robots": "side"}, is_any=False)


def test_a_killed_sheet_loses_nothing(released: Any, open_sheet: Any) -> None:
    """After kills during writing, the file has complete labels, and never fewer articles."""
    sheet = open_sheet()
    sheet.save(0, {}, is_any=True)
    before = 1
    for _ in range(2):
        context, sample = multiprocessing.get_context("spawn"), sheet.path.with_name("sample.csv")
        writer = context.Process(target=_label_forever, args=(released, sample))
        writer.start()
        started = sheet.path.stat().st_ino
        while sheet.path.stat().st_ino == started:
            assert writer.is_alive()
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        coded = sheet.coded()
        assert len(coded) >= before
        before = len(coded)
        assert {len(rows) for rows in coded.values()} <= {1, 2}
        assert all(len(rows) == 2 or rows[0]["is_any"] == "true" for rows in coded.values())


def test_invalid_names_themes_and_samples_are_refused(
    open_sheet: Any, con: Any, tmp_path: Path
) -> None:
    """A coder's name stays in the folder, unknown themes and foreign articles are refused."""
    for name in ("", "../x", "a/b", ".hidden", "x" * 41):
        with pytest.raises(InputError, match="Invalid coder"):
            open_sheet(name)
    sheet = open_sheet()
    for roles in ({"nonsense": "main"}, {"water": "chief"}):
        with pytest.raises(InputError, match="Unknown theme or role"):
            sheet.save(0, roles, is_any=False)
    assert not sheet.path.exists()
    sample = tmp_path / "sample.csv"
    sample.write_text(sample.read_text().splitlines()[0] + "\n")
    with pytest.raises(InputError, match="contains no article"):
        CodingSheet(con, sample, "Anna")
    sample.write_text(sample.read_text() + "x,,,,,,,,\n")
    with pytest.raises(InputError, match="contains no article"):
        CodingSheet(con, sample, "Anna")


def test_added_labels_replace_those_of_the_same_coder_and_text(
    open_sheet: Any, tmp_path: Path
) -> None:
    """Labels that a coder adds again replace the earlier ones, also with fewer themes."""
    anna, ben, table = open_sheet("Anna"), open_sheet("Ben"), tmp_path / "own" / "codings.csv"
    anna.save(0, {"water": "main", "robots": "side"}, is_any=False)
    ben.save(0, {"water": "main"}, is_any=False)
    replace_rows(table, read_labels([anna.path, ben.path], THEMES), TEXT)
    assert len(read_csv(table)) == 3
    anna.save(0, {}, is_any=False)
    replace_rows(table, read_labels([anna.path], THEMES), TEXT)
    rows = read_csv(table)
    assert [(row["coder"], row["theme_id"]) for row in rows] == [("Ben", "water"), ("Anna", "")]
    assert check_cells("codings", rows) == []


def test_only_the_newest_coding_of_a_text_counts(open_sheet: Any, tmp_path: Path) -> None:
    """If two files contain codings of a text by the same coder, the older rows are ignored."""
    sheet, older = open_sheet(), tmp_path / "older.csv"
    sheet.save(0, {"water": "main"}, is_any=False, now=NOW.replace(year=2025))
    sheet.path.rename(older)
    sheet.save(0, {"robots": "side"}, is_any=False, now=NOW)
    assert [row["theme_id"] for row in read_labels([sheet.path, older], THEMES)] == ["robots"]


@cases(
    "change, sentence",
    ({"theme_id": "nonsense"}, "nonsense: unknown theme_id"),
    ({"role": "chief"}, "invalid role 'chief': use main, side, none"),
    ({"role": "none"}, "must be empty if the role is none"),
    ({"theme_id": ""}, "must be empty if the role is none"),
    ({"coder": "a/b"}, "invalid coder 'a/b'"),
    ({"text_hash": "x"}, "invalid text_hash 'x'"),
    ({"weight": "many"}, "invalid weight 'many': use a number above 0"),
    ({"coded_at": "3/12/2026"}, "invalid coded_at '3/12/2026'"),
)
def test_invalid_labels_are_refused(open_sheet: Any, change: dict[str, str], sentence: str) -> None:
    """The message names the file, the row and the cell, before a release would fail for it."""
    sheet = open_sheet()
    sheet.save(0, {"water": "main"}, is_any=False)
    (row,) = read_csv(sheet.path)
    sheet.path.write_text(",".join(COLUMNS) + "\n" + ",".join({**row, **change}.values()) + "\n")
    with pytest.raises(InputError, match=f"sample-Anna.csv: codings.csv, .*{sentence}"):
        read_labels([sheet.path], THEMES)
