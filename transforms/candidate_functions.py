"""Finding and counting candidates as functions of DuckDB, over the lake's evidence words, phrases and speakers.

``policy_sequences(text, language)`` lists the sequences that policy language points at; ``may_be_candidate(key, language)`` says
whether one may be a new formulation. ``hold_candidates(language, keys)`` makes candidates ready and returns a token, with which
``find_candidates(text, token)`` lists where they and their parts stand; ``split_candidate(key, language)`` names the parts.
The token carries the dependency: what finds cannot run before what holds.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from transforms.candidate_counts import Counter, split_key
from transforms.candidate_filter import Filter
from transforms.candidates import SEQUENCES_VERSION, EvidenceWord, Finder
from transforms.speakers import WIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import duckdb

SEQUENCE_SQL = "struct(key varchar, phrase varchar, evidence varchar)[]"
PLACE_SQL = "struct(key varchar, before varchar, after varchar, start_offset integer, end_offset integer)[]"
PARTS_SQL = "struct(head varchar, tail varchar)[]"
_STRING = pa.string()
_SEQUENCE = pa.struct([("key", _STRING), ("phrase", _STRING), ("evidence", _STRING)])
_PLACE = pa.struct(
    [("key", _STRING), ("before", _STRING), ("after", _STRING), ("start_offset", pa.int32()), ("end_offset", pa.int32())]
)
_PARTS = pa.struct([("head", _STRING), ("tail", _STRING)])
_HOW: Any = {"type": "arrow", "null_handling": "special"}


class Candidates:
    """What the functions know: the lists, and the candidates that a query holds."""

    def __init__(
        self, words: Iterable[EvidenceWord], phrases: Iterable[tuple[str, str]], names: Iterable[tuple[str, str]]
    ) -> None:
        self._words = list(words)
        self._phrases = list(phrases)
        self._names = list(names)
        self._finders: dict[str, Finder] = {}
        self._filters: dict[str, Filter] = {}
        self._held: dict[str, Counter] = {}

    def finder(self, language: str) -> Finder:
        """Return what finds sequences in texts of a primary language."""
        if language not in self._finders:
            self._finders[language] = Finder([word for word in self._words if word.language == language], language)
        return self._finders[language]

    def filter(self, language: str) -> Filter:
        """Return what keeps names, places and known phrases of a primary language out."""
        if language not in self._filters:
            self._filters[language] = Filter(
                language,
                verbs=self.finder(language).verbs,
                unrelated=[word.word for word in self._words if word.language == language and word.kind == "unrelated"],
                names=[name for other, name in self._names if other == language],
                listed=[phrase for other, phrase in self._phrases if other == language],
            )
        return self._filters[language]

    def hold(self, language: str, keys: Sequence[str]) -> str:
        """Make candidates ready for counting and return their token, the same for the same candidates."""
        token = f"{language}:{hashlib.sha256(chr(10).join(keys).encode()).hexdigest()[:16]}"
        if token not in self._held:
            self._held[token] = Counter(keys, language, self.finder(language).verbs)
        return token

    def held(self, token: str) -> Counter:
        """Return the candidates that a token stands for."""
        return self._held[token]


def register_candidates(con: duckdb.DuckDBPyConnection, database: str) -> str:
    """Register the functions over the lists that the lake holds, and return the version of the evidence words."""
    words = con.execute(f"select language, word, kind from {database}.ref.evidence_words order by all").fetchall()
    phrases = con.execute(f"select language, phrase from {database}.ref.theme_phrases where role = 'include'").fetchall()
    names = con.execute(
        f"select language, unnest(list_append(string_split(coalesce(short_names, ''), '|'), name)) from {database}.ref.speakers"
    ).fetchall()
    known = Candidates(
        [EvidenceWord(language.split("-")[0].lower(), word, kind) for language, word, kind in words],
        [(language.split("-")[0].lower(), phrase) for language, phrase in phrases],
        [(language.split("-")[0].lower(), name) for language, name in names if name],
    )
    functions: list[tuple[str, Any, list[Any], str]] = [
        ("policy_sequences", find_sequences(known), ["varchar", "varchar"], SEQUENCE_SQL),
        ("may_be_candidate", keep_candidates(known), ["varchar", "varchar"], "boolean"),
        ("hold_candidates", hold_candidates(known), ["varchar", "varchar[]"], "varchar"),
        ("find_candidates", find_candidates(known), ["varchar", "varchar"], PLACE_SQL),
        ("split_candidate", split_candidates, ["varchar", "varchar"], PARTS_SQL),
    ]
    for name, function, parameters, result in functions:
        con.create_function(name, function, parameters, result, **_HOW)
    return hashlib.sha256(repr((SEQUENCES_VERSION, words)).encode()).hexdigest()[:12]


def find_sequences(known: Candidates) -> Callable[[Any, Any], pa.Array]:
    """Return the function behind ``policy_sequences``."""

    def policy_sequences(texts: Any, languages: Any) -> pa.Array:
        pairs = zip(texts.to_pylist(), languages.to_pylist(), strict=True)
        return _lists([known.finder(language).find(text) if text and language else [] for text, language in pairs], _SEQUENCE)

    return policy_sequences


def keep_candidates(known: Candidates) -> Callable[[Any, Any], pa.Array]:
    """Return the function behind ``may_be_candidate``."""

    def may_be_candidate(keys: Any, languages: Any) -> pa.Array:
        pairs = zip(keys.to_pylist(), languages.to_pylist(), strict=True)
        return pa.array([bool(key) and known.filter(language).keeps(key) for key, language in pairs], pa.bool_())

    return may_be_candidate


def hold_candidates(known: Candidates) -> Callable[[Any, Any], pa.Array]:
    """Return the function behind ``hold_candidates``."""

    def hold(languages: Any, keys: Any) -> pa.Array:
        pairs = zip(languages.to_pylist(), keys.to_pylist(), strict=True)
        return pa.array([known.hold(language, held or []) for language, held in pairs], _STRING)

    return hold


def find_candidates(known: Candidates) -> Callable[[Any, Any], pa.Array]:
    """Return the function behind ``find_candidates``."""

    def find(texts: Any, tokens: Any) -> pa.Array:
        pairs = zip(texts.to_pylist(), tokens.to_pylist(), strict=True)
        return _lists([known.held(token).find(text) if text and token else [] for text, token in pairs], _PLACE)

    return find


def split_candidates(keys: Any, languages: Any) -> pa.Array:
    """Return the ways in which each key falls into two parts."""
    pairs = zip(keys.to_pylist(), languages.to_pylist(), strict=True)
    return _lists([split_key(key, is_wide=language in WIDE) for key, language in pairs], _PARTS)


def _lists(rows: list[Any], kind: pa.StructType) -> pa.Array:
    """Return lists of tuples as an array of lists of structs."""
    ends = [0]
    flat: list[Any] = []
    for row in rows:
        flat += row
        ends.append(len(flat))
    columns = list(zip(*flat, strict=True)) or [()] * kind.num_fields
    parts = [pa.array(column, kind[index].type) for index, column in enumerate(columns)]
    fields = [kind[index] for index in range(kind.num_fields)]
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.StructArray.from_arrays(parts, fields=fields))
