"""``tidings phrase`` and its review page validate, accept, reject and count phrases immediately."""

import csv
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from tests.fixtures import DEMO_SEEDS
from tests.flows.nights import finish, settings_for
from tests.storage.conftest import copy_lake
from tidings.cli.phrase import phrase as command
from tidings.cli.phrase_review import Decision, PhraseSheet, undo
from tidings.cli.terminal import UserError
from tidings.demo.serve import END
from tidings.paths import SEEDS
from tidings.storage.lake import Lake
from tidings.storage.release import open_release

BUNDLED = SEEDS
ON = dt.date(2026, 8, 30)
NO_RELEASE = Path("nowhere.duckdb")


def decide(
    folders: Any,
    phrase: Any,
    language: str = "en",
    reviewer: str = "A. Reader",
    release: Path = NO_RELEASE,
) -> Any:
    return Decision(folders, release, phrase, language, reviewer, ON)


def rows_of(folder: Any, name: Any) -> Any:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


THEMES = {"transportation", "rail_transport", "technology", "digital_economy"}
KEPT = {"themes": THEMES, "theme_phrases": THEMES, "candidate_reviews": set[str]()}


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the rows of four themes: checking all phrases takes a second."""
    folder = tmp_path_factory.mktemp("few")
    for name, themes in KEPT.items():
        rows = rows_of(BUNDLED, name)
        with (BUNDLED / f"{name}.csv").open(encoding="utf-8") as file:
            columns = next(csv.reader(file))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(row for row in rows if row.get("theme_id") in themes)
    return folder


@pytest.fixture
def accept(few: Path) -> Any:
    """Return a function that accepts a phrase into a folder over the data of four themes."""

    def run(
        folder: Any,
        phrase: str = "quiet corridors plan",
        language: str = "en",
        *,
        theme: str = "rail_transport",
        made: tuple[str, ...] = (),
        reviewer: str = "A",
    ) -> Any:
        decision = decide((few, folder), phrase, language, reviewer)
        return decision.accept(theme, *made)["theme_phrases"]

    return run


def test_a_phrase_is_added_to_the_last_folder(few: Path, accept: Any, tmp_path: Path) -> None:
    """The row has ID, reviewer, date and source; the review is stored; the first folder stays."""
    before = (few / "theme_phrases.csv").read_bytes()
    row = accept(tmp_path)
    assert rows_of(tmp_path, "theme_phrases") == [
        row | dict.fromkeys(rows_of(tmp_path, "theme_phrases")[0].keys() - row.keys(), "")
    ]
    assert row["phrase_id"] not in {other["phrase_id"] for other in rows_of(few, "theme_phrases")}
    assert row["source"] == "added manually; accepted 2026-08-30"
    assert row["reviewed_by"] == "A"
    (review,) = rows_of(tmp_path, "candidate_reviews")
    assert review == {
        "phrase": "quiet corridors plan",
        "language": "en",
        "reviewed_on": "2026-08-30",
        "reviewer": "A",
        "verdict": "accepted",
        "article_count": "",
    }
    assert (few / "theme_phrases.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("args", "words"),
    [([], None), (["list"], None), (["show", "list"], "list"), (["list", "--lang", "en"], "list")],
)
def test_list_alone_is_no_phrase(
    args: list[str], words: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``tidings phrase list`` lists the candidates, as ``tidings phrase`` does."""
    typed: list[str | None] = []
    monkeypatch.setattr("tidings.cli.phrase._show_candidates", lambda _: typed.append(None))
    monkeypatch.setattr(
        "tidings.cli.phrase.show_mentions", lambda decision: typed.append(decision.phrase)
    )
    CliRunner().invoke(command, args)
    assert typed == [words]


def test_a_second_phrase_is_added(accept: Any, tmp_path: Path) -> None:
    """A second phrase gets another ID, and the first one remains."""
    first = accept(tmp_path)
    second = accept(tmp_path, phrase="calm corridors plan")
    assert [row["phrase_id"] for row in rows_of(tmp_path, "theme_phrases")] == [
        first["phrase_id"],
        second["phrase_id"],
    ]
    assert first["phrase_id"] != second["phrase_id"]


