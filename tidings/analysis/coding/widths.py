"""Predict the width of each theme's interval before anybody codes, and measure it afterwards."""

from __future__ import annotations

import bisect
import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from tidings.analysis.coding.sample import DOUBLE, LINEAGE, prepare_population
from tidings.analysis.true_rates import Cell, Stratum, expected_shares, shares_of
from tidings.base.functions import create_functions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import duckdb

SIZES = (30, 60, 90, 120, 150, 200, 300, 400, 600, 800, 1200, 1600, 2400)
"""Sizes of samples of which the smallest that reaches a width is chosen."""

# inverse: 1 / probability of selection. Kish's effective number of coded articles is expected to be
# the squared number of articles, divided by the sum of the inverse probabilities.
_EXPECTED = """
with drawn as (
    select article_id, coalesce(primary_language(language), 'unknown') as language,
        1 / least(1, $scale * chance) as inverse
    from chances
),
whole as (
    select language, count(*) as articles, sum(inverse) as inverse from drawn group by all
),
cells as (
    select theme_id, language, prediction, count(*) as articles, sum(inverse) as inverse
    from drawn join found using (article_id) semi join targets using (theme_id) group by all
),
filled as (
    from cells
    union all by name
    select theme_id, language, 'absent' as prediction,
        whole.articles - coalesce(sum(cells.articles), 0) as articles,
        whole.inverse - coalesce(sum(cells.inverse), 0) as inverse
    from whole cross join targets left join cells using (theme_id, language)
    group by theme_id, language, whole.articles, whole.inverse
)
select
    theme_id, language, prediction, filled.articles::double,
    filled.articles * filled.articles / inverse
    + coalesce(coded_count, 0) * filled.articles / guessed.articles,
    true_share
from filled join guessed using (theme_id, prediction) where filled.articles > 0
order by all
"""


def expected_widths(
    con: duckdb.DuckDBPyConnection, sizes: Iterable[int], change: float | None = None
) -> list[dict[str, Any]]:
    """Return the expected share of each theme and the width of its interval after ``size`` coded
    articles, a fifth of them coded twice, for the population of ``prepare_population``.

    Columns: theme_id, size, predicted (share that the word list finds), share, width, and power:
    the probability to find this change of the share between two halves of the population, tested at
    5 %. Share and width are null if there would be no corrected share.
    """
    groups = con.execute("select chance, count(*) from chances group by 1 order by 1").fetchall()
    total = sum(count for _, count in groups)
    create_functions(con)  # an older release may lack some
    rows = []
    for size in sorted({min(size, total) for size in sizes}):
        strata = _read_strata(con, _scale(groups, size))
        shares = expected_shares(con, strata, doubles=1 / DOUBLE)
        for theme, predicted in con.execute(
            "select theme_id, about_count / total_count from targets"
        ).fetchall():
            own = [stratum for stratum in strata if stratum.series == theme]
            power = None if change is None else _find_power(own, change)
            row = {"predicted": predicted, "size": size, "power": power}
            rows.append(_describe(shares, theme) | row)
    return rows


def _read_strata(con: duckdb.DuckDBPyConnection, scale: float) -> list[Stratum]:
    return [Stratum(*row) for row in con.execute(_EXPECTED, {"scale": scale}).fetchall()]


def _describe(shares: Mapping[str, tuple[float | None, ...]], theme: str) -> dict[str, Any]:
    share, low, high = shares.get(theme, (None, None, None))
    width = None if low is None or high is None else high - low
    return {"theme_id": theme, "share": share, "low": low, "high": high, "width": width}


# The joint decision of coders decides; another coder without a weight is the second.
_CODED = f"""
create or replace temp table coded as
with {LINEAGE},
coders as (
    select
        article_id, max(weight) as weight,
        list(counted_id) filter (where role = 'main') as themes,
        row_number() over (
            partition by article_id order by coder != 'joint', max(weight) is null, coder
        ) as place
    from given_labels left join lineage using (theme_id) group by article_id, coder
),
decided as (
    select
        article_id, max(weight) as weight, coalesce(any_value(themes) filter (where place = 1), [])
            as themes, max(place) as coder_count,
        coalesce(any_value(themes) filter (where place = 2), []) as second_themes
    from coders group by article_id
)
select
    targets.theme_id as series, coalesce(primary_language(language), 'unknown') as language,
    coalesce(prediction, 'absent') as prediction, coalesce(weight, 1) as weight,
    coalesce(story_id, article_id)::varchar as story,
    list_contains(themes, targets.theme_id) as label,
    if(coder_count > 1, list_contains(second_themes, targets.theme_id), null) as second_label
from decided join population using (article_id) cross join targets
left join found using (theme_id, article_id)
left join (select article_id, min(story_id) as story_id from marts.article_stories group by 1)
    using (article_id)
"""


