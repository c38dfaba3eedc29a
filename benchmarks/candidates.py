"""Measure the search for candidate phrases on a month of 100,000 articles, relative to stories,
events and all models.

Run it with ``python -m benchmarks.candidates [ARTICLES]``. The invented texts use a vocabulary with
a long tail, half in English and half in Chinese, and cover the month and the year before it.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from benchmarks.histories import annotate_day
from tidings.stages.build import build
from tidings.stages.candidates import find_candidates
from tidings.stages.events import group_events
from tidings.stages.stories import group_stories
from tidings.storage.lake import Lake, open_lake, transaction
from tidings.storage.migrate import migrate
from tidings.storage.reference import load_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

ROOT = Path(__file__).parent.parent
END = dt.date(2024, 6, 30)
BATCH = 5000
WORDS, SIGNS = 330, 540
HISTORY = 0.25  # articles in the year before, for each article of the month


def main() -> None:
    """Print the seconds of each candidate model, of all other models together, and their ratio."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        lake = _fill(Path(folder), count)
        now = dt.datetime.combine(END, dt.time(22), dt.UTC)
        annotate_day(lake, END)
        spent = []
        with open_lake(lake) as con:
            for part in (
                group_stories,
                lambda con: group_events(con, now, lambda *_: None),
                lambda con: find_candidates(con, now),
            ):
                start = time.process_time()
                with transaction(con):
                    part(con)
                spent.append(time.process_time() - start)
        start = time.process_time()
        build(lake, as_of=now, lexicon="bench")
        spent.append(time.process_time() - start)
    stories, events, candidates, models = spent
    print(
        f"stories {stories:.1f} s, events {events:.1f} s, candidates {candidates:.1f} s, models"
        f" {models:.1f} s; candidates relative to all others"
        f" {candidates / (stories + events + models):.2f}"
    )


def _fill(folder: Path, count: int) -> Lake:
    lake = Lake(folder)
    con = open_lake(lake)
    migrate(con)
    load_reference(con, [ROOT / "seeds"])
    rows: list[dict[str, object]] = []
    for row in _write_articles(count):
        rows.append(row)
        if len(rows) == BATCH:
            _insert(con, rows)
            rows = []
    if rows:
        _insert(con, rows)
    con.close()
    return lake


def _insert(con: duckdb.DuckDBPyConnection, rows: list[dict[str, object]]) -> None:
    con.register("batch", pa.Table.from_pylist(rows))
    names = ", ".join(rows[0])
    con.execute(f"insert into core.articles ({names}) select {names} from batch")
    con.unregister("batch")


def _write_articles(count: int) -> Iterator[dict[str, object]]:
    """Yield the articles of the month and of the year before it."""
    rng = random.Random(7)
    words = _make_words(rng)
    signs = _make_signs(rng)
    for number in range(int(count * (1 + HISTORY))):
        day = END - dt.timedelta(
            days=rng.randrange(28) if number < count else 28 + rng.randrange(365)
        )
        language = "en" if number % 2 else "zh"
        text = (
            _write(rng, words, WORDS, " ", ". ")
            if language == "en"
            else _write(rng, signs, SIGNS // 2, "", "。")
        )
        instant = dt.datetime.combine(day, dt.time(9), dt.UTC)
        yield {
            "article_id": str(uuid.UUID(int=number)),
            "publisher_id": f"outlet{number % 20}",
            "url": f"http://outlet.example/{number}",
            "title": text[:30],
            "body_text": text,
            "language": language,
            "published_on": day,
            "published_at": instant,
            "first_seen_at": instant,
            "content_hash": str(number),
        }


def _make_words(rng: random.Random) -> list[str]:
    """Return a vocabulary with frequent words of policy and speech, as in news."""
    consonants, vowels = "bcdfglmnprstv", "aeiou"
    rare = [
        "".join(
            rng.choice(consonants) + rng.choice(vowels) for _ in range(rng.choice((2, 3, 3, 4)))
        )
        for _ in range(20_000)
    ]
    common = [
        "the",
        "of",
        "and",
        "promote",
        "plan",
        "develop",
        "policy",
        "strategy",
        "support",
        "economy",
        "said",
        "Xi Jinping",
    ]
    return common + rare


def _make_signs(rng: random.Random) -> list[str]:
    """Return a Chinese vocabulary with two characters per word."""
    common = [
        "的",
        "和",
        "在",
        "发展",
        "加快",
        "推动",
        "经济",
        "建设",
        "行动",
        "工程",
        "习近平",
        "强调",
        "指出",
    ]
    return common + [
        "".join(chr(0x4E00 + rng.randrange(3000)) for _ in range(2)) for _ in range(20_000)
    ]


def _write(rng: random.Random, vocabulary: list[str], count: int, gap: str, stop: str) -> str:
    """Return sentences of 15 random words in a Zipf distribution."""
    last = len(vocabulary) - 1
    drawn = [vocabulary[min(int(rng.paretovariate(0.6)) - 1, last)] for _ in range(count)]
    return "".join(
        gap.join(drawn[start : start + 15]) + stop for start in range(0, count, 15)
    ).strip()


if __name__ == "__main__":
    main()
