"""Register the SQL functions of the dbt project in DuckDB, over the word lists in the lake.

| function | result |
|---|---|
| ``theme_hits(title, body, language, day)`` | hits of ``ref.theme_phrases`` in an article |
| ``has_changed_phrase(title, body, language)`` | whether an article contains a phrase that changed since the last completed run |
| ``speaker_statements(body, language, day)`` | statements of everyone who speaks, with the people of ``ref.speakers`` |
| ``policy_sequences(text, language)`` | word sequences that policy language marks as possible formulations |
| ``may_be_candidate(key, language)`` | whether a sequence may be a new formulation |
| ``recurring_names(language, texts)`` | the names that recur in texts without evidence |
| ``prepare_candidates(language, keys)`` | a token for these candidates |
| ``find_candidates(text, token)`` | which of them occur in a text, and the numbers of them and of their parts |
| ``candidate_texts(token)`` | the texts behind these numbers, in order |
| ``locate_candidate(text, key, language)`` | the first place of a candidate in a text |
| ``split_candidate(key, language)`` | the ways to split a candidate into two parts |
| ``word_hits(title, body, language, words)`` | hits of words that a user types |

The token makes DuckDB run ``prepare_candidates`` before ``find_candidates``. Each function takes
Arrow columns and returns one.
"""

from __future__ import annotations

import hashlib
import inspect
import math
import time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tidings.annotation.candidate_counts import COUNTS, locate, split_key
from tidings.annotation.candidate_lists import CandidateLists
from tidings.annotation.candidates import HEADED, QUOTED, EvidenceWord
from tidings.annotation.event_functions import register_event_functions
from tidings.annotation.languages.statements import Verb
from tidings.annotation.matching import Matcher
from tidings.annotation.passages import Passage, find_shared_passages, mark_passages
from tidings.annotation.phrases import Phrase
from tidings.annotation.posts import CountryForms, PostForms, Posts, Speaker
from tidings.annotation.slow_texts import reading
from tidings.annotation.source_version import source_version
from tidings.annotation.statements import StatementFinder
from tidings.annotation.typed_words import typed_words
from tidings.base.languages import WITHOUT_SPACES, is_known, primary_language

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import duckdb

    from tidings.annotation.matching import Hit

    Function = Callable[..., pa.Array]

