"""Samples for coders are stratified, proportional, reproducible and weighted."""

import datetime as dt
import uuid
from collections import Counter
from typing import Any

import duckdb
import pytest

from tests.analysis.coding.conftest import drawn
from tidings.analysis.coding.sample import (
    draw_sample,
    prepare_population,
    weight_of,
)
from tidings.analysis.inputs import InputError

KEYS = {
    str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}-{number}")): kind
    for kind in ("hit", "near", "general", "silent")
    for number in range(4)
}


def test_strata_follow_the_word_list(con: Any) -> None:
    """Articles about a theme are hits, mentions near misses; excluded pages are not drawn."""
    rows = drawn(con, 100)
    counts = Counter(f"{KEYS[row['article_id']]} {row['stratum']}" for row in rows)
    expected = {"hit hit": 4, "near near_miss": 2, "general silent": 2, "silent silent": 4}
    assert counts == expected
    assert {row["weight"] for row in rows} == {1.0}


def test_strata_of_one_theme_include_the_themes_below(con: Any) -> None:
    """Articles about an area's themes are its hits, those about other themes are silent."""
    for theme, hit in (("industry", "hit"), ("water", "silent")):
        rows = drawn(con, 100, themes=[theme])
        strata = {KEYS[row["article_id"]]: row["stratum"] for row in rows}
        assert strata == {"hit": hit, "near": "near_miss", "general": "silent", "silent": "silent"}


def test_filters_and_seed_determine_the_sample(con: Any) -> None:
    """A seed draws the same articles, a larger sample begins with them, and filters apply."""
    first = drawn(con, 6, seed=1)
    assert first == drawn(con, 6, seed=1)
    assert any(first != drawn(con, 6, seed=seed) for seed in range(2, 6))
    longer = drawn(con, 9, seed=1)
    assert [row["article_id"] for row in longer[:6]] == [row["article_id"] for row in first]
    assert [weight_of(row, longer[5]["threshold"]) for row in longer[:6]] == pytest.approx(
        [row["weight"] for row in first], abs=1e-5
    )
    assert {row["language"] for row in drawn(con, 9, language="de")} == {"de"}
    march = drawn(con, 9, first=dt.date(2026, 3, 1), last=dt.date(2026, 3, 31))
    assert {str(row["published_on"]) for row in march} == {"2026-03-10"}


def test_invalid_options_are_explained(con: Any) -> None:
    """An unknown theme yields a suggestion, and an empty selection a message."""
    with pytest.raises(InputError, match="Similar: robots"):
        drawn(con, 9, themes=["robot"])
    with pytest.raises(InputError, match="No article"):
        drawn(con, 9, first=dt.date(2030, 1, 1))


@pytest.fixture(scope="module")
def large() -> Any:
    """Return a connection with 3,000 silent articles: 70 % English, two outlets, three months."""
    con = duckdb.connect()
    con.execute("""
        create schema core; create schema marts; create schema ref;
        create table ref.themes (theme_id text, parent_id text);
        create table ref.codings (article_id uuid, coder text, theme_id text, role text,
            weight double);
        create table ref.outside_labels (article_id uuid, theme_id text, score double);
        create table marts.article_themes (article_id uuid, theme_id text, is_about boolean);
        create table core.articles as
        select md5(i::text)::uuid as article_id, if(i % 10 < 7, 'en', 'zh') as language,
            if(i % 100 < 50, 'a', 'b') as publisher_id,
            date '2026-01-15' + interval (i // 1000) month as published_on,
            'title' as title, '' as body_text,
            null::text as excluded_reason
        from range(3000) as t(i);
        alter table core.articles alter published_on type date;
        create table marts.article_stories as
        select article_id, article_id as story_id, article_id as text_id from core.articles;
    """)
    return con


def test_a_stratum_is_proportional_by_language_outlet_and_month(large: Any) -> None:
    """Each cell has its share of 300, up to two; over many seeds, articles are equally likely."""
    rows = drawn(large, 300)
    cells = Counter(
        (row["language"], row["publisher_id"], row["published_on"].month) for row in rows
    )
    assert len(cells) == 12
    expected = {"en": 35, "zh": 15}
    assert all(abs(count - expected[cell[0]]) <= 2 for cell, count in cells.items())
    assert [row["weight"] for row in rows] == pytest.approx([10] * 300, rel=0.02)
    assert sum(row["is_double"] for row in rows) == 60
    samples = (draw_sample(large, 1500, seed) for seed in range(20))
    often = Counter(row["article_id"] for sample in samples for row in sample)
    # an article is missing from 20 samples of half of the articles once in a million times
    assert len(often) == 3000
    assert max(often.values()) < 20


def test_uncertain_articles_come_first_with_known_probabilities(large: Any) -> None:
    """A tenth of the articles are about a theme. They are drawn more often than others, and the
    weights still estimate their number without bias, at every length of the sample.
    """
    large.execute(
        "insert into ref.themes values ('t', null); insert into marts.article_themes"
        " select article_id, 't', true from core.articles where ascii(article_id::text) = 97"
    )
    count = large.execute("select count(*) from marts.article_themes").fetchone()[0]
    prepare_population(large, themes=["t"], language="", first=None, last=None)
    estimates: dict[int, list[float]] = {40: [], 120: []}
    for seed in range(100):
        rows = draw_sample(large, 120, seed)
        for size, values in estimates.items():
            hits = [row for row in rows[:size] if row["stratum"] == "hit"]
            values.append(sum(weight_of(row, rows[size - 1]["threshold"]) for row in hits))
    assert len(hits) > 1.5 * 120 * count / 3000
    for values in estimates.values():
        assert sum(values) / len(values) == pytest.approx(count, rel=0.085)
