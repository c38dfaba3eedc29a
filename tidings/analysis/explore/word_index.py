"""Store the folded texts of a release's articles, so that typed words are counted without the
matcher.

The index is a DuckDB file beside the release file with the folded text of each article
(``tidings/annotation/word_patterns.py``). A new release adds only its new and changed articles. The
index may always be deleted; without it, the matcher reads all texts.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from tidings.analysis.explore.queries import COLUMNS, articles_query
from tidings.analysis.explore.question import Question, Series
from tidings.annotation.source_version import source_version
from tidings.annotation.typed_words import typed_words
from tidings.annotation.word_patterns import find_patterns, fold_article
from tidings.base.languages import CODES
from tidings.storage.lake import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tidings.annotation.word_patterns import Pattern

MAX_KEPT = 32
"""Typed words whose articles stay in memory."""
FEW_ARTICLES = 2_000
"""Without at least so many articles, the matcher is fast enough."""
_LANGUAGE = "lower(regexp_extract(language, '^[^-_]+'))"
_TABLE = """
create table if not exists texts (
    article_id uuid, publisher_id varchar, published_on date, language varchar, version ubigint,
    folded varchar
)"""
_WANTED = f"""
    select {COLUMNS}, title, body_text,
        hash(article_id, content_hash, publisher_id, published_on, language) as version
    from release.core.articles where excluded_reason is null and published_on is not null"""
_ARROW: Any = "arrow"


def index_path(release_file: Path) -> Path:
    """Return the path of a release file's index."""
    return release_file.with_name(f"{release_file.stem}.words.duckdb")


def update_index(release_file: Path) -> bool:
    """Bring the index of a release file up to date, and return whether it exists.

    A small release gets no index. Readers of the old index are not disturbed.
    """
    path = index_path(release_file)
    part = path.with_name(f".{path.name}.part")
    rules, state = source_version("word_patterns"), _read_state(path)
    with _temporary(part), duckdb.connect() as con:
        con.execute(f"attach {quoted(str(release_file))} as release (read_only)")
        [(release_id, count)] = con.execute(
            "select (select release_id from release.ops.releases order by snapshot_id desc limit"
            " 1),"
            " (select count(*) from release.core.articles)"
        ).fetchall()
        if state == (release_id, rules):
            return True
        if count < FEW_ARTICLES and state is None:
            return False
        if state is not None and state[1] == rules:
            shutil.copyfile(path, part)
        con.execute("set preserve_insertion_order = false")
        con.execute(f"attach {quoted(str(part))} as words; use words; {_TABLE}")
        parameters: list[Any] = ["varchar", "varchar"]
        con.create_function("fold_article", _fold_articles, parameters, "varchar", type=_ARROW)
        con.execute(f"delete from texts where version not in (select version from ({_WANTED}))")
        con.execute(f"""
            insert into texts
            select {COLUMNS}, version,
                fold_article(title, body_text)
            from ({_WANTED}) as wanted anti join texts using (version)
        """)
        con.execute(
            "create or replace table facts as select $id as release_id, $rules as rules",
            {"id": release_id, "rules": rules},
        )
        con.execute("checkpoint")
        con.close()
        part.replace(path)  # replaces a file that readers have open
    return True


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[None]:
    """Delete a file and its log before and after the block, if they exist."""
    files = (path, path.with_name(f"{path.name}.wal"))
    for file in files:
        file.unlink(missing_ok=True)
    try:
        yield
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def write_index(release_file: Path) -> None:
    """Bring the index up to date as ``update_index`` does; without permission or space to write it,
    do nothing.
    """
    with contextlib.suppress(OSError, duckdb.Error):
        update_index(release_file)


def renew_index(release_file: Path) -> None:
    """Write the index again if it exists: an update leaves the words of a removed page in the
    file.
    """
    path = index_path(release_file)
    if path.exists():
        path.unlink()
        write_index(release_file)


