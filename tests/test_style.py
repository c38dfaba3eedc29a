"""The prose of the repository follows ``docs/style.md``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.style_check import ROOT, find_files, find_phrases, read_words

if TYPE_CHECKING:
    from pathlib import Path

CHECKED = ["."]
WORDS = [(re.compile("goes.to"), "is sent to")]


@pytest.mark.parametrize("path", CHECKED)
def test_prose_contains_no_phrase_to_avoid(path: str) -> None:
    """No Markdown, docstring, comment, message, description or template contains a phrase to
    avoid.
    """
    words, files = read_words(), find_files([ROOT / path])
    assert files
    assert not [line for file in files for line in find_phrases(file, words)]


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("a.md", "It goes\nto `it goes to` [all](goes-to).\n```\ngoes to\n```\n", [1]),
        (
            "a.py",
            (
                '"""It goes to\nall."""\n# It goes\n# to all.\nx = "goes to all of them"\ny ='
                ' "goes to"\n'
            ),
            [1, 3, 5],
        ),
        ("a_words.py", 'x = "goes to all of them"\n', []),
        ("b.py", 'def f():\n    """Whether it works."""\n', [2]),
        (
            "c.py",
            (
                'x = f"select a from goes to b where {c} = 1"\n# goes to all  style: quoted\ny = r"it'
                ' (goes to) all of them"\n'
            ),
            [],
        ),
        ("a.sql", "select 1 -- goes to\n-- it goes\n-- to all\n", [1, 2]),
        ("a.yml", "a: goes to\ndescription: >\n  It goes to\n", [3]),
        ("a.html", "<p title='goes to'>It goes to {{ goes to }}</p>\n", [1]),
        ("Makefile", "all: ## goes to all\n\techo goes to\n", [1]),
    ],
)
def test_the_check_finds_prose_only(tmp_path: Path, name: str, text: str, lines: list[int]) -> None:
    """The check reports prose with its line, and ignores code, SQL, regular expressions, URLs, word
    lists and quoted data.
    """
    (tmp_path / name).write_text(text)
    assert [int(line.split(":")[1]) for line in find_phrases(tmp_path / name, WORDS)] == lines


def test_the_word_list_is_complete() -> None:
    """Every row of the table yields patterns, and the patterns contain no stray table syntax."""
    words = read_words()
    assert len(words) > len({use for _, use in words}) > 20
    assert all("\\|" not in pattern.pattern and use for pattern, use in words)
