"""Measure how well articles about one event are found, beside two plain methods.

    python -m benchmarks.events HEADLINES [SWISS]     the folder benchmarks/events, and the archive
    swiss.zip of shared/newsroom python -m benchmarks.events --speed [ARTICLES]    CPU seconds for a
    month of articles; the target is 60 for 100,000

HEADLINES contains headlines of known stories with their scorer and a baseline: tf-idf with running
centroids, and 4-word shingles. SWISS contains releases in up to four languages; they are joined by
content alone, without their declared translations.
"""

from __future__ import annotations

import csv
import datetime as dt
import html
import importlib.util
import random
import re
import sys
import time
import zipfile
from collections import Counter, defaultdict
from itertools import accumulate, combinations
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from lxml import etree

from tidings.annotation.event_days import Background, EventArticle, KnownWords, group_day
from tidings.annotation.event_terms import FLAGS, IS_LOWER, find_event_terms
from tidings.annotation.event_tracks import DayGroup, track_events

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TARGET_ARTICLES = 100_000
_SPACE = "{https://www.news.admin.ch/messages}"


class Report(NamedTuple):
    """A report of a known event: its ID, day and event, and its text."""

    report_id: str
    day: dt.date
    truth: str
    publisher: str
    language: str
    title: str
    body: str


def find_events(reports: Iterable[Report]) -> dict[str, str]:
    """Return the event of each report, as the nightly run finds it; the background is the months
    before each month.
    """
    background: Background = {}
    past: dict[tuple[int, int], list[EventArticle]] = defaultdict(list)
    days: dict[dt.date, list[EventArticle]] = defaultdict(list)
    for report in reports:
        # the nightly run stores them
        terms = map(np.array, find_event_terms(report.title, report.body, report.language))
        days[report.day].append(
            EventArticle(report.report_id, report.publisher, report.language, None, *terms)
        )
    groups, cluster_of, month = [], {}, None
    for day, articles in sorted(days.items()):
        if (day.year, day.month) != month:
            month, background = (day.year, day.month), _count(list(past.values())[-12:])
        for group in group_day(articles, background):
            cluster_of.update(dict.fromkeys(group.article_ids, group.cluster_id))
            groups.append(
                DayGroup(
                    day.toordinal(),
                    group.cluster_id,
                    group.language,
                    (),
                    len(group.article_ids),
                    group.terms,
                    group.weights,
                )
            )
        past[month] += articles
    tracks = track_events(sorted(groups, key=itemgetter(0, 1, 2)))  # day, cluster, language
    return {article: tracks[cluster].event_ids[-1] for article, cluster in cluster_of.items()}


def _count(months: Iterable[Iterable[EventArticle]]) -> Background:
    """Return the counts of some months; as in a nightly run, each month has rounded counts, and no
    single uses.
    """
    # by term, 0 for all articles, and whether in lower case
    sums: dict[str, Counter[tuple[int, bool]]] = defaultdict(Counter)
    for month in months:
        counts: dict[str, Counter[tuple[int, bool]]] = defaultdict(Counter)
        for article in month:
            known = counts[article.language]
            known[0, False] += 1
            for cell in np.concatenate([article.terms, article.marks]).astype(int).tolist():
                known[cell & ~FLAGS, False] += 1
                known[cell & ~FLAGS, True] += bool(cell & IS_LOWER)
        for code, known in counts.items():
            sums[code].update(
                {
                    (term, low): _rounded(n)
                    for (term, low), n in known.items()
                    if not term or known[term, False] > 1
                }
            )
    return {
        code: KnownWords(
            known[0, False],
            *np.array(
                [
                    (term, known[term, False], known[term, True])
                    for term in sorted({term for term, _ in known} - {0})
                ],
                np.int64,
            )
            .reshape(-1, 3)
            .T,
        )
        for code, known in sums.items()
    }


def _rounded(count: int) -> int:
    """Return a count rounded down to its two highest binary digits."""
    shift = max(count.bit_length() - 2, 0)
    return count >> shift << shift


