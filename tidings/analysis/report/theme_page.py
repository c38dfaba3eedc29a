"""Compose a theme's page. The page omits each section for which the release has no data."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter

from tidings.analysis.answers import Answers, Row, ask
from tidings.analysis.report.figure import (
    MEASURES,
    Figure,
    comparison_figures,
    counts_figure,
    index_figures,
    marked,
    share_figure,
    small_figures,
)
from tidings.analysis.report.gloss import Glossary, read_translations
from tidings.analysis.report.release import Facts, Trends, read_trends
from tidings.analysis.report.render import Page, file_name, find_sentence, language_name
from tidings.analysis.report.theme_questions import SERIES, SPEAKER_COUNT, TABLES
from tidings.storage.lake import Connection

_VALUES = (
    ("coded_count", "Coded articles", "count"),
    ("true_count", "With the theme according to readers", "count"),
    ("hit_count", "According to the word list", "count"),
    ("true_hit_count", "According to both", "count"),
    *(
        (f"{rate}{end}", f"{rate.capitalize()}{limit}", "share")
        for rate in ("recall", "precision")
        for end, limit in (("", ""), ("_low", ", 95% low"), ("_high", ", 95% high"))
    ),
)
_LEGEND = (("dot", "recall: part of the articles with the theme that the word list finds"),
           ("diamond", "precision: part of the articles found that have the theme"),
           ("line", "95% interval"))  # fmt: skip
_TITLES = {"about": "articles about the theme", "mention": "articles that mention the theme"}


def warn_of_recall(rows: Sequence[Row], measure: str) -> str:
    """Return a warning with the quarters whose recall differs significantly, or an empty text."""
    changed = [
        (row["period"], row["language"])
        for row in rows
        if (row["measure"], row["is_recall_stable"]) == (measure, False) and row["period"] != "all"
    ]
    quarters = [period for period, language in changed if language == "all"]
    quarters += [
        f"{period} ({language_name(language)})"
        for period, language in changed
        if (period, "all") not in changed
    ]
    if not quarters:
        return ""
    return (
        "The word list found a significantly different part of the articles in some quarters: "
        f"{', '.join(quarters)}. Changes of the share may be due to this."
    )


def describe_quality(quality: Answers, theme_id: str) -> tuple[list[Figure], list[str]]:
    """Return the figures of recall and precision, of each measure by language and by quarter, and
    sentences on measures with too few coded articles.
    """
    figures, sentences = [], []
    for (_, by), group in groupby(quality.rows(theme_id), itemgetter("measure", "figure")):
        rates = [*group]
        whole, known = rates[0], sum(row["recall"] is not None for row in rates)
        if by == "language" and not known and all(row["precision"] is None for row in rates):
            sentences.append(
                f"For {_TITLES[whole['measure']]}, too few articles were coded to compute recall"
                f" and precision, which need ten articles each: {whole['true_count']} of"
                f" {whole['coded_count']} coded articles have the theme according to readers, and"
                f" {whole['hit_count']} according to the word list."
            )
        elif by == "language" or (by and known > 1):
            figures.append(_figure(quality, theme_id, rates))
    return figures, sentences


def _figure(quality: Answers, theme_id: str, rates: Sequence[Row]) -> Figure:
    measure, by = rates[0]["measure"], rates[0]["figure"]
    is_quarter = by == "quarter"
    labels = [
        row["period"] if is_quarter
        else "All languages" if row["language"] == "all" else language_name(row["language"])
        for row in rates
    ]  # fmt: skip
    pairs = [*zip(labels, rates, strict=True)]
    described = [text for label, row in pairs if (text := _describe(label, row))]
    return Figure(
        figure_id=f"quality-{measure}-{by}",
        chart="quality",
        title=f"Recall and precision by {by}: {_TITLES[measure]}",
        summary="" if is_quarter else described[0],
        legend=_LEGEND,
        method="quality",
        alt=f"Dot chart of recall and precision. {' '.join(described)}",
        columns=(("label", by.capitalize(), "text"), *_VALUES),
        rows=[[label, *(row[name] for name, *_ in _VALUES)] for label, row in pairs],
        source="measures.theme_quality",
        sql=quality.sql(theme_id, f" and measure = '{measure}' and figure = '{by}'"),
        warning=warn_of_recall(rates, measure),
    )


def _describe(label: str, row: Row) -> str:
    rates = [
        f"{name} {row[name]:.0%} ({row[f'{name}_low']:.0%} to {row[f'{name}_high']:.0%})"
        for name in ("recall", "precision")
        if row[name] is not None
    ]
    return (
        f"{label}: {', '.join(rates)}, from {row['coded_count']:,} coded articles." if rates else ""
    )


BURST_COUNT, PEAK_COUNT = 12, 15
KINDS = {
    "person": "Persons",
    "body": "Bodies",
    "role": "Offices without a name",
    "collective": "Groups",
    "unnamed": "Not identified",
}
# with the numbers of articles that mention each theme and that are about it
_THEMES = """
select themes.* replace (coalesce(label_en, theme_id) as label_en),
    coalesce(articles, 0) as article_count, coalesce(about, 0) as about_count
