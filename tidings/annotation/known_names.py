"""The people whom an article names, in full and by parts of their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property

from tidings.annotation.languages.statements import Naming
from tidings.annotation.speaker_nouns import SpeakerNouns, given_name_gender, given_name_in
from tidings.annotation.tokens import Token
from tidings.base.languages.words import given_names

MAX_NAME_LENGTH = 3  # words at the start of a sentence that are no heading
VON = frozenset(("von der", "von den", "van der", "van den"))

_UPPER = r"[A-ZÀ-ÖØ-Þ]"
_INITIALS = rf"{_UPPER}\.(?:(?<!U\.){_UPPER}\.)*"  # G.V., but not U.S.
_WORD = rf"(?:(?:M|Mr|Mrs|Ms|Mme|Dr|Sen|Rep|Gov|Gen)\.|{_UPPER}[\w'-]{{1,30}}|{_INITIALS})"
_AT_PLACE = re.compile(r"(?:^|\s)(?:in|at|near|from|visited|à|aus|bei|nach)\s$")
_CAPITALISED = re.compile(rf"{_UPPER}[\w'-]{{1,30}}")
_INNER = re.compile(rf"\b[a-zß-ÿ][\w'-]*,? ({_UPPER}[\w'-]+)")
_SMALL = re.compile(r"\b[a-zß-ÿ][\w-]+")
_OF = re.compile(r"\b(?:of|de|des|di)\s$")
_IN_BRACKETS = re.compile(rf" \(({_UPPER}[\w-]{{1,9}})[,;)]")
_QUOTED = re.compile(r"[\"“„«][^\"“”„«»]{0,2000}[\"”“»]")
_SEQUENCE = re.compile(
    rf"(?<![\w'-]){_WORD}(?:["
    rf" \t]{{1,3}}(?:{_WORD}|(?:de|la|le|von|van|der|den|bin|al|el|da|di|du|dos|del|ben)(?=["
    rf" \t]))){{1,5}}"
)
"""Two to six capitalised words, with lower-case particles between them."""


class KnownNames:
    """The people whom one article names in full, or by surname behind a title (``titled``).
    ``person_ids`` maps full names to people of the list.
    """

    def __init__(self, text: str, namings: Sequence[Naming], nouns: SpeakerNouns) -> None:
        self._text, self._nouns = text, nouns
        self.complete_body = cache(self._complete_body)
        self.person_ids: dict[str, str] = {}
        self.titled: set[str] = set()
        for naming in namings:
            name = text[naming.start : naming.end].split()
            if naming.person_id and len(name) > 1 and name[0][0].isupper():
                self.person_ids.setdefault(" ".join(name), naming.person_id)

    @cached_property
    def full(self) -> Mapping[str, str]:
        """Return the full name of each surname, or the surname itself if two people have it or if
        only titles precede it. A middle name or initial makes no other person.
        """
        names: dict[str, str] = {}
        sequences = map(self._nouns.person_in, _sequences(self._text))
        found = [*(full.split() for full in self.person_ids), *filter(self._is_first, sequences)]
        self.titled = {
            name[0] for name in found if len(name) == 1 and not self.is_genitive(name[0])
        }
        found = [name for name in found if len(name) > 1]
        for name in found:
            names[name[-1]] = _same_or_surname(names.get(name[-1]), name)
        self.titled -= names.keys()
        return {name: name for name in self.titled} | _by_part(found) | names

    @cached_property
    def _places(self) -> Mapping[str, int]:
        """Return the first place of each capitalised word."""
        hits = [*_CAPITALISED.finditer(self._text)]
        return {hit[0]: hit.start() for hit in reversed(hits)}

    @cached_property
    def introduced(self) -> Mapping[str, Sequence[str]]:
        """Return the words before each short name in brackets: Lindmar Port Programme (LPP)."""
        return {
            hit[1]: re.findall(r"\w+", self._text[max(0, hit.start() - 120) : hit.start()])
            for hit in _IN_BRACKETS.finditer(self._text)
        }

    @cached_property
    def _inner(self) -> frozenset[str]:
        """Return the capitalised words behind a word in lower case."""
        return frozenset(hit[1] for hit in _INNER.finditer(self._text))

    @cached_property
    def _small(self) -> frozenset[str]:
        """Return the words in lower case."""
        return frozenset(_SMALL.findall(self._text))

    def is_common(self, word: str) -> bool:
        """Return whether a word that opens a sentence is elsewhere in lower case, and no name."""
        return word.lower() in self._small and word not in self._inner

    def begins(self, word: str) -> bool:
        """Return whether a word begins a name within a sentence."""
        return word in self._inner

    def is_genitive(self, name: str) -> bool:
        """Return whether a word is the German genitive of another of the text: Musters."""
        return self._nouns.is_german and name.endswith("s") and name[:-1] in self._places

    def _is_first(self, name: Sequence[str]) -> bool:
        """Return whether a name has a known given name, or its last word is not alone before: not
        Camp Strava.
        """
        is_initial = len(name) == 2 and name[0][-1] == "."  # G.V. Muster
        if len(name) < 2 or is_initial or given_name_gender(" ".join(name)):
            return True
        if self.is_genitive(name[-1]):  # Amtszeit Musters
            return False
        return self._places.get(name[0], len(self._text)) <= self._places.get(name[-1], 0)

    def knows(self, name: Sequence[Token]) -> bool:
        """Return whether a name ends with a surname of the text, or is a given name."""
        is_given = len(name) == 1 and name[0].lower in given_names()
        return is_given or name[-1].text in self.full

    def complete(self, name: str) -> str:
        """Return the full name for a surname of one or more words, or the name."""
        before, _, last = name.rpartition(" ")
        full = self.full.get(last, name)
        if before.lower() in VON:  # Von der Muster
            return full if " " in full else name
        is_whole = full.endswith(f" {name}") and given_name_gender(full)
        return full if " " not in name or is_whole else name

    def _complete_body(self, noun: str) -> str:
        """Return the only longer name in the text that ends with a noun of bodies, or the noun."""
        words = rf"(?<![\w-])(?:{_UPPER}[\w-]{{1,30}} ){{1,4}}"
        names = re.findall(rf"{words}{re.escape(noun)}\b", self._text)
        longer = {self._nouns.without_stops(name) for name in names} - {noun}
        return longer.pop() if len(longer) == 1 else noun

    def find(self, text: str) -> list[tuple[str, int]]:
        """Return the full names whose surnames are outside quotations, with first places."""
        plain = _QUOTED.sub(lambda hit: " " * len(hit[0]), text)
        found: dict[str, int] = {}
        for hit in _CAPITALISED.finditer(plain):
            if (name := self.full.get(hit[0].removesuffix("'s").rstrip("'"))) is not None:
                is_whole = text.endswith(name, 0, hit.end())
                found.setdefault(name, hit.end() - len(name) if is_whole else hit.start())
        return list(found.items())


def _by_part(names: Iterable[Sequence[str]]) -> dict[str, str]:
    """Return the only full name with a given name or first surname: Anna, Pérez for Anna Pérez
    Muster.
    """
    full: dict[str, set[str]] = {}
    for name in names:
        is_sure = name[-1].isalpha() and given_name_gender(" ".join(name[-4:]))
        for part in name[:-1] if is_sure else ():
            full.setdefault(part, set()).add(" ".join(name))
    return {part: min(found) for part, found in full.items() if len(found) == 1}


def _same_or_surname(known: str | None, name: Sequence[str]) -> str:
    """Return the full name for two names with one surname, or the surname of two people."""
    full = " ".join(name)
    if known is None:
        return full
    if known.lower().endswith(f" {full.lower()}"):  # De Muster for Bill de Muster
        # not Minister Anna Muster, or words of a heading
        return known if given_name_gender(known) and known.count(" ") < MAX_NAME_LENGTH else full
    first = known.split()[0]
    if name[0][0] == known[0] and "." in (first[-1], name[0][-1]):  # A. Muster, Anna Muster
        return known if name[0][-1] == "." else full
    is_same = first == name[0] or full.lower().endswith(f" {known.lower()}")
    return known if is_same else name[-1]


def _sequences(text: str) -> Iterator[str]:
    """Yield the sequences of capitalised words, except after a preposition of place."""
    for hit in _SEQUENCE.finditer(text):
        if not _AT_PLACE.search(text, max(0, hit.start() - 10), hit.start()):
            words = hit[0].split()
            # Secretary of Commerce | Anna Muster
            is_behind = _OF.search(text, max(0, hit.start() - 5), hit.start())
            yield " ".join(words[given_name_in(words) :]) if is_behind else hit[0]
