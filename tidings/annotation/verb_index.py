"""Find the verbs of speech in the tokens of a sentence."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tidings.annotation.languages.statements import Verb
from tidings.annotation.tokens import Token, lower_texts, text_of, tokenize
from tidings.base.languages.word_lists import ClauseWords

_GAP = 6
"""Most words between the two parts of a form such as "made … clear"."""


class Form(NamedTuple):
    """A form of a verb of speech, and how its speaker is found."""

    words: tuple[str, ...]
    tail: tuple[str, ...]  # after a gap; empty for most forms
    is_source: bool  # according to
    is_participle: bool  # saying
    needs_auxiliary: bool
    may_invert: bool  # ", said X" without a quotation
    is_weak: bool  # subjects that do not speak are frequent
    # reports words only before "that", a colon or a quotation, or after a quotation
    needs_content: bool
    takes_infinitive: bool  # an infinitive is content too: proposer de
    needs_known: bool  # a noun in no list is not a speaker


class Hit(NamedTuple):
    """A verb of speech: its first and last token before a gap, as written, and its form."""

    first: int
    last: int
    written: str
    form: Form


class VerbIndex:
    """The forms of one language by their first word. ``starts`` are the forms up to a gap."""

    def __init__(self, verbs: Iterable[Verb], words: ClauseWords) -> None:
        rows = list(verbs)
        self._words = words
        self._inverted = {verb.form for verb in rows if verb.pattern == "inverted"}
        self._dropped = words.auxiliaries - words.passives
        forms: dict[str, dict[tuple[object, ...], Form]] = defaultdict(dict)
        starts = set()
        for verb in rows:
            start, form = self._read_form(verb)
            starts.add(start)
            forms[form.words[0]].setdefault((form.is_source, *form.words, *form.tail), form)
        self._forms = {
            first: sorted(
                listed.values(), key=lambda form: (-len(form.words) - len(form.tail), form.words)
            )
            for first, listed in forms.items()
        }
        self.starts, self.first_words = frozenset(starts), frozenset(self._forms)

    def _read_form(self, verb: Verb) -> tuple[str, Form]:
        """Return the form of a verb up to a gap, and its record."""
        words, pattern = self._words, verb.pattern
        written, _, tail = verb.form.replace("...", "…").partition("…")
        parts, behind = (
            lower_texts(tokenize(text, is_leaning=words.is_leaning)) for text in (written, tail)
        )
        if len(parts) > 1 and parts[0] in self._dropped:
            parts, written = parts[1:], written[len(parts[0]) :]
        is_source = pattern == "according"
        inflected = "" if is_source else parts[0]
        return written.strip().lower(), Form(
            tuple(parts),
            tuple(behind),
            is_source,
            bool(re.search(words.participle, inflected)),
            bool(re.search(words.past_participle, inflected)),
            words.inverts or verb.form in self._inverted,
            pattern in {"weak", "content", "infinitive"},
            pattern in {"content", "infinitive"},
            pattern == "infinitive",
            not is_source and (words.needs_known_speaker or verb.lemma not in words.certain),
        )

    def find(self, tokens: Sequence[Token]) -> list[Hit]:
        """Return the forms in a sentence in order; at each word the longest."""
        hits = []
        forms = self._forms
        for place in [place for place, token in enumerate(tokens) if token.lower in forms]:
            for form in forms[tokens[place].lower]:
                end = place + len(form.words)
                if len(form.words) > 1 and tuple(lower_texts(tokens[place:end])) != form.words:
                    continue
                written = text_of(tokens[place:end])
                if form.tail:
                    tail = self._tail(tokens, end, form.tail)
                    if tail is None:
                        continue
                    written = f"{written} {tail}"
                hits.append(Hit(place, end - 1, written, form))
                break
        return hits

    @staticmethod
    def _tail(tokens: Sequence[Token], start: int, tail: tuple[str, ...]) -> str | None:
        for place in range(start, start + _GAP):
            words = tokens[place : place + len(tail)]
            if tuple(lower_texts(words)) == tail:
                return " ".join(token.text for token in words)
        return None
