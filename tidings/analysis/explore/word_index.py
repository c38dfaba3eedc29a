"""Index the words of a release's articles, so that typed words are counted without reading texts.

The index is a DuckDB file beside the release file, and may always be deleted. Its rows, the terms
of texts (``typed_words.py``), are sorted within a batch, so that row groups exclude each other.
"""

import contextlib
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from tidings.analysis.explore.queries import COLUMNS, articles_query
from tidings.analysis.explore.question import Question, Series
from tidings.annotation.source_version import source_version
from tidings.annotation.typed_words import (
    ELEMENT,
    Pattern,
    Term,
    find_patterns,
    fold_article,
    typed_words,
)
from tidings.annotation.word_query import Operation, Query, Words
from tidings.base.languages import CODES, WITHOUT_SPACES
from tidings.base.load_rows import encode_columns, load_batches
from tidings.storage.lake import Connection, quoted
from tidings.storage.load import read_column

Numbers = np.ndarray[tuple[int], np.dtype[np.uint32]]

BATCH = 20_000  # articles that are sorted together
READ = 500  # texts in memory at a time
# share of changed articles above which the index is written anew, if they are more than a batch
CHANGED = 0.1
PLACE_BITS = 32  # bits of a place beside the number of its article
MAX_KEPT = 32  # typed words whose articles stay in memory
FEW_ARTICLES = 2_000  # fewer are read fast enough without an index
_LANGUAGE = "lower(regexp_extract(language, '^[^-_]+'))"
_UNSPACED = f"{_LANGUAGE} in ({', '.join(map(quoted, sorted(WITHOUT_SPACES)))})"
_FOLDED = {"article_no": "uinteger", "is_unspaced": "boolean", "folded": "varchar"}
_NUMBER = "select article_no from words.articles"
_LAST_RELEASE = "ops.releases order by snapshot_id desc limit 1"
_TABLES = """
create table if not exists facts (release_id varchar, rules varchar, changed_count bigint);
create table if not exists articles (
    article_no uinteger, article_id uuid, publisher_id varchar, published_on date, language varchar,
    is_unspaced boolean,
    version ubigint
);
create table if not exists places (term varchar, article_no uinteger, place uinteger);
"""


def index_path(release_file: Path) -> Path:
    """Return the path of a release file's index."""
    return release_file.with_name(f"{release_file.stem}.words.duckdb")


def update_index(release_file: Path) -> bool:
    """Bring the index of a release file up to date, and return whether it exists: a small release
    gets none. Readers of the old index are not disturbed.
    """
    path = index_path(release_file)
    part = path.with_name(f".{path.name}.part")
    rules, state = source_version("typed_words"), _read_state(path)
    with _temporary(part), duckdb.connect() as con:
        con.execute(f"attach {quoted(str(release_file))} as release (read_only)")
        [(release_id, count)] = con.execute(
            "select release_id, (select count(*) from release.core.articles)"
            f" from release.{_LAST_RELEASE}"
        ).fetchall()
        if state == (release_id, rules):
            return True
        if count < FEW_ARTICLES and state is None:
            return False
        con.execute("set preserve_insertion_order = false")
        changed = None
        if state is not None and state[1] == rules:
            shutil.copyfile(path, part)
            changed = _find_changes(con, part)
        if changed is None:
            part.unlink(missing_ok=True)
            changed = _find_changes(con, part)
        places = f"range(min(article_no), max(article_no) + 1, {BATCH})"
        for start in read_column(con, f"select unnest({places}) from added"):
            _add_batch(con, start)
        con.execute(
            "create or replace table facts as select $id as release_id, $rules as rules,"
            " $changed::bigint as changed_count",
            {"id": release_id, "rules": rules, "changed": changed},
        )
        con.execute("checkpoint")
        con.close()
        part.replace(path)  # replaces a file that readers have open
    return True


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[None]:
    files = (path, path.with_name(f"{path.name}.wal"))
    for file in files:
        file.unlink(missing_ok=True)
    try:
        yield
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def write_index(release_file: Path) -> None:
    """Update the index; without permission or space to write it, do nothing."""
    with contextlib.suppress(OSError, duckdb.Error):
        update_index(release_file)


def renew_index(release_file: Path) -> None:
    """Write an existing index anew: an update leaves the words of a removed page in the file."""
    path = index_path(release_file)
    if path.exists():
        path.unlink()
        write_index(release_file)


def _read_state(path: Path) -> tuple[str, str] | None:
    """Return release and rules of an index, or None if it is missing or unreadable."""
    try:
        with duckdb.connect(path, read_only=True) as con:
            return con.execute("select release_id, rules from facts").fetchone()
    except duckdb.Error:
        return None


