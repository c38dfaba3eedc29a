"""Count given candidates and their parts in texts, with the neighbours of each candidate."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import ahocorasick_rs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tidings.annotation.candidates import CLAUSE_SIGNS, replace_surrogates
from tidings.annotation.languages import language
from tidings.annotation.slow_texts import reading
from tidings.base.languages import WITHOUT_SPACES
from tidings.base.languages.bounds import SignBounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tidings.base.languages.bounds import WordBounds

FREE = ""
"""The neighbour of a sequence that ends at punctuation, a function word or a policy verb. Each
occurrence counts as different.
"""

PLACE = pa.struct(
    {"key": pa.string(), "left": pa.string(), "right": pa.string(), "is_whole": pa.bool_()}
)
COUNTS = pa.struct({"places": pa.list_(PLACE), "numbers": pa.list_(pa.int32())})

_TOKEN = re.compile(rf"[^\W_]+|[{re.escape(CLAUSE_SIGNS)}]")
_TEXTS = 256  # texts that _WordSearch searches together; more texts use more memory


class _Matches(NamedTuple):
    """The places and numbers in texts, by column and in the order of the texts.

    A place is a candidate in a text, listed once per text, with the neighbours of its first
    occurrence. It ``is_whole`` if at least one occurrence has FREE on both sides. The columns are
    sequences or numpy arrays.
    """

    place_texts: Any
    place_numbers: Any
    lefts: Any
    rights: Any
    is_whole: Any
    texts: Any
    numbers: Any


class Counter:
    """Find candidates of one language and their parts. The counts of the parts show whether a
    candidate is a fixed phrase.
    """

    def __init__(self, keys: Iterable[str], code: str, verbs: Iterable[str]) -> None:
        bounds = language(code).bounds
        is_unspaced = isinstance(bounds, SignBounds)
        whole = sorted(set(keys))
        parts = {
            part
            for key in whole
            for pair in split_key(key, is_unspaced=is_unspaced)
            for part in pair
        }
        self.texts = [*whole, *sorted(parts - set(whole))]
        self._search: _SignSearch | _WordSearch
        if isinstance(bounds, SignBounds):
            self._search = _SignSearch(self.texts, len(whole), bounds, verbs)
        else:
            self._search = _WordSearch(self.texts, len(whole), bounds)

    def find(self, texts: Sequence[str]) -> pa.StructArray:
        """Return the candidates in each text, and the numbers in ``texts`` of its candidates and
        parts, each once.
        """
        found = self._search.find([replace_surrogates(text) for text in texts])
        keys = [self.texts[number] for number in found.place_numbers]
        columns = [
            pa.array(column, field.type)
            for column, field in zip(
                (keys, found.lefts, found.rights, found.is_whole), PLACE, strict=True
            )
        ]
        lists = [
            _group(
                found.place_texts,
                pa.StructArray.from_arrays(columns, fields=list(PLACE)),
                len(texts),
            ),
            _group(found.texts, pa.array(found.numbers, pa.int32()), len(texts)),
        ]
        return pa.StructArray.from_arrays(lists, fields=list(COUNTS))


class _SignSearch:
    """Search texts of a language that separates no words with spaces."""

    def __init__(
        self, texts: Sequence[str], count: int, bounds: SignBounds, verbs: Iterable[str]
    ) -> None:
        self._texts = texts
        self._count = count
        self._stop, self._noun = bounds.stop, bounds.noun
        self._free_words = tuple({*verbs, *bounds.light})

    @cached_property
    def _automaton(self) -> ahocorasick_rs.AhoCorasick:
        return ahocorasick_rs.AhoCorasick(self._texts)

    def find(self, texts: Sequence[str]) -> _Matches:
        """Return the places of the candidates, and the numbers of the candidates and parts."""
        places: list[tuple[Any, ...]] = []
        numbers: list[int] = []
        ends = []
        for text in texts:
            with reading("find_candidates", text):
                matches = self._automaton.find_matches_as_indexes(text, overlapping=True)
                places.extend(self._places(text, matches))
                numbers.extend({number for number, _, _ in matches})
                ends.append((len(places), len(numbers)))
        (place_counts, number_counts), order = (
            np.diff(ends, axis=0, prepend=0).T,
            np.arange(len(texts)),
        )
        found, lefts, rights, is_whole = list(zip(*places, strict=True)) or [()] * 4
        return _Matches(
            np.repeat(order, place_counts),
            found,
            lefts,
            rights,
            is_whole,
            np.repeat(order, number_counts),
            numbers,
        )

    def _places(
        self, text: str, matches: Sequence[tuple[int, int, int]]
    ) -> Iterator[tuple[int, str, str, bool]]:
        beside: dict[int, tuple[str, str]] = {}
        whole: set[int] = set()
        for number, start, end in matches:
            if number >= self._count or number in whole:
                continue
            left = self._left(text, start)
            if number in beside and left != FREE:
                continue
            right = self._right(text, end)
            beside.setdefault(number, (left, right))
            if left == right == FREE:
                whole.add(number)
        return ((number, left, right, number in whole) for number, (left, right) in beside.items())

    def _left(self, text: str, start: int) -> str:
        sign = text[start - 1 : start]
        stops = (self._stop.match(text, max(0, start - length)) for length in (1, 2))
        if not sign.isalnum() or any(stop is not None and stop.end() == start for stop in stops):
            return FREE
        is_behind_word = text.endswith(
            self._free_words, max(0, start - 4), start
        ) and not self._noun.match(text, max(0, start - 2))
        return FREE if is_behind_word else sign

    def _right(self, text: str, end: int) -> str:
        sign = text[end : end + 1]
        is_free = (
            not sign.isalnum()
            or self._stop.match(text, end)
            or text.startswith(self._free_words, end)
        )
        return FREE if is_free else sign


class _WordSearch:
    """Search texts of a language that separates words with spaces.

    numpy searches many texts together, because a loop over all words in Python takes several times
    as long. Each word has a number; 0 separates the texts. The candidates and parts form a trie:
    ``_next`` is the state after a state and a word, or 0.
    """

    def __init__(self, texts: Sequence[str], count: int, bounds: WordBounds) -> None:
        self._count = count
        split = [tuple(text.split()) for text in texts]
        self._lengths = np.array([len(words) for words in split], np.int32)
        known = dict.fromkeys(word for words in split for word in words)
        self._width = len(known) + 1
        free = {*CLAUSE_SIGNS, *bounds.stops}
        self._words = {
            word: number for number, word in enumerate((FREE, *known, *(free - known.keys())))
        }
        self._free = [self._words[word] for word in free]
        states: dict[tuple[str, ...], int] = {(): 0}
        for words in split:
            for end in range(len(words)):
                states.setdefault(words[: end + 1], len(states))
        self._next = np.zeros((len(states), self._width), np.min_scalar_type(len(states)))
        for words, state in states.items():
            if words:
                self._next[states[words[:-1]], self._words[words[-1]]] = state
        self._numbers = np.full(len(states), -1, np.int32)
        self._numbers[[states[words] for words in split]] = np.arange(len(split))

    def find(self, texts: Sequence[str]) -> _Matches:
        """Return the places of the candidates, and the numbers of the candidates and parts."""
        slices = [
            self._find(texts[first : first + _TEXTS], first)
            for first in range(0, len(texts), _TEXTS)
        ]
        return _Matches(*(np.concatenate(column) for column in zip(*slices, strict=True)))

    def _find(self, texts: Sequence[str], first: int) -> _Matches:
        words, tokens = self._read(texts)
        size = len(self._lengths)
        rows = (np.cumsum(tokens == 0) - 1) * size
        is_in_text = np.zeros(len(texts) * size, bool)
        starts, places = [], []
        for start, number in self._walk(tokens):
            place = rows[start] + number
            is_in_text[place] = True
            is_candidate = number < self._count
            starts.append(start[is_candidate])
            places.append(place[is_candidate])
        start, place = np.concatenate(starts), np.concatenate(places)
        order = np.lexsort((start, place))
        start, place = start[order], place[order]
        neighbours = np.arange(len(words))
        neighbours[self._free] = 0
        left, right = (
            neighbours[tokens[start - 1]],
            neighbours[tokens[start + self._lengths[place % size]]],
        )
        once = np.flatnonzero(np.diff(place, prepend=-1))
        is_whole = (
            np.logical_or.reduceat(left + right == 0, once) if len(once) else np.zeros(0, bool)
        )
        in_text = np.flatnonzero(is_in_text)
        return _Matches(
            place[once] // size + first,
            place[once] % size,
            words[left[once]],
            words[right[once]],
            is_whole,
            in_text // size + first,
            in_text % size,
        )

    def _read(self, texts: Sequence[str]) -> tuple[Any, Any]:
        """Return the words by number, and the numbers of the words of all texts, with a 0 before
        and after each text.
        """
        pieces = pc.split_pattern(pa.array(texts, pa.string()), " ")
        distinct = pieces.values.dictionary_encode()
        words = dict(self._words)
        numbers: list[int] = []
        ends = [0]
        for piece in distinct.dictionary.to_pylist():
            numbers.extend(
                [words.setdefault(token, len(words)) for token in _TOKEN.findall(piece.lower())]
            )
            ends.append(len(numbers))
        lists = pa.ListArray.from_arrays(
            pa.array(ends, pa.int32()), pa.array(numbers, pa.int32())
        ).take(distinct.indices)
        firsts = lists.offsets.to_numpy()[pieces.offsets.to_numpy()]
        return np.array(list(words), object), np.insert(lists.values.to_numpy(), firsts, 0)

    def _walk(self, tokens: Any) -> Iterator[tuple[Any, Any]]:
        """Yield the starts and the numbers of the matches, by the length of their paths in the
        trie.
        """
        known = np.where(tokens < self._width, tokens, 0)
        start = np.flatnonzero(known)
        state = self._next[0, known[start]]
        length = 0
        while True:
            number = self._numbers[state]
            is_match = number >= 0
            yield start[is_match], number[is_match]
            if not len(start):
                return
            length += 1
            state = self._next[state, known[start + length]]
            is_alive = state > 0
            start, state = start[is_alive], state[is_alive]


def _group(texts: Any, values: pa.Array, count: int) -> pa.ListArray:
    """Return one list of values per text."""
    return pa.ListArray.from_arrays(
        pa.array(np.searchsorted(texts, np.arange(count + 1)), pa.int32()), values
    )


def locate(text: str, key: str, code: str) -> tuple[int, int] | None:
    """Return the offsets of a candidate's first occurrence in a text, or None if it does not
    occur.
    """
    if code in WITHOUT_SPACES:
        start = text.find(key)
        return (start, start + len(key)) if start >= 0 else None
    between = rf"(?:_|[^\w{re.escape(CLAUSE_SIGNS)}])+"
    match = re.search(
        rf"(?<![^\W_]){between.join(map(re.escape, key.split()))}(?![^\W_])", text, re.IGNORECASE
    )
    return match.span() if match else None


def split_key(key: str, *, is_unspaced: bool) -> list[tuple[str, str]]:
    """Return all splits of a key into two parts of at least two characters, or at least one
    word.
    """
    if is_unspaced:
        return [(key[:cut], key[cut:]) for cut in range(2, len(key) - 1)]
    tokens = key.split()
    return [(" ".join(tokens[:cut]), " ".join(tokens[cut:])) for cut in range(1, len(tokens))]
