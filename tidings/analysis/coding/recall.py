"""Watch whether the word list finds fewer of the true articles than before, at any time."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from tidings.storage.load import read_column

if TYPE_CHECKING:
    import duckdb

LIMIT = 20
"""Evidence that constant recall exceeds at any time in at most 1 of 20 cases."""
_HAZARD = 0.01  # prior probability that recall falls after any true article
_RECALLS = np.linspace(0.025, 0.975, 39)
# True articles by day, one per story, with the ratio of chances in the article's plan.
_TRUE = """
with articles as (
    select text_hash, max(plan_id) as plan_id, any_value(url) as url from ref.codings group by 1
),
coded as (
    select
        *, prediction = 'about' as is_found,
        avg(weight) filter (where prediction != 'about') over plans
        / avg(weight) filter (where prediction = 'about') over plans as ratio
    from intermediate.int_coded_themes join articles using (text_hash)
    window plans as (partition by theme_id, plan_id)
)
select theme_id, published_on, is_found, coalesce(ratio, 1), url
from coded where is_main and published_on is not null
qualify row_number() over (partition by theme_id, story order by published_on, text_hash) = 1
order by theme_id, published_on, text_hash
"""


def read_falls(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Return a sentence on each theme whose recall has fallen, and what a user can do."""
    known = "select table_name from duckdb_tables() where schema_name = 'intermediate'"
    if "int_coded_themes" not in read_column(con, known):
        return []
    falls = []
    for theme, group in groupby(con.execute(_TRUE).fetchall(), itemgetter(0)):
        _, days, found, ratios, urls = zip(*group, strict=True)
        evidence, place, before, after = find_fall(found, ratios)
        if evidence >= LIMIT:
            missed = [
                url for url, is_found in zip(urls, found, strict=True) if url and not is_found
            ]
            what = (
                f"{theme}: since about {days[place]}, the word list finds {after:.0%} of the"
                f" articles that coders call true, instead of {before:.0%}."
            )
            action = (
                f"Read the missed articles, such as {' '.join(missed[-3:])}, and add phrases:"
                f" `tidings phrase suggest --theme {theme}`."
            )
            falls.append((what, action))
    return falls


def find_fall(found: Any, ratios: Any) -> tuple[float, int, float, float]:
    """Return the evidence that recall has fallen, the most probable first article of the lower
    recall, and recall before and after.

    ``found``: whether the word list found each true article, in order; ``ratios``: the chance of a
    found article to be drawn, by that of a missed one. The evidence is the likelihood of a fall,
    averaged over its place and both recalls, divided by the largest likelihood of a constant
    recall: an e-process (Wasserman, Ramdas and Balakrishnan 2020, Universal Inference, PNAS 117).
    """
    odds = (_RECALLS / (1 - _RECALLS))[:, None] * np.asarray(ratios)
    logs = np.where(found, odds, 1) / (1 + odds)
    sums = np.hstack([np.zeros((len(_RECALLS), 1)), np.log(logs).cumsum(1)])
    ends = sums[:, -1:] - sums[:, :-1]  # log likelihoods of the articles from each place
    places = np.arange(len(found))
    weights = np.log(_HAZARD) + places * np.log(1 - _HAZARD) - np.log(len(_RECALLS))
    lower = np.logaddexp.accumulate(ends, 0)[:-1] - np.log(np.arange(1, len(_RECALLS)))[:, None]
    falls = sums[1:, :-1] + lower + weights  # recall before × place
    best, most = sums[:, -1].max(), falls.max()
    place = int(falls.max(0).argmax())
    before = _RECALLS[1 + falls[:, place].argmax()]
    after = _RECALLS[ends[:, place].argmax()]
    return float(np.exp(most - best) * np.exp(falls - most).sum()), place, before, after
