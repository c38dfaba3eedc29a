"""``tidings tag``: JSON lines in, themes and areas out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PHRASES = (
    "phrase_id,theme_id,language,phrase,match_type,role,salience\nown-1,health,en,zebra"
    " crossing,phrase,include,{}\n"
)


def tag(folder: Path, salience: str, *lines: object) -> subprocess.CompletedProcess[str]:
    """Run the command on lines, with a phrase of the user's own."""
    (folder / "theme_phrases.csv").write_text(PHRASES.format(salience), encoding="utf-8")
    command = [sys.executable, "-m", "tidings.cli", "tag"]
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    environment = os.environ | {"TIDINGS_SEEDS": str(folder)}
    return subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=120,
    )


def test_each_line_has_its_themes_and_areas(tmp_path: Path) -> None:
    """A text with a listed phrase has its theme with offsets and its area; a text without one has
    none.
    """
    done = tag(
        tmp_path,
        "",
        {"id": 1, "title": "A zebra crossing", "text": "", "language": "en"},
        {"id": "b", "text": "Nothing."},
    )
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


def test_invalid_input_is_one_sentence(tmp_path: Path) -> None:
    """A line that is not valid, and a phrase with an invalid salience, end the command with one
    sentence and status 1.
    """
    for salience, line in (
        ("", "{"),
        ("", "[1]"),
        ("", {"id": 1}),
        ("", {"text": "a", "date": "x"}),
        ("often", {"text": "a"}),
    ):
        done = tag(tmp_path, salience, line)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert "Unexpected" not in done.stderr
