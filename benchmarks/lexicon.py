"""Write a table of the word list's quality by theme and language, from the phrases and the codings
in ``seeds/``.

Run it with ``python -m benchmarks.lexicon [FILE]`` (default ``build/lexicon.md``).
``docs/build.py`` adds the table to the documentation. It needs no warehouse and no texts: recall
and precision compare the readers with the themes that the word list found when the articles were
coded (``found_theme_ids``). ``theme_quality`` measures the present word list.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter, defaultdict
from pathlib import Path

from tidings.paths import SEEDS

MIN_COUNT = 10  # as in theme_quality
HEAD = (
    "| theme | language | specific | general | with source | reviewed | coded | true | recall |"
    " precision |\n"
    "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n"
)
INTRODUCTION = """# Quality of the word list by theme

`python -m benchmarks.lexicon` generates this page from `seeds/`. [The page on the word
list](lexicon.md) explains how it is made.

- **specific**, **general**: phrases without and with a `salience`. Rows with the role `exclude` are
  not counted.
- **with source**, **reviewed**: shares of these phrases with a source and with a reviewer.
- **coded**: coded articles in the language. **true**: those with the theme, as a main or secondary
  theme, according to readers.
- **recall**, **precision**: weighted shares for these articles; – means fewer than ten true
  articles or hits. They compare the readers with the themes that the word list of that time found.

A theme includes the codings of the themes below it, but only its own phrases.

"""
Row = dict[str, str]


def main() -> None:
    """Write the table and print its path."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "build/lexicon.md")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(describe_lexicon(SEEDS), encoding="utf-8")
    print(path)


def describe_lexicon(folder: Path) -> str:
    """Return the table as Markdown, from ``themes.csv``, ``theme_phrases.csv`` and ``codings.csv``
    in a folder.
    """
    themes, phrases, codings = (
        _rows(folder / f"{name}.csv") for name in ("themes", "theme_phrases", "codings")
    )
    by_key = defaultdict(list)
    for phrase in phrases:
        if phrase["role"] == "include":
            by_key[phrase["theme_id"], phrase["language"]].append(phrase)
    articles = latest_codings(codings)
    parents = {row["theme_id"]: row["parent_id"] for row in themes}
    quality = count_codings(articles, parents)
    coded = Counter(rows[0]["language"] for rows in articles)
    included = [phrase for group in by_key.values() for phrase in group]
    reviewed, total = sum(bool(row["reviewed_by"]) for row in included), len(included)
    parts = [
        INTRODUCTION,
        (
            f"{reviewed:,} of {total:,} phrases have a reviewer. {len(articles):,}"
            f" articles are coded.\n"
        ),
    ]
    for area in (row for row in themes if not row["parent_id"]):
        parts += [f"\n## {area['label_en']}\n\n", HEAD]
        for theme in [area, *(row for row in themes if row["parent_id"] == area["theme_id"])]:
            theme_id = theme["theme_id"]
            languages = sorted({key[1] for key in [*by_key, *quality] if key[0] == theme_id})
            for language in languages:
                key = (theme_id, language)
                cells = [
                    theme["label_en"],
                    language,
                    *_phrase_cells(by_key[key]),
                    *_coding_cells(quality[key], coded[language]),
                ]
                parts.append(f"| {' | '.join(cells)} |\n")
    return "".join(parts)


def latest_codings(codings: list[Row]) -> list[list[Row]]:
    """Return the rows of each coded article; of several coders, the latest counts."""
    by_coder = defaultdict(list)
    for row in codings:
        by_coder[row["text_hash"], row["coder"]].append(row)
    latest: dict[str, list[Row]] = {}
    for (text, _), rows in sorted(
        by_coder.items(), key=lambda item: (item[1][0]["coded_at"], item[0])
    ):
        latest[text] = rows
    return list(latest.values())


def count_codings(
    articles: list[list[Row]], parents: dict[str, str]
) -> dict[tuple[str, str], Counter[str]]:
    """Return numbers and weights of true articles, hits and both, by theme and language."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for rows in articles:
        first = rows[0]
        found = set(filter(None, first["found_theme_ids"].split("|")))
        true = {row["theme_id"] for row in rows if row["theme_id"]}
        if first["is_any"] == "true":
            true |= found
        true |= {parents[theme] for theme in true if parents.get(theme)}
        weight = float(first["weight"] or 1)
        for theme in true | found:
            count = counts[theme, first["language"]]
            for name, is_counted in (
                ("true", theme in true),
                ("hit", theme in found),
                ("both", theme in true & found),
            ):
                if is_counted:
                    count.update({name: 1, f"{name}_weight": weight})
    return counts


def _phrase_cells(phrases: list[Row]) -> list[str]:
    general = sum(bool(row["salience"]) for row in phrases)
    shares = [
        f"{sum(bool(row[name]) for row in phrases) / len(phrases):.0%}" if phrases else "–"
        for name in ("source", "reviewed_by")
    ]
    return [f"{len(phrases) - general}", f"{general}", *shares]


def _coding_cells(count: Counter[str], coded: int) -> list[str]:
    rates = [
        f"{count['both_weight'] / count[f'{name}_weight']:.0%}" if count[name] >= MIN_COUNT else "–"
        for name in ("true", "hit")
    ]
    return [f"{coded}", f"{count['true']}", *rates]


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