FIELDS = ("title", "body_text")
PHRASE_COLUMNS = tuple(Phrase.__dataclass_fields__)
CONTEXT_LENGTH = 81
"""Characters of ``context`` before and after a hit. In SQL, each cut would count characters from
the beginning of the text.
"""
_ARROW: Any = {"type": "arrow", "null_handling": "special"}
_STRING = pa.string()
_SPAN = {"start_offset": pa.int32(), "end_offset": pa.int32()}
HIT = pa.struct(
    {"field": _STRING, "phrase_id": _STRING, "theme_id": _STRING, **_SPAN, "context": _STRING}
)
_SPEAKER_SPAN = {"speaker_start": pa.int32(), "speaker_end": pa.int32()}
STATEMENT = pa.struct(
    {
        **dict.fromkeys(
            ("speaker_name", "speaker_kind", "speaker_gender", "person_id", "office", "verb"),
            _STRING,
        ),
        **_SPAN,
        **_SPEAKER_SPAN,
        "sentence": _STRING,
    }
)
SEQUENCE = pa.struct(
    {
        "key": _STRING,
        "phrase": _STRING,
        "verbs": pa.list_(_STRING),
        "is_headed": pa.bool_(),
        "is_quoted": pa.bool_(),
    }
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


def register_functions(
    con: duckdb.DuckDBPyConnection, database: str, changed_phrases: Sequence[Phrase] = ()
) -> dict[str, str]:
    """Register all functions over the lists in the lake; ``has_changed_phrase`` over the given
    phrases.

    Returns:
        The version of the rules and lists behind mentions, statements and candidates, by the name
        of the function. If a version changes, the same text may give other rows. A changed phrase
        does not change the version.
    """
    columns = ", ".join(PHRASE_COLUMNS)
    register_hits(
        con,
        "theme_hits",
        Matcher(read_phrases(con, f"select {columns} from {database}.ref.theme_phrases")),
    )
    changed = Matcher(list(changed_phrases))

    def has_changed_phrase(title: str | None, body: str | None, language: str | None) -> bool:
        return any(changed.contains_phrase(text or "", language) for text in (title, body))

    _register_each(
        con, "has_changed_phrase", has_changed_phrase, "varchar varchar varchar", pa.bool_()
    )
    _register_each(
        con,
        "mark_passages",
        lambda text: mark_passages(text or ""),
        "varchar",
        pa.list_(pa.int64()),
    )
    _register(con, "find_shared_passages", _find_passages, "varchar varchar", pa.list_(PASSAGE))
    return {
        "theme_hits": source_version("matching"),
        "speaker_statements": _register_statements(con, database),
        "policy_sequences": _register_candidates(con, database),
        "mark_passages": source_version("passages"),
        **register_event_functions(con),
    }


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


def read_phrases(con: duckdb.DuckDBPyConnection, query: str) -> list[Phrase]:
    """Return the phrases of a query with the columns of ``Phrase``, in order."""
    return [Phrase(*row) for row in con.execute(query).fetchall()]


def _register_statements(con: duckdb.DuckDBPyConnection, database: str) -> str:
    columns, fields = ", ".join(Speaker.__dataclass_fields__), ", ".join(Verb._fields)
    speakers = con.execute(f"select {columns} from {database}.ref.speakers order by all").fetchall()
    verbs = con.execute(f"select {fields} from {database}.ref.speech_verbs order by all").fetchall()
    posts = con.execute(
        f"select {', '.join(PostForms._fields)} from {database}.ref.posts order by all"
    ).fetchall()
    countries = con.execute(
        f"select {', '.join(CountryForms._fields)} from {database}.ref.countries order by all"
    ).fetchall()
    people = [Speaker(*row) for row in speakers]
    forms = Posts(
        people, [PostForms(*row) for row in posts], [CountryForms(*row) for row in countries]
    )
    finder = StatementFinder(people, [Verb(*row) for row in verbs], forms)
    _register(
        con,
        "speaker_statements",
        _find_statements(finder),
        "varchar varchar date",
        pa.list_(STATEMENT),
    )
    return _version("statements", speakers, verbs, posts, countries)


def _register_candidates(con: duckdb.DuckDBPyConnection, database: str) -> str:
    words = con.execute(
        f"select language, word, kind from {database}.ref.evidence_words order by all"
    ).fetchall()
    phrases = con.execute(
        f"select language, phrase from {database}.ref.theme_phrases where role = 'include'"
    ).fetchall()
    names = con.execute(
        f"select language, unnest(list_append(string_split(coalesce(short_names, ''), '|'), name))"
        f" from {database}.ref.speakers"
    ).fetchall()
    lists = CandidateLists(
        [EvidenceWord(primary_language(language), word, kind) for language, word, kind in words],
        [(primary_language(language), phrase) for language, phrase in phrases],
        [(primary_language(language), name) for language, name in names if name],
    )
    _register(
        con, "policy_sequences", _find_sequences(lists), "varchar varchar", pa.list_(SEQUENCE)
    )
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
    return _version("candidates", words)


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


def _find_statements(finder: StatementFinder) -> Function:
    def speaker_statements(bodies: Any, languages: Any, days: Any) -> pa.Array:
        lists = []
        for body, language, day in _rows(bodies, languages, days):
            text = body or ""
            with reading("speaker_statements", text):
                statements = finder.find(text, language, day)
            lists.append(
                [(*statement, text[statement.start : statement.end]) for statement in statements]
            )
        return _struct_lists(lists, STATEMENT)

    return speaker_statements


def _find_sequences(lists: CandidateLists) -> Function:
    def policy_sequences(texts: Any, languages: Any) -> pa.Array:
        rows = []
        for text, language in _rows(texts, languages):
            with reading("policy_sequences", text or ""):
                sequences = (
                    lists.finder(language).find(text)
                    if text and language and is_known(language)
                    else []
                )
            rows.append(
                [
                    (
                        row.key,
                        row.phrase,
                        sorted(row.evidence - {HEADED, QUOTED}),
                        HEADED in row.evidence,
                        QUOTED in row.evidence,
                    )
                    for row in sequences
                ]
            )
        return _struct_lists(rows, SEQUENCE)

    return policy_sequences


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


def _version(module: str, *lists: Any) -> str:
    return hashlib.sha256(repr((source_version(module), *lists)).encode()).hexdigest()[:12]
