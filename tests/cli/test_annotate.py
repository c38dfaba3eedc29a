"""``tidings tag`` and ``quote``: JSON lines in; themes and areas, or statements, out."""

import json
from pathlib import Path
from typing import Any

import pytest

from tidings.cli.texts import _BATCH

PHRASES = (
    "phrase_id,theme_id,language,phrase,match_type,role,salience\nown-1,health,en,zebra"
    " crossing,phrase,include,{}\n"
)
SPEAKERS = (
    "person_id,language,name,short_names,office,body,valid_from,valid_to\nfrei,en,Anna"
    " Frei,,harbour master,,2020-01-01,\n"
)
TEXT = "Rain fell. “Ports matter,” said Anna Frei."


@pytest.fixture
def run(command: Any, tmp_path: Path) -> Any:
    """Return a function that runs a command on lines, with a phrase and a speaker of the user."""

    def run(*arguments: str, lines: tuple[object, ...] = (), salience: str = "") -> Any:
        folder = tmp_path / f"own{salience}"  # its lists are read once
        folder.mkdir(exist_ok=True)
        (folder / "theme_phrases.csv").write_text(PHRASES.format(salience), encoding="utf-8")
        (folder / "speakers.csv").write_text(SPEAKERS, encoding="utf-8")
        typed = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        return command(*arguments, typed=typed, TIDINGS_SEEDS=str(folder))

    return run


def test_each_line_has_its_themes_and_areas(run: Any) -> None:
    """A text with a listed phrase has its theme with offsets and its area; another has none."""
    lines = (
        {"id": 1, "title": "A zebra crossing", "text": "", "language": "en"},
        {"id": "b", "text": "Nothing."},
    )
    done = run("tag", lines=lines)
    first, second = map(json.loads, done.stdout.splitlines())
    [theme] = first["themes"]
    assert (theme["theme_id"], theme["is_about"]) == ("health", True)
    assert theme["mentions"] == [
        {"phrase_id": "own-1", "field": "title", "start_offset": 2, "end_offset": 16}
    ]
    assert [
        (area["area_id"], area["cap_code"], area["assigned_by"]) for area in first["areas"]
    ] == [("health", 3, "title")]
    assert (second["id"], second["themes"], second["areas"]) == ("b", [], [])


@pytest.mark.parametrize("name", ["tag", "quote"])
def test_languages_without_rules_are_named_once(run: Any, name: str) -> None:
    """A wrong tag has no results: one line on standard error names it, after the output."""
    tags = ("klingon", "xx-XX", "xx", "en")
    done = run(name, lines=tuple({"text": TEXT, "language": tag} for tag in tags))
    assert len(done.stdout.splitlines()) == 4
    assert done.stderr == "tidings: no results for languages without rules: klingon, xx\n"
    assert run(name, lines=({"text": TEXT, "language": "en"},)).stderr == ""


def test_invalid_input_of_tag_is_one_sentence(run: Any) -> None:
    """An invalid line and an invalid salience end the command with a sentence and status 1."""
    for salience, line in (
        ("", "{"),
        ("", "[1]"),
        ("", {"id": 1}),
        ("", {"text": "a", "date": "x"}),
        ("often", {"text": "a"}),
    ):
        done = run("tag", lines=(line,), salience=salience)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert "Unexpected" not in done.stderr


def test_each_line_has_its_statements(run: Any) -> None:
    """A statement has sentence, speaker (place, kind, ID, office of that day) and verb."""
    lines = (
        {"id": 1, "text": TEXT, "language": "en", "date": "2021-05-01"},
        {"id": "b", "text": "Nothing."},
    )
    done = run("quote", lines=lines)
    first, second = map(json.loads, done.stdout.splitlines())
    [row] = first["statements"]
    assert TEXT[row.pop("start") : row.pop("end")] == "“Ports matter,” said Anna Frei."
    assert TEXT[row.pop("speaker_start") : row.pop("speaker_end")] == "Anna Frei"
    assert row == {
        "speaker": "Anna Frei",
        "kind": "person",
        "gender": None,
        "person_id": "frei",
        "office": "harbour master",
        "verb": "said",
    }
    assert (second["id"], second["statements"]) == ("b", [])


def test_a_file_gives_the_same_lines_as_standard_input(run: Any, tmp_path: Path) -> None:
    """The command reads the file that its argument names."""
    line = {"id": 1, "text": TEXT, "language": "en"}
    (tmp_path / "texts.jsonl").write_text(json.dumps(line) + "\n\n", encoding="utf-8")
    done = run("quote", str(tmp_path / "texts.jsonl"))
    assert done.stdout == run("quote", lines=(line,)).stdout != ""


def test_invalid_input_is_one_sentence_after_the_results_before_it(
    run: Any, tmp_path: Path
) -> None:
    """An invalid line, or a missing file, ends the command with one sentence and status 1."""
    before = [{"id": number, "text": "Rain fell."} for number in range(_BATCH + 2)]
    for line in ("{", "[1]", {"id": 1, "title": "a"}, {"text": "a", "date": "x"}, "[" * 100_000):
        done = run("quote", lines=(*before, line))
        assert (done.returncode, done.stdout.count("\n")) == (1, len(before))
        assert done.stderr.startswith(f"tidings: Invalid input line {len(before) + 1}: ")
        assert done.stderr.count("\n") == 1
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00bad")
    done = run("quote", str(tmp_path / "bytes.csv"))
    assert done.stderr.endswith("bytes.csv: it is not JSON in UTF-8.\n")
    missing = run("quote", str(tmp_path / "none.jsonl"))
    assert (missing.returncode, missing.stdout, missing.stderr.count("\n")) == (1, "", 1)
    assert "none.jsonl: No such file" in missing.stderr
