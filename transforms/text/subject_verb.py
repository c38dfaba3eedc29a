"""Find the subject of each verb of speech in a language whose subject precedes its verb: English, French and Italian.

A subject ends right before its verb, its auxiliaries and its adverbs; an apposition, a relative clause, brackets or a time may
separate them. Behind a quotation or at the end of a sentence the verb may precede its subject ("…", said X). A joined verb or a
participle ("and added", ", adding") belongs to the subject of the sentence. The work is linear in the length of the sentence:
every search is limited to ``REACH`` words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.transforms.text.clauses import (
    AUXILIARY,
    COORDINATOR,
    DETERMINER,
    ENDS,
    LINK,
    MODAL,
    NEGATION,
    PASSIVE,
    PREPOSITION,
    PRONOUN,
    QUOTES,
    RELATIVE,
    SKIP,
    STOP,
    TIME,
    Clause,
    Part,
    Reading,
)
from tidings.transforms.text.verb_index import VerbIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidings.languages.clause_words import ClauseWords
    from tidings.languages.speaker_words import SpeakerWords
    from tidings.languages.statements import Verb
    from tidings.transforms.text.tokens import Token
    from tidings.transforms.text.verb_index import Hit

REACH = 40
"""Most words between a verb and its subject."""
_LONGEST_PHRASE = 18
_DASHES = frozenset("–—-")
_OF = frozenset({"of", "de", "du", "des", "d'", "di", "del", "della", "dei", "delle", "dell'", "dello", "degli"})


class SubjectVerb:
    """Read the clauses of sentences in one language."""

    def __init__(self, verbs: Iterable[Verb], words: ClauseWords, speakers: SpeakerWords) -> None:
        self._words = words
        self._speakers = speakers.roles | speakers.bodies | speakers.collectives | speakers.unnamed
        self._verbs = VerbIndex(verbs, words)
        self.first_words = self._verbs.first_words
        self._flags: dict[str, int] = {}
        for flag, listed in (
            (DETERMINER, words.determiners),
            (PREPOSITION, words.prepositions),
            (LINK, words.linking),
            (TIME, words.times),
            (PRONOUN, words.pronouns),
            (COORDINATOR | STOP, words.coordinators),
            (RELATIVE | STOP, words.relatives),
            (STOP, words.subordinators),
            (STOP, words.finite_verbs),
            (NEGATION | STOP, words.negations),
            (MODAL | STOP, words.modals),
            (AUXILIARY | STOP, words.auxiliaries),
            (PASSIVE | STOP, words.passives),
            (SKIP, words.adverbs),
        ):
            for word in listed:
                self._flags[word] = self._flags.get(word, 0) | flag
        self.words = self.first_words | self._flags.keys()

    def find(self, sentence: str, tokens: Sequence[Token]) -> list[Clause]:
        """Return the clauses of a sentence in order, one per verb and speaker."""
        hits = self._verbs.find(tokens)
        colon = self._speaker_before_colon(tokens)
        if not hits and colon is None:
            return []
        reading = Reading(tokens, [self._flag(token) for token in tokens], {hit.first for hit in hits}, self._speakers)
        clauses = [] if colon is None else [reading.clause(colon, None)]
        subjects: list[Part] = [] if colon is None else [colon]
        for hit in hits:
            if reading.is_quoted[hit.first] or self._is_name(tokens, hit):
                continue
            found = self._subjects_of(reading, hit, subjects)
            clauses += [reading.clause(part, hit) for part in found]
            if found and not hit.is_source and not reading.is_relative(found[0]):
                subjects = found
        return sorted(clauses, key=lambda clause: clause.verb_start)

    def _subjects_of(self, reading: Reading, hit: Hit, earlier: list[Part]) -> list[Part]:
        if hit.is_source:
            part = self._phrase_after(reading, hit.last + 1, is_source=True)
            return [part] if part else []
        if hit.is_noun:
            return self._possessor(reading, hit)
        place, seen = self._skip_back(reading, hit.first - 1)
        if seen & (NEGATION | MODAL) or (hit.needs_auxiliary and not seen & AUXILIARY):
            return []
        if seen & PASSIVE and not hit.is_participle:
            return self._agent(reading, hit)
        before = reading.tokens[place].text if place >= 0 else ""
        is_after_sign = before in {",", "–", "—", "-"}
        part = self._before_apposition(reading, place) if is_after_sign and not hit.is_participle else None
        part = part or self._inverted(reading, hit, place)
        if part is not None:
            return self._join(reading, part)
        if place < 0:
            return []
        flags = reading.flags[place]
        if flags & COORDINATOR or (hit.is_participle and before in {",", "–", "—"}):
            if flags & COORDINATOR and hit.is_participle and not seen & AUXILIARY and before not in self._words.coordinators:
                return []
            return earlier or self._first_subject(reading, hit)
        if hit.is_participle and not seen & AUXILIARY:
            return []
        if flags & RELATIVE:
            antecedent = self._phrase_before(reading, place - 2 if place and reading.tokens[place - 1].text == "," else place - 1)
            return [antecedent] if antecedent else []
        part = None if is_after_sign else self._phrase_before(reading, place)
        return self._join(reading, part) if part else []

    def _flag(self, token: Token) -> int:
        flags = self._flags.get(token.lower)
        if flags is None:
            return self._flag_other(token)
        is_name = token.start > 0 and token.text[0].isupper() and flags & (SKIP | MODAL)
        return (
            0 if is_name or (token.text[0].isupper() and token.start > 0 and token.lower in self._words.finite_verbs) else flags
        )

    def _flag_other(self, token: Token) -> int:
        """Return the flags of a word in no list: he's, wouldn't, an adverb by its ending."""
        base, apostrophe, tail = token.lower.partition("'")
        if apostrophe and token.lower.endswith("n't"):
            return NEGATION | STOP
        if apostrophe and (flags := self._flags.get(base, 0)) & (PRONOUN | RELATIVE):
            return flags | (MODAL if tail == "ll" else AUXILIARY)
        endings = self._words.adverb_endings
        is_adverb = (
            bool(endings) and token.lower.endswith(endings) and len(token.lower) > len("only") and not token.text[0].isupper()
        )
        return SKIP if is_adverb else 0

    @staticmethod
    def _is_name(tokens: Sequence[Token], hit: Hit) -> bool:
        """Return whether a form within a sentence is capitalised and therefore a name: Sultan Said."""
        return hit.first > 0 and tokens[hit.first].text[0].isupper() and tokens[hit.first - 1].text not in QUOTES | {":"}

    def _skip_back(self, reading: Reading, place: int) -> tuple[int, int]:
        """Return the last place before a verb that is no auxiliary or adverb, and the flags of the words skipped."""
        flags, tokens = reading.flags, reading.tokens
        seen, lowest = 0, max(-1, place - 8)
        while place > lowest:
            here = flags[place]
            seen |= here & (AUXILIARY | PASSIVE | MODAL | NEGATION)
            if here & (PRONOUN | RELATIVE) or not here & (AUXILIARY | PASSIVE | MODAL | NEGATION | SKIP | TIME):
                break
            if here & TIME and (place == 0 or flags[place - 1] & PREPOSITION):
                break
            place -= 1
            if here & TIME and flags[place] & DETERMINER:
                place -= 1
            elif here & MODAL and place > 0 and tokens[place].lower in self._words.continuing:
                seen &= ~MODAL
                place -= 2 if tokens[place - 1].lower in self._words.continuing else 1
        return place, seen

    def _agent(self, reading: Reading, hit: Hit) -> list[Part]:
        """Return the speaker of a passive: highlighted by Mr X."""
        for place in range(hit.last + 1, min(hit.last + 5, len(reading.tokens))):
            if reading.tokens[place].lower in self._words.by:
                part = self._phrase_after(reading, place + 1)
                return [part] if part else []
        return []

    def _possessor(self, reading: Reading, hit: Hit) -> list[Part]:
        """Return the owner of a speech or statement: X's remarks."""
        for place in range(hit.first - 1, max(-1, hit.first - 4), -1):
            if reading.tokens[place].text.endswith(("'s", "s'")):
                part = self._phrase_before(reading, place)
                return [part] if part else []
            if reading.flags[place] & ~SKIP:
                break
        return []

    def _inverted(self, reading: Reading, hit: Hit, place: int) -> Part | None:
        """Return the subject after an inverted verb, or None."""
        tokens = reading.tokens
        before = tokens[place].text if place >= 0 else ""
        inner = tokens[place - 1].text if place > 0 else ""
        is_quoted = before in QUOTES or (before in {",", "–", "—"} and inner in QUOTES)
        if not is_quoted and not (hit.may_invert and before in {",", "–", "—"}):
            return None
        if before in _DASHES and hit.is_participle:
            return None
        part = self._phrase_after(reading, hit.last + 1)
        if part is None:
            return None
        follows = part.last + 1
        if follows >= len(tokens) or (tokens[follows].text in ENDS and (is_quoted or tokens[follows].text not in QUOTES)):
            return part
        if is_quoted and not reading.flags[follows] & (AUXILIARY | MODAL):
            return part
        return part if reading.flags[follows] & (PREPOSITION | TIME) and reading.flags[follows] & ~AUXILIARY else None

    def _phrase_before(self, reading: Reading, place: int) -> Part | None:
        """Return the noun phrase that ends at a place, without adverbials before and after it."""
        tokens, flags = reading.tokens, reading.flags
        if place >= 0 and tokens[place].text == ")":
            place = reading.opening(place, "(") - 1
        if place < 0 or tokens[place].text in ENDS:
            return None
        first, lowest = place, max(0, place - _LONGEST_PHRASE)
        while first >= lowest and not self._ends_phrase(reading, first):
            if tokens[first].text == ")":
                first = reading.opening(first, "(")
            first -= 1
        first += 1
        while first <= place and flags[first] & SKIP and not tokens[first].text[0].isupper():
            first += 1
        if first > place or flags[place] & DETERMINER and not flags[place] & PRONOUN and not reading.is_listed(place):
            return None
        if first and flags[first - 1] & (MODAL | AUXILIARY) and not flags[first - 1] & (PRONOUN | RELATIVE):
            return None  # the object of another verb
        if flags[place] & PRONOUN:
            is_governed = place > first and flags[place - 1] & PREPOSITION
            return None if is_governed else Part(place, place)
        if flags[first] & PREPOSITION:
            return self._after_adverbial(reading, first, place)
        while first < place and flags[first] & TIME:
            first += 1
        first = self._last_opening(reading, first, place)
        for inner in range(first + 1, place):
            is_adverbial = flags[inner] & PREPOSITION and (
                flags[inner + 1] & TIME
                or not flags[inner] & LINK
                or flags[first] & PRONOUN
                or reading.is_name(Part(inner - 1, inner - 1))
            )
            if is_adverbial and tokens[inner].lower not in _OF:
                return Part(first, inner - 1)
        return None if flags[place] & (TIME | DETERMINER | PREPOSITION) and first == place else Part(first, place)

    def _last_opening(self, reading: Reading, first: int, place: int) -> int:
        """Return the last determiner that opens a noun phrase of its own: paying | an architect, but not the head of | the bank."""
        for inner in range(place, first, -1):
            if reading.flags[inner] & DETERMINER and not reading.flags[inner - 1] & (PREPOSITION | DETERMINER | LINK):
                return inner
        return first

    def _after_adverbial(self, reading: Reading, first: int, place: int) -> Part | None:
        """Return the noun phrase after an adverbial that no comma separates from it: On Friday X, In Paris the minister."""
        flags, tokens = reading.flags, reading.tokens
        start = place
        while start > first and tokens[start].text[0].isupper() and not flags[start] & (TIME | PREPOSITION | DETERMINER):
            start -= 1
        if start < place and not flags[start] & (PREPOSITION | DETERMINER):
            return Part(start + 1, place)
        for inner in range(place, first + 1, -1):
            if flags[inner] & DETERMINER:
                return None if flags[inner - 1] & PREPOSITION else Part(inner, place)
        return None

    def _ends_phrase(self, reading: Reading, place: int) -> bool:
        token, flags = reading.tokens[place], reading.flags[place]
        if place in reading.verbs and not token.text[0].isupper():
            return True
        return bool(flags & STOP) or (token.text in ENDS and token.text != ")")

    def _before_apposition(self, reading: Reading, comma: int) -> Part | None:
        """Return the subject before an apposition or clause between two commas: X, the minister of ports, told."""
        tokens, flags = reading.tokens, reading.flags
        part, lowest = None, max(-1, comma - REACH)
        place = comma - 1
        while place > lowest:
            text = tokens[place].text
            if text in QUOTES or text in ".;:!?":
                break
            if text == ")":
                place = reading.opening(place, "(")
            elif text in {",", "–", "—"} and (found := self._phrase_before(reading, place - 1)) is not None:
                inner = self._phrase_before(reading, comma - 1)
                if inner and inner.first == place + 1 and reading.is_name(inner) and not reading.is_name(found):
                    return inner
                part = found
                if flags[found.first] & PRONOUN or reading.opens(found.first):
                    break
            place -= 1
        if part is None:
            return None
        return part if reading.opens(part.first) or reading.is_name(part) else None

    def _join(self, reading: Reading, part: Part) -> list[Part]:
        """Return a subject and the one joined to it at the start of the clause: X and Y said."""
        before = part.first - 1
        if (
            before > 0
            and reading.tokens[before].lower in self._words.coordinators
            and reading.tokens[before].lower not in {"but", "nor"}
        ):
            other = self._phrase_before(reading, before - 1 if reading.tokens[before - 1].text != "," else before - 2)
            if other and reading.opens(other.first) and reading.is_speaking(other):
                return [other, part]
        return [part]

    def _first_subject(self, reading: Reading, hit: Hit) -> list[Part]:
        """Return the subject of the sentence, for a verb joined to its first verb."""
        start = 0
        flags, tokens = reading.flags, reading.tokens
        if tokens and flags[0] & (PREPOSITION | STOP | SKIP):
            comma = next((place for place in range(min(REACH, hit.first)) if tokens[place].text == ","), -1)
            start = comma + 1
        part = self._phrase_after(reading, start) if start < hit.first else None
        if part is None or part.last >= hit.first - 1:
            return []
        return [part] if reading.is_speaking(part) else []

    def _phrase_after(self, reading: Reading, place: int, *, is_source: bool = False) -> Part | None:
        """Return the noun phrase that begins at a place."""
        tokens, flags = reading.tokens, reading.flags
        count = len(tokens)
        if place >= count or tokens[place].text in ENDS:
            return None
        if flags[place] & PRONOUN:
            return None if is_source else Part(place, place)
        if flags[place] & (STOP | TIME | PREPOSITION) and not flags[place] & DETERMINER:
            return None
        is_open = flags[place] & DETERMINER or not tokens[place].text[0].islower() or is_source or reading.is_listed(place)
        if not is_open:
            return None
        last = place
        while last + 1 < count and last - place < _LONGEST_PHRASE:
            following, token = flags[last + 1], tokens[last + 1]
            if self._ends_phrase(reading, last + 1) or token.text in ENDS or token.text == "(" or following & (TIME | PRONOUN):
                break
            if following & PREPOSITION and not self._continues(reading, last + 1, is_source=is_source):
                break
            if following & SKIP and not token.text[0].isupper():
                break
            if token.text[0].islower() and not following & LINK and reading.is_complete(last) and not reading.is_listed(last + 1):
                break
            last += 1
        return None if flags[last] & DETERMINER and last == place and len(tokens[place].text) < 4 else Part(place, last)

    def _continues(self, reading: Reading, place: int, *, is_source: bool) -> bool:
        """Return whether a preposition continues the noun phrase before it: the head of X, officials at X."""
        flags = reading.flags[place]
        if not flags & LINK or place + 1 >= len(reading.tokens) or reading.flags[place + 1] & TIME:
            return False
        if reading.tokens[place].lower in _OF:
            return True
        return (is_source or reading.is_listed(place - 1)) and not reading.is_name(Part(place - 1, place - 1))

    def _speaker_before_colon(self, tokens: Sequence[Token]) -> Part | None:
        """Return the speaker of an interview or of a quotation after a colon: X: "…"."""
        for place in range(1, min(8, len(tokens) - 1)):
            if tokens[place].text == ":":
                is_quoted = tokens[place + 1].text in QUOTES
                is_name = all(token.text[0].isupper() for token in tokens[:place])
                return Part(0, place - 1) if is_quoted and is_name else None
        return None
