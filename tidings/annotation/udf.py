"""Register the SQL functions that find hits in articles, and read the word lists of a lake."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tidings.annotation.annotate import Lists, describe_hits
from tidings.annotation.languages.statements import Verb
from tidings.annotation.phrases import Phrase
from tidings.annotation.posts import CountryForms, PostForms, Speaker
from tidings.annotation.typed_words import typed_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import duckdb

    from tidings.annotation.matching import Hit, Matcher

    Match = Callable[..., tuple[list[Hit], list[Hit]]]

PHRASE_COLUMNS = tuple(Phrase.__dataclass_fields__)
_ARROW: Any = {"type": "arrow", "null_handling": "special"}
HIT = pa.struct(
    [
        *((name, pa.string()) for name in ("field", "phrase_id", "theme_id")),
        *((name, pa.int32()) for name in ("start_offset", "end_offset")),
        ("context", pa.string()),
    ]
)
_SQL_TYPES = {pa.string(): "varchar", pa.int32(): "integer"}
_HITS = f"struct({', '.join(f'{field.name} {_SQL_TYPES[field.type]}' for field in HIT)})[]"


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
    """Register a function of title, body, language and day that returns hits."""
    _register(con, name, matcher.match_article, "date")


def register_word_hits(con: duckdb.DuckDBPyConnection, seconds: float = math.inf) -> None:
    """Register ``word_hits(title, body, language, words)``: the hits of typed words. A block of
    rows raises TimeoutError after these seconds, because DuckDB cannot interrupt it.
    """

    def match(
        title: str, body: str, language: str | None, words: str
    ) -> tuple[list[Hit], list[Hit]]:
        return typed_words(words).match(title, body, language)

    _register(con, "word_hits", match, "varchar", seconds)


def _register(
    con: duckdb.DuckDBPyConnection,
    name: str,
    match: Match,
    argument_type: str,
    seconds: float = math.inf,
) -> None:
    def find_hits(titles: Any, bodies: Any, languages: Any, arguments: Any) -> pa.Array:
        end = time.monotonic() + seconds
        hits: list[tuple[Any, ...]] = []
        ends = [0]
        columns = (column.to_pylist() for column in (titles, bodies, languages, arguments))
        for title, body, language, argument in zip(*columns, strict=True):
            if time.monotonic() > end:
                raise TimeoutError
            texts = title or "", body or ""
            hits += describe_hits(texts, match(*texts, language, argument))
            ends.append(len(hits))
        # pyarrow builds structs from dicts ten times slower
        fields = list(zip(*hits, strict=True)) or [()] * len(HIT)
        arrays = [pa.array(cells, field.type) for cells, field in zip(fields, HIT, strict=True)]
        structs = pa.StructArray.from_arrays(arrays, fields=list(HIT))
        return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), structs)

    parameters: Any = ["varchar", "varchar", "varchar", argument_type]
    con.create_function(name, find_hits, parameters, _HITS, **_ARROW)
