"""Score themes and policy areas on coded articles and coded sentences, beside published figures.

Run it with ``python -m benchmarks.areas [FOLDER]``. FOLDER has the files of the areas benchmark and
its ``score.py``: coded articles and labels, and sentences of State of the Union addresses that the
Policy Agendas Project coded. The scorer computes all figures.

    --lists FOLDER   word lists other than ``seeds/``: theme_phrases.csv and themes.csv
    --misses         list the missing and the wrong themes of each article
    --articles FILE  other articles, with labels.jsonl beside them
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

from tidings.annotation.tagging import Tagger, Text
from tidings.paths import SEEDS

SHARED = Path(__file__).parents[2] / "shared" / "benchmarks" / "areas"
PUBLISHED = """Published macro-F1 on the whole test split, of which these sentences are a part
(Laurer et al., Less Annotating, More Classifying, Political Analysis): zero-shot NLI .36, trained
on 500 labels .536, trained on all labels .687."""
Row = dict[str, Any]


def main() -> None:
    """Print the scores of coded articles by language and source, and of coded sentences."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--lists", type=Path, default=SEEDS)
    parser.add_argument("--articles", type=Path)
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    if not (options.folder / "score.py").is_file():
        sys.exit(f"{options.folder} does not contain the areas benchmark.")
    score = load_scorer(options.folder / "score.py")
    lists = {name: _rows(options.lists / f"{name}.csv") for name in ("theme_phrases", "themes")}
    tagger = Tagger(lists["theme_phrases"], lists["themes"])
    themes = score.Themes(options.lists / "themes.csv")
    articles = options.articles or options.folder / "coded" / "articles.jsonl"
    rows = _lines(articles)
    titles = {row["id"]: row["title"] for row in rows}
    labels = [
        row | {"title": titles[row["id"]], **_facts(rows, row)}
        for row in _lines(articles.with_name("labels.jsonl"))
    ]
    found = tag_articles(tagger, rows)
    score.score_groups(labels, found, themes, misses=options.misses)
    print("\nOnly the themes that the article is about, and the main areas:")
    score.score_groups(labels, tag_articles(tagger, rows, is_about=True), themes)
    if options.articles is None:
        print()
        sentences = _rows(options.folder / "sotu_dev.csv")
        gold = {row["id"]: int(row["code"]) for row in sentences}
        score.score_sotu(gold, tag_sentences(tagger, sentences, has_context=False), themes)
        print("\nWith the sentences before and after, where the sentence alone has no area:")
        score.score_sotu(gold, tag_sentences(tagger, sentences, has_context=True), themes)
        print(PUBLISHED)


def tag_articles(tagger: Tagger, rows: list[Row], *, is_about: bool = False) -> dict[str, Row]:
    """Return the predictions for articles as the scorer reads them: themes with counts, and areas
    by rank.
    """
    texts = [Text(row["title"], row["text"], row["language"], _day(row["date"])) for row in rows]
    return {
        row["id"]: _prediction(tags, is_about=is_about)
        for row, tags in zip(rows, tagger.tag(texts), strict=True)
    }


def tag_sentences(tagger: Tagger, rows: list[Row], *, has_context: bool) -> dict[str, Row]:
    """Return the predictions for sentences. A sentence without an area takes those of its
    neighbours if ``has_context``.
    """
    alone = tagger.tag([Text("", row["text"], "en", None) for row in rows])
    around = tagger.tag(
        [Text("", " ".join((row["before"], row["text"], row["after"])), "en", None) for row in rows]
    )
    chosen = [
        own if own["areas"] or not has_context else other
        for own, other in zip(alone, around, strict=True)
    ]
    return {
        row["id"]: {"majors": [area["area_id"] for area in tags["areas"]], "themes": {}}
        for row, tags in zip(rows, chosen, strict=True)
    }


def _prediction(tags: Row, *, is_about: bool) -> Row:
    themes = [theme for theme in tags["themes"] if theme["is_about"] or not is_about]
    areas = [area for area in tags["areas"] if area["is_main"] or not is_about]
    return {
        "themes": {theme["theme_id"]: float(theme["mention_count"]) for theme in themes},
        "majors": [area["area_id"] for area in areas],
    }


def _facts(rows: list[Row], label: Row) -> Row:
    [row] = [row for row in rows if row["id"] == label["id"]]
    return {"language": row["language"], "source": row["source"]}


def load_scorer(path: Path) -> Any:
    """Return the module of a benchmark's scorer."""
    spec = importlib.util.spec_from_file_location("area_scorer", path)
    if spec is None or spec.loader is None:
        sys.exit(f"{path} is not a Python module.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _lines(path: Path) -> list[Row]:
    return [
        json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text[:10]) if text else None


if __name__ == "__main__":
    main()
