"""Find the speaker of each verb of speech in a language whose main clauses have the finite verb in
second place.

A verb of the pattern "content" counts only if its sentence reports words: by quotation marks, a
colon, the subjunctive or a clause of content. Others also count with an object alone, if their
subject is known to speak.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from tidings.annotation.languages.statements import Clause, Verb
from tidings.annotation.tokens import QUOTES, Token, lower_texts, tokenize
from tidings.annotation.verb_second_clauses import PLURAL, Clauses, Finite
from tidings.annotation.verb_second_phrases import CAN, FARTHEST, MAY, Phrase
from tidings.annotation.verb_second_words import PAIRS, QUOTATION, TERM, SentenceWords
from tidings.base.languages.word_lists import SpeakerWords, VerbSecondGrammar

_LONGEST_ATTRIBUTE = 8  # most words between an article and a participle: den bis Mai erwarteten


class _Form(NamedTuple):
    """A form of a verb: the parts that accompany its trigger, and its uses."""

    parts: tuple[str, ...]
    is_finite: bool
    is_participle: bool
    is_bare: bool  # reports words by an object alone: forderte den Rücktritt
    is_open: bool = False  # a noun phrase follows the last part: rechnete mit Regen


class _Verb(NamedTuple):
    """A verb of a sentence: its finite form and its other part."""

    written: str
    finite: int
    high: int
    form: _Form


class VerbSecond:
    """Find clauses of speech by the verbs and words of one language."""

    def __init__(
        self, verbs: Iterable[Verb], grammar: VerbSecondGrammar, speakers: SpeakerWords
    ) -> None:
        verbs = list(verbs)
        self._grammar = grammar
        self.clause_openers = grammar.subordinators | grammar.conjunctions
        self._lists = SentenceWords(grammar, speakers, verbs)
        self._forms: dict[str, list[_Form]] = defaultdict(list)
        prefixes, bound = "|".join(grammar.particle_prefixes), "|".join(grammar.bound_prefixes)
        self._separable = re.compile(
            rf"(?:{prefixes})*ge\w+(?:t|en)|(?:{prefixes})(?:{bound})\w+(?:[^t]t|en)"
        )
        self._inseparable = re.compile(rf"(?:{bound})\w+(?:[^t]t|en)|\w+iert")
        self._infinitive = re.compile(rf"(?:{prefixes})zu\w+n")
        self._objects = grammar.prepositions | set(grammar.particle_prefixes) | {"sich"}
        self.reported = grammar.reported
        self._marks = grammar.subjunctives | grammar.reported | {QUOTATION, TERM}
        self._openers = grammar.openers | grammar.pronouns
        self._auxiliaries = grammar.auxiliaries | grammar.passives
        self._behind = grammar.joins | {"wie", "als"}
        bare = {verb.form for verb in verbs if verb.pattern in {"clause", "inverted", "object"}}
        for form in sorted(bare | {verb.form for verb in verbs if verb.pattern == "content"}):
            for first, *parts in _inflect(form):
                self._add(first, parts, is_bare=form in bare, is_open=form.endswith("…"))
        for forms in self._forms.values():
            forms.sort(key=lambda form: -len(form.parts))
        triggers = self._triggers() | self._lists.triggers
        self._first_words = triggers | {":"}
        self.starts = triggers | {f": {mark}" for mark in PAIRS}
        self.words = self._forms.keys() | self._lists.function_words

    def _triggers(self) -> frozenset[str]:
        """Return the longest word of each form: überzeugt in "ist … überzeugt"."""
        rows = ((first, form) for first, forms in self._forms.items() for form in forms)
        return frozenset(max((first, *form.parts), key=len).lower() for first, form in rows)

    def _add(self, first: str, parts: list[str], *, is_bare: bool, is_open: bool) -> None:
        is_object = first[0].isupper() or first.startswith("da") or first in self._objects
        if parts and is_object:  # bekannt gegeben
            row = _Form((first, *parts[:-1]), is_finite=False, is_participle=True, is_bare=is_bare)
            self._forms[parts[-1]].append(row)
            return
        is_participle = not parts and self._is_participle(first)
        is_finite = parts != [] or not self._separable.fullmatch(first)
        self._forms[first].append(_Form(tuple(parts), is_finite, is_participle, is_bare, is_open))
        if len(parts) == 1 and not is_open and parts[0] in self._grammar.particle_prefixes:
            row = _Form((), is_finite=True, is_participle=False, is_bare=is_bare)
            self._forms[parts[0] + first].append(row)  # in a subordinate clause: ankündigte

    def _is_participle(self, word: str) -> bool:
        return bool(self._separable.fullmatch(word) or self._inseparable.fullmatch(word))

    def tokenize(self, sentence: str) -> list[Token]:
        """Return the words and signs of a sentence."""
        return tokenize(sentence)

    def find(self, tokens: Sequence[Token]) -> list[Clause]:
        """Return the clauses of speech in a sentence, one for each verb and subject."""
        if self._first_words.isdisjoint(lower_texts(tokens)):
            return []
        parsed = Clauses(tokens, self._lists)
        words = parsed.words
        clauses = [
            Clause(
                verb,
                words[place].start,
                (start := words[subject.start].start),
                max(start, words[parsed.name_end(subject) - 1].end),
                needs_known=verb.lower() in {"gemäß", "gemäss"},
                is_plural=is_plural,
            )
            for verb, place, subjects, is_plural in self._find_speakers(parsed)
            for subject in subjects
        ]
        is_spoken = tokens[-1].text in QUOTES
        return clauses or (self._find_before_colon(parsed) if is_spoken else [])

    def opening(self, tokens: Sequence[Token]) -> Sequence[Token]:
        """Return the noun phrase with an article, or the noun of a group, that opens a sentence as
        its subject; empty if there is none.
        """
        parsed = Clauses(tokens, self._lists)
        phrase = parsed.read(0, len(parsed.words))
        if phrase is None:
            return []
        is_group = phrase.is_bare and parsed.kind(phrase.head) == "collective"
        if not is_group and phrase.determiner not in self._grammar.determiners:
            return []
        return parsed.words[phrase.start : parsed.name_end(phrase)]

    def _find_before_colon(self, parsed: Clauses) -> list[Clause]:
        """Return the subject of a clause that a quotation follows: Sie wurde deutlich: „…“."""
        words, colon = parsed.words, len(parsed.words) - 2
        if parsed.lower(colon) != ":":
            return []
        is_quotation = words[colon].start < words[-1].start  # not: reported words
        verb = self._find_fronted(parsed, colon, is_quotation)
        phrase = parsed.read(verb + 1 if verb else 0, colon)
        needed = MAY if is_quotation and not verb else CAN
        may_speak = phrase and parsed.speaks(phrase) >= needed
        if not (phrase and may_speak and self._is_subject(parsed, phrase, verb, is_quotation)):
            return []
        phrase = parsed.name_behind(phrase)
        start, end = words[phrase.start].start, words[parsed.name_end(phrase) - 1].end
        is_doubtful = parsed.speaks(phrase) != CAN
        return [Clause(None, words[colon].start, start, end, needs_known=is_doubtful)]

    def _find_fronted(self, parsed: Clauses, colon: int, is_quotation: bool) -> int:
        """Return the place of the verb behind an adverbial, or 0: Hier wurde sie deutlich."""
        first = parsed.words[0]
        if is_quotation and first.lower in self._grammar.prepositions:
            phrase = parsed.read(1, colon, is_wide=True)
            return phrase.end if phrase else 0
        # not the beginning of a noun phrase, an adverbial or a subordinate clause
        grammar, determiners = self._grammar, self._lists.determiners
        opening = grammar.subordinators | grammar.prepositions | grammar.pronouns | determiners
        return int(first.lower not in opening and not parsed.is_noun(0))

    def _is_subject(self, parsed: Clauses, phrase: Phrase, verb: int, is_quotation: bool) -> bool:
        """Return whether a phrase beside a verb is the subject of the clause before a colon."""
        place = verb or phrase.end
        if is_quotation and parsed.lower(place) == ",":
            place = parsed.ends[place + 1] + 1
        elif parsed.starts[-3 if verb else place]:
            return False
        word = parsed.words[min(place, len(parsed.words) - 2)]
        other = () if phrase.is_run else self._grammar.passives | self._grammar.prepositions
        is_verb = word.text.islower() and word.lower not in other
        return is_verb and phrase.determiner not in self._grammar.oblique

    def _find_speakers(self, parsed: Clauses) -> Iterator[tuple[str, int, Sequence[Phrase], bool]]:
        """Yield verbs and sources with their places and speakers, and whether they are plural."""
        if parsed.lower(len(parsed.words) - 1) == "?" and QUOTATION not in parsed.texts:
            return
        carried: list[Phrase] = []
        for place, word in enumerate(parsed.words):
            if word.lower in self._lists.triggers and (source := parsed.find_source(place)):
                yield word.text, place, [source], False
            is_form = word.lower in self._forms and word.text[0].islower()
            if is_form and (verb := self._find_verb(parsed, place)):
                subjects = self._find_subjects(parsed, place, verb, carried)
                carried = subjects or carried
                yield verb.written, place, subjects, parsed.lowers[verb.finite].endswith(PLURAL)

    def _find_verb(self, parsed: Clauses, place: int) -> _Verb | None:
        written = parsed.words[place].text
        for form in self._forms[parsed.lowers[place]]:
            if not parsed.texts.issuperset(form.parts):
                continue
            finite = self._find_auxiliary(parsed, place, form) if form.is_participle else None
            if finite is not None:
                low, high = sorted((finite, place))
                first = max(parsed.starts[low], place - FARTHEST)
                if set(form.parts) <= {word.text for word in parsed.words[first:place]}:
                    return _Verb(" ".join((*form.parts, written)), finite, high, form)
            last = self._match_parts(parsed, place, form) if form.is_finite else None
            if last is not None and not self._has_other_particle(parsed, place, form.parts):
                return _Verb(" ".join((written, *form.parts)), place, last, form)
        return None

    def _match_parts(self, parsed: Clauses, place: int, form: _Form) -> int | None:
        """Return the place of a verb's last part: behind or, in a subclause, before it."""
        parts = form.parts
        before = parsed.words[max(0, place - len(parts)) : place]
        if tuple(word.text for word in before) == parts:
            return place
        is_fronted = parsed.lowers[parsed.starts[place]] == parts[0] in {"auf", "mit", "um", "von"}
        if is_fronted or parts[0].startswith("da"):
            parts = parts[1:]  # davon geht … aus, von einem Erfolg sprach …
        last = place
        for number, part in enumerate(parts, start=1):
            is_last = number == len(parts) and not form.is_open
            found = self._find_part(parsed, place, last, part, is_last=is_last)
            if found is None:
                return None
            last = found
        return last

    def _find_part(
        self, parsed: Clauses, verb: int, start: int, part: str, *, is_last: bool
    ) -> int | None:
        """Return the first place behind another at which a part of a verb may be."""
        for at in range(start + 1, min(len(parsed.words), verb + FARTHEST)):
            if parsed.words[at].text != part:
                continue
            if is_last and part in self._grammar.particle_prefixes:  # not: zu bedenken
                is_part = at + 1 >= parsed.ends[at] or parsed.lower(at + 1) in self._behind
            else:
                is_part = part not in {"als", "sich"} or at < parsed.ends[verb]
            if is_part:
                return at
        return None

    def _has_other_particle(self, parsed: Clauses, place: int, parts: tuple[str, ...]) -> bool:
        """Return whether a clause ends with the particle of another verb: sagte … ab."""
        end = parsed.ends[place]
        last = parsed.lower(end - 1)
        is_article = parsed.lower(end) == QUOTATION  # ein „…“
        return last in self._grammar.particle_prefixes and last not in parts and not is_article

    def _find_auxiliary(self, parsed: Clauses, place: int, form: _Form) -> int | None:
        after = place + 1 + (parsed.lower(place + 1) == "worden")
        if parsed.lower(after) in self._auxiliaries:
            return after
        start, lowers = parsed.starts[place], parsed.lowers
        for before in range(place - 1, max(start - 1, place - FARTHEST), -1):
            if lowers[before] in self._auxiliaries:
                return before
        if form.is_finite or start < 2:
            return None
        # hat der Minister, der …, gesagt
        inner = parsed.starts[start - 1]
        outside = range(start - 2, max(-1, start - FARTHEST), -1)
        auxiliaries = self._grammar.auxiliaries
        return next(
            (at for at in outside if parsed.starts[at] < inner and lowers[at] in auxiliaries), None
        )

    def _find_subjects(
        self, parsed: Clauses, place: int, verb: _Verb, carried: list[Phrase]
    ) -> list[Phrase]:
        """Return the subjects of a verb; none if it does not report words."""
        grammar, finite, lower = self._grammar, verb.finite, parsed.lowers[verb.finite]
        start = parsed.skip_conjunctions(finite)
        is_nobody = not grammar.nobody.isdisjoint({parsed.lower(start), parsed.lower(finite + 1)})
        if (
            is_nobody
            or self._is_attribute(parsed, place)
            or self._is_other_verb(parsed, verb, place)
        ):
            return []
        has_content = self._has_content(parsed, start, verb)
        if not (has_content or verb.form.is_bare):
            return []
        if finite != place and self._is_passive(verb, lower):
            return self._find_agent(parsed, finite, place)
        needed = MAY if has_content else CAN
        return parsed.find_subjects(
            Finite(finite, verb.high, lower.endswith(PLURAL), needed), carried
        )

    def _is_passive(self, verb: _Verb, auxiliary: str) -> bool:
        is_perfect = verb.form.parts and auxiliary in self._grammar.being
        return auxiliary in self._grammar.passives and not is_perfect

    def _is_other_verb(self, parsed: Clauses, verb: _Verb, place: int) -> bool:
        """Return whether a form is negated, otherwise reflexive (nennt sich) or infinitive (ist zu
        erwarten).
        """
        finite, lower = verb.finite, parsed.lowers[verb.finite]
        if self._is_negated(parsed.part(min(finite, place), verb.high)):
            return True
        if finite != place:
            return parsed.lower(place - 1) == "zu" and lower in self._grammar.being
        part = parsed.part(finite, finite)
        if parsed.lower(finite - 1) in self._grammar.joins:  # verneigte sich und sagte
            part = part[-(parsed.ends[finite] - finite) :]
        if "sich" not in verb.form.parts and "sich" in part:
            return True
        is_infinitive = lower.endswith("en") and not lower.endswith("ten")
        near = parsed.lowers[max(parsed.starts[finite], finite - FARTHEST) : finite + 3]
        is_modal = is_infinitive and not self._grammar.modals.isdisjoint(near)
        return is_modal or parsed.lower(finite - 1) == "zu"

    def _is_attribute(self, parsed: Clauses, place: int) -> bool:
        """Return whether a form is a participle before its noun: die bis Mai erwarteten Boote."""
        if not parsed.lowers[place].endswith(("te", "ten")):
            return False
        if parsed.lower(place - 1) in self._grammar.prepositions and parsed.is_noun(place + 1):
            return True  # bei versicherten Fischern
        articles = self._lists.determiners - self._grammar.pointing
        phrases = (
            parsed.read(at, parsed.ends[place])
            for at in range(max(parsed.starts[place], place - _LONGEST_ATTRIBUTE), place)
            if parsed.lowers[at] in articles
            # diese erwarteten …
            and (at + 1 < place or parsed.lowers[at] not in self._grammar.standing)
        )
        return any(phrase and phrase.start < place < phrase.first for phrase in phrases)

    def _find_agent(self, parsed: Clauses, finite: int, place: int) -> list[Phrase]:
        """Return the agent of a passive: von der Opposition kritisiert."""
        start = parsed.starts[place]
        if parsed.lower(place + 1) == "werden" or parsed.lowers[place] in self._grammar.agentless:
            return []
        for at in range(max(start, place - FARTHEST), place):
            is_near = at == start or at > finite or finite > place
            if is_near and (agent := self._read_agent(parsed, at, place)):
                return [agent]
        return []

    def _read_agent(self, parsed: Clauses, at: int, end: int) -> Phrase | None:
        """Return the agent or document behind a preposition: im Bericht gefordert."""
        if parsed.lowers[at] in {"in", "im"}:
            return parsed.find_document(at, end)
        phrase = parsed.read(at + 1, end) if parsed.lowers[at] in self._grammar.agents else None
        return phrase if phrase and parsed.speaks(phrase) == CAN else None

    def _is_negated(self, words: Sequence[str]) -> bool:
        return any(
            word in self._grammar.negations and after not in {"nur", "zuletzt", "mehr", "weniger"}
            for word, after in pairwise([*words, ""])
        )

    def _has_content(self, parsed: Clauses, start: int, verb: _Verb) -> bool:
        """Return whether a sentence reports words."""
        finite, high, first = verb.finite, verb.high, parsed.lowers[start]
        if (
            self._is_pointing(parsed, start, finite)
            or not self._marks.isdisjoint(parsed.texts)
            or ":" in parsed.lowers[high + 1 :]
            or (first == "wie" and high + 1 >= parsed.ends[high])
        ):
            return True
        if start + (first == "so") == finite and parsed.is_inserted(finite):
            return True
        return self._has_clause_behind(parsed, start, high)

    def _is_pointing(self, parsed: Clauses, start: int, finite: int) -> bool:
        """Return whether a verb reports the words before: das sagte, dazu erst sagte, not: das Amt
        sagte.
        """
        is_near = finite == start + 1 or (finite == start + 2 and not parsed.is_noun(start + 1))
        return is_near and parsed.lowers[start] in self._grammar.pointing

    def _has_clause_behind(self, parsed: Clauses, start: int, high: int) -> bool:
        """Return whether a clause of content or an infinitive follows a verb."""
        behind = parsed.ends[high] + 1
        if behind == high + 2 and parsed.lower(high + 1) == ",":  # kündigte an, …
            opens = parsed.lower(start + (parsed.lowers[start] in self._grammar.prepositions))
            is_circumstance = parsed.lower(behind) in parsed.lists.circumstances | {"um"}
            is_inner = parsed.is_relative(start) or opens in self._grammar.subordinators
            return not (is_circumstance or is_inner)
        return parsed.lower(behind) in self._openers or self._has_infinitive(parsed, high, behind)

    def _has_infinitive(self, parsed: Clauses, start: int, behind: int) -> bool:
        """Return whether an infinitive is in the verb's part or the one behind it."""
        end = parsed.ends[behind] if behind < len(parsed.words) else behind
        following = [word.text for word in parsed.words[start : min(end, start + FARTHEST * 2)]]
        return any(map(self._infinitive.fullmatch, following)) or any(
            word == "zu" and after.endswith("n") and after[0].islower()
            for word, after in pairwise(following)
        )


def _inflect(form: str) -> Iterator[list[str]]:
    """Yield the parts of a form, also with ss for ß and in the plural of a regular verb."""
    for written in dict.fromkeys((form.replace("ß", "ss"), form)):
        first, *parts = written.replace("…", " ").split()
        if first.endswith("te"):
            yield [f"{first}n", *parts]
        yield [first, *parts]