def _find_changes(con: Connection, part: Path) -> int | None:
    """Open the file of an index, find its missing articles, and delete the outdated, whose places
    remain. Return the changes since the index was written anew, or None if they are too many.
    """
    con.execute(f"attach {quoted(str(part))} as words; use words; {_TABLES}")
    con.execute(f"""
create or replace temp table wanted as
select
    {COLUMNS},
    {_UNSPACED} as is_unspaced,
    hash(content_hash, publisher_id, published_on, language) as version
from release.core.articles where excluded_reason is null and published_on is not null
""")
    con.execute("""
create or replace temp table added as
select *, row_number() over (order by published_on, article_id) + greatest(
    0, (select max(article_no) from articles), (select max(article_no) from places)
) as article_no
from wanted anti join articles using (version, article_id)
""")
    outdated = "select article_no from articles anti join wanted using (version, article_id)"
    [(changed, known)] = con.execute(
        "select coalesce((select sum(changed_count) from facts) + (select count(*) from added)"
        f" + (select count(*) from ({outdated})), 0), (select count(*) from wanted)"
    ).fetchall()
    if changed > max(BATCH, CHANGED * known):
        con.execute("use memory; detach words")
        return None
    con.execute(f"delete from articles where article_no in ({outdated})")
    return int(changed)


def _add_batch(con: Connection, start: int) -> None:
    within = f"article_no >= {start} and article_no < {start + BATCH}"
    texts = con.execute(
        "select article_no, is_unspaced, coalesce(a.title, ''), coalesce(a.body_text, '')"
        f" from added inner join release.core.articles as a using (article_id) where {within}"
    )
    folded = [
        encode_columns(
            (number, is_unspaced, fold_article(title, body))
            for number, is_unspaced, title, body in rows
        )
        for rows in iter(lambda: texts.fetchmany(READ), [])
    ]
    load_batches(con, "batch", folded, _FOLDED)
    con.execute(f"""
insert into places
select term, article_no, place from (
    select article_no, unnest(elements) as term, unnest(range(len(elements))) as place
    from (select article_no, string_split(folded, ' ') as elements from batch
        where not is_unspaced)
    union all
    select
        article_no,
        if(ascii(element) < 128 or ascii(following) < 128 and following != ' ', element,
            element || following) as term,
        place
    from (
        select article_no, unnest(elements) as element,
            unnest(elements[2:] || ['']) as following,
            unnest(range(len(elements))) as place
        from (select article_no, regexp_extract_all(folded, '{ELEMENT}') as elements
            from batch where is_unspaced)
    ) where element != ' '
) where term != '' order by all;
insert into articles
select article_no, {COLUMNS}, is_unspaced, version from added where {within} order by article_no
""")


def attach_index(con: Connection, release_file: Path) -> list[str] | None:
    """Attach the index of an open release file as ``words`` and return its languages, if any."""
    path = index_path(release_file)
    [(release_id,)] = con.execute(f"select release_id from {_LAST_RELEASE}").fetchall()
    if _read_state(path) != (release_id, source_version("typed_words")):
        return None
    try:
        con.execute(f"attach {quoted(str(path))} as words (read_only)")
        found = con.execute(f"select distinct {_LANGUAGE} from words.articles").fetchall()
    except duckdb.Error:  # the file is damaged, and without it the next run writes another
        with contextlib.suppress(OSError):
            path.unlink()
        return None
    return sorted({code for (code,) in found if code} | {*CODES})