def _read_state(path: Path) -> tuple[str, str] | None:
    """Return the release and the version of the rules of an index, or None if it is missing or
    unreadable.
    """
    try:
        with duckdb.connect(path, read_only=True) as con:
            return con.execute("select release_id, rules from facts").fetchone()
    except duckdb.Error:
        return None


def _fold_articles(titles: Any, bodies: Any) -> pa.Array:
    pairs = zip(titles.to_pylist(), bodies.to_pylist(), strict=True)
    return pa.array([fold_article(title or "", body or "") for title, body in pairs], pa.string())


def attach_index(con: duckdb.DuckDBPyConnection, release_file: Path) -> list[str] | None:
    """Attach the index of an open release file as ``words`` and return its languages, or None if
    there is none of this release.
    """
    path = index_path(release_file)
    if not path.exists():
        return None
    try:
        con.execute(f"attach {quoted(str(path))} as words (read_only)")
    except duckdb.Error:
        return None
    try:
        is_current = con.execute(
            "select count(*) from words.facts where rules = ?"
            " and release_id = (select release_id from ops.releases order by snapshot_id desc"
            " limit 1)",
            [source_version("word_patterns")],
        ).fetchone()
        if is_current == (1,):
            found = con.execute(f"select distinct {_LANGUAGE} from words.texts").fetchall()
            return sorted({code for (code,) in found if code} | {*CODES})
    except duckdb.IOException:  # the file is damaged, and without it the next run writes another
        with contextlib.suppress(OSError):
            path.unlink()
    con.execute("detach words")
    return None


class TypedArticles:
    """The articles that contain typed words, from the index or, without one, from all texts. Recent
    words are kept. ``languages`` are those of the index, or None without one.
    """

    def __init__(self, languages: list[str] | None) -> None:
        self.languages = languages
        self._kept: dict[str, pa.Table] = {}
        self._lock = threading.Lock()

    def read(self, con: duckdb.DuckDBPyConnection, words: str) -> pa.Table:
        """Return COLUMNS of the articles that contain typed words; Arrow's IDs are texts."""
        with self._lock:
            found = self._kept.pop(words, None)
        if found is None:
            found = con.execute(self._prepare(con, words)).to_arrow_table()
        with self._lock:
            self._kept[words] = found  # the most recent is the last
            if len(self._kept) > MAX_KEPT:
                del self._kept[next(iter(self._kept))]
        return found

    def _prepare(self, con: duckdb.DuckDBPyConnection, words: str) -> str:
        """Return the query for the articles that contain typed words. Only the articles that the
        matcher must check are read.
        """
        matching = articles_query(Question(), Series("words", words))
        if self.languages is None:
            return matching
        exact, checked = self.conditions(words)
        # A table, because DuckDB would otherwise call the matcher for all articles before it joins.
        con.execute(
            "create or replace temp table candidates as select * from articles where"
            " excluded_reason is null"
            f" and article_id in (select article_id from words.texts where {checked})"
        )
        return (
            f"select {COLUMNS} from words.texts where {exact} union"
            f" {matching.replace('from articles', 'from candidates')}"
        )

    def conditions(self, words: str) -> tuple[str, str]:
        """Return the condition on texts that contain typed words, and that on texts that the
        matcher must check.
        """
        typed = typed_words(words)
        languages: dict[Pattern, list[str]] = {}
        for code in self.languages or ():
            for pattern in find_patterns(typed, code):
                languages.setdefault(pattern, []).append(quoted(code))
        exact, checked = (
            " or ".join(
                f"(language is null or {_LANGUAGE} in ({', '.join(codes)}))"
                + "".join(f" and contains(folded, {quoted(part)})" for part in pattern.parts)
                for pattern, codes in languages.items()
                if pattern.is_exact == is_exact
            )
            for is_exact in (True, False)
        )
        return exact or "false", checked or "false"