def test_a_new_theme_belongs_to_its_area(accept: Any, tmp_path: Path) -> None:
    """The theme is a formulation with the CAP code of its policy area."""
    accept(
        tmp_path,
        "静音走廊",
        "zh",
        theme="quiet_corridors",
        made=("transportation", "Quiet corridors"),
    )
    (theme,) = rows_of(tmp_path, "themes")
    (area,) = [row for row in rows_of(BUNDLED, "themes") if row["theme_id"] == "transportation"]
    assert (theme["parent_id"], theme["kind"], theme["cap_code"]) == (
        "transportation",
        "formulation",
        area["cap_code"],
    )
    assert (theme["label_en"], theme["label_zh"]) == ("Quiet corridors", "静音走廊")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reviewer": ""}, "The reviewer is missing"),
        ({"theme": ""}, "Unknown theme ''"),
        ({"theme": "rail_transpart"}, "Similar: rail_transport"),
        ({"theme": "rail_transport", "made": ("transportation", "Rail")}, "already exists"),
        (
            {"theme": "Quiet corridors", "made": ("transportation", "Quiet")},
            "Invalid theme ID",
        ),
        ({"theme": "quiet", "made": ("nowhere", "Quiet")}, "Unknown theme 'nowhere'"),
        ({"theme": "quiet", "made": ("transportation", "")}, "label_en is empty"),
        ({"theme": "quiet", "made": ("rail_transport", "Quiet")}, "also has a parent"),
        ({"theme": "digital_economy", "phrase": "Digital Economy"}, "match the same text"),
        ({"phrase": "quiet|corridors"}, "one line without the character |"),
        ({"language": "English"}, "invalid language"),
    ],
)
def test_an_invalid_decision_is_refused(
    accept: Any, tmp_path: Path, changes: Any, sentence: Any
) -> None:
    """The message is one sentence, and no file is written."""
    with pytest.raises(UserError) as refused:
        accept(tmp_path, **changes)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_rejection_stores_the_use(tmp_path: Path) -> None:
    """A rejection stores how many articles had the candidate, or nothing for other phrases."""
    folders, release = (BUNDLED, tmp_path), small_release(tmp_path / "release.duckdb")
    decide(folders, "Blue Harbours", release=release).review("rejected")
    decide(folders, "quiet corridors").review("rejected")
    assert [
        (row["verdict"], row["article_count"]) for row in rows_of(tmp_path, "candidate_reviews")
    ] == [
        ("rejected", "4"),
        ("rejected", ""),
    ]


def small_release(path: Path) -> Path:
    """Write a release with three candidates of an article about rail, and return its path."""
    with duckdb.connect(str(path)) as con:
        con.execute(
            "create schema marts; create schema ref; create schema core;"
            "create table ref.publishers as select 'gazette' as publisher_id, 'The Gazette' as"
            " name;"
            "create table core.articles as select 'a1' as article_id, 'http://gazette.example/1'"
            " as url,"
            " date '2026-08-20' as published_on;"
            "create table marts.candidate_phrases as select 'en' as language,"
            " unnest(['blue harbours', 'green piers', 'red quays']) as phrase,"
            " ['verb'] as evidence, unnest([1, 2, 3]) as rank, 4 as article_count, 3 as day_count,"
            " 1 as outlet_count,"
            " 0 as prior_count, date '2026-08-20' as first_seen_on, date '2026-08-30' as as_of,"
            " ['a text'] as examples,"
            " ['rail_transport'] as suggested_theme_ids, 'gazette' as first_outlet, 'a1' as"
            " first_article_id"
        )
    return path


@pytest.fixture
def open_review(few: Path, tmp_path: Path) -> Callable[[], PhraseSheet]:
    """Return a function that opens a sheet of the small release, as the command does."""
    release = small_release(tmp_path / "release.duckdb")
    return lambda: PhraseSheet(decide((few, tmp_path), "", "", release=release))


def test_a_review_stores_each_decision(
    open_review: Callable[[], PhraseSheet], tmp_path: Path
) -> None:
    """A phrase is accepted for a theme, rejected or postponed, and a second review shows no decided
    candidate.
    """
    sheet = open_review()
    shown = sheet.article(0)
    assert (shown["title"], shown["suggested"], shown["verdict"]) == (
        "blue harbours",
        ["rail_transport"],
        None,
    )
    assert shown["where"] == [
        "English",
        "after a policy verb",
        "4 articles (0 the year before) from 1 outlet on 3 days",
        "first 20 Aug 2026 in The Gazette",
    ]
    sheet.store(0, {"verdict": "accepted", "theme": "rail_transport"})
    sheet.store(1, {"verdict": "rejected"})
    assert [sheet.next_place(), sheet.next_place(2)] == [2, 2]
    sheet.store(2, {"verdict": "postponed"})
    assert sheet.next_place() is None
    rows = rows_of(tmp_path, "candidate_reviews")
    assert [
        (row["phrase"], row["verdict"], row["reviewer"], row["reviewed_on"]) for row in rows
    ] == [
        ("blue harbours", "accepted", "A. Reader", str(ON)),
        ("green piers", "rejected", "A. Reader", str(ON)),
        ("red quays", "postponed", "A. Reader", str(ON)),
    ]
    assert [row["theme_id"] for row in rows_of(tmp_path, "theme_phrases")] == ["rail_transport"]
    assert open_review().rows == []


def test_a_second_decision_replaces_the_first(
    open_review: Callable[[], PhraseSheet], tmp_path: Path
) -> None:
    """An accepted phrase that is then rejected leaves the word list, and an invalid decision leaves
    no decision.
    """
    sheet = open_review()
    made = {"theme": "transportation", "new_id": "blue_ports", "new_label": "Blue ports"}
    sheet.store(0, {"verdict": "accepted"} | made)
    assert [row["parent_id"] for row in rows_of(tmp_path, "themes")] == ["transportation"]
    sheet.store(0, {"verdict": "rejected"})
    assert rows_of(tmp_path, "theme_phrases") == rows_of(tmp_path, "themes") == []
    assert [row["verdict"] for row in rows_of(tmp_path, "candidate_reviews")] == ["rejected"]
    for answer in ({"verdict": "accepted", "theme": "nowhere"}, {"verdict": "unknown"}):
        with pytest.raises(UserError, match="Unknown"):
            sheet.store(0, answer)
    assert (sheet.next_place(), rows_of(tmp_path, "candidate_reviews")) == (0, [])


