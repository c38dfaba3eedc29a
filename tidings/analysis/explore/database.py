"""Open a release file for questions: read-only, without access to other files, and with limits."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import duckdb
from babel import Locale

from tidings.analysis.answers import Row, has_table, read_rows
from tidings.analysis.explore.queries import LANGUAGE, articles_query
from tidings.analysis.explore.question import Question, Series
from tidings.analysis.explore.word_index import TypedArticles, attach_index, index_path
from tidings.analysis.inputs import InputError
from tidings.analysis.report.gloss import Glossary
from tidings.analysis.report.release import read_facts
from tidings.analysis.report.render import language_name
from tidings.analysis.report.theme_questions import STATEMENTS
from tidings.annotation.udf import WORD_HITS, register_word_hits
from tidings.annotation.word_query import Words, parse_words
from tidings.storage.lake import Connection, quoted
from tidings.storage.release import search_path

SECONDS = 20.0  # time limit of a query
REPEAT_SECONDS = 0.1
MEMORY = "2GB"
THREADS = min(4, os.cpu_count() or 1)
CLOSED = (
    "set global TimeZone = 'UTC'; set enable_external_access = false; set lock_configuration = true"
)
# facts of a data problem in an answer
PROBLEM = ("publisher_id", "name", "kind", "first_on", "last_on", "what", "action")
COMPARED = ("unit", "period", "source", "counted", "citation", "imported_at")
_COUNTRIES = Locale("en").territories
# the labels of series by kind; others have that of the release
_LABELS: dict[str, Callable[[str], str]] = {
    "language": lambda code: language_name(code).capitalize(),
    "country": lambda code: str(_COUNTRIES.get(code, code)),
    "publisher_type": str.capitalize,
}
CHOICES = f"""
with theme_counts as (select theme_id, sum(about_count)::bigint as count from theme_monthly
    group by all),
counted as (
    select publisher_id, {LANGUAGE.format("language")} as language, text_id
    from articles inner join article_stories using (article_id) where excluded_reason is null
),
outlets as (
    select publisher_id, name, publisher_type, country, count(distinct text_id) as count
    from counted left join publishers using (publisher_id) group by all
)
select if(parent_id is null, 'area', 'theme') as kind, theme_id as id, label_en as label,
    null as language,
    concat_ws(' ', label_zh, label_de) as other_labels, coalesce(count, 0) as count
from themes left join theme_counts using (theme_id)
union all
select 'phrase', phrase_id, phrase, any_value(p.language), p.theme_id, count(distinct text_id)
from theme_phrases as p inner join theme_mentions using (phrase_id)
inner join article_stories using (article_id) group by all
union all
select 'outlet', publisher_id, coalesce(name, publisher_id), null, '', count from outlets
union all
select 'language', language, language, null, '', count(*) from counted group by all
union all
select 'publisher_type', publisher_type, replace(publisher_type, '_', ' '), null, '', sum(count)
from outlets where publisher_type is not null group by all
union all
select 'country', country, country, null, '', sum(count) from outlets where country is not null
group by all
union all
select 'speaker', speaker, coalesce(
        min(listed.name), if(any_value(s.person_id) is null, speaker, mode(speaker_name))
    ), null, string_agg(distinct speaker_name, ' '), count(distinct text_id)
from {STATEMENTS} as s inner join article_stories using (article_id)
left join speakers as listed on speaker = listed.person_id and listed.language = 'en'
where speaker != speaker_kind group by speaker
"""

_BROKEN_OUTLETS = f"""
select
    publisher_id,
    {{
        'outlet': [publisher_id],
        'language': list(distinct {LANGUAGE.format("articles.language")}),
        'publisher_type': list(distinct publisher_type),
        'country': list(distinct country)
    }} as values_of_filters
