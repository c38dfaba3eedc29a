"""Finding and counting candidates as functions of DuckDB, over the lake's evidence words, phrases and speakers.

``policy_sequences(text, language)`` lists the sequences that policy language points at; ``may_be_candidate(key, language)`` says
whether one may be a new formulation. ``hold_candidates(language, keys)`` makes candidates ready and returns a token, with which
``find_candidates(text, token)`` lists which of them a text holds, and the numbers of them and of their parts, whose texts
``held_texts(token)`` lists in order. The token carries the dependency: what finds cannot run before what holds.
``split_candidate(key, language)`` names the parts of one, ``locate_candidate(text, key, language)`` its first place.
"""

from __future__ import annotations

import hashlib
import itertools
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tidings.transforms.text.candidate_counts import Counter, Found, locate, split_key
from tidings.transforms.text.candidate_filter import Filter
from tidings.transforms.text.candidate_words import HEADED, QUOTED
from tidings.transforms.text.candidates import EvidenceWord, Finder
from tidings.transforms.text.slow_texts import reading
from tidings.transforms.text.source_version import source_version
from tidings.transforms.text.speakers import WIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import duckdb

SEQUENCE_SQL = "struct(key varchar, phrase varchar, verbs varchar[], is_headed boolean, is_quoted boolean)[]"
FOUND_SQL = 'struct(places struct(key varchar, "left" varchar, "right" varchar, is_whole boolean)[], numbers integer[])'
SPAN_SQL = "struct(start_offset integer, end_offset integer)"
PARTS_SQL = "struct(head varchar, tail varchar)[]"
_STRING = pa.string()
_SPAN = pa.struct([("start_offset", pa.int32()), ("end_offset", pa.int32())])
_NO_VERB = frozenset((HEADED, QUOTED))
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
                unrelated=self._list(language, "unrelated"),
                common=self._list(language, "common"),
                names=[name for other, name in self._names if other == language],
                listed=[phrase for other, phrase in self._phrases if other == language],
            )
        return self._filters[language]

    def _list(self, language: str, kind: str) -> list[str]:
        return [word.word for word in self._words if word.language == language and word.kind == kind]

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
        ("find_candidates", find_candidates(known), ["varchar", "varchar"], FOUND_SQL),
        ("held_texts", held_texts(known), ["varchar"], "varchar[]"),
        ("locate_candidate", locate_candidates, ["varchar", "varchar", "varchar"], SPAN_SQL),
        ("split_candidate", split_candidates, ["varchar", "varchar"], PARTS_SQL),
    ]
    for name, function, parameters, result in functions:
        con.create_function(name, function, parameters, result, **_HOW)
    return hashlib.sha256(repr((source_version("candidates"), words)).encode()).hexdigest()[:12]


def find_sequences(known: Candidates) -> Callable[[Any, Any], pa.Array]:
    """Return the function behind ``policy_sequences``."""

    def policy_sequences(texts: Any, languages: Any) -> pa.Array:
        pairs = zip(texts.to_pylist(), languages.to_pylist(), strict=True)
        found = []
        for text, language in pairs:
            with reading("policy_sequences", text or ""):
                found.append(known.finder(language).find(text) if text and language else [])
        rows = [row for rows in found for row in rows]
        verbs = [[] if row.evidence <= _NO_VERB else sorted(row.evidence - _NO_VERB) for row in rows]
        ends = pa.array(itertools.accumulate(map(len, verbs), initial=0), pa.int32())
        columns = {
            "key": pa.array([row.key for row in rows], _STRING),
            "phrase": pa.array([row.phrase for row in rows], _STRING),
            "verbs": pa.ListArray.from_arrays(ends, pa.array([verb for some in verbs for verb in some], _STRING)),
            "is_headed": pa.array([HEADED in row.evidence for row in rows], pa.bool_()),
            "is_quoted": pa.array([QUOTED in row.evidence for row in rows], pa.bool_()),
        }
        return _lists([len(rows) for rows in found], columns)

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
        found: list[Found] = []
        for text, token in pairs:
            with reading("find_candidates", text or ""):
                found.append(known.held(token).find(text or ""))
        places = [place for one in found for place in one.places]
        columns = {
            "key": pa.array([place.key for place in places], _STRING),
            "left": pa.array([place.left for place in places], _STRING),
            "right": pa.array([place.right for place in places], _STRING),
            "is_whole": pa.array([place.is_whole for place in places], pa.bool_()),
        }
        listed = _lists([len(one.places) for one in found], columns)
        return pa.StructArray.from_arrays(
            [listed, pa.array([one.numbers for one in found], pa.list_(pa.int32()))], ["places", "numbers"]
        )

    return find


def held_texts(known: Candidates) -> Callable[[Any], pa.Array]:
    """Return the function behind ``held_texts``."""

    def texts(tokens: Any) -> pa.Array:
        return pa.array([known.held(token).texts for token in tokens.to_pylist()], pa.list_(_STRING))

    return texts


def locate_candidates(texts: Any, keys: Any, languages: Any) -> pa.Array:
    """Return where each key stands first in its text, for a language; null where it does not stand there."""
    rows = zip(texts.to_pylist(), keys.to_pylist(), languages.to_pylist(), strict=True)
    spans = [locate(text or "", key, language) for text, key, language in rows]
    return pa.array([dict(zip(("start_offset", "end_offset"), span, strict=True)) if span else None for span in spans], _SPAN)


def split_candidates(keys: Any, languages: Any) -> pa.Array:
    """Return the ways in which each key of a language falls into two parts."""
    pairs = zip(keys.to_pylist(), languages.to_pylist(), strict=True)
    found = [split_key(key, is_wide=language in WIDE) for key, language in pairs]
    rows = [row for rows in found for row in rows]
    columns = {name: pa.array([row[place] for row in rows], _STRING) for place, name in enumerate(("head", "tail"))}
    return _lists([len(rows) for rows in found], columns)


def _lists(lengths: Iterable[int], columns: Mapping[str, pa.Array]) -> pa.Array:
    """Return lists of structs from how many each holds and the columns of all of them."""
    ends = pa.array(itertools.accumulate(lengths, initial=0), pa.int32())
    return pa.ListArray.from_arrays(ends, pa.StructArray.from_arrays(list(columns.values()), list(columns)))