def test_undo_preserves_the_decisions_of_others(few: Path, tmp_path: Path) -> None:
    """Undo removes only the row of its decision; another reviewer's replacement remains."""
    folders = (few, tmp_path)
    mine = decide(folders, "green piers", reviewer="R").review("rejected")
    replaced = decide(folders, "blue harbours", reviewer="R").review("rejected")
    for phrase in ("blue harbours", "red quays"):
        decide(folders, phrase, reviewer="S").review("postponed")
    for added in (mine, replaced):
        undo(folders, added)
    rows = [(row["phrase"], row["reviewer"]) for row in rows_of(tmp_path, "candidate_reviews")]
    assert sorted(rows) == [("blue harbours", "S"), ("red quays", "S")]


def test_decisions_at_the_same_time_are_all_stored(few: Path, tmp_path: Path) -> None:
    """Two processes that accept phrases for one theme store two rows with different IDs."""
    code = (
        "import datetime as dt, sys; from pathlib import Path;"
        "from tidings.cli.phrase_review import Decision;"
        "folders = (Path(sys.argv[1]), Path(sys.argv[2])); on = dt.date(2026, 8, 30);"
        "decision = Decision(folders, Path('none'), sys.argv[3], 'en', 'A', on);"
        "decision.accept('rail_transport')"
    )
    names = ["amber", "beige"]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(few), str(tmp_path), f"{name} corridors plan"]
        )
        for name in names
    ]
    assert [process.wait(timeout=120) for process in running] == [0] * 2
    assert len({row["phrase_id"] for row in rows_of(tmp_path, "theme_phrases")}) == 2
    assert len(rows_of(tmp_path, "candidate_reviews")) == 2


def test_ctrl_c_ends_a_review(few: Path, tmp_path: Path) -> None:
    """The command prints the URL of a page, and after Ctrl-C the number of decisions."""
    small_release(tmp_path / "tidings.duckdb")
    env = os.environ | {
        "TIDINGS_WAREHOUSE": str(tmp_path),
        "TIDINGS_SEEDS": f"{few}{os.pathsep}{tmp_path / 'own'}",
    }
    words = ["phrase", "--review", "--no-retag", "--reviewer", "A. Reader"]
    command = [sys.executable, "-m", "tidings.cli", *words]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().rpartition(" ")[2].strip()
        body = json.dumps({"verdict": "accepted", "theme": "rail_transport"}).encode()
        request = urllib.request.Request(f"{url}article?place=0", body)
        with urllib.request.urlopen(request, timeout=60) as response:
            assert json.load(response)["title"] == "green piers"
        running.send_signal(signal.SIGINT)
        rest = running.communicate(timeout=60)[0]
    assert running.returncode == 0
    assert "1 accepted, 0 rejected, 0 postponed; 2 without a decision." in rest
    assert "The next nightly run counts the phrases." in rest


@pytest.mark.slow
def test_an_accepted_phrase_is_counted_and_no_candidate(
    sample_night: Any, command: Any, tmp_path: Path
) -> None:
    """An accepted candidate has its first article as the source, is counted in the next release,
    and is not a candidate any more. The tutorial counts a phrase immediately.
    """
    copy_lake(sample_night.lake, tmp_path / "data")
    own = tmp_path / "own"
    env = {
        "TIDINGS_WAREHOUSE": str(tmp_path / "data"),
        "TIDINGS_SEEDS": os.pathsep.join([DEMO_SEEDS, str(own)]),
    }
    listed = command("phrase", **env)
    assert listed.returncode == 0, listed.stderr
    assert "quiet corridors plan" in listed.stdout
    options = ["--theme", "rail_transport", "--reviewer", "A. Reader", "--now", END.isoformat()]
    done = command("phrase", "quiet corridors plan", "--accept", "--no-retag", *options, **env)
    assert done.returncode == 0, done.stderr[-3000:]
    assert str(own / "theme_phrases.csv") in done.stdout
    feeds = sample_night.settings.feeds
    finish(settings_for(tmp_path / "data", feeds, [], env["TIDINGS_SEEDS"]), END)
    (row,) = rows_of(own, "theme_phrases")
    assert "candidate, first seen 2026-" in row["source"]
    with open_release(Lake(tmp_path / "data")) as con:
        counted = con.execute(
            "select count(*) from theme_mentions where phrase_id = ?", [row["phrase_id"]]
        ).fetchone()
        left = con.execute(
            "select count(*) from candidate_phrases where phrase like '%corridors plan%'"
        ).fetchone()
    assert counted is not None
    assert counted[0] >= 3
    assert left == (0,)
    again = command("phrase", "quiet corridors plan", "--accept", *options, **env)
    assert again.returncode == 1
    assert "match the same text" in again.stderr
    assert len(again.stderr.strip().splitlines()) == 1