from (select distinct publisher_id from outlet_breaks)
left join publishers using (publisher_id)
left join articles using (publisher_id)
group by publisher_id
"""


class QueryTimeoutError(Exception):
    """A query was interrupted because it reached its time limit."""


class OpenRelease:
    """A release file, open for questions from several threads.

    ``metadata`` is that of the report; ``facts`` has release_id, released_at (ISO 8601, UTC),
    lexicon_version, code_version and notice (None if data are real); ``days`` the first and last
    observed day, or None; ``choices`` the series by key; ``problems`` open breaks, each with its
    outlet's value of each filter.
    """

    def __init__(self, path: Path) -> None:
        config: Row = {"memory_limit": MEMORY, "threads": THREADS, "temp_directory": ""}
        # DuckDB opens a path only once per process, even if another file has replaced it; it
        # attaches a path any number of times.
        self._con = duckdb.connect(config=config)
        self.path, self.files = path, file_identities(path)
        self._con.execute(f"attach {quoted(str(path))} as release (read_only)")
        register_word_hits(self._con, SECONDS + 1)  # after the interrupt
        schemas = search_path(self._con, "release")
        self._search = f"set search_path = '{schemas},release.main'; {WORD_HITS}"
        self._con.execute(self._search)
        self.typed = TypedArticles(attach_index(self._con, path))
        self._con.execute(CLOSED)
        with self.cursor() as con:
            self.metadata = facts = read_facts(con)
            themes = con.execute("select theme_id, parent_id from themes").fetchall()
        self.invented = facts.invented
        self.facts: Row = {
            "release_id": facts.release_id,
            "released_at": facts.released_at.isoformat().replace("+00:00", "Z"),
            "lexicon_version": facts.lexicon_version,
            "code_version": facts.code_version,
            "notice": self.invented.notice or None,
        }
        self.days = facts.days
        self.choices = _read_choices(self)
        outlets = self.rows(_BROKEN_OUTLETS) if facts.breaks else []
        values = {row["publisher_id"]: row["values_of_filters"] for row in outlets}
        self.problems: list[tuple[Row, Row]] = [
            ({name: getattr(found, name) for name in PROBLEM}, values[found.publisher_id])
            for found in facts.breaks
        ]
        self.parents: dict[str, str | None] = dict(themes)

    @cached_property
    def _glossary(self) -> Glossary:
        with self.cursor() as con:
            return Glossary(con)

    def gloss(self, text: str, article: Row) -> list[Row] | None:
        """Return the English of themes, formulations and people in an article's text, or None."""
        found = self._glossary.translate(text, article["language"], article["published_on"])
        return [
            {"words": words, "english": english, "kind": kind} for words, english, kind in found
        ] or None

    def drop_index(self) -> bool:
        """Delete the damaged index of words; return False if there is none."""
        if self.typed.languages is None:
            return False
        self.typed = TypedArticles(None)
        with contextlib.suppress(OSError):
            index_path(self.path).unlink()
        return True

    def close(self) -> None:
        """Close the file."""
        self._con.close()

    @contextmanager
    def cursor(self, seconds: float = SECONDS) -> Iterator[Connection]:
        """Return a connection whose queries together end after a time (QueryTimeoutError)."""
        with self._con.cursor() as cursor:
            cursor.execute(self._search)
            is_done, is_late = threading.Event(), threading.Event()

            def interrupt() -> None:
                if is_done.wait(seconds):
                    return
                is_late.set()
                # an interrupt between two queries has no effect
                while not is_done.wait(REPEAT_SECONDS):
                    cursor.interrupt()

            timer = threading.Thread(target=interrupt, daemon=True)
            timer.start()
            try:
                yield cursor
            except duckdb.Error as error:
                if not is_late.is_set():
                    raise
                raise QueryTimeoutError(
                    f"The query was stopped after {seconds:g} seconds. Choose fewer days, series"
                    f" or words."
                ) from error
            finally:
                is_done.set()
                timer.join()

    @contextmanager
    def asking(self, question: Question) -> Iterator[Asking]:
        """Return a connection for the queries of a question, with the same limits as ``cursor``."""
        with self.cursor() as con:
            yield Asking(con, self, question)

    def rows(self, query: str) -> list[Row]:
        """Return a query's rows as dictionaries by column name."""
        with self.cursor() as cursor:
            return read_rows(cursor, query)

    def find_choice(self, kind: str, name: str) -> Row | None:
        """Return a series by kind and ID, or None. An area is also a theme."""
        area = self.choices.get(f"area:{name}") if kind == "theme" else None
        return area or self.choices.get(f"{kind}:{name}")

    def describe_series(self, series: Series) -> Row:
        """Return key, kind, id, label and language_note of a series, and the facts of a comparison.
        Raises InputError for an unknown one.
        """
        row = self.find_choice(series.kind, series.id)
        if series.kind == "words":
            query = parse_words(series.id)
            alternatives = query.alternatives if isinstance(query, Words) else ()
            label = " or ".join(f"“{part}”" for part in alternatives)
            row = {"label": label or series.id, "language_note": None}
        if row is None:
            raise InputError(
                f"Unknown series {series.key!r} in this release: search the choices by name."
            )
        facts = {name: row[name] for name in ("label", "language_note", *COMPARED) if name in row}
        return {"key": series.key, "kind": series.kind, "id": series.id} | facts

    def descendants(self, theme_id: str) -> list[str]:
        """Return a theme and all themes below it, in order."""
        found = {theme_id}
        while below := {theme for theme, parent in self.parents.items() if parent in found} - found:
            found |= below
        return sorted(found)


