"""Measure the agreement of coders who coded the same articles."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from operator import methodcaller
from typing import TYPE_CHECKING, Any

from tidings.analysis.coding.sample import CodingError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    Decisions = Mapping[str, AbstractSet[str]]  # themes of one article by coder
    Pairs = Counter[tuple[Hashable, Hashable]]

MEASURES = {"about": ("main",), "mention": ("main", "side")}
"""Roles of the themes that each measure compares."""
_Z = 1.959964


def count_pairs(values: Sequence[Hashable]) -> Pairs:
    """Return a unit's contribution to the coincidence matrix: each pair of values of two coders
    counts 1 / (m - 1).

    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, step C.2. A unit with fewer
    than two values is empty.
    """
    pairs: Pairs = Counter()
    for pair in itertools.permutations(values, 2):
        pairs[pair] += 1 / (len(values) - 1)  # type: ignore[assignment] # a Counter of fractions
    return pairs


def nominal_alpha(pairs: Mapping[tuple[Hashable, Hashable], float]) -> float | None:
    """Return Krippendorff's alpha for nominal data from a coincidence matrix, or None if there is
    only one value.

    Alpha is 1 - observed / expected disagreement: 1 for perfect agreement, 0 for chance
    (Krippendorff 2011, step D).
    """
    totals: Counter[Hashable] = Counter()
    for (value, _), count in pairs.items():
        totals[value] += count  # type: ignore[assignment]
    total = sum(totals.values())
    expected = total**2 - sum(count**2 for count in totals.values())
    observed = sum(count for (first, second), count in pairs.items() if first != second)
    return 1 - (total - 1) * observed / expected if expected > 1e-9 else None


def alpha_interval(
    units: Iterable[Mapping[tuple[Hashable, Hashable], float]],
) -> tuple[float | None, float | None, float | None]:
    """Return alpha and its 95 % jackknife interval, from the coincidence matrix of each article.

    The jackknife omits one article at a time, because the decisions about one article are not
    independent (Efron and Stein 1981, The Jackknife Estimate of Variance). The interval is None if
    alpha is undefined without some article.
    """
    each = list(units)
    whole: Counter[Any] = Counter()
    for pairs in each:
        whole.update(pairs)
    alpha = nominal_alpha(whole)
    without = [
        nominal_alpha({pair: count - pairs.get(pair, 0) for pair, count in whole.items()})
        for pairs in each
    ]
    known = [value for value in without if value is not None]
    if alpha is None or len(known) < max(len(each), 2):
        return alpha, None, None
    mean = sum(known) / len(known)
    reach = _Z * math.sqrt(
        (len(known) - 1) / len(known) * sum((value - mean) ** 2 for value in known)
    )
    return alpha, max(-1.0, alpha - reach), min(1.0, alpha + reach)


def cohen_kappa(pairs: Iterable[tuple[Hashable, Hashable]]) -> float | None:
    """Return Cohen's kappa of two coders from their values of each unit, or None if both use only
    one value.

    Cohen (1960), A Coefficient of Agreement for Nominal Scales.
    """
    counts = Counter(pairs)
    total = sum(counts.values())
    first: Counter[Hashable] = Counter()
    second: Counter[Hashable] = Counter()
    for (left, right), count in counts.items():
        first[left] += count
        second[right] += count
    expected = sum(first[value] * second[value] for value in first)
    agreed = sum(count for (left, right), count in counts.items() if left == right)
    return (total * agreed - expected) / (total**2 - expected) if total**2 > expected else None


def measure_agreement(
    labels: Iterable[Mapping[str, str]], parents: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return a row per measure and theme that a coder chose, after rows for all policy areas and
    for all themes below them.

    A unit is the decision about an article and a theme: whether the article is about the theme or a
    theme below it (measure ``about``), and whether it deals with it at all (``mention``). Articles
    that a coder calls a round-up do not count.

    Args:
        labels: Rows with the columns of ``codings.csv``.
        parents: Parent of each theme; empty for a policy area.

    Raises:
        CodingError: If no article has two coders.
    """
    labels, rows = list(labels), []
    whole: dict[str, list[str]] = {"all areas": [], "all themes": []}
    for theme, parent in parents.items():
        whole["all themes" if parent else "all areas"].append(theme)
    for measure, roles in MEASURES.items():
        articles = _read_decisions(labels, parents, roles)
        chosen = itertools.chain.from_iterable(map(methodcaller("values"), articles))
        used = set(itertools.chain.from_iterable(chosen))
        groups = whole | {theme: [theme] for theme in parents if theme in used}
        if articles:
            rows += [
                {"measure": measure, "theme_id": name, **_measure(articles, group)}
                for name, group in groups.items()
            ]
    if not rows:
        raise CodingError(
            "No article has two coders, not counting round-ups. A second coder must"
            " label the same sample."
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


def _measure(articles: Sequence[Decisions], themes: Sequence[str]) -> dict[str, Any]:
    units, agreed, chosen_count = [], 0.0, 0
    by_pair: dict[tuple[str, str], list[tuple[bool, bool]]] = {}
    for decisions in articles:
        pairs: Counter[Any] = Counter()
        for theme in themes:
            values = {coder: theme in chosen for coder, chosen in sorted(decisions.items())}
            pairs.update(count_pairs([*values.values()]))
            chosen_count += sum(values.values())
            for first, second in itertools.combinations(values, 2):
                by_pair.setdefault((first, second), []).append((values[first], values[second]))
        agreed += pairs[False, False] + pairs[True, True]
        units.append(pairs)
    alpha, low, high = alpha_interval(units)
    kappas = (cohen_kappa(decided) for _, decided in sorted(by_pair.items()))
    known = [kappa for kappa in kappas if kappa is not None]
    return {
        "article_count": len(articles),
        "chosen_count": chosen_count,
        "agreement": _round(agreed / (sum(map(len, articles)) * len(themes)) if themes else None),
        "alpha": _round(alpha),
        "alpha_low": _round(low),
        "alpha_high": _round(high),
        "kappa": _round(sum(known) / len(known) if known else None),
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