class TypedArticles:
    """The articles that contain typed words, from the index or, without one (``languages`` is
    None), from all texts.
    """

    def __init__(self, languages: list[str] | None) -> None:
        self.languages = languages
        self._kept: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def select(self, table: str) -> str:
        """Return the query for the articles in a registered result of ``read``, with COLUMNS."""
        if self.languages is not None:
            return f"select {COLUMNS} from words.articles where article_no in (from {table})"
        chosen = f"select article_id::varchar::uuid from {table}"
        return f"select {COLUMNS} from articles where article_id in ({chosen})"

    def read(self, con: Connection, words: str) -> dict[str, Any]:
        """Return the articles with typed words: article_no in the index, or article_id as text."""
        with self._lock:
            found = self._kept.pop(words, None)
        if found is None:
            found = self._find(con, words)
        with self._lock:
            self._kept[words] = found  # the most recent is the last
            if len(self._kept) > MAX_KEPT:
                del self._kept[next(iter(self._kept))]
        return found

    def _find(self, con: Connection, words: str) -> dict[str, Any]:
        matching = articles_query(Question(), Series("words", words))
        if self.languages is None:
            query = f"select article_id::varchar as article_id from ({matching})"
            ids: dict[str, Any] = con.execute(query).fetchnumpy()
            return ids
        exact, possible = self.query(con, typed_words(words).query)
        if len(checked := np.setdiff1d(possible, exact)):
            # A table, because DuckDB would otherwise call the matcher for all articles before it
            # joins.
            con.register("checked", {"article_no": checked})
            con.execute(
                "create or replace temp table candidates as select * from articles where"
                " excluded_reason is null and article_id in (select article_id from words.articles"
                " where article_no in (from checked))"
            )
            found = matching.replace("from articles", "from candidates", 1)
            found = f"{_NUMBER} where article_id in (select article_id from ({found}))"
            exact = np.union1d(exact, _numbers(con, found))
        return {"article_no": exact}

    def query(self, con: Connection, query: Query) -> tuple[Numbers, Numbers]:
        """Return article_no in ``words.articles`` of articles that satisfy a query, and of all that
        may, of which the matcher must check the others.
        """
        if isinstance(query, Words):
            return self._find_words(con, query)
        left, left_all = self.query(con, query.left)
        right, right_all = self.query(con, query.right)
        if query.operator == "OR":
            return np.union1d(left, right), np.union1d(left_all, right_all)
        if query.operator == "NOT":
            return np.setdiff1d(left, right_all), np.setdiff1d(left_all, right)
        both = np.intersect1d(left_all, right_all)
        if query.operator == "NEAR":
            return both[:0], self._find_near(con, query, both)
        return np.intersect1d(left, right), both

    def _patterns(self, words: Words) -> dict[Pattern, list[str]]:
        languages: dict[Pattern, list[str]] = {}
        for code in self.languages or ():
            for pattern in find_patterns(words, code):
                languages.setdefault(pattern, []).append(code)
        return languages

    def _find_words(self, con: Connection, words: Words) -> tuple[Numbers, Numbers]:
        # Articles without a language have no places.
        found = {True: [f"{_NUMBER} where false"], False: [f"{_NUMBER} where language is null"]}
        for pattern, languages in self._patterns(words).items():
            if starts := _starts_query(con, pattern):
                codes = ", ".join(map(quoted, languages))
                found[pattern.is_exact].append(
                    f"{_NUMBER} where {'' if pattern.is_unspaced else 'not '}is_unspaced"
                    f" and {_LANGUAGE} in ({codes}) and article_no in"
                    f" (select (start + {pattern.terms[-1].place}) >> {PLACE_BITS} from ({starts}))"
                )
        exact, checked = (_numbers(con, " union ".join(queries)) for queries in found.values())
        return exact, np.union1d(exact, checked)

    def _find_near(self, con: Connection, query: Operation, both: Numbers) -> Numbers:
        """Return the articles of ``both`` in which the words of NEAR start near to each other, and
        those without a language.
        """
        distance, sides = query.distance, []
        for words in (query.left, query.right):
            patterns = self._patterns(words) if isinstance(words, Words) else {}
            distance += max((pattern.terms[-1].place + 1 for pattern in patterns), default=0)
            starts = [starts for pattern in patterns if (starts := _starts_query(con, pattern))]
            sides.append(" union all ".join(starts) or "select 0::bigint as start where false")
        con.register("both_words", {"article_no": both})
        near = (
            f"select a.start >> {PLACE_BITS} from ({sides[0]}) as a asof join ({sides[1]}) as b"
            f" on a.start + {distance} >= b.start where b.start >= a.start - {distance}"
        )
        return _numbers(
            con,
            f"{_NUMBER} where article_no in (from both_words) and"
            f" (language is null or article_no in ({near}))",
        )


def _numbers(con: Connection, query: str) -> Numbers:
    """Return the numbers of articles that a query selects, sorted."""
    return np.unique(con.execute(query).fetchnumpy()["article_no"])


def _starts_query(con: Connection, pattern: Pattern) -> str:
    """Return the query for ``start``, the number of an article and the place of a pattern in it, as
    one number; empty if no article contains a term.
    """
    counted = []
    for term in pattern.terms:
        condition = _condition(term)
        query = f"select count(*) from words.places where {condition}"
        [(count,)] = con.execute(query).fetchall()
        counted.append((count, condition, term.place))
    if not all(count for count, *_ in counted):
        return ""
    places = ""
    # Each further term reduces the places of the rarest, where all terms start together. The hash
    # table of a semi join contains the places before.
    for _, condition, place in sorted(counted):
        start = f"(article_no::bigint << {PLACE_BITS}) + place - {place}"
        within = f" and {start} in ({places})" if places else ""
        places = f"select {start} as start from words.places where {condition}{within}"
    return places


def _condition(term: Term) -> str:
    if not term.is_open:
        return f"term = {quoted(term.text)}"
    following = term.text[:-1] + chr(ord(term.text[-1]) + 1)
    return f"term >= {quoted(term.text)} and term < {quoted(following)}"
