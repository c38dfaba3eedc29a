"""``tidings quote``: JSON lines in, statements out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tidings.cli.annotate import _BATCH

if TYPE_CHECKING:
    from pathlib import Path

SPEAKERS = (
    "person_id,language,name,short_names,office,body,valid_from,valid_to\nfrei,en,Anna"
    " Frei,,harbour master,,2020-01-01,\n"
)
TEXT = "Rain fell. “Ports matter,” said Anna Frei."


def quote(
    folder: Path, *lines: object, arguments: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run the command on lines, with a speaker of the user's own."""
    (folder / "speakers.csv").write_text(SPEAKERS, encoding="utf-8")
    command = [sys.executable, "-m", "tidings.cli", "quote", *arguments]
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


def test_each_line_has_its_statements(tmp_path: Path) -> None:
    """A statement has its sentence, its speaker with place, kind, ID and office of that day, and
    its verb.
    """
    done = quote(
        tmp_path,
        {"id": 1, "text": TEXT, "language": "en", "date": "2021-05-01"},
        {"id": "b", "text": "Nothing."},
    )
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


def test_a_file_gives_the_same_lines_as_standard_input(tmp_path: Path) -> None:
    """The command reads the file that its argument names."""
    line = {"id": 1, "text": TEXT, "language": "en"}
    (tmp_path / "texts.jsonl").write_text(json.dumps(line) + "\n\n", encoding="utf-8")
    done = quote(tmp_path, arguments=(str(tmp_path / "texts.jsonl"),))
    assert done.stdout == quote(tmp_path, line).stdout != ""


def test_invalid_input_is_one_sentence_after_the_results_before_it(tmp_path: Path) -> None:
    """An invalid line, or a file that is missing, ends the command with one sentence and status
    1.
    """
    before = [{"id": number, "text": "Rain fell."} for number in range(_BATCH + 2)]
    for line in ("{", "[1]", {"id": 1, "title": "a"}, {"text": "a", "date": "x"}, "[" * 100_000):
        done = quote(tmp_path, *before, line)
        assert (done.returncode, done.stdout.count("\n")) == (1, len(before))
        assert done.stderr.startswith(f"tidings: Invalid input line {len(before) + 1}: ")
        assert done.stderr.count("\n") == 1
    missing = quote(tmp_path, arguments=(str(tmp_path / "none.jsonl"),))
    assert (missing.returncode, missing.stdout, missing.stderr.count("\n")) == (1, "", 1)
    assert "none.jsonl: No such file" in missing.stderr
