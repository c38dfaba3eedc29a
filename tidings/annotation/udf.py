"""Register the SQL functions that find hits in articles, and read the word lists of a lake.

Each function takes Arrow columns and returns one.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tidings.annotation.annotate import CONTEXT_LENGTH, FIELDS, Lists
from tidings.annotation.languages.statements import Verb
from tidings.annotation.phrases import Phrase
from tidings.annotation.posts import CountryForms, PostForms, Speaker
from tidings.annotation.slow_texts import reading
from tidings.annotation.typed_words import typed_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import duckdb

    from tidings.annotation.matching import Hit, Matcher

    Function = Callable[..., pa.Array]

PHRASE_COLUMNS = tuple(Phrase.__dataclass_fields__)
_ARROW: Any = {"type": "arrow", "null_handling": "special"}
_STRING = pa.string()
_SPAN = {"start_offset": pa.int32(), "end_offset": pa.int32()}
HIT = pa.struct(
    {"field": _STRING, "phrase_id": _STRING, "theme_id": _STRING, **_SPAN, "context": _STRING}
)
_SQL_TYPES = {
    _STRING: "varchar",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.bool_(): "boolean",
}


def read_lists(con: duckdb.DuckDBPyConnection, database: str) -> Lists:
    """Return the lists in the schema ``ref`` of a database, without changed phrases."""
    columns: dict[str, Iterable[str]] = {
        "theme_phrases": PHRASE_COLUMNS,
        "speakers": Speaker.__dataclass_fields__,
        "speech_verbs": Verb._fields,
        "posts": PostForms._fields,
        "countries": CountryForms._fields,
        "evidence_words": ("language", "word", "kind"),
    }
    queries = (
        f"select {', '.join(names)} from {database}.ref.{table} order by all"
        for table, names in columns.items()
    )
    return Lists(*(tuple(con.execute(query).fetchall()) for query in queries))


def register_hits(con: duckdb.DuckDBPyConnection, name: str, matcher: Matcher) -> None:
    """Register a function of title, body, language and day that returns the hits of an article, as
    ``theme_hits`` does.
    """
    _register(
        con, name, _find_hits(matcher.match_article), "varchar varchar varchar date", pa.list_(HIT)
    )


def register_word_hits(con: duckdb.DuckDBPyConnection, seconds: float = math.inf) -> None:
    """Register ``word_hits(title, body, language, words)``: the hits of typed words
    (``typed_words.py``) in an article.

    A call for a block of rows raises TimeoutError after a number of seconds, because DuckDB cannot
    interrupt it.
    """

    def match(
        title: str, body: str, language: str | None, words: str
    ) -> tuple[list[Hit], list[Hit]]:
        return typed_words(words).match(title, body, language)

    _register(
        con,
        "word_hits",
        _find_hits(match, seconds),
        "varchar varchar varchar varchar",
        pa.list_(HIT),
    )


def _find_hits(
    match: Callable[..., tuple[list[Hit], list[Hit]]], seconds: float = math.inf
) -> Function:
    def find_hits(titles: Any, bodies: Any, languages: Any, last: Any) -> pa.Array:
        lists = []
        end = time.monotonic() + seconds
        for *texts, language, argument in _rows(titles, bodies, languages, last):
            if time.monotonic() > end:
                raise TimeoutError
            hits: list[tuple[Any, ...]] = []
            title, body = (text or "" for text in texts)
            with reading("theme_hits", body):
                found = match(title, body, language, argument)
            for field, text, places in zip(FIELDS, (title, body), found, strict=True):
                for hit in places:
                    context = text[max(0, hit.start - CONTEXT_LENGTH) : hit.end + CONTEXT_LENGTH]
                    hits.append((field, hit.phrase_id, hit.theme_id, hit.start, hit.end, context))
            lists.append(hits)
        return _struct_lists(lists, HIT)

    return find_hits


def _rows(*columns: Any) -> zip[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in columns), strict=True)


def _struct_lists(lists: Sequence[Sequence[Sequence[Any]]], struct: pa.StructType) -> pa.ListArray:
    """Return one list of structs per row, built by column: pyarrow builds structs from dicts ten
    times slower.
    """
    ends = [0]
    for rows in lists:
        ends.append(ends[-1] + len(rows))
    columns = (
        list(zip(*(row for rows in lists for row in rows), strict=True)) or [()] * struct.num_fields
    )
    arrays = [pa.array(column, field.type) for column, field in zip(columns, struct, strict=True)]
    return pa.ListArray.from_arrays(
        pa.array(ends, pa.int32()), pa.StructArray.from_arrays(arrays, fields=list(struct))
    )


def _register(
    con: duckdb.DuckDBPyConnection, name: str, function: Any, parameters: str, result: pa.DataType
) -> None:
    kinds: Any = parameters.split()
    con.create_function(name, function, kinds, _sql_type(result), **_ARROW)


def _sql_type(kind: pa.DataType) -> str:
    """Return the DuckDB type of an Arrow type."""
    if pa.types.is_list(kind):
        return f"{_sql_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        fields = [f'"{field.name}" {_sql_type(field.type)}' for field in kind]
        return f"struct({', '.join(fields)})"
    return _SQL_TYPES[kind]
