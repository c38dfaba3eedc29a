"""Answer saved questions each night: a page of the report and an Atom feed for each, and a
notification of their news.

``saved_questions.csv`` in a folder of seeds has question_id, name and query, the query string of a
URL of Explore.
"""

import contextlib
import datetime as dt
import itertools
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import duckdb

from tidings.analysis.answers import Row
from tidings.analysis.explore.answers import answer
from tidings.analysis.explore.database import OpenRelease, QueryTimeoutError
from tidings.analysis.explore.queries import articles_in, series_query
from tidings.analysis.explore.question import PARAMETERS, Question, parse_question
from tidings.analysis.inputs import InputError, refuse
from tidings.analysis.own_seeds import change_rows
from tidings.analysis.report.figure import Figure, small_figures
from tidings.analysis.report.render import EXPLORE, Page, file_name
from tidings.analysis.report.theme_questions import STATEMENTS
from tidings.analysis.report.write import (
    entry_ids,
    identity,
    make_entry,
    newest_first,
    render_page,
    replace_file,
    write_entries,
)
from tidings.storage.lake import Lake
from tidings.storage.reference import read_seed

Send = Callable[[str, list[str]], Any]

FOLDER = "questions"
MAX_NAME = 200  # characters
MAX_SAVED = 1_000
_TABLE = "saved_questions"
_FILE = f"{_TABLE}.csv"
KNOWN_DAYS = 28  # of articles before the first statement of a new speaker
NEWS_DAYS = 7  # older entries, as of a backfill, are not sent


class SavedQuestion(NamedTuple):
    """A question that a user saved, and its name."""

    question_id: str
    name: str
    question: Question


def _query_of(row: dict[str, str]) -> str:
    return re.sub(r"^[^=?]*\?", "", row.get("query", ""))


def _read_row(row: dict[str, str]) -> SavedQuestion:
    pairs = [pair for pair in parse_qsl(_query_of(row)) if pair[0] in PARAMETERS]
    question = parse_question(pairs).without_compared
    refuse(not question.series, "the query has no series of articles. Copy it from Explore.")
    return SavedQuestion(row["question_id"], row.get("name") or row["question_id"], question)


def read_saved(folders: Sequence[Path], log: Callable[[str], None]) -> list[SavedQuestion]:
    """Return the saved questions of folders of seeds; ``log`` receives a sentence on others."""
    saved = []
    for row in read_seed(_TABLE, folders):
        try:
            saved.append(_read_row(row))
        except InputError as error:
            log(f"saved_questions.csv, {row['question_id']}: {error}")
    return saved


class SavedQuestions:
    """The rows of folders of seeds, of which the page may change those in the last. ``refusal`` is
    the reason why it may not, or empty.
    """

    def __init__(self, folders: Sequence[Path], refusal: str = "") -> None:
        self.refusal = refusal
        self._folders = folders
        self._lock = threading.Lock()

    def rows(self) -> list[Row]:
        """Return question_id, name, url and is_own of each question, by name."""
        own = self._own()
        rows = [
            {
                "question_id": (name := row["question_id"]),
                "name": row.get("name") or name,
                "url": f"/?{_query_of(row)}",
                "is_own": name in own,
            }
            for row in read_seed(_TABLE, self._folders)
        ]
        return sorted(rows, key=lambda row: row["name"].casefold())

    def add(self, name: str, query: str) -> None:
        """Save a question under a name. Raises InputError and WarehouseError."""
        name = " ".join(name.split())
        refuse(not 0 < len(name) <= MAX_NAME, f"Name the question with 1 to {MAX_NAME} characters.")
        _read_row({"question_id": "", "query": query})
        with self._lock:
            refuse(self.refusal, self.refusal)
            rows = self.rows()
            names = {row["name"].casefold() for row in rows}
            refuse(name.casefold() in names, f"“{name}” is already saved: choose another name.")
            used = {row["question_id"] for row in rows}
            refuse(len(used) >= MAX_SAVED, f"There are {MAX_SAVED} saved questions: delete one.")
            stem = re.sub(r"\W+", "_", name.casefold()).strip("_")[:40] or "question"
            numbered = (f"{stem}_{number}" if number > 1 else stem for number in itertools.count(1))
            question_id = next(text for text in numbered if text not in used)
            row = {"question_id": question_id, "name": name, "query": query}
            change_rows(self._folders[-1] / _FILE, lambda _: True, [row])

    def delete(self, question_id: str) -> None:
        """Delete a question. Raises InputError and WarehouseError."""
        with self._lock:
            refuse(self.refusal, self.refusal)
            refuse(
                question_id not in self._own(),
                f"There is no saved question {question_id!r} in your folder of seeds.",
            )
            change_rows(self._folders[-1] / _FILE, lambda row: row["question_id"] != question_id)

    def _own(self) -> set[str]:
        return {row["question_id"] for row in read_seed(_TABLE, self._folders[-1:])}


