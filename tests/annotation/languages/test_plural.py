"""Counts in messages have their noun in the singular or plural."""

import re
from pathlib import Path

from tests.cases import cases
from tidings import flows
from tidings.base.languages.plural import counted


@cases(
    "number, noun, text",
    (0, "article", "0 articles"),
    (1, "article", "1 article"),
    (21_717, "lost day", "21,717 lost days"),
    (2, "entry", "2 entries"),
    (3, "match", "3 matches"),
    (2, "story", "2 stories"),
)
def test_a_count_has_its_noun(number: int, noun: str, text: str) -> None:
    """One thing is singular, everything else plural; thousands have a separator."""
    assert counted(number, noun) == text


def test_no_message_writes_plurals_of_its_own() -> None:
    """No module outside ``plural`` adds an s to a noun after a count."""
    root = Path(flows.__file__).resolve().parents[2]
    own = re.compile(
        r"\{\w[^{}]*\} ?\w*\{'s?' ?(?:\*|if)|\{'s' ?(?:\*|if)|\{'' if [^{}]* == 1"
        r" else 's'\}"
    )
    found = [
        f"{path}: {match[0]}"
        for folder in ("flows", "warehouse", "transforms")
        for path in (root / folder).rglob("*.py")
        for match in own.finditer(path.read_text(encoding="utf-8"))
        if "list{'s'" not in match[0]  # a verb
    ]
    assert found == []
