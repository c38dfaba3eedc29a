"""Predict the width of each theme's interval, and measure it afterwards."""

from __future__ import annotations

import bisect
import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from tidings.analysis.coding.sample import prepare_population
from tidings.analysis.true_rates import Cell, Stratum, expected_shares, shares_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tidings.storage.lake import Connection

_UNDIVIDED = "split_part(prediction, ':', 1)"
SIZES = (30, 60, 90, 120, 150, 200, 300, 400, 600, 800, 1200, 1600, 2400)

# Kish's expected effective number: the squared number by the sum, over articles, of 1 / probability
# of selection and the number of further copies, because the copies of a story are one unit.
_STRATA = """
select theme_id, language, prediction, count(*)::double,
    coalesce(power(count(*) filter (not is_coded), 2)
        / sum(1 / least(1, $scale * chance) + copies) filter (not is_coded), 0),
    any_value(true_share), coalesce(any_value(coded_count), 0)
from (
    select targets.theme_id, coalesce(primary_language(language), 'unknown') as language,
        coalesce(found.prediction, 'absent') as prediction, is_coded, chance,
        count(*) over (
            partition by targets.theme_id, language, prediction, is_coded,
                coalesce(story_id, article_id)
        ) - 1 as copies
    from chances cross join targets left join found using (theme_id, article_id)
    left join marts.article_stories using (article_id)
) join guessed using (theme_id, prediction)
group by all order by all
"""
_POWER = """
select sum(articles), sum(articles) filter (is_hit), sum(articles * true_share),
    sum(articles * true_share) filter (is_hit)
from (select *, prediction like 'about%' as is_hit from guessed where theme_id = ?)
"""


def expected_widths(
    con: Connection, sizes: Iterable[int], change: float | None = None
) -> list[dict[str, Any]]:
    """Return the expected share of each theme and the width of its interval after ``size`` more
    coded articles, for the population of ``prepare_population``.

    Columns: theme_id, size, predicted (share that the word list finds), share, width, narrow and
    wide (the width for a better and a worse word list), plain (without the labels of other
    programs, if there are any), and power to find this change between two halves of the population
    at 5 %. Null if there would be no corrected share.
    """
    chances = np.array(con.execute("select chance from chances order by 1 desc").fetchall())[:, 0]
    cells = _read_cells(con)
    targets = con.execute("select theme_id, about_count / total_count from targets").fetchall()
    rows = []
    for size in sorted({min(size, len(chances)) for size in sizes}):
        strata = _read_strata(con, _scale(chances, size))
        shares = expected_shares(con, strata, cells)
        without = {}
        if any(":" in row.prediction for row in strata):
            without = expected_shares(con, _merge(strata), _read_cells(con, _UNDIVIDED))
        for theme, found in targets:
            row = {
                "theme_id": theme,
                "size": size,
                "predicted": found,
                "share": shares[theme][1][0],
            }
            widths = map(_width, shares[theme])
            row |= zip(("narrow", "width", "wide"), widths, strict=True)
            if without:
                row["plain"] = _width(without[theme][1])
            rows.append(row | {"power": _find_power(con, theme, change) if change else None})
    return rows


def _read_strata(con: Connection, scale: float) -> list[Stratum]:
    return [Stratum(*row) for row in con.execute(_STRATA, {"scale": scale}).fetchall()]


def _merge(strata: Iterable[Stratum]) -> list[Stratum]:
    """Return strata without the division by labels of other programs."""
    groups: dict[tuple[str, str, str], list[Stratum]] = {}
    for row in strata:
        key = row.theme, row.language, row.prediction.partition(":")[0]
        groups.setdefault(key, []).append(row)
    merged = []
    for key, rows in groups.items():
        counts, planned, shares, known = np.array([row[3:] for row in rows]).T
        share = counts @ shares / counts.sum()
        merged.append(Stratum(*key, counts.sum(), planned.sum(), share, known.sum()))
    return merged


def _read_cells(con: Connection, prediction: str = "prediction") -> list[Cell]:
    con.execute(
        f"create or replace temp view cells as select * replace ({prediction} as prediction)"
        " from coded"
    )
    return [Cell(*row) for row in con.execute("from coding_cells('cells') order by all").fetchall()]


def measured_widths(
    con: Connection,
    plan: Mapping[str, str],
    labels: Sequence[Mapping[str, str]],
    outside: str,
) -> list[dict[str, Any]]:
    """Return the corrected share of each theme of a plan with the labels of its sample: theme_id,
    predicted, share, low, high, width, plain, and expected, the width after all its articles.
    """
    names = ("article_id", "coder", "theme_id", "role", "weight")
    con.execute(
        "create or replace temp table given_labels (article_id uuid, coder varchar,"
        " theme_id varchar, role varchar, weight double)"
    )
    con.executemany(
        "insert into given_labels values (?, ?, ?, ?, ?)",
        [[row[name] or None for name in names] for row in labels],
    )
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
    rows = expected_widths(con, [max(left, 0)])
    strata, cells = _read_strata(con, 1), _read_cells(con)
    shares = shares_of(con, strata, cells)
    without = shares_of(con, _merge(strata), _read_cells(con, _UNDIVIDED))
    for row in rows:
        found = shares.get(row["theme_id"], (None,) * 3)
        row["expected"], row["width"] = row["width"], _width(found)
        if "plain" in row:
            row["plain"] = _width(without.get(row["theme_id"], (None,) * 3))
        row.update(zip(("share", "low", "high"), found, strict=True))
    return rows


def _width(share: Sequence[Any]) -> float | None:
    return None if share[1] is None else share[2] - share[1]


def _scale(chances: Any, size: int) -> float:
    """Return the factor with which descending chances, cut at 1, add up to ``size``."""
    rest = np.cumsum(chances[::-1])[::-1]  # of those that are not certain
    scales = (size - np.arange(len(chances))) / rest
    return float(scales[scales * chances <= 1 + 1e-9][0])


def _find_power(con: Connection, theme: str, change: float) -> float | None:
    """Return the power of a two-sided test between two halves of the articles. The share that the
    list finds changes by the true change times recall less false positive rate (Rogan and Gladen
    1978, American Journal of Epidemiology 107).
    """
    ((articles, hits, true, true_hits),) = con.execute(_POWER, [theme]).fetchall()
    if not hits or not 0 < true < articles:
        return None
    found = hits / articles
    slope = true_hits / true - (hits - true_hits) / (articles - true)
    later = min(max(found + change * slope, 0), 1)
    error = math.sqrt((found * (1 - found) + later * (1 - later)) / (articles / 2))
    return NormalDist().cdf(abs(later - found) / error - 1.959964)


def least_size(con: Connection, width: float) -> int | None:
    """Return the smallest of SIZES at which all intervals have at most this width, or None."""

    def find_widest(size: int) -> float:
        return max(row["width"] or math.inf for row in expected_widths(con, [size]))

    place = bisect.bisect_left(SIZES, -width, key=lambda size: -find_widest(size))
    return SIZES[place] if place < len(SIZES) else None
