"""Register the SQL functions of the dbt project in DuckDB, over the word lists in the lake.

| function | result |
|---|---|
| ``may_be_candidate(key, language)`` | whether a sequence may be a new formulation |
| ``recurring_names(language, texts)`` | the names that recur in texts without evidence |
| ``prepare_candidates(language, keys)`` | a token for these candidates |
| ``find_candidates(text, token)`` | which of them occur in a text, and their numbers |
| ``candidate_texts(token)`` | the texts behind these numbers, in order |
| ``locate_candidate(text, key, language)`` | the first place of a candidate in a text |
| ``split_candidate(key, language)`` | the ways to split a candidate into two parts |
| ``word_hits(title, body, language, words)`` | hits of words that a user types |

The token makes DuckDB run ``prepare_candidates`` before ``find_candidates``. Each function takes
Arrow columns and returns one.
"""

from __future__ import annotations

import inspect
import math
import time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tidings.annotation.annotate import CONTEXT_LENGTH, FIELDS, Lists, candidate_lists
from tidings.annotation.candidate_counts import COUNTS, locate, split_key
from tidings.annotation.event_functions import register_event_functions
from tidings.annotation.languages.statements import Verb
from tidings.annotation.passages import Passage, find_shared_passages
from tidings.annotation.phrases import Phrase
from tidings.annotation.posts import CountryForms, PostForms, Speaker
from tidings.annotation.slow_texts import reading
from tidings.annotation.source_version import source_version
from tidings.annotation.typed_words import typed_words
from tidings.base.languages import WITHOUT_SPACES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import duckdb

    from tidings.annotation.candidate_lists import CandidateLists
    from tidings.annotation.matching import Hit, Matcher

    Function = Callable[..., pa.Array]

PHRASE_COLUMNS = tuple(Phrase.__dataclass_fields__)
_ARROW: Any = {"type": "arrow", "null_handling": "special"}
_STRING = pa.string()
_SPAN = {"start_offset": pa.int32(), "end_offset": pa.int32()}
HIT = pa.struct(
    {"field": _STRING, "phrase_id": _STRING, "theme_id": _STRING, **_SPAN, "context": _STRING}
)
SPAN = pa.struct(_SPAN)
PARTS = pa.struct({"head": _STRING, "tail": _STRING})
PASSAGE = pa.struct(dict.fromkeys(Passage._fields, pa.int32()))
_SQL_TYPES = {
    _STRING: "varchar",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.bool_(): "boolean",
}


def register_functions(con: duckdb.DuckDBPyConnection, database: str) -> dict[str, str]:
    """Register all functions over the lists in the lake, and return the version of the rules behind
    those that decide rows, by name.
    """
    _register_candidates(con, candidate_lists(read_lists(con, database)))
    _register(con, "find_shared_passages", _find_passages, "varchar varchar", pa.list_(PASSAGE))
    return {"find_shared_passages": source_version("passages"), **register_event_functions(con)}


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


def _register_candidates(con: duckdb.DuckDBPyConnection, lists: CandidateLists) -> None:
    _register_each(con, "may_be_candidate", lists.may_be_candidate, "varchar varchar", pa.bool_())
    _register_each(con, "recurring_names", lists.find_names, "varchar varchar[]", pa.list_(_STRING))
    _register_each(con, "prepare_candidates", lists.prepare, "varchar varchar[]", _STRING)
    _register(con, "find_candidates", _find_candidates(lists), "text text", COUNTS)
    _register_each(
        con,
        "candidate_texts",
        lambda token: lists.counter(token).texts,
        "varchar",
        pa.list_(_STRING),
    )
    _register_each(con, "locate_candidate", _locate, "text text text", SPAN)
    _register(con, "split_candidate", _split_candidates, "varchar varchar", pa.list_(PARTS))


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


def _find_candidates(lists: CandidateLists) -> Function:
    def find_candidates(texts: Any, tokens: Any) -> pa.Array:
        rows: dict[str, list[int]] = {}
        for index, token in enumerate(tokens.to_pylist()):
            rows.setdefault(token, []).append(index)
        read = [text or "" for text in texts.to_pylist()]
        counts = [
            lists.counter(token).find([read[index] for index in indexes])
            for token, indexes in rows.items()
        ]
        order = pa.array([index for indexes in rows.values() for index in indexes])
        return pa.concat_arrays(counts).take(pc.array_sort_indices(order))

    return find_candidates


def _locate(text: str | None, key: str, language: str) -> dict[str, int] | None:
    span = locate(text or "", key, language)
    return dict(zip(_SPAN, span, strict=True)) if span else None


def _split_candidates(keys: Any, languages: Any) -> pa.Array:
    return _struct_lists(
        [
            split_key(key, is_unspaced=language in WITHOUT_SPACES)
            for key, language in _rows(keys, languages)
        ],
        PARTS,
    )


def _find_passages(texts: Any, others: Any) -> pa.Array:
    return _struct_lists(
        [find_shared_passages(text or "", other or "") for text, other in _rows(texts, others)],
        PASSAGE,
    )


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


def _register_each(
    con: duckdb.DuckDBPyConnection,
    name: str,
    function: Callable[..., Any],
    parameters: str,
    result: pa.DataType,
) -> None:
    """Register a function of columns that calls ``function`` for each row."""

    def vectorised(*columns: Any) -> pa.Array:
        return pa.array([function(*row) for row in _rows(*columns)], result)

    # DuckDB counts the parameters of the signature and evaluates its annotations.
    names = inspect.signature(function).parameters
    signature = inspect.Signature(
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in names]
    )
    vectorised.__signature__ = signature  # type: ignore[attr-defined]
    _register(con, name, vectorised, parameters, result)


def _sql_type(kind: pa.DataType) -> str:
    """Return the DuckDB type of an Arrow type."""
    if pa.types.is_list(kind):
        return f"{_sql_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        fields = [f'"{field.name}" {_sql_type(field.type)}' for field in kind]
        return f"struct({', '.join(fields)})"
    return _SQL_TYPES[kind]
