"""Measure the agreement of coders who coded the same articles."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from tidings.analysis.inputs import refuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    Decisions = Mapping[str, AbstractSet[str]]  # themes of one article by coder


MEASURES = {"about": ("main",), "mention": ("main", "side")}
"""Roles of the themes that each measure compares."""
_Z = 1.959964


def count_decisions(decisions: Decisions, themes: AbstractSet[str]) -> tuple[int, int, float]:
    """Return the number of decisions of two or more coders of an article about themes, of those for
    a theme, and the disagreement.

    With m coders, k of whom choose a theme, the disagreement about it is 2 k (m - k) / (m - 1)
    (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, step C.2).
    """
    votes = Counter(theme for chosen in decisions.values() for theme in chosen & themes)
    coders = len(decisions)
    apart = sum(2 * count * (coders - count) for count in votes.values()) / (coders - 1)
    return coders * len(themes), votes.total(), apart


def binary_alpha(count: float, chosen: float, apart: float) -> float | None:
    """Return Krippendorff's alpha of decisions, 1 - observed / expected disagreement, or None if
    all are equal (Krippendorff 2011, step D).
    """
    expected = 2 * chosen * (count - chosen)
    return 1 - (count - 1) * apart / expected if expected > 0 else None


def alpha_interval(
    units: Sequence[Sequence[float]],
) -> tuple[float | None, float | None, float | None]:
    """Return alpha and its 95 % interval, from the decisions about each article. The jackknife
    omits one article at a time, because its decisions are not independent (Efron and Stein 1981).
    The interval is None if alpha is undefined without some article.
    """
    whole = [*map(sum, zip(*units, strict=True))]
    alpha = binary_alpha(*whole)
    without = [
        binary_alpha(*(total - part for total, part in zip(whole, unit, strict=True)))
        for unit in units
    ]
    known = [value for value in without if value is not None]
    if alpha is None or len(known) < max(len(units), 2):
        return alpha, None, None
    mean = sum(known) / len(known)
    squares = sum((value - mean) ** 2 for value in known)
    reach = _Z * math.sqrt((len(known) - 1) / len(known) * squares)
    return alpha, max(-1.0, alpha - reach), min(1.0, alpha + reach)


def measure_agreement(
    labels: Iterable[Mapping[str, str]], parents: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return a row per measure and theme that a coder chose, after rows for all policy areas and
    for all themes below them, from rows of ``codings.csv`` and the parent of each theme.

    A unit is the decision whether an article is about the theme or a theme below it (measure
    ``about``), or deals with it at all (``mention``). Round-ups do not count. Raises InputError if
    no article has two coders.
    """
    labels, rows = list(labels), []
    areas = {theme for theme, parent in parents.items() if not parent}
    whole: dict[str, AbstractSet[str]] = {"all areas": areas, "all themes": parents.keys() - areas}
    for measure, roles in MEASURES.items():
        articles = _read_decisions(labels, parents, roles)
        groups = whole | {theme: {theme} for theme in parents}
        for name, group in groups.items() if articles else ():
            row = {"measure": measure, "theme_id": name, **_measure(articles, group)}
            if name in whole or row["chosen_count"]:
                rows.append(row)
    refuse(
        not rows,
        "No article has two coders, not counting round-ups. A second coder must"
        " label the same sample.",
    )
    return rows


def _read_decisions(
    labels: Iterable[Mapping[str, str]], parents: Mapping[str, str], roles: Sequence[str]
) -> list[Decisions]:
    """Return the themes with their parents by coder, for each article with at least two coders that
    is not a round-up.
    """
    articles: dict[str, dict[str, set[str]]] = {}
    mixed = set()
    for row in labels:
        article = row["article_id"] or row["text_hash"]
        themes = articles.setdefault(article, {}).setdefault(row["coder"], set())
        theme = row["theme_id"] if row["role"] in roles else ""
        while theme and theme not in themes:
            themes.add(theme)
            theme = parents.get(theme, "")
        if row["is_any"] == "true":
            mixed.add(article)
    return [
        coders for article, coders in articles.items() if len(coders) > 1 and article not in mixed
    ]


def _measure(articles: Sequence[Decisions], themes: AbstractSet[str]) -> dict[str, Any]:
    units = [count_decisions(decisions, themes) for decisions in articles]
    count, chosen, apart = map(sum, zip(*units, strict=True))
    values = (1 - apart / count if count else None, *alpha_interval(units))
    rounded = [None if value is None else round(value, 4) for value in values]
    names = ("article_count", "chosen_count", "agreement", "alpha", "alpha_low", "alpha_high")
    return dict(zip(names, (len(articles), chosen, *rounded), strict=True))
