"""The article for a journal of research software."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECTIONS = ["Summary", "Statement of need", "State of the field", "Design", "Impact", "References"]


def test_the_paper_cites_what_its_bibliography_has() -> None:
    """Each citation has one complete entry, and each entry is cited."""
    _, _, text = (ROOT / "paper.md").read_text(encoding="utf-8").split("---\n", 2)
    entries = re.findall(
        r"^@(\w+)\{(\w+), (.*)\}$", (ROOT / "paper.bib").read_text(encoding="utf-8"), re.MULTILINE
    )
    keys = [key for _, key, _ in entries]
    assert sorted(keys) == sorted(set(re.findall(r"@(\w+)", text)))
    for kind, key, fields in entries:
        names = set(re.findall(r"(?:^|, )(\w+) = \{", fields))
        place = {"article": "journal", "inproceedings": "booktitle"}[kind]
        assert {"author", "title", "year", place} <= names, key
        assert fields.count("{") == fields.count("}"), key


def test_the_paper_has_the_length_and_the_parts_that_the_journal_asks_for() -> None:
    """The text has 750 to 1,750 words and the sections in the journal's order."""
    _, _, text = (ROOT / "paper.md").read_text(encoding="utf-8").split("---\n", 2)
    assert 750 <= len(text.split()) <= 1750
    headings = re.findall(r"^# (.+)$", text, re.MULTILINE)
    assert [heading for heading in headings if heading in SECTIONS] == SECTIONS
