"""DuckDB macros of the measures for users of the release file, rendered from the formulas in ``transforms/macros/``."""

from __future__ import annotations

from functools import cache
from typing import Any

from tidings.warehouse.formulas import render

_INDEX = "columns series, outlet, month (date), n_all, n_hit"
_STRATA = "columns series, language, prediction (about, mentioned, absent), article_count, coded_count, true_share"
_PAIRS = "columns series, start_on (date), a, b: one row for each period without holes, null for unknown values"
_MEANINGS = {
    "hits": "number of items of interest, for instance the articles about a theme",
    "total": "number of all items",
    "pair_count": "number of articles with both things",
    "one_count": "number of articles with the first thing",
    "other_count": "number of articles with the second thing",
    "y1": "occurrences of the word in the first text",
    "n1": "number of words in the first text",
    "y2": "occurrences of the word in the second text",
    "n2": "number of words in the second text",
    "a": "occurrences of the word in the prior",
    "a0": "number of words in the prior",
    "deviations": "list of the first series' daily deviations from its mean",
    "other": "list of the other series' daily deviations from its mean, for the same days",
    "lag_days": "number of days by which the other series follows",
    "page_offsets": "column of core.articles",
    "start_offset": "position in body_text, from 0, for instance of a mention",
    "baseline_from": "first month of the baseline, a date; null for the first month of the series",
    "baseline_until": "last month of the baseline, a date; null for the last month of the series",
    "missing": "'null' or 'zero': the share of an outlet in a month without articles",
    "unscaled": "'drop' or 'zero': the value of an outlet whose share never changes",
    "adoptions": "name of the table, as text",
    "pairs": "name of the table, as text",
    "strata": "name of the table, as text",
    "coded": "name of the table, as text",
    "words": "words, or phrases in double quotes, in any language. A word also finds longer words that start with it, in upper or"
    " lower case; in scripts without spaces, such as Chinese, it is found anywhere. Each call reads the texts of all articles",
    "articles": "name of the table to search, as text; it needs the columns of core.articles",
}
_COUNTS = {"hhi(counts)": "column with the counts"}  # otherwise the name of a table
_CODED = "columns series, is_hit, coded_weight, coded_squares, true_weight, true_squares: sums of weights and of their squares"
# Name with parameters, description, and the file of the formula, which has the same name.
_SCALARS = (
    ("wilson_low(hits, total)", "Return the lower end of the 95 % Wilson interval of a share.", "wilson"),
    ("wilson_high(hits, total)", "Return the upper end of the 95 % Wilson interval of a share.", "wilson"),
    (
        "jeffreys_low(hits, total)",
        "Return the lower end of the 95 % Jeffreys interval of a share; hits and total may be fractions.",
        "corrections",
    ),
    (
        "jeffreys_high(hits, total)",
        "Return the upper end of the 95 % Jeffreys interval of a share; hits and total may be fractions.",
        "corrections",
    ),
    (
        "npmi(pair_count, one_count, other_count, total)",
        "Return normalised pointwise mutual information from the counts of two things and of their pair.",
        "measures",
    ),
    (
        "log_odds(y1, n1, y2, n2, a, a0)",
        "Return the log-odds ratio with a Dirichlet prior: y occurrences in n words, and a in a0 words of the prior.",
        "measures",
    ),
    ("log_odds_z(y1, n1, y2, n2, a, a0)", "Return log_odds divided by its standard error.", "measures"),
    (
        "hhi(counts)",
        "Return the concentration of counts, as an aggregate: from 1/n for n equal counts to 1 for a single count above 0.",
        "measures",
    ),
    (
        "lag_correlation(deviations, other, lag_days)",
        "Return the correlation with another series lag_days later, from lists of daily deviations from the mean.",
        "measures",
    ),
    (
        "page_of(page_offsets, start_offset)",
        "Return the page of a document, from 1, that contains an offset of its text; null if the article has no pages.",
        "snippet",
    ),
)
_TABLES = (
    (
        "standardised_index(counts, baseline_from := null, baseline_until := null, missing := 'null', unscaled := 'drop')",
        f"Return series, month, unweighted and weighted: the outlet-standardised index of the table `counts`, {_INDEX}.",
        "indices",
    ),
    (
        "pooled_index(counts, baseline_from := null, baseline_until := null, missing := 'null')",
        f"Return series, month and index: the pooled index of the table `counts`, {_INDEX}.",
        "indices",
    ),
    (
        "agreement(pairs)",
        f"Return correlations of a and b and of their changes, for the table `pairs`, {_PAIRS}.",
        "agreement",
    ),
    (
        "kleinberg_bursts(counts)",
        "Return whether each batch is in a burst, for the table `counts`, columns series, batch_on, hits, total.",
        "bursts",
    ),
    (
        "lives(counts)",
        "Return first day, peak, last day and half-life of each series of the table `counts`, columns series, batch_on, hits.",
        "lives",
    ),
    (
        "diffusion(adoptions)",
        "Return the day by which half of the outlets had used a series, from `adoptions`, columns series, outlet, adopted_on.",
        "lives",
    ),
    (
        "corrected_shares(strata)",
        f"Return series, share_corrected and its interval of the table `strata`, {_STRATA}.",
        "corrections",
    ),
    (
        "search(words, articles := 'articles')",
        "Return the articles that contain all words, best first, with score and number of occurrences.",
        "search",
    ),
    (
        "recall_rates(coded)",
        f"Return series, recall and its interval of the table `coded`, {_CODED}.",
        "corrections",
    ),
)
_LAGGED = (
    "list_slice(deviations, 1, len(deviations) - lag_days)",
    "list_slice(other, 1 + lag_days, len(other))",
    "list_dot_product(deviations, deviations)",
    "list_dot_product(other, other)",
)


@cache
def macro_statements() -> str:
    """Return SQL statements that create the macros in the current schema, each with a comment on its result and parameters."""
    share = "(hits / nullif(total, 0)::double)"
    pieces = [_statements("macro", "share(hits, total)", "Return hits / total; null if total is 0.", share)]
    for head, description, file in _SCALARS:
        name, names = _parts(head)
        macro, arguments = ("cross_correlation", _LAGGED) if name == "lag_correlation" else (name, names)
        pieces.append(_statements("macro", head, description, f"({render(file, macro, *arguments).strip()})"))
    for head, description, file in _TABLES:
        name, names = _parts(head)
        given: list[Any] = ["query_table(articles)", "words"] if name == "search" else [f"query_table({names[0]})", ["series"]]
        options = [option for option in ("missing", "unscaled") if option in names]
        pieces.append(_statements("macro table", head, description, f"table {render(file, name, *given, *options).strip()}"))
    return "\n".join(line.rstrip() for line in "\n".join(pieces).splitlines()) + "\n"


def _parts(head: str) -> tuple[str, list[str]]:
    """Return the name and the names of the parameters of a macro."""
    name, _, listed = head.rstrip(")").partition("(")
    return name, [parameter.partition(" := ")[0] for parameter in listed.split(", ")]


def _statements(kind: str, head: str, description: str, body: str) -> str:
    """Return statements that create a macro and store its description and the meaning of each parameter as its comment."""
    name, names = _parts(head)
    meanings = _MEANINGS | {"counts": _COUNTS.get(head, "name of the table, as text")}
    text = f"{description} Parameters: {'; '.join(f'{parameter}: {meanings[parameter]}' for parameter in names)}."
    comment = f"comment on {kind} {name} is '{text.replace(chr(39), chr(39) * 2)}';"
    return f"create or replace macro {head} as {body};\n{comment}\n"