from ref.themes as themes left join (
    select theme_id, sum(article_count)::bigint as articles, sum(about_count)::bigint as about
    from marts.theme_monthly group by all
) using (theme_id)
order by coalesce(parent_id, theme_id), parent_id is not null, label_en, theme_id
"""
_GAP_ARTICLES = """
select coalesce(sum(text_count) filter (is_gap), 0)::bigint as gap_count,
    coalesce(sum(text_count), 0)::bigint as article_count
from marts.outlet_daily where published_on >= $since
"""


@dataclass(frozen=True, slots=True)
class ThemeData:
    """Data of all theme pages.

    ``answers`` are by the name of their table on the page, and ``series`` by week and month.
    """

    facts: Facts
    themes: dict[str, Row]
    paths: dict[str, str]
    outlet_paths: dict[str, str]
    outlet_languages: dict[str, list[str]]
    trends: Trends
    series: dict[str, Answers]
    answers: dict[str, Answers]
    glossary: Glossary
    translations: dict[str, str]
    gap_articles: Row


def read_theme_data(
    con: Connection,
    facts: Facts,
    outlets: list[Row],
    outlet_paths: dict[str, str],
) -> ThemeData:
    """Return the data of all themes, with all months, and the weeks of at most two years."""
    trends = read_trends(con)
    answers = {name: Answers(con, query, **facts.values) for name, query in TABLES.items()}
    first_week = facts.since - dt.timedelta(6) if facts.since else None
    series = {
        "week": Answers(con, SERIES.format(unit="week"), since=first_week),
        "month": Answers(con, SERIES.format(unit="month"), since=None),
    }
    mentions = chain.from_iterable(answers["mentions"].by_id.values())
    [gap_articles] = ask(con, _GAP_ARTICLES, **facts.values).rows
    themes = {row["theme_id"]: row for row in ask(con, _THEMES).rows}
    return ThemeData(
        facts=facts,
        themes=themes,
        paths={theme: f"themes/{file_name(theme)}" for theme in sorted(themes)},
        outlet_paths=outlet_paths,
        outlet_languages={row["publisher_id"]: row["languages"] for row in outlets},
        trends=trends,
        series=series,
        answers={"window": trends.shares, **answers},
        glossary=Glossary(con),
        translations=read_translations(con, {row["article_id"] for row in mentions}),
        gap_articles=gap_articles,
    )


def theme_page(data: ThemeData, theme_id: str) -> Page:
    """Return the page of a theme."""
    theme = data.themes[theme_id]
    rows = {name: answers.rows(theme_id) for name, answers in data.answers.items()}
    main = _main_figures(data, theme_id) if theme["article_count"] else []
    main += index_figures(theme_id, data.answers["indices"])
    main += comparison_figures(theme_id, data.answers["comparisons"])
    by_outlet = _small_figures(data, theme_id, "outlets", "publisher_id")
    by_language = _small_figures(data, theme_id, "languages", "language")
    coded, sentences = describe_quality(data.answers["quality"], theme_id)
    values = rows | {
        "theme": theme,
        "parent": data.themes.get(theme["parent_id"]),
        "children": _children(data, theme_id),
        "window": data.trends.windows[theme_id],
        "main": main,
        "by_outlet": by_outlet,
        "outlet_links": [
            data.outlet_paths.get(publisher)
            for publisher in dict.fromkeys(row["publisher_id"] for row in rows["outlets"])
        ],
        "outlet_total": max((row["part_count"] for row in rows["outlets"]), default=0),
        "by_language": by_language,
        "coded": coded,
        "sentences": sentences,
        **_speaker_values(rows["speakers"], data.glossary),
        "bursts": rows["bursts"][:BURST_COUNT],
        "peaks": [
            _with_glosses(peak, data.glossary, "title", "start_on")
            for peak in rows["peaks"][:PEAK_COUNT]
        ],
        "mentions": _quote_mentions(rows["mentions"], data.glossary, data.translations),
        "gap_articles": data.gap_articles,
        "sql": {name: answers.sql(theme_id) for name, answers in data.answers.items()},
    }
    figures = [*marked(main, data.facts.breaks), *by_outlet, *by_language, *coded]
    series = f"{'theme' if theme['parent_id'] else 'area'}:{theme_id}"
    return Page(data.paths[theme_id], "theme.html", values, figures, (series,))


def _speaker_values(speakers: Sequence[Row], glossary: Glossary) -> Row:
    first = {row["speaker_kind"]: row for row in speakers}
    kinds = [
        {"kind": kind, "name": name, "share": row["kind_count"] / row["total_count"]}
        for kind, name in KINDS.items()
        if (row := first.get(kind))
    ]
    return {
        "speakers": [
            _with_glosses(row, glossary, "sentence", "last_on")
            | {"office": glossary.offices(row["speaker"], row["last_on"]) or row["office"]}
            for row in speakers
        ],
        "kinds": kinds,
        "kind_names": KINDS,
        "person": first.get("person"),
        "most": SPEAKER_COUNT,
    }


def _quote_mentions(
    rows: Sequence[Row], glossary: Glossary, translations: Mapping[str, str]
) -> list[Row]:
    """Return mentions with their sentences: the text before, at and after the phrase, its English,
    and the article's English version. The snippet replaces the sentence of a changed text.
    """
    mentions = []
    for row in rows:
        text, start, end = row["text"], row["start_offset"], row["end_offset"]
        before, marked, after = row["snippet"] or "", "", ""
        if text is not None and end <= len(text):
            before, marked, after, _ = find_sentence(text, start, end, row["language"] or None)
        quoted_row = row | {
            "before": before,
            "marked": marked,
            "after": after,
            "sentence": before + marked + after,
            "translation": translations.get(row["article_id"]),
        }
        mentions.append(_with_glosses(quoted_row, glossary, "sentence", "published_on"))
    return mentions


def _with_glosses(row: Row, glossary: Glossary, text: str, day: str) -> Row:
    return row | {"glosses": glossary.translate(row[text] or "", row["language"], row[day])}


def _children(data: ThemeData, theme_id: str) -> list[Row]:
    children = [
        row | {"now": data.trends.windows[child]["now"]}
        for child, row in data.themes.items()
        if row["parent_id"] == theme_id
    ]
    return sorted(children, key=lambda row: (-row["article_count"], row["label_en"]))


def _main_figures(data: ThemeData, theme_id: str) -> list[Figure]:
    units = ["week", "month"] if data.facts.unit == "week" else ["month", "week"]
    quality, peaks = (data.answers[name].rows(theme_id) for name in ("quality", "peaks"))
    about, mention = (warn_of_recall(quality, measure) for measure in ("about", "mention"))
    unit, first = units[0], data.series[units[0]]
    title = f"Articles that mention the theme, and their stories, by {unit}"
    return [
        *(
            share_figure(theme_id, data.series[unit], unit, warning=about, peaks=peaks)
            for unit in units
        ),
        share_figure(theme_id, first, unit, "mention", warning=mention),
        counts_figure(
            "counts",
            title,
            first,
            theme_id,
            unit=unit,
            per=unit,
            source=f"marts.theme_{unit}ly",
        ),
    ]


SOURCES = {
    "outlets": "marts.theme_outlet_daily, marts.outlet_daily",
    "languages": "marts.article_themes, core.articles",
}


def _small_figures(data: ThemeData, theme_id: str, name: str, key: str) -> list[Figure]:
    """Return the charts of a theme by outlet or language, each with the breaks of its outlets."""
    charts, breaks = [], []
    for part, rows in groupby(data.answers[name].rows(theme_id), itemgetter(key)):
        series = list(rows)
        hits, total = (sum(row[count] for row in series) for count in ("hits", "total"))
        note = f"{hits:,} of {total:,} articles are about the theme"
        title = series[0].get("name") or language_name(part)
        charts.append((title, note, [*map(MEASURES["small"], series)]))
        breaks.append([
            found
            for found in data.facts.breaks
            if part in {found.publisher_id, *data.outlet_languages.get(found.publisher_id, ())}
        ])  # fmt: skip
    figures = small_figures(
        name.removesuffix("s"),
        charts,
        unit=data.facts.unit,
        source=SOURCES[name],
        sql=data.answers[name].sql(theme_id),
    )
    pairs = zip(figures, breaks, strict=True)
    return [*chain.from_iterable(marked([figure], own) for figure, own in pairs)]