class Asking:
    """A connection for the queries of a question about a release, in which a table with the same
    articles replaces each call of the matcher for typed words.
    """

    def __init__(self, con: Connection, release: OpenRelease, question: Question) -> None:
        self.con, self.release, self.question = con, release, question
        self._replaced: dict[str, str] = {}
        for number, series in enumerate(question.series):
            if series.kind == "words":
                table = f"typed_words_{number}"
                con.register(table, release.typed.read(con, series.id))
                self._replaced[articles_query(question, series)] = release.typed.select(table)

    def execute(self, query: str) -> Connection:
        """Run a statement and return its result."""
        return self.con.execute(self._replace(query))

    def rows(self, query: str) -> list[Row]:
        """Return a query's rows as dictionaries by column name."""
        return read_rows(self.con, self._replace(query))

    def _replace(self, query: str) -> str:
        for text, replacement in self._replaced.items():
            query = query.replace(text, replacement)
        return query


def _read_choices(release: OpenRelease) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for row in release.rows(CHOICES):
        kind, name = row["kind"], row["id"]
        label = _LABELS.get(kind, str)(row["label"] or name)
        key = f"{kind}:{name}"
        found[key] = {
            "key": key,
            "label": label,
            "kind": kind,
            "id": name,
            "language_note": row["language"] and _LABELS["language"](row["language"]),
            "count": row["count"],
            "text": f"{label} {name} {row['other_labels']}".casefold(),
        }
    return found | _read_comparisons(release)


def _read_comparisons(release: OpenRelease) -> dict[str, Row]:
    with release.cursor() as con:
        if not has_table(con, "measures.comparison_periods"):
            return {}
    rows = release.rows("""
select 'comparison:' || series_id as key, name as label, 'comparison' as kind,
    series_id as id,
    null as language_note, null as count,
    lower(concat_ws(' ', 'comparison', name, source, series_id)) as text,
    unit, period, source, counted,
    concat(citation, ' Licence: ' || licence || '.') as citation,
    imported_at, bool_and(article_count is not null) as has_counts
from comparison_series inner join comparison_points using (series_id) group by all
order by all
""")
    return {row["key"]: row for row in rows}


class ReleaseReader:
    """The newest readable release file of a path, or of ``later`` once that file exists."""

    def __init__(self, path: Path, later: Path | None = None) -> None:
        self._path, self._later = path, later or path
        self._lock = threading.Lock()
        self._release = OpenRelease(path)

    def get(self) -> OpenRelease:
        """Return the open release."""
        with self._lock:
            try:
                if self._later.exists():
                    self._path = self._later
                if self._path.exists() and file_identities(self._path) != self._release.files:
                    # questions that still run keep the old file
                    self._release = OpenRelease(self._path)
            except (duckdb.Error, OSError):
                pass  # the file is incomplete
            return self._release


def file_identities(path: Path) -> tuple[tuple[int, int, int], ...]:
    """Return values that change if another file replaces a release file or its index."""
    states = [name.stat() for name in (path, index_path(path)) if name.exists()]
    return tuple((state.st_ino, state.st_size, state.st_mtime_ns) for state in states)
