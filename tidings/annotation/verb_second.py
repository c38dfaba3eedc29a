"""Find the speaker of each verb of speech in a language whose main clauses have the finite verb in
second place.

The subject is the noun phrase before the finite verb if it can be nominative and can speak,
otherwise the first such phrase after the verb. In subordinate clauses, where the verb is last, it
follows the conjunction; a relative clause belongs to the noun before it. A verb of the pattern
"content" counts only if its sentence reports words: by quotation marks, a colon, the subjunctive or
a clause of content. Other verbs also count with an object alone, if their subject is known to
speak.

``verb_second_subjects.py`` finds subjects and source phrases, and ``verb_second_phrases.py`` reads
noun phrases.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.languages.statements import Clause
from tidings.annotation.tokens import lower_texts, tokenize
from tidings.annotation.verb_second_phrases import (
    CAN,
    FARTHEST,
    MAY,
    PAIRS,
    QUOTATION,
    Parsed,
    simplify,
)
from tidings.annotation.verb_second_subjects import Finite, Sources, Subjects

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidings.annotation.languages.statements import Verb
    from tidings.annotation.tokens import Token
    from tidings.annotation.verb_second_phrases import Phrase
    from tidings.base.languages.speaker_words import SpeakerWords
    from tidings.base.languages.verb_second_grammar import VerbSecondGrammar


class _Form(NamedTuple):
    """A form of a verb: the parts that accompany its trigger, and its uses."""

    parts: tuple[str, ...]
    is_finite: bool = False
    is_participle: bool = False
    is_final: bool = False  # occurs only at the end of a subordinate clause: ankündigte
    is_bare: bool = False  # reports words by an object alone: forderte den Rücktritt


class _Verb(NamedTuple):
    """A verb of a sentence: its finite form and its other part."""

    written: str
    finite: int
    low: int
    high: int
    form: _Form


class VerbSecond:
    """Find clauses of speech by the verbs and words of one language."""

    def __init__(
        self, verbs: Iterable[Verb], grammar: VerbSecondGrammar, speakers: SpeakerWords
    ) -> None:
        verbs = list(verbs)
        self._grammar = grammar
        self._subjects = Subjects(grammar, speakers)
        self._sources = Sources(
            self._subjects, (verb.form for verb in verbs if verb.pattern == "according")
        )
        self._forms: dict[str, list[_Form]] = defaultdict(list)
        prefixes, bound = "|".join(grammar.particle_prefixes), "|".join(grammar.bound_prefixes)
        self._separable = re.compile(
            rf"(?:{prefixes})*ge\w+(?:t|en)|(?:{prefixes})(?:{bound})\w+(?:[^t]t|en)"
        )
        self._objects = grammar.prepositions | set(grammar.particle_prefixes) | {"sich"}
        self._marks = grammar.subjunctives | {QUOTATION}
        self._openers = grammar.openers | grammar.pronouns
        self._auxiliaries = grammar.auxiliaries | grammar.passives
        self._behind = grammar.joins | {"wie", "als"}
        self._inseparable = re.compile(rf"(?:{bound})\w+(?:[^t]t|en)|\w+iert")
        self._infinitive = re.compile(rf"(?:{prefixes})zu\w+n")
        bare = {verb.form for verb in verbs if verb.pattern in {"clause", "inverted", "object"}}
        for form in sorted(bare | {verb.form for verb in verbs if verb.pattern == "content"}):
            self._add(form, is_bare=form in bare)
        for forms in self._forms.values():
            forms.sort(key=lambda form: -len(form.parts))
        # Of a form in several parts, the longest word is the rarest: überzeugt in "ist …
        # überzeugt".
        self._triggers = frozenset(
            max((first, *form.parts), key=len).lower()
            for first, forms in self._forms.items()
            for form in forms
        )
        self.starts = self._triggers | self._sources.triggers | {f": {mark}" for mark in PAIRS}
        self.words = self._forms.keys() | self._subjects.phrases.function_words

    def _add(self, form: str, *, is_bare: bool) -> None:
        first, *parts = form.replace("…", " ").split()
        if "ß" in form:
            self._add(form.replace("ß", "ss"), is_bare=is_bare)
        if first.endswith("te") and first[0].islower():
            # the plural of a regular verb
            self._add(" ".join((first + "n", *parts)), is_bare=is_bare)
        is_object = first[0].isupper() or first.startswith("da") or first in self._objects
        if parts and is_object and self._is_participle(parts[-1]):  # bekannt gegeben
            self._forms[parts[-1]].append(
                _Form((first, *parts[:-1]), is_participle=True, is_bare=is_bare)
            )
            return
        is_participle = not parts and self._is_participle(first)
        is_finite = parts != [] or not self._separable.fullmatch(first)
        self._forms[first].append(
            _Form(tuple(parts), is_finite=is_finite, is_participle=is_participle, is_bare=is_bare)
        )
        if len(parts) == 1 and parts[0] in self._grammar.particle_prefixes:
            self._forms[parts[0] + first].append(
                _Form((), is_finite=True, is_final=True, is_bare=is_bare)
            )

    def _is_participle(self, word: str) -> bool:
        return bool(self._separable.fullmatch(word) or self._inseparable.fullmatch(word))

    def tokenize(self, sentence: str) -> list[Token]:
        """Return the words and signs of a sentence."""
        return tokenize(sentence)

    def find(self, tokens: Sequence[Token]) -> list[Clause]:
        """Return the clauses of speech in a sentence, one for each verb and subject."""
        known = set(lower_texts(tokens))
        if self._triggers.isdisjoint(known) and not self._sources.may_occur(known):
            return []
        parsed = Parsed(simplify(tokens), self._subjects.phrases.openers)
        words = parsed.words
        spoken: list[tuple[str | None, int, Sequence[Phrase]]] = [
            (None, 0, self._sources.find_name(parsed))
        ]
        is_question = parsed.lower(len(words) - 1) == "?" and QUOTATION not in parsed.known
        carried: list[Phrase] = []
        for place, word in enumerate([] if is_question else words):
            if word.lower in self._sources.triggers:
                source = [self._sources.find(parsed, place)]
                spoken.append((word.text, place, [*filter(None, source)]))
            if (
                word.lower in self._forms
                and not word.text[0].isupper()
                and (verb := self._find_verb(parsed, place))
            ):
                subjects = self._find_subjects(parsed, place, verb, carried)
                carried = subjects or carried
                spoken.append((verb.written, place, subjects))
        return [
            self._clause(words, verb, place, subject)
            for verb, place, subjects in spoken
            for subject in subjects
        ]

    def _find_verb(self, parsed: Parsed, place: int) -> _Verb | None:
        """Return the verb whose trigger is at a place."""
        written = parsed.words[place].text
        for form in self._forms[parsed.lower(place)]:
            if not parsed.texts.issuperset(form.parts):
                continue
            finite = (
                self._find_auxiliary(parsed, place, is_certain=not form.is_finite)
                if form.is_participle
                else None
            )
            if finite is not None:
                low, high = sorted((finite, place))
                first = max(parsed.starts[low], place - FARTHEST)
                if set(form.parts) <= {word.text for word in parsed.words[first:place]}:
                    return _Verb(" ".join((*form.parts, written)), finite, low, high, form)
            if not form.is_finite:
                continue
            last = self._match_parts(parsed, place, form.parts)
            if last is not None and not self._has_other_particle(parsed, place, form.parts):
                low, high = sorted((last, place))
                return _Verb(" ".join((written, *form.parts)), place, low, high, form)
        return None

    def _match_parts(self, parsed: Parsed, place: int, parts: tuple[str, ...]) -> int | None:
        """Return the place of a verb's last part: behind it or, in a subordinate clause, before
        it.
        """
        before = parsed.words[max(0, place - len(parts)) : place]
        if tuple(word.text for word in before) == parts:
            return place
        if parts[0].startswith("da") and parts[0] in parsed.part(place, place):
            parts = parts[1:]  # davon geht … aus
        if not parts:
            return place
        for at in range(place + 1, min(len(parsed.words), place + FARTHEST)):
            if parsed.words[at].text != parts[0]:
                continue
            if parts[0] in self._grammar.particle_prefixes:
                is_part = at + 1 >= parsed.ends[at] or parsed.lower(at + 1) in self._behind
            else:
                is_part = parts[0] != "als" or at < parsed.ends[place]
            parts = parts[is_part:]
            if not parts:
                return at
        return None

    def _has_other_particle(self, parsed: Parsed, place: int, parts: tuple[str, ...]) -> bool:
        """Return whether a clause ends with the particle of another verb: sagte … ab."""
        last = parsed.lower(parsed.ends[place] - 1)
        return last in self._grammar.particle_prefixes and last not in parts

    def _find_auxiliary(self, parsed: Parsed, place: int, *, is_certain: bool) -> int | None:
        """Return the finite auxiliary of a participle. ``is_certain``: the form is nothing else."""
        after = place + 1 + (parsed.lower(place + 1) == "worden")
        if parsed.lower(after) in self._auxiliaries and after < parsed.ends[place]:
            return after
        start = parsed.starts[place]
        for before in range(place - 1, max(start - 1, place - FARTHEST), -1):
            if parsed.lower(before) in self._auxiliaries:
                return before
        # hat der Minister, der …, gesagt
        if is_certain and start > 1 and parsed.lower(start - 1) == ",":
            inner = parsed.starts[start - 1]
            for before in range(start - 2, max(-1, start - FARTHEST), -1):
                is_outside = parsed.starts[before] < inner
                if is_outside and parsed.lower(before) in self._grammar.auxiliaries:
                    return before
        return None

    def _find_subjects(
        self, parsed: Parsed, place: int, verb: _Verb, carried: list[Phrase]
    ) -> list[Phrase]:
        """Return the subjects of a verb; none if it does not report words."""
        grammar, finite, lower = self._grammar, verb.finite, parsed.lower(verb.finite)
        start = self._subjects.skip_conjunctions(parsed, finite)
        subjects = {parsed.lower(start), parsed.lower(finite + 1)}
        if (
            not grammar.nobody.isdisjoint(subjects)
            or self._is_negated(parsed, verb)
            or (finite == place and self._is_other_verb(parsed, verb))
        ):
            return []
        has_content = self._has_content(parsed, start, verb)
        if (
            finite != place
            and lower in grammar.passives
            and not (verb.form.parts and lower in grammar.being)
        ):
            return (
                self._find_agent(parsed, finite, place)
                if has_content and parsed.lower(place + 1) != "werden"
                else []
            )
        if not has_content and not verb.form.is_bare:
            return []
        needed = MAY if has_content else CAN
        return self._subjects.find(
            parsed,
            Finite(finite, verb.high, needed, lower.endswith("en"), verb.form.is_final),
            carried,
        )

    def _is_other_verb(self, parsed: Parsed, verb: _Verb) -> bool:
        """Return whether a form is reflexive with another meaning (nennt sich) or an infinitive
        (will sagen, zu sagen).
        """
        finite, lower = verb.finite, parsed.lower(verb.finite)
        if (
            "sich" in parsed.known
            and "sich" not in verb.form.parts
            and "sich" in parsed.part(finite, finite)
        ):
            return True
        is_infinitive = lower.endswith("en") and not lower.endswith("ten")
        near = parsed.lowers[max(parsed.starts[finite], finite - FARTHEST) : finite + 3]
        return parsed.lower(finite - 1) == "zu" or (
            is_infinitive and not self._grammar.modals.isdisjoint(near)
        )

    def _find_agent(self, parsed: Parsed, finite: int, place: int) -> list[Phrase]:
        """Return the agent of a passive: von der Opposition kritisiert."""
        start = parsed.starts[place]
        for at in range(max(start, place - FARTHEST), place):
            is_agent = parsed.lower(at) in self._grammar.agents and (
                at == start or at > finite or finite > place
            )
            if is_agent:
                phrase = self._subjects.phrases.read(parsed.words, at + 1, place)
                if phrase and self._subjects.phrases.speaks(parsed.words, phrase) == CAN:
                    return [phrase]
        return []

    def _is_negated(self, parsed: Parsed, verb: _Verb) -> bool:
        negations, words = self._grammar.negations, parsed.part(verb.low, verb.high)
        if negations.isdisjoint(words):
            return False
        return any(
            word in negations and after not in {"nur", "zuletzt", "mehr", "weniger"}
            for word, after in zip(words, [*words[1:], ""], strict=True)
        )

    def _has_content(self, parsed: Parsed, start: int, verb: _Verb) -> bool:
        """Return whether a sentence reports words: by signs, the subjunctive, or a clause of
        content.
        """
        grammar, finite, first = self._grammar, verb.finite, parsed.lower(start)
        is_pointing = first in grammar.pointing and finite - start in {1, 2}  # das sagte …
        if (
            is_pointing
            or not self._marks.isdisjoint(parsed.known)
            or parsed.has_colon_behind(verb.high)
            or "wie" in {parsed.lower(0), first}
            or (start == finite and self._subjects.is_inserted(parsed, finite))
        ):
            return True
        behind = parsed.ends[verb.high] + 1
        if behind == verb.high + 2 and parsed.lower(verb.high + 1) == ",":  # kündigte an, …
            opens = parsed.lower(start + (first in grammar.prepositions))
            is_relative = start > 0 and opens in grammar.relatives
            return not is_relative and opens not in grammar.subordinators
        return parsed.lower(behind) in self._openers or self._has_infinitive(
            parsed, verb.high, behind
        )

    def _has_infinitive(self, parsed: Parsed, start: int, behind: int) -> bool:
        """Return whether an infinitive follows a verb in its part or the one behind it."""
        end = parsed.ends[behind] if behind < len(parsed.words) else behind
        following = [word.text for word in parsed.words[start : min(end, start + FARTHEST * 2)]]
        return any(map(self._infinitive.fullmatch, following)) or any(
            word == "zu" and after.endswith("n") and after[0].islower()
            for word, after in pairwise(following)
        )

    def _clause(
        self, words: Sequence[Token], verb: str | None, place: int, subject: Phrase
    ) -> Clause:
        end = self._subjects.phrases.name_end(words, subject)
        return Clause(verb, words[place].start, words[subject.start].start, words[end - 1].end)
