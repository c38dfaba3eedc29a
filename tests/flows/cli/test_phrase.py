"""``tidings phrase``: what it refuses, what it writes and where, and that what was accepted is counted at once."""

import csv
import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.conftest import SEEDS
from tidings import seeds
from tidings.flows.cli.phrase_review import Decision, NewTheme, accept_phrase, reject_phrase
from tidings.flows.cli.places import UserError
from tidings.sample.serve import END
from tidings.warehouse.backup import back_up, restore
from tidings.warehouse.lake import Lake
from tidings.warehouse.reference import read_seed
from tidings.warehouse.release import open_release

OURS = Path(seeds.__file__).parent
ON = dt.date(2026, 8, 30)
NO_RELEASE = Path("nowhere.duckdb")


def decide(phrase, language="en", reviewer="A. Reader", on=ON):
    return Decision(phrase, language, reviewer, on)


def rows_of(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def accept(folder, phrase="quiet corridors plan", language="en", *, theme="rail_transport", source="", made=None, reviewer="A"):
    """Accept a phrase into a folder laid over the bundled seeds."""
    match_type = "substring" if language == "zh" else "phrase"
    return accept_phrase((OURS, folder), NO_RELEASE, decide(phrase, language, reviewer), theme, match_type, source, made)


def test_a_phrase_goes_into_the_last_folder(tmp_path):
    """With an id of its own, reviewer, day and source; the review is noted beside it; the bundled files stay as they are."""
    before = (OURS / "theme_phrases.csv").read_bytes()
    row = accept(tmp_path, source="Budget speech, 2026-08-01")
    assert rows_of(tmp_path, "theme_phrases") == [
        row | dict.fromkeys(rows_of(tmp_path, "theme_phrases")[0].keys() - row.keys(), "")
    ]
    assert row["phrase_id"] not in {one["phrase_id"] for one in rows_of(OURS, "theme_phrases")}
    assert row["source"] == "Budget speech, 2026-08-01; accepted 2026-08-30"
    assert row["reviewed_by"] == "A"
    (review,) = rows_of(tmp_path, "candidate_reviews")
    assert review == {
        "phrase": "quiet corridors plan",
        "language": "en",
        "reviewed_on": "2026-08-30",
        "reviewer": "A",
        "verdict": "accepted",
    }
    assert (OURS / "theme_phrases.csv").read_bytes() == before


def test_a_second_phrase_is_added(tmp_path):
    """What the folder had stays, under another id."""
    first = accept(tmp_path)
    second = accept(tmp_path, phrase="calm corridors plan")
    assert [row["phrase_id"] for row in rows_of(tmp_path, "theme_phrases")] == [first["phrase_id"], second["phrase_id"]]
    assert first["phrase_id"] != second["phrase_id"]


def test_a_new_theme_is_made_under_its_area(tmp_path):
    """As a formulation with the area's code, so that the seeds' own checks still find nothing wrong."""
    accept(tmp_path, "静音走廊", "zh", theme="quiet_corridors", made=NewTheme("transportation", "Quiet corridors"))
    (theme,) = rows_of(tmp_path, "themes")
    (area,) = [row for row in rows_of(OURS, "themes") if row["theme_id"] == "transportation"]
    assert (theme["parent_id"], theme["kind"], theme["cap_code"]) == ("transportation", "formulation", area["cap_code"])
    assert (theme["label_en"], theme["label_zh"]) == ("Quiet corridors", "静音走廊")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reviewer": ""}, "Say who has read the phrase"),
        ({"theme": ""}, "Say to which theme it belongs"),
        ({"theme": "rail_transpart"}, "near to it: rail_transport"),
        ({"theme": "rail_transport", "made": NewTheme("transportation", "Rail")}, "is there already"),
        ({"theme": "Quiet corridors", "made": NewTheme("transportation", "Quiet")}, "is no name for a theme"),
        ({"theme": "quiet", "made": NewTheme("nowhere", "Quiet")}, "There is no theme 'nowhere'"),
        ({"theme": "quiet", "made": NewTheme("transportation", "")}, "needs an English label"),
        ({"theme": "quiet", "made": NewTheme("rail_transport", "Quiet")}, "also has a parent"),
        ({"theme": "digital_economy", "phrase": "Digital Economy"}, "looked for as the same letters"),
        ({"theme": "digital_economy", "phrase": "digital economy roadmap"}, "redundant, since"),
        ({"phrase": "quiet|corridors"}, "one line without the sign |"),
        ({"language": "English"}, "invalid language"),
    ],
)
def test_what_is_wrong_is_refused_in_a_sentence(tmp_path, changes, sentence):
    """And nothing is written: no phrase, no theme, no review."""
    with pytest.raises(UserError) as refused:
        accept(tmp_path, **changes)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_rejection_is_refused_while_it_holds(tmp_path):
    """For 84 days; then the phrase may be rejected anew, and by then it has been back on the list."""
    folders = (OURS, tmp_path)
    reject_phrase(folders, decide("quiet corridors"))
    with pytest.raises(UserError, match="away until 2026-11-22"):
        reject_phrase(folders, decide("Quiet Corridors", on=ON + dt.timedelta(days=83)))
    reject_phrase(folders, decide("quiet corridors", on=ON + dt.timedelta(days=84)))
    assert [row["verdict"] for row in read_seed("candidate_reviews", folders, ("phrase", "language", "reviewed_on"))] == [
        "rejected",
        "rejected",
    ]


def tidings(env, *words):
    return subprocess.run(
        [sys.executable, "-m", "tidings.flows.cli", *words], env=env, capture_output=True, text=True, check=False, timeout=300
    )


def test_accepting_counts_at_once_and_clears_the_list(sample_night, tmp_path):
    """What is on the list is accepted with its first article as the source, tagged, released, and gone from the list."""
    back_up(sample_night.lake, tmp_path / "copy", END)
    restore(tmp_path / "copy", Lake(tmp_path / "data"))
    own = tmp_path / "own"
    env = os.environ | {
        "TIDINGS_WAREHOUSE": str(tmp_path / "data"),
        "TIDINGS_SEEDS": os.pathsep.join([SEEDS, str(own)]),
    }
    listed = tidings(env, "phrase")
    assert listed.returncode == 0, listed.stderr
    assert "quiet corridors plan" in listed.stdout
    options = ["--theme", "rail_transport", "--reviewer", "A. Reader", "--now", END.isoformat()]
    done = tidings(env, "phrase", "quiet corridors plan", "--accept", *options)
    assert done.returncode == 0, done.stderr[-3000:]
    assert str(own / "theme_phrases.csv") in done.stdout
    assert "released" in done.stdout
    (row,) = rows_of(own, "theme_phrases")
    assert "candidate, first seen 2026-" in row["source"]
    with open_release(Lake(tmp_path / "data")) as con:
        counted = con.execute("select count(*) from theme_mentions where phrase_id = ?", [row["phrase_id"]]).fetchone()
        left = con.execute("select count(*) from candidate_phrases where phrase like '%corridors plan%'").fetchone()
    assert counted is not None
    assert counted[0] >= 3
    assert left == (0,)
    again = tidings(env, "phrase", "quiet corridors plan", "--accept", *options)
    assert again.returncode == 1
    assert "looked for as the same letters" in again.stderr
    assert len(again.stderr.strip().splitlines()) == 1
