"""Measure candidate phrases as a reviewer sees them: week after week, without the candidates that
were decided before.

    python -m benchmarks.reviewed_candidates ARTICLES.jsonl FORMULATIONS.txt [--first 2023-09-03]
    [--weeks 18]

Each line of the first file is an article: ``id``, ``title``, ``text``, ``published_on``,
``language`` and ``outlet``. Each line of the second is a formulation worth adding. The benchmark
removes it from the word list, and measures it if it becomes frequent: its third article appears in
these weeks, and three of the next twelve weeks use it. Each week the reviewer accepts the
formulations among the first 20 and rejects the rest; with ``--by-kind``, the reviewer reads the
first 20 slogans and the first 20 names, which is a separate figure. The output is the list of each
week (+ accepted), the share of the frequent formulations that were listed within two weeks of their
third article, and the share accepted in the last eight weeks.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tests.transforms.conftest import annotate_here, with_ancestors
from tidings.base.languages import WITHOUT_SPACES
from tidings.fetch.window import FIRST as FIRST_DAY
from tidings.fetch.window import LAST as LAST_DAY
from tidings.fetch.window import Window
from tidings.stages.annotate import annotate_articles
from tidings.stages.build import build
from tidings.stages.group import group_articles
from tidings.storage.lake import Lake, open_lake
from tidings.storage.migrate import migrate
from tidings.storage.reference import load_reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Articles = Sequence[dict[str, Any]]

ROOT = Path(__file__).parent.parent
FIRST, LAST_WEEKS = 20, 8
SOON = dt.timedelta(days=14)
RECURRING_WEEKS, NEXT_WEEKS = 3, 12


def main() -> None:
    """Simulate the reviews and print the lists and both shares."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("articles", type=Path)
    parser.add_argument("formulations", type=Path)
    parser.add_argument("--first", type=dt.date.fromisoformat, default=dt.date(2023, 9, 3))
    parser.add_argument("--weeks", type=int, default=18)
    parser.add_argument("--language", default="zh")
    options = parser.parse_args()
    articles = [
        json.loads(line) for line in options.articles.read_text(encoding="utf-8").splitlines()
    ]
    articles = [article for article in articles if article["language"] == options.language]
    known = [
        line.strip().lower()
        for line in options.formulations.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    sundays = [options.first + dt.timedelta(weeks=number) for number in range(options.weeks)]
    thirds = find_third_days(articles, known, sundays[0] - dt.timedelta(days=7), sundays[-1] - SOON)
    with tempfile.TemporaryDirectory() as folder:
        lists = review(
            fill(Path(folder), articles, known),
            sundays,
            known,
            options.language,
        )
    days = {
        word: [day for day, listed in lists.items() if any(matches(row, word) for row in listed)]
        for word in thirds
    }
    soon = {word for word, third in thirds.items() if any(day < third + SOON for day in days[word])}
    shown = [row for day in sundays[-LAST_WEEKS:] for row in lists[day]]
    accepted = sum(any(matches(row, word) for word in known) for row in shown)
    print("late or never:", " ".join(sorted(set(thirds) - soon, key=thirds.__getitem__)))
    print(
        f"listed within two weeks of the third article: {len(soon)} of {len(thirds)}"
        f" ({len(soon) / max(len(thirds), 1):.0%})"
    )
    print(
        f"accepted in the last {LAST_WEEKS} weeks: {accepted} of {len(shown)}"
        f" ({accepted / max(len(shown), 1):.0%})"
    )


def find_third_days(
    articles: Articles, known: Iterable[str], first: dt.date, last: dt.date
) -> dict[str, dt.date]:
    """Return the day of the third article of each formulation that becomes frequent between two
    days.
    """
    texts = sorted(
        (dt.date.fromisoformat(row["published_on"]), f"{row['title']}\n{row['text']}".lower())
        for row in articles
    )
    thirds = {}
    for word in known:
        days = [day for day, text in texts if word in text]
        if len(days) >= 3 and first <= days[2] <= last:
            weeks = {(day - days[2]).days // 7 for day in days[3:]} & set(range(NEXT_WEEKS))
            if len(weeks) >= RECURRING_WEEKS:
                thirds[word] = days[2]
    return thirds


def matches(candidate: str, word: str) -> bool:
    """Return whether a candidate is a formulation, perhaps in a slightly longer or shorter form."""
    text = candidate.lower()
    return (word in text and len(text) <= 2 * len(word)) or (
        text in word and 3 * len(text) >= 2 * len(word)
    )


def fill(folder: Path, articles: Articles, known: Sequence[str]) -> Lake:
    """Return a lake with the articles and with a word list that lacks the formulations."""
    lake = Lake(folder)
    con = open_lake(lake)
    migrate(con)
    load_reference(con, [ROOT / "seeds"])
    phrases = [
        phrase
        for (phrase,) in con.execute("select distinct phrase from ref.theme_phrases").fetchall()
    ]
    removed = [phrase for phrase in phrases if any(matches(phrase, word) for word in known)]
    con.execute("delete from ref.theme_phrases where list_contains(?, phrase)", [removed])
    rows = pa.Table.from_pylist([_article(row) for row in articles])
    con.register("rows", rows)
    con.execute(f"insert into core.articles ({', '.join(rows.column_names)}) select * from rows")
    con.close()
    return lake


def _article(row: Mapping[str, Any]) -> dict[str, object]:
    day = dt.date.fromisoformat(row["published_on"])
    instant = dt.datetime.combine(day, dt.time(9), dt.UTC)
    return {
        "article_id": str(uuid.uuid5(uuid.NAMESPACE_URL, row["id"])),
        "publisher_id": row["outlet"],
        "url": row["id"],
        "title": row["title"],
        "body_text": row["text"],
        "language": row["language"],
        "published_on": day,
        "published_at": instant,
        "first_seen_at": instant,
        "content_hash": row["id"],
    }


def review(
    lake: Lake, sundays: Sequence[dt.date], known: Sequence[str], language: str
) -> dict[dt.date, list[str]]:
    """Return the first candidates of each week, print them, and
    store a decision about each.
    """
    lists = {}
    for day in sundays:
        as_of = dt.datetime.combine(day, dt.time(22), dt.UTC)
        with open_lake(lake) as con:
            annotate_articles(con, annotate_here, day, Window(FIRST_DAY, LAST_DAY))
            group_articles(con, as_of)
        models = with_ancestors(["candidate_phrases"])
        build(lake, as_of=as_of, lexicon="bench", models=models)
        con = open_lake(lake)
        rows = con.execute(
            "select phrase, article_count from marts.candidate_phrases"
            " where rank <= ? order by rank",
            [FIRST],
        ).fetchall()
        lists[day] = [phrase for phrase, _ in rows]
        decided = [
            (phrase, count, any(matches(phrase, word) for word in known)) for phrase, count in rows
        ]
        print(
            day,
            *(f"+{phrase}" if is_good else phrase for phrase, _, is_good in decided),
            sep=" | ",
            flush=True,
        )
        for phrase, count, is_good in decided:
            verdict = "accepted" if is_good else "rejected"
            con.execute(
                "insert into ref.candidate_reviews values (?, ?, ?, 'bench', ?, ?)",
                [phrase, language, day, verdict, count],
            )
            if is_good:
                kind = "substring" if language in WITHOUT_SPACES else "phrase"
                con.execute(
                    "insert into ref.theme_phrases (phrase_id, theme_id, language, phrase,"
                    " match_type, role)"
                    " values (?, 'bench', ?, ?, ?, 'include')",
                    [f"{day} {phrase}", language, phrase, kind],
                )
        con.close()
    return lists


if __name__ == "__main__":
    main()