def write_saved(
    lake: Lake, folders: Sequence[Path], log: Callable[[str], None], send: Send | None = None
) -> int:
    """Write the pages and feeds of all saved questions below the lake's report, remove those of
    others, and return the number of questions.

    ``log`` receives a sentence on each that is invalid, unknown or too slow, and ``send`` the name
    and the new entries of a question whose feed exists.
    """
    folder = lake.report / FOLDER
    saved = read_saved(folders, log)
    written: set[str] = set()
    links: list[Row] = []
    if saved and lake.release_file.exists():
        with contextlib.closing(OpenRelease(lake.release_file)) as release:
            for entry in saved:
                try:
                    written |= _write_question(release, folder, entry, send)
                except (InputError, QueryTimeoutError, duckdb.Error) as error:
                    log(f"saved_questions.csv, {entry.question_id}: {str(error).splitlines()[0]}")
                    continue
                links.append({"path": file_name(entry.question_id), "name": entry.name})
            if links:
                _write_page(
                    release, folder / "index.html", "/", name="Saved questions", links=links
                )
                written.add("index.html")
    for path in folder.glob("*.*ml"):
        if path.name not in written:
            path.unlink()
    return len(links)


def _write_question(
    release: OpenRelease, folder: Path, saved: SavedQuestion, send: Send | None
) -> set[str]:
    question = replace(saved.question, value="share", page=1, format="json")
    page = file_name(saved.question_id)
    feed = folder / f"{page.removesuffix('.html')}.xml"
    answered, articles = (answer(release, name, question) for name in ("series", "articles"))
    entries = sorted(
        _read_news(release, saved, page, answered["series"]),
        key=newest_first,
        reverse=True,
    )
    _write_page(
        release,
        folder / page,
        saved.question.url,
        name=saved.name,
        shares=_figures(answered, question),
        feed=feed.name,
        articles=articles["articles"],
        article_count=articles["article_count"],
        news=entries[:20],
    )
    news = _unsent(release, feed, entries)
    content = write_entries(
        entries,
        identity=identity(f"question|{saved.question_id}"),
        title=f"Tidings: {saved.name}",
        updated=release.facts["released_at"],
        path=feed.name,
        page=page,
        invented=release.invented,
    )
    replace_file(feed, content)
    if news and send:
        send(release.invented.mark(f"Tidings: {saved.name}"), news)
    return {page, feed.name}


def _unsent(release: OpenRelease, feed: Path, entries: list[dict[str, str]]) -> list[str]:
    known = entry_ids(feed)
    if known is None or not release.days:
        return []
    since = str(release.days[1] - dt.timedelta(days=NEWS_DAYS))
    return [
        entry["title"] for entry in entries if entry["id"] not in known and entry["updated"] > since
    ]


def _write_page(release: OpenRelease, path: Path, url: str, **values: Any) -> None:
    empty: Row = dict.fromkeys(("links", "feed", "articles", "news", "shares"), ())
    shown = empty | {"explore": EXPLORE.rstrip("/") + url} | values
    page = Page(f"{FOLDER}/{path.name}", "question.html", shown, [*shown["shares"]])
    replace_file(path, render_page(page, release.metadata, has_questions=True))


def _figures(answered: Row, question: Question) -> list[Figure]:
    note = f"Share of all {question.unit}, by {question.by}."
    values = itemgetter("period_start_on", "value", "low", "high", "count", "total")
    charts = [
        (
            series["label"],
            note,
            [
                (*values(row), 0 if row["is_gap"] else None, not row["is_open"])
                for row in series["rows"]
            ],
        )
        for series in answered["series"]
    ]
    sql, problems = answered["sql"], answered["data_problems"]
    figures = small_figures(
        "series", charts, unit=question.by, source="Explore", sql=sql, method=""
    )
    # as large as other figures, each with its own scale
    return [replace(figure, signals={}, problems=problems) for figure in figures]


def _read_news(
    release: OpenRelease, saved: SavedQuestion, page: str, series: list[Row]
) -> Iterator[dict[str, str]]:
    """Yield an entry for the start and end of each burst of a series of days, and for each person
    whose first statement in the articles follows KNOWN_DAYS of them.
    """
    question = replace(saved.question, value="share", by="day", start=None, end=None)
    bursts = f"""with answer as ({series_query(question)}),
counts as (
    select key as series, period_start_on as batch_on, count::bigint as hits, total::bigint as total
    from answer where not is_gap and not is_open
),
states as (
    select *, coalesce(is_burst != lag(is_burst) over (partition by series order by batch_on),
        is_burst) as is_change
    from kleinberg_bursts('counts')
)
select series, batch_on as day, is_burst from states where is_change order by series, batch_on"""
    speakers = f"""with found as ({articles_in(question)})
select speaker, min(s.published_on) as day
from {STATEMENTS} as s
semi join found using (article_id)
where speaker_kind = 'person'
group by speaker
having day >= (select min(published_on) + {KNOWN_DAYS} from found)
order by day, speaker"""
    with release.asking(question) as asking:
        changes, people = asking.rows(bursts), asking.rows(speakers)

    def entry(key: str, day: dt.date, title: str, category: str) -> dict[str, str]:
        key = f"question|{saved.question_id}|{key}"
        return make_entry(key, day, title, f"{title} ({saved.name}).", category, page)

    labels = {row["key"]: row["label"] for row in series}
    words = {True: ("burst", "burst", "since"), False: ("end", "end of a burst", "ended before")}
    for row in changes:
        name, day = row["series"], row["day"]
        kind, category, verb = words[row["is_burst"]]
        yield entry(f"{kind}|{name}|{day}", day, f"{labels[name]}: burst {verb} {day}", category)
    for row in people:
        if person := release.find_choice("speaker", row["speaker"]):
            title = f"New speaker: {person['label']}"
            yield entry(f"speaker|{row['speaker']}", row["day"], title, "new speaker")
