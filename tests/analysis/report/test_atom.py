"""Test the Atom feed: validity, stable IDs and arbitrary texts."""

import datetime as dt
import uuid
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tidings.analysis.report.release import Facts
from tidings.analysis.report.write import ATOM, write_feed

DAY = dt.date(2026, 5, 20)
FACTS = Facts("r1", dt.datetime(2026, 5, 25, tzinfo=dt.UTC), "w", "c", "r", 1, 0, DAY, DAY, 1, 1)


def _burst(label: str = "Water", **values: Any) -> dict[str, Any]:
    return {
        "series": "theme", "series_id": "water", "theme_id": "water", "label": label,
        "start_on": DAY, "end_on": DAY,
        "strength": 2.5, "article_count": 3, "total_count": 9, "is_running": True, "language": None,
        "is_area": False,
    } | values  # fmt: skip


def _phrase(phrase: str = "clean water") -> dict[str, Any]:
    return {
        "phrase_id": "p1", "phrase": phrase, "language": "en", "theme_id": "water",
        "label_en": "Water", "first_seen_on": DAY,
        "first_outlet": "The Daily", "novelty": "certain", "title": "<b>t</b>",
    }  # fmt: skip


def _check(content: str) -> list[etree._Element]:
    """Assert that the feed and its entries meet RFC 4287, section 4, and return the entries."""
    root = etree.fromstring(content)
    name = f"{{{ATOM}}}"
    assert root.tag == f"{name}feed"
    for element in ("id", "title", "updated"):
        assert len(root.findall(f"{name}{element}")) == 1
    assert root.findtext(f"{name}author/{name}name")
    assert len(root.findall(f"{name}link[@rel='self']")) == 1
    entries = root.findall(f"{name}entry")
    for entry in entries:
        for element in ("id", "title", "updated", "summary"):
            assert len(entry.findall(f"{name}{element}")) == 1
        assert uuid.UUID(entry.findtext(f"{name}id", "").removeprefix("urn:uuid:"))
        assert dt.datetime.fromisoformat(entry.findtext(f"{name}updated", "")).tzinfo
        assert len(entry.findall(f"{name}link[@rel='alternate']")) == 1
    ids = [entry.findtext(f"{name}id") for entry in entries]
    assert len(ids) == len(set(ids))
    return entries


def test_feed_reader_parses_the_feed() -> None:
    """A feed reader parses the feed without an error, and each entry links to its page."""
    content = write_feed(FACTS, [_burst()], [_phrase()], {"water": "themes/water.html"})
    _check(content)
    read = feedparser.parse(content)
    assert not read.bozo
    assert {entry.title for entry in read.entries} == {"Burst: Water", "New phrase: clean water"}
    assert {entry.link for entry in read.entries} == {"themes/water.html"}


def test_summaries_and_empty_feeds() -> None:
    """The label of a phrase is quoted once, and a feed without entries is valid."""
    entry = _check(write_feed(FACTS, [_burst("“harbour”", series="phrase")], [], {}))[0]
    assert entry.findtext(f"{{{ATOM}}}summary", "").startswith(
        "Burst of the phrase “harbour” since 2026-05-20 (still running). Strength"
    )
    assert _check(write_feed(FACTS, [], [], {})) == []


def test_growing_burst_keeps_its_id() -> None:
    """A growing burst keeps its ID and is updated later, so a feed reader shows it once."""
    first, later = (
        _check(write_feed(FACTS, [_burst(end_on=DAY + dt.timedelta(days=n))], [], {}))[0]
        for n in (0, 3)
    )
    name = f"{{{ATOM}}}"
    assert first.findtext(f"{name}id") == later.findtext(f"{name}id")
    assert first.findtext(f"{name}updated", "") < later.findtext(f"{name}updated", "")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@given(st.text(max_size=60))
def test_any_text_gives_well_formed_xml(text: str) -> None:
    """Any text, including control characters, gives well-formed XML without child elements."""
    entries = _check(write_feed(FACTS, [_burst(text)], [_phrase(text)], {}))
    assert len(entries) == 2
    assert not entries[0].findall(f"{{{ATOM}}}title/*")
