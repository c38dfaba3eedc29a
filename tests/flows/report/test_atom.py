"""The Atom feed is valid and an entry keeps its id."""

from __future__ import annotations

import datetime as dt
import uuid

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tidings.flows.report.atom import ATOM, write_feed
from tidings.flows.report.release import Facts

DAY = dt.date(2026, 5, 20)
FACTS = Facts("r1", dt.datetime(2026, 5, 25, tzinfo=dt.UTC), "w", "c", "r", 1, 0, DAY, DAY, 1, 1, {})


def _burst(label: str = "Water", **more: object) -> dict[str, object]:
    return {
        "series": "theme", "series_id": "water", "theme_id": "water", "label": label, "start_on": DAY, "end_on": DAY,
        "strength": 2.5, "article_count": 3, "total_count": 9, "is_running": True, "language": None, "is_area": False,
    } | more  # fmt: skip


def _phrase(phrase: str = "clean water") -> dict[str, object]:
    return {
        "phrase_id": "p1", "phrase": phrase, "language": "en", "theme_id": "water", "label_en": "Water", "first_seen_on": DAY,
        "first_outlet": "The Daily", "title": "<b>t</b>",
    }  # fmt: skip


def _check(content: bytes) -> list[etree._Element]:
    """Assert what RFC 4287, section 4, requires of a feed and its entries; return the entries."""
    root = etree.fromstring(content)
    name = f"{{{ATOM}}}"
    assert root.tag == f"{name}feed"
    for one in ("id", "title", "updated"):
        assert len(root.findall(f"{name}{one}")) == 1
    assert root.find(f"{name}author/{name}name").text
    assert len([link for link in root.findall(f"{name}link") if link.get("rel") == "self"]) == 1
    entries = root.findall(f"{name}entry")
    for entry in entries:
        for one in ("id", "title", "updated", "summary"):
            assert len(entry.findall(f"{name}{one}")) == 1
        assert uuid.UUID(entry.find(f"{name}id").text.removeprefix("urn:uuid:"))
        assert dt.datetime.fromisoformat(entry.find(f"{name}updated").text).tzinfo
        assert len([link for link in entry.findall(f"{name}link") if link.get("rel") == "alternate"]) == 1
    ids = [entry.find(f"{name}id").text for entry in entries]
    assert len(ids) == len(set(ids))
    return entries


def test_a_reader_takes_it():
    """A feed reader reads it without complaint: two entries, the newest first, dated, each with its page."""
    content = write_feed(FACTS, [_burst()], [_phrase()], {"water": "themes/water.html"})
    _check(content)
    read = feedparser.parse(content)
    assert not read.bozo
    assert {entry.title for entry in read.entries} == {"Burst: Water", "New phrase: clean water"}
    assert {entry.link for entry in read.entries} == {"themes/water.html"}


def test_a_phrase_is_quoted_once():
    """A phrase's label is quoted already; its summary quotes it no second time."""
    entry = _check(write_feed(FACTS, [_burst("“harbour”", series="phrase")], [], {}))[0]
    assert entry.find(f"{{{ATOM}}}summary").text.startswith(
        "Burst of the phrase “harbour” since 2026-05-20 (still running). Strength"
    )


def test_an_entry_keeps_its_id_as_the_burst_grows():
    """A running burst that goes on is the same entry, updated, so that a reader shows it once."""
    one, later = (_check(write_feed(FACTS, [_burst(end_on=DAY + dt.timedelta(days=n))], [], {}))[0] for n in (0, 3))
    name = f"{{{ATOM}}}"
    assert one.find(f"{name}id").text == later.find(f"{name}id").text
    assert one.find(f"{name}updated").text < later.find(f"{name}updated").text


def test_an_empty_feed_is_valid():
    """Without bursts the feed is there, so that it can be subscribed to from the first night."""
    assert _check(write_feed(FACTS, [], [], {})) == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@given(st.text(max_size=60))
def test_any_text_makes_well_formed_xml(text):
    """Whatever a phrase holds, control characters included, the feed parses and the text is text."""
    entries = _check(write_feed(FACTS, [_burst(text)], [_phrase(text)], {}))
    assert len(entries) == 2
    assert not entries[0].findall(f"{{{ATOM}}}title/*")
