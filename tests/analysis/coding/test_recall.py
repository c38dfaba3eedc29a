"""A fall of recall is found, and constant recall is not, however often one looks."""

from typing import Any

import duckdb
import numpy as np

from tidings.analysis.coding.recall import LIMIT, find_fall, read_falls


def looks(rng: Any, recalls: Any, ratio: float, step: int) -> list[float]:
    """Return the evidence at each look, after ``step`` more true articles of which coders drew the
    found ones ``ratio`` times as often.
    """
    odds = recalls / (1 - recalls) * ratio
    found = rng.random(len(recalls)) < odds / (1 + odds)
    ratios = np.full(len(recalls), ratio)
    ends = range(step, len(recalls) + 1, step)
    return [find_fall(found[:end], ratios[:end])[0] for end in ends]


def test_false_alarms_are_rare_and_a_fall_is_found() -> None:
    """Over 200 looks at constant recall, at most 5 % of simulations have an alarm, also if found
    articles are drawn more often. A fall from .85 to .5 is found in most.
    """
    rng = np.random.default_rng(1)
    alarms = [
        max(looks(rng, np.full(200, recall), ratio, 1)) >= LIMIT
        for recall, ratio in ((0.6, 1), (0.85, 1), (0.85, 5), (0.95, 5))
        for _ in range(5)
    ]
    assert sum(alarms) <= 1
    falls = np.repeat([0.85, 0.5], [100, 100])
    assert sum(max(looks(rng, falls, 1, 20)) >= LIMIT for _ in range(10)) >= 7


def test_a_fall_names_theme_day_and_missed_articles() -> None:
    """Of 120 true articles the list finds the first 60 and then every fourth. Copies count once, a
    theme with constant recall is not named, and a warehouse without codings has no falls.
    """
    con = duckdb.connect()
    con.execute("attach ':memory:' as lake; use lake")
    assert read_falls(con) == []
    con.execute("""
        create schema ref; create schema intermediate;
        create table ref.codings as select i::text as text_hash, 'p' as plan_id,
            'https://a.example/' || i as url from range(120) as t(i);
        create table intermediate.int_coded_themes as
        select theme_id, i::text as text_hash, date '2026-01-01' + i::int as published_on,
            if(i < 60 or theme_id = 'even' or i % 4 = 0, 'about', 'absent') as prediction,
            1.0 as weight, true as is_main, i::text as story
        from range(120) as t(i) cross join (select unnest(['even', 'fallen']) as theme_id)
    """)
    ((what, action),) = read_falls(con)
    assert what.startswith("fallen: since about 2026-03-03, the word list finds 2")
    assert "https://a.example/119" in action