def measure_headlines(folder: Path) -> None:
    """Print the scores of the baselines and of this program on the headlines."""
    score, baseline = _load(folder / "score.py"), _load(folder / "baseline_tfidf.py")
    with (folder / "headlines.csv").open(encoding="utf-8", newline="") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: (row["timestamp"], int(row["id"])))
    truth = {row["id"]: row["story"] for row in rows}
    day_of = {row["id"]: dt.datetime.fromisoformat(row["timestamp"]).date() for row in rows}
    events = find_events(
        Report(
            row["id"], day_of[row["id"]], row["story"], row["publisher"], "en", row["headline"], ""
        )
        for row in rows
    )
    headlines = [row["headline"] for row in rows]
    methods = {
        "shingles": dict(
            zip(truth, baseline.shingles(headlines, baseline.THRESHOLD["shingles"]), strict=True)
        ),
        "tf-idf, running centroids": dict(
            zip(truth, baseline.tfidf(headlines, baseline.THRESHOLD["tfidf"]), strict=True)
        ),
        "tidings": events,
    }
    for name, found in methods.items():
        line = score.scores(truth, {report: ("", str(group)) for report, group in found.items()})
        print(
            f"{name:26}"
            + "  ".join(f"{key} {line[key]:.3f}" for key in ("B3 P", "B3 R", "B3 F", "ARI", "NMI"))
        )


def measure_releases(archive: Path) -> None:
    """Print recall and precision of the pairs of language versions of Swiss releases."""
    reports = list(read_releases(archive))
    events = find_events(reports)
    joined, versions = defaultdict(list), Counter(report.truth for report in reports)
    for report in reports:
        joined[events[report.report_id]].append(report)
    pairs = [pair for members in joined.values() for pair in combinations(members, 2)]
    same_day = [(one, two) for one, two in pairs if one.day == two.day]
    expected = sum(count * (count - 1) // 2 for count in versions.values())
    right = sum(one.truth == two.truth for one, two in pairs)
    print(
        f"Swiss releases: recall {right / expected:.3f}, precision of pairs of a day"
        f" {right / len(same_day):.3f},"
        f" of all pairs {right / len(pairs):.3f} (an event of several days has several releases)"
    )


def read_releases(archive: Path) -> Iterable[Report]:
    """Yield the language versions of the releases, each with a number of its own as ID."""
    with zipfile.ZipFile(archive) as bundle:
        for name in sorted(bundle.namelist()):
            for message in etree.fromstring(bundle.read(name)).iter(f"{_SPACE}message"):
                day = dt.date.fromisoformat(str(message.findtext(f"{_SPACE}pubdate")))
                for number, content in enumerate(message.findall(f"{_SPACE}content")):
                    title, lead, text = (
                        content.findtext(_SPACE + part) or "" for part in ("title", "lead", "text")
                    )
                    body = f"{lead}\n{html.unescape(re.sub('<[^>]+>', ' ', html.unescape(text)))}"
                    release = message.get("id", "")
                    yield Report(
                        f"{release}-{number}",
                        day,
                        release,
                        "ch",
                        content.get("lang", ""),
                        title,
                        body,
                    )


def measure_speed(count: int) -> None:
    """Print the CPU seconds for the events of a month: a third of the articles report one of 40
    events of their day.
    """
    rng = random.Random(1)
    words = [
        "".join(rng.choices("abcdefghiklmnoprstuvw", k=rng.randint(4, 9))) for _ in range(30_000)
    ]
    shares = list(accumulate(1 / (rank + 10) for rank in range(len(words))))
    reports = []
    for number in range(count):
        day = dt.date(2026, 1, 1) + dt.timedelta(days=number % 30)
        text = rng.choices(words, cum_weights=shares, k=50)
        if rng.random() < 1 / 3:
            title = _event_words(words, day, rng.randrange(40)) + text[:3]
            text = rng.sample(title, len(title)) + text[3:]  # neighbours count once
        reports.append(
            Report(
                str(number),
                day,
                "",
                str(number % 300),
                "en",
                " ".join(text[:9]),
                " ".join(text[9:]),
            )
        )
    begun = time.process_time()
    events = find_events(reports)
    spent = time.process_time() - begun
    print(
        f"{count:,} articles, {len(set(events.values())):,} events: {spent:.1f} s of CPU (target"
        f" 60 s for {TARGET_ARTICLES:,})"
    )


def _event_words(words: Sequence[str], day: dt.date, number: int) -> list[str]:
    rng = random.Random(day.toordinal() * 100 + number)
    return [word.title() for word in rng.choices(words, k=6)]


def _load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} cannot be read.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Measure what the arguments name."""
    if sys.argv[1:2] == ["--speed"]:
        measure_speed(int(sys.argv[2]) if sys.argv[2:] else TARGET_ARTICLES)
        return
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    measure_headlines(Path(sys.argv[1]))
    for archive in sys.argv[2:]:
        measure_releases(Path(archive))


if __name__ == "__main__":
    main()