def measured_widths(
    con: duckdb.DuckDBPyConnection,
    plan: Mapping[str, str],
    labels: Sequence[Mapping[str, str]],
    outside: str = "",
) -> list[dict[str, Any]]:
    """Return the corrected share of each theme of a plan with the labels of its sample.

    Columns: theme_id, predicted, share, low, high, width, and expected: the width after all
    articles of the plan, with the rates of the labels. ``outside`` is a table with labels of other
    programs.
    """
    _load_labels(con, labels)
    prepare_population(
        con,
        themes=[*filter(None, plan["theme_ids"].split("|"))],
        language=plan["language"],
        first=plan["first_on"] or None,
        last=plan["last_on"] or None,
        outside=outside,
        codings="given_labels",
    )
    left = int(plan["size"]) - len({row["article_id"] for row in labels})
    expected = expected_widths(con, [max(left, 0)])
    con.execute(_CODED)
    cells = [Cell(*row) for row in con.execute("from coding_cells('coded')").fetchall()]
    shares = shares_of(con, _read_strata(con, 1), cells)
    return [
        _describe(shares, row["theme_id"])
        | {"predicted": row["predicted"], "expected": row["width"]}
        for row in expected
    ]


def _load_labels(con: duckdb.DuckDBPyConnection, labels: Sequence[Mapping[str, str]]) -> None:
    con.execute(
        "create or replace temp table given_labels (article_id uuid, coder varchar,"
        " theme_id varchar, role varchar, weight double)"
    )
    names = ("article_id", "coder", "theme_id", "role", "weight")
    con.executemany(
        "insert into given_labels values (?, ?, ?, ?, ?)",
        [[row[name] or None for name in names] for row in labels],
    )


def _scale(groups: Sequence[tuple[float, int]], size: int) -> float:
    """Return the factor with which the chances become probabilities that add up to ``size``."""
    low, high = 0.0, max(1 / chance for chance, _ in groups)
    for _ in range(60):
        middle = (low + high) / 2
        if sum(count * min(1, middle * chance) for chance, count in groups) < size:
            low = middle
        else:
            high = middle
    return high


def _find_power(strata: Sequence[Stratum], change: float) -> float | None:
    """Return the power of a two-sided test of a change between two halves of the articles.

    The share that the list finds changes by the true change times recall less false positive rate
    (Rogan and Gladen 1978, American Journal of Epidemiology 107).
    """
    is_hit = np.array([row.prediction.startswith("about") for row in strata])
    counts = np.array([row.article_count for row in strata])
    true = counts * [row.true_share or 0 for row in strata]
    articles, hits, true_count, true_hits = (
        float(values.sum()) for values in (counts, counts[is_hit], true, true[is_hit])
    )
    if not 0 < true_count < articles:
        return None
    found = hits / articles
    slope = true_hits / true_count - (hits - true_hits) / (articles - true_count)
    later = min(max(found + change * slope, 0), 1)
    error = math.sqrt((found * (1 - found) + later * (1 - later)) / (articles / 2))
    return NormalDist().cdf(abs(later - found) / error - 1.959964) if error else None


def least_size(con: duckdb.DuckDBPyConnection, width: float) -> int | None:
    """Return the smallest of SIZES at which the intervals of all themes are expected to have at
    most this width, or None.
    """

    def find_widest(size: int) -> float:
        widths = [row["width"] for row in expected_widths(con, [size])]
        return max(math.inf if reached is None else reached for reached in widths)

    place = bisect.bisect_left(SIZES, -width, key=lambda size: -find_widest(size))
    return SIZES[place] if place < len(SIZES) else None
