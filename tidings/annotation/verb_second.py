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
    from collections.abc import Iterable, Iterator, Sequence

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
        written: defaultdict[str, set[str]] = defaultdict(set)  # forms by pattern
        for verb in verbs:
            written[verb.pattern].add(verb.form)
        self._grammar = grammar
        self._subjects = Subjects(grammar, speakers)
        self._sources = Sources(self._subjects, written["according"])
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
        bare = written["clause"] | written["inverted"] | written["object"]
        for form in sorted(bare | written["content"]):
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
        if first.endswith("te"):
            # the plural of a regular verb
            self._add(" ".join((first + "n", *parts)), is_bare=is_bare)
        is_object = first[0].isupper() or first.startswith("da") or first in self._objects
        if not parts:
            is_separable = self._separable.fullmatch(first) is not None
            is_participle = is_separable or self._inseparable.fullmatch(first) is not None
            new = _Form((), not is_separable, is_participle, is_bare=is_bare)
            self._forms[first].append(new)
        elif is_object:  # bekannt gegeben
            new = _Form((first, *parts[:-1]), is_participle=True, is_bare=is_bare)
            self._forms[parts[-1]].append(new)
        else:
            self._forms[first].append(_Form(tuple(parts), is_finite=True, is_bare=is_bare))
            if set(parts).issubset(self._grammar.particle_prefixes):
                new = _Form((), is_finite=True, is_final=True, is_bare=is_bare)
                self._forms[parts[0] + first].append(new)

    def tokenize(self, sentence: str) -> list[Token]:
        """Return the words and signs of a sentence."""
        return tokenize(sentence)

    def find(self, tokens: Sequence[Token]) -> list[Clause]:
        """Return the clauses of speech in a sentence, one for each verb and subject."""
        known = set(lower_texts(tokens))
        if self._triggers.isdisjoint(known) and not self._sources.may_occur(known):
            return []
        parsed = Parsed(simplify(tokens), self._subjects.phrases.openers)
        return [
            self._clause(parsed.words, verb, place, subject)
            for verb, place, subjects in self._read(parsed)
            for subject in subjects
        ]

    def _read(self, parsed: Parsed) -> Iterator[tuple[str | None, int, Sequence[Phrase]]]:
        """Yield each verb of speech with its place and subjects."""
        yield None, 0, self._sources.find_name(parsed)
        if parsed.lower(len(parsed.words) - 1) == "?" and QUOTATION not in parsed.known:
            return
        carried: list[Phrase] = []
        for place, word in enumerate(parsed.words):
            if word.lower in self._sources.triggers:
                yield word.text, place, [*filter(None, [self._sources.find(parsed, place)])]
            is_verb = word.lower in self._forms and not word.text[0].isupper()
            if is_verb and (verb := self._find_verb(parsed, place)):
                subjects = self._find_subjects(parsed, place, verb, carried)
                carried = subjects or carried
                yield verb.written, place, subjects

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
        for at, word in enumerate(parsed.words[place + 1 : place + FARTHEST], place + 1):
            if word.text == parts[0] and self._is_part(parsed, place, at):
                parts = parts[1:]
                if not parts:
                    return at
        return None

    def _is_part(self, parsed: Parsed, place: int, at: int) -> bool:
        """Return whether a word belongs to a verb: a particle ends a part, "als" is in the same."""
        if parsed.words[at].text in self._grammar.particle_prefixes:
            return at + 1 >= parsed.ends[at] or parsed.lower(at + 1) in self._behind
        return parsed.words[at].text != "als" or at < parsed.ends[place]

    def _has_other_particle(self, parsed: Parsed, place: int, parts: tuple[str, ...]) -> bool:
        """Return whether a clause ends with the particle of another verb: sagte … ab."""
        last = parsed.lower(parsed.ends[place] - 1)
        return last in self._grammar.particle_prefixes and last not in parts

    def _find_auxiliary(self, parsed: Parsed, place: int, *, is_certain: bool) -> int | None:
        """Return the finite auxiliary of a participle. ``is_certain``: the form is nothing else."""
        after = place + 1 + (parsed.lower(place + 1) == "worden")
        start = parsed.starts[place]
        near = (after, *range(place - 1, max(start - 1, place - FARTHEST), -1))
        found = next((at for at in near if parsed.lower(at) in self._auxiliaries), None)
        if found is not None or not is_certain or parsed.lower(start - 1) != ",":
            return found
        # hat der Minister, der …, gesagt
        inner = parsed.starts[start - 1]
        outer = range(start - 2, max(-1, start - FARTHEST), -1)
        auxiliaries = (at for at in outer if parsed.lower(at) in self._grammar.auxiliaries)
        return next((at for at in auxiliaries if parsed.starts[at] < inner), None)

    def _find_subjects(
        self, parsed: Parsed, place: int, verb: _Verb, carried: list[Phrase]
    ) -> list[Phrase]:
        """Return the subjects of a verb; none if it does not report words."""
        grammar, finite, lower = self._grammar, verb.finite, parsed.lower(verb.finite)
        start = self._subjects.skip_conjunctions(parsed, finite)
        subjects = {parsed.lower(start), parsed.lower(finite + 1)}
        is_other = finite == place and self._is_other_verb(parsed, verb)
        if any((grammar.nobody & subjects, self._is_negated(parsed, verb), is_other)):
            return []
        has_content = self._has_content(parsed, start, verb)
        passives = grammar.passives - (grammar.being if verb.form.parts else set())
        if finite != place and lower in passives:
            return self._find_agent(parsed, finite, place) if has_content else []
        if not any((has_content, verb.form.is_bare)):
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
        if "sich" in {*parsed.part(finite, finite)} - {*verb.form.parts}:
            return True
        is_infinitive = lower.endswith("en") and not lower.endswith("ten")
        near = parsed.lowers[max(parsed.starts[finite], finite - FARTHEST) : finite + 3]
        return parsed.lower(finite - 1) == "zu" or (
            is_infinitive and not self._grammar.modals.isdisjoint(near)
        )

    def _find_agent(self, parsed: Parsed, finite: int, place: int) -> list[Phrase]:
        """Return the agent of a passive: von der Opposition kritisiert."""
        start = parsed.starts[place]
        if parsed.lower(place + 1) == "werden":
            return []
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
        signs = (
            first in grammar.pointing and finite - start in {1, 2},  # das sagte …
            ":" in parsed.lowers[verb.high + 1 :],
            "wie" in {parsed.lower(0), first},
            not self._marks.isdisjoint(parsed.known),
        )
        if any(signs) or (start == finite and self._subjects.is_inserted(parsed, finite)):
            return True
        behind = parsed.ends[verb.high] + 1
        if parsed.lower(verb.high + 1) == ",":  # kündigte an, …
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
