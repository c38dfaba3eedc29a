"""The planted truth."""

import datetime as dt
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from tidings.demo import truth
from tidings.demo.records import Article
from tidings.demo.truth import read_consent
from tidings.demo.wordings import BURSTING, FUND, PLANTED, SLOGAN

ROOT = Path(__file__).parents[2]
PRINT_DIGEST = (
    "import hashlib; from tidings.demo import truth;"
    " print(hashlib.sha256(repr(truth()).encode()).hexdigest())"
)
ARTICLES = truth().articles


def _with_theme(theme_id: str) -> list[Article]:
    return [a for a in ARTICLES if any(m.theme_id == theme_id for m in a.text.mentions)]


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_other_process_plants_the_same(hash_seed: str) -> None:
    """The truth is identical in another process with another hash seed, time zone and locale."""
    here = hashlib.sha256(repr(truth()).encode()).hexdigest()
    environment = {"PYTHONHASHSEED": hash_seed, "TZ": "Pacific/Auckland", "LC_ALL": "C", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", PRINT_DIGEST],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == here


def test_planted_events() -> None:
    """Each planted event has three outlets or more and two languages or more, over at most four
    days; the daily alone reports one, for six days.
    """
    events: dict[str, list[Article]] = {}
    for article in ARTICLES:
        if article.event_id:
            events.setdefault(article.event_id, []).append(article)
    assert [a.published_on.day for a in events.pop(truth().serial)] == [8, 9, 10, 11, 12, 13]
    for members in events.values():
        assert len({a.outlet for a in members}) >= 3
        assert len({a.language for a in members}) >= 2
        assert (
            max(a.published_on for a in members) - min(a.published_on for a in members)
        ).days <= 4
    silo, breakfast = (
        {a.published_on for a in events[name] if a in _with_theme(BURSTING)}
        for name in ("silo", "breakfast")
    )
    assert silo & breakfast
    assert not all(a.is_in_feed for a in events["lock"])
    assert all(
        any(a.language == code for a in events["silo"] if a.translation_key)
        for code in ("en", "zh", "de")
    )


def test_speakers() -> None:
    """All eight speakers have statements, one in two offices; full name, surname and pronoun occur;
    traps have no speaker.
    """
    statements = [(a, s) for a in ARTICLES for s in a.text.statements]
    assert len({s.person_id for _, s in statements}) == 8
    assert {s.named_by for _, s in statements} == {"full", "short", "pronoun"}
    change = dt.date(2026, 7, 15)
    for article, statement in statements:
        if statement.person_id == "sample_lin_zhiyuan" and article.language == "en":
            assert statement.office == (
                "vice premier" if article.published_on >= change else "minister of industry"
            )


def test_traps_are_there() -> None:
    """The sample has German text on an English page, spelling variants, nested phrases, an unlisted
    slogan, an old one that returns, an outlet that joins and pages that ask for consent.
    """
    assert sum(a.language == "de" and a.page_language == "en" for a in ARTICLES) == 4
    texts = {m.text for a in ARTICLES for m in a.text.mentions}
    assert {"harbour-compact", "high quality development", "new industrialisation"} <= texts
    assert all(any(form.text in texts for form in PLANTED[FUND].forms[n]) for n in range(3))
    unlisted = [a for a in ARTICLES if a.text.unlisted]
    assert min(a.published_on for a in unlisted) >= truth().unlisted_start
    assert {a.language for a in unlisted} == {"en", "zh", "de"}
    assert SLOGAN not in texts
    outlet, day = truth().joined
    assert min(a.published_on for a in ARTICLES if a.outlet == outlet) == day
    assert len(read_consent()) == 3
    behind = [a for a in ARTICLES if a.text.paragraphs == read_consent()]
    assert [a.excluded_reason for a in behind] == ["repeated_text"] * 4
    old, start = truth().old
    assert min(a.published_on for a in _with_theme(old)) >= start
    assert len({a.outlet for a in _with_theme(old)}) >= 3
    bodies = "\n".join(a.body for a in ARTICLES)
    assert "harbour compactness" in bodies
    assert "Hafenpaktregister" in bodies
    assert "Tove Aarnes" in bodies
