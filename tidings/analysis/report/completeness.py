"""Describe the recall and precision of the word list for a theme, measured with coded articles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidings.analysis.report.figure import Figure
from tidings.analysis.report.render import language_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidings.analysis.answers import Answers

_VALUES = (
    ("coded_count", "coded", "Coded articles", "count"),
    ("true_count", "true", "With the theme according to readers", "count"),
    ("hit_count", "hits", "According to the word list", "count"),
    ("true_hit_count", "both", "According to both", "count"),
    ("recall", "recall", "Recall", "share"),
    ("recall_low", "recall_low", "Recall, 95% low", "share"),
    ("recall_high", "recall_high", "Recall, 95% high", "share"),
    ("precision", "precision", "Precision", "share"),
    ("precision_low", "precision_low", "Precision, 95% low", "share"),
    ("precision_high", "precision_high", "Precision, 95% high", "share"),
)
_LEGEND = (("dot", "recall: part of the articles with the theme that the word list finds"),
           ("diamond", "precision: part of the articles found that have the theme"),
           ("line", "95% interval"))  # fmt: skip
_TITLES = {"about": "articles about the theme", "mention": "articles that mention the theme"}


@dataclass(frozen=True, slots=True)
class Completeness:
    """The figures of a theme's recall and precision, and sentences on the measures with too few
    coded articles.
    """

    figures: list[Figure]
    sentences: list[str]


def warn_of_recall(rows: Sequence[dict[str, Any]], measure: str) -> str:
    """Return a warning with the quarters whose recall differs significantly, or an empty text if
    there are none.
    """
    changed: dict[str, list[str]] = {}
    for row in rows:
        if (
            row["measure"] == measure
            and row["period"] != "all"
            and row["is_recall_stable"] is False
        ):
            changed.setdefault(row["language"], []).append(row["period"])
    overall = sorted(changed.pop("all", ()))
    quarters = overall + [
        f"{period} ({language_name(language)})"
        for language, periods in changed.items()
        for period in periods
        if period not in overall
    ]
    if not quarters:
        return ""
    return (
        "The word list found a significantly different part of the articles in some quarters: "
        f"{', '.join(quarters)}. Changes of the share may be due to this."
    )


def describe_quality(quality: Answers, theme_id: str) -> Completeness:
    """Return the figures by language and by quarter for each measure with a known rate, and a
    sentence for each other one.
    """
    figures, sentences = [], []
    for measure, title in _TITLES.items():
        languages: list[dict[str, Any]] = []
        quarters: list[dict[str, Any]] = []
        for row in quality.rows(theme_id):
            if row["measure"] == measure and "all" in {row["language"], row["period"]}:
                (languages if row["period"] == "all" else quarters).append(row)
        if any(map(_is_known, languages)):
            figures.append(_figure(quality, theme_id, "language", title, languages))
        elif languages:
            whole = languages[0]
            sentences.append(
                f"For {title}, too few articles were coded to compute recall and precision, which"
                f" need ten articles each: {whole['true_count']} of {whole['coded_count']} coded"
                f" articles have the theme according to readers, and {whole['hit_count']} according"
                " to the word list."
            )
        if sum(row["recall"] is not None for row in quarters) > 1:
            figures.append(_figure(quality, theme_id, "quarter", title, quarters))
    return Completeness(figures, sentences)


def _is_known(row: dict[str, Any]) -> bool:
    return row["recall"] is not None or row["precision"] is not None


def _language(language: str) -> str:
    return "All languages" if language == "all" else language_name(language)


# of a figure: column, condition, label, and whether the first row is the summary
_BY: dict[str, tuple[str, str, Callable[[str], str], bool]] = {
    "language": ("language", "period = 'all'", _language, True),
    "quarter": ("period", "language = 'all' and period != 'all'", str, False),
}


def _figure(
    quality: Answers, theme_id: str, by: str, title: str, rates: Sequence[dict[str, Any]]
) -> Figure:
    measure = rates[0]["measure"]
    key, where, label, has_summary = _BY[by]
    rows = [[label(row[key]), *(_round(row[name]) for name, *_ in _VALUES)] for row in rates]
    described = [text for row in rates if (text := _describe(label(row[key]), row))]
    return Figure(
        figure_id=f"quality-{measure}-{by}",
        chart="quality",
        title=f"Recall and precision by {by}: {title}",
        summary=described[0] if has_summary else "",
        note="",
        legend=_LEGEND,
        method="quality",
        alt=f"Dot chart of recall and precision. {' '.join(described)}",
        columns=(
            ("label", by.capitalize(), "text"),
            *((key, heading, kind) for _, key, heading, kind in _VALUES),
        ),
        rows=rows,
        source="measures.theme_quality",
        sql=quality.sql(theme_id, f" and measure = '{measure}' and {where}"),
        warning=warn_of_recall(rates, measure),
    )


def _round(value: float | None) -> float | None:
    return round(value, 5) if isinstance(value, float) else value


def _describe(label: str, row: dict[str, Any]) -> str:
    """Return a row's known rates with their intervals in one sentence, or an empty text if it has
    none.
    """
    rates = [
        f"{name} {row[name]:.0%} ({row[f'{name}_low']:.0%} to {row[f'{name}_high']:.0%})"
        for name in ("recall", "precision")
        if row[name] is not None
    ]
    return (
        f"{label}: {', '.join(rates)}, from {row['coded_count']:,} coded articles." if rates else ""
    )
