"""Register the SQL function that finds words in articles, and read the word lists of a lake."""

from __future__ import annotations

import contextlib
import json
import math
import sys
import time
from collections.abc import Iterable
from importlib.abc import MetaPathFinder
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import orjson

from tidings.annotation.annotate import Lists, describe_hits
from tidings.annotation.languages.statements import Verb
from tidings.annotation.phrases import Phrase
from tidings.annotation.posts import CountryForms, PostForms, Speaker
from tidings.annotation.typed_words import typed_words

if TYPE_CHECKING:
    import duckdb

PHRASE_COLUMNS = tuple(Phrase.__dataclass_fields__)
HIT = dict.fromkeys(("field", "phrase_id", "theme_id"), "VARCHAR")
HIT |= {"start_offset": "INTEGER", "end_offset": "INTEGER", "context": "VARCHAR"}
WORD_HITS = f"""
create or replace temp macro word_hits(title, body, language, words) as coalesce(
    from_json_strict(
        find_word_hits(title, body, language, words, epoch(now())), '[{json.dumps(HIT)}]'
    ),
    []
)"""
"""The macro over the function of ``register_word_hits``: the hits of typed words in an article."""


def read_lists(con: duckdb.DuckDBPyConnection) -> Lists:
    """Return the lists in the schema ``ref`` of the lake, without changed phrases."""
    columns: dict[str, Iterable[str]] = {
        "theme_phrases": PHRASE_COLUMNS,
        "speakers": Speaker.__dataclass_fields__,
        "speech_verbs": Verb._fields,
        "posts": PostForms._fields,
        "countries": CountryForms._fields,
        "evidence_words": ("language", "word", "kind"),
    }
    queries = (
        f"select {', '.join(names)} from lake.ref.{table} order by all"
        for table, names in columns.items()
    )
    return Lists(*(tuple(con.execute(query).fetchall()) for query in queries))


class MissingPandas(MetaPathFinder):
    """Refuses pandas at once where it is not installed. DuckDB searches it twice for each value
    that a function returns, in six times the time of the rest.
    """

    def find_spec(self, fullname: str, *_: Any) -> None:
        """Raise the error of a missing module, as the last finder would."""
        if fullname == "pandas":
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def register_word_hits(con: duckdb.DuckDBPyConnection, seconds: float = math.inf) -> None:
    """Register the function and the macro ``WORD_HITS``, which each cursor needs. A query raises
    TimeoutError after these seconds, because DuckDB cannot interrupt a block of rows.
    """

    def find(
        title: str | None, body: str | None, language: str | None, words: str, start: float
    ) -> str | None:
        if time.time() > start + seconds:
            raise TimeoutError
        texts = title or "", body or ""
        found = describe_hits(texts, typed_words(words).match(*texts, language))
        if not found:
            return None  # any other result takes DuckDB longer to read
        return orjson.dumps([dict(zip(HIT, hit, strict=True)) for hit in found]).decode()

    with contextlib.suppress(ModuleNotFoundError):  # a second time
        if not find_spec("pandas"):
            sys.meta_path.insert(0, MissingPandas())
    parameters: Any = [*["varchar"] * 4, "double"]
    special: Any = "special"
    con.create_function("find_word_hits", find, parameters, "varchar", null_handling=special)
    con.execute(WORD_HITS)
