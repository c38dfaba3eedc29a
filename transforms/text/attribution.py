"""Rules that assign a verb of speech to a name in a language that separates words with spaces.

A verb belongs to the subject of its clause if only auxiliaries, adverbs, adverbials of time and place, or an apposition separate
them. Across "and" it belongs to the sentence's first subject. An inverted verb ("…", said X) belongs to the name after it. Other
verbs are not attributed. The words and patterns come from the grammar of the language (``languages/<code>/grammar.py``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tidings.languages.statements import Attribution, Naming, Verb, sort_forms
from tidings.transforms.text.subjects import Subjects

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidings.languages.spaced_grammar import SpacedGrammar

_QUOTE_END = re.compile(r"[»“”\"’!?]\s*,?$")


class Attributor:
    """Statement rules over the verbs of one language of ``ref.speech_verbs``; they never use ``works``."""

    works = ""

    def __init__(self, verbs: Iterable[Verb], grammar: SpacedGrammar, office_words: Iterable[str]) -> None:
        self.grammar = grammar
        verbs = list(verbs)
        by_kind = sort_forms(verbs)
        self._verb = _compile([_open_form(form, grammar) for form in by_kind["verb"]], grammar)
        self._noun = _compile(by_kind["noun"], grammar)
        self._source = _compile(by_kind["according"], grammar)
        self._inverted = frozenset(_open_form(verb.form, grammar) for verb in verbs if verb.pattern == "inverted")
        self._informing = re.compile(grammar.informing, re.IGNORECASE)
        self._welcoming = re.compile(grammar.welcoming, re.IGNORECASE)
        self._inverted_auxiliary = re.compile(grammar.inverted_auxiliary)
        self._relative = re.compile(rf"\s*(?:{grammar.relative_pronouns})\b")
        self._subjects = Subjects(self.grammar, office_words)

    def attribute(self, sentence: str, namings: Sequence[Naming]) -> list[Attribution]:
        """Return the attributions in a sentence, one per verb and speaker; ``namings`` include unlisted people."""
        if not namings:
            return []
        attributions = [*self._attribute_sources(sentence, namings), *self._attribute_nouns(sentence, namings)]
        subjects = self._subjects.find(sentence, namings)
        for hit in self._verb.finditer(sentence) if self._verb else ():
            if _is_name(hit) or self._is_reception(sentence, hit) or self._is_reflexive(sentence, hit):
                continue
            naming = self._speaker_before(sentence, hit, subjects, namings) or self._speaker_after(sentence, hit, namings)
            speakers = self._subjects.join(sentence, naming, namings) if naming else []
            attributions += [Attribution(speaker, _as_written(hit), hit.start()) for speaker in speakers]
        return [attribution for attribution in attributions if attribution.naming.person_id is not None]

    def is_telling(self, sentence: str) -> bool:  # noqa: ARG002 # StatementRules requires the method
        """Return False: in these languages a sentence of an unlisted speaker does not change the antecedent of a pronoun."""
        return False

    def _attribute_nouns(self, sentence: str, namings: Sequence[Naming]) -> Iterable[Attribution]:
        for naming in namings:
            possessive = re.match(r"'s?\s+(?:[\w-]+\s+){0,2}", sentence[naming.end :])
            if possessive is None or self._noun is None:
                continue
            hit = self._noun.search(sentence, naming.end, naming.end + possessive.end() + 30)
            between = sentence[naming.end : hit.start()] if hit else ""
            if hit and re.fullmatch(r"'s?\s+(?:[\w-]+\s+){0,2}", between):
                yield Attribution(naming, _as_written(hit), hit.start())

    def _attribute_sources(self, sentence: str, namings: Sequence[Naming]) -> Iterable[Attribution]:
        """Yield "according to X", "laut X", and the inverted ", so X"."""
        for hit in self._source.finditer(sentence) if self._source else ():
            after = next((naming for naming in namings if naming.start >= hit.end()), None)
            if after is None or not self._subjects.is_title_run(sentence[hit.end() : after.start]):
                continue
            before = sentence[: hit.start()].rstrip()
            if hit[0].lower() == self.grammar.quote_adverb and not before.endswith(("»", "“", "”", '"', ",")):
                continue
            yield Attribution(after, _as_written(hit), hit.start())

    def is_subject(self, sentence: str, naming: Naming, namings: Sequence[Naming] = ()) -> bool:  # noqa: ARG002 # StatementRules has it
        """Return whether a name is the subject of a clause."""
        return self._subjects.is_subject(sentence, naming)

    def _is_reception(self, sentence: str, hit: re.Match[str]) -> bool:
        """Return whether the verb reports a reception at a place: welcomed the guests to Bern."""
        return bool(self._welcoming.match(hit[0])) and re.match(self.grammar.destination, sentence[hit.end() :]) is not None

    def _is_reflexive(self, sentence: str, hit: re.Match[str]) -> bool:
        """Return whether a person only informs himself or herself: informierte sich, hat sich informiert."""
        if not self._informing.match(hit[0]):
            return False
        clause = re.split(r"[,;:]", sentence[: hit.start()])[-1] + re.split(r"[,;:]", sentence[hit.end() :])[0]
        return re.search(rf"\b{self.grammar.reflexive_pronoun}\b", clause) is not None

    def _speaker_before(
        self, sentence: str, hit: re.Match[str], subjects: Sequence[Naming], namings: Sequence[Naming]
    ) -> Naming | None:
        before = [naming for naming in subjects if naming.end <= hit.start()]
        if not before:
            return None
        nearest = before[-1]
        gap = _flatten(sentence[nearest.end : hit.start()])
        between = [naming for naming in namings if nearest.end <= naming.start < hit.start()]
        is_alone = not any(naming.person_id is None or naming.person_id != nearest.person_id for naming in between)
        gap = gap[1:] if self._subjects.is_apposed(sentence[: nearest.start], gap) else gap
        alone = self.grammar.accompanied.sub(" ", gap, count=1)
        inverted = self._inverted_auxiliary.search(sentence[: nearest.start])
        auxiliary = inverted[1] if inverted else ""
        is_own_verb = any(
            self._is_direct(text, hit, auxiliary) or self._is_closing(text, sentence[hit.end() :]) for text in {gap: 0, alone: 0}
        )
        if is_alone and is_own_verb:
            return nearest
        if self._is_closing_behind(sentence, nearest, hit, namings):
            return nearest
        main = before[0]
        return main if self._is_carried(sentence, main, hit, namings) else None

    def _is_direct(self, gap: str, hit: re.Match[str], before: str = "") -> bool:
        """Return whether a gap contains only auxiliaries, adverbs and adverbials, after an optional apposition.

        ``before`` is an auxiliary that precedes a pronoun: a-t-elle souligné.
        """
        if gap.startswith(","):
            closing = gap.rfind(",")
            if closing == 0 or self._verb_inside(gap[1:closing]):
                return False
            gap = gap[closing + 1 :]
        gap = gap.strip()
        gap = f"{before} {gap}".strip() if before else gap
        if gap and (not self.grammar.gap.fullmatch(gap) or self.grammar.negating.search(gap)):
            return False
        return not (self.grammar.needs_auxiliary(hit[0]) and not self.grammar.auxiliary.search(gap))

    def _verb_inside(self, text: str) -> bool:
        return bool(self._verb and self._verb.search(text)) and not self._relative.match(text)

    def _is_closing(self, gap: str, after: str) -> bool:
        """Return whether a participle closes the clause that an auxiliary opened: hat … betont."""
        opening = self.grammar.opening
        if opening is None or not self.grammar.closing.match(after) or self.grammar.negating.search(gap):
            return False
        return bool(opening.match(gap.rpartition(",")[2] if gap.startswith(",") else gap) or opening.match(gap))

    def _is_closing_behind(self, sentence: str, naming: Naming, hit: re.Match[str], namings: Sequence[Naming]) -> bool:
        """Return whether the auxiliary precedes the subject: das hat er im Gespräch mit Y betont."""
        opening, gap = self.grammar.opening, sentence[naming.end : hit.start()]
        if opening is None or not self.grammar.closing.match(sentence[hit.end() :]) or re.search(r"[,;:]", gap):
            return False
        if self.grammar.negating.search(gap):
            return False
        words = [word for word in self._subjects.split(sentence[: naming.start]) if not self._subjects.is_title(word)]
        between = [other for other in namings if naming.end <= other.start < hit.start()]
        return (
            bool(words) and bool(opening.fullmatch(words[-1])) and not any(self.is_subject(sentence, other) for other in between)
        )

    def _is_carried(self, sentence: str, main: Naming, hit: re.Match[str], namings: Sequence[Naming]) -> bool:
        """Return whether the sentence's subject carries over: "attended … and stressed", "met Y, urging"."""
        gap = _flatten(sentence[main.end : hit.start()])
        carrying = self.grammar.carrying.search(gap)
        is_participle = bool(re.search(r",\s*(?:\w+ly\s+)?$", gap)) and self.grammar.is_participle(hit[0])
        if not (carrying or is_participle) or self.grammar.breaking.search(gap):
            return False
        if main.start > 0 and not self._is_first(sentence, main):
            return False
        others = [naming for naming in namings if main.end <= naming.start < hit.start()]
        return not any(self.is_subject(sentence, naming) for naming in others)

    def _is_first(self, sentence: str, main: Naming) -> bool:
        """Return whether only an adverbial or titles precede the main subject, and no other clause."""
        return not self.grammar.breaking.search(sentence[: main.start]) and not self._verb_inside(sentence[: main.start])

    def _speaker_after(self, sentence: str, hit: re.Match[str], namings: Sequence[Naming]) -> Naming | None:
        """Return the naming after an inverted verb, or None."""
        after = next((naming for naming in namings if naming.start >= hit.end()), None)
        if after is None or self._is_addressee(sentence, hit, after, namings):
            return None
        between = sentence[hit.end() : after.start]
        if passive := self.grammar.passive.match(between):
            is_passive = self.grammar.being.search(sentence[: hit.start()]) and not self._welcoming.match(hit[0])
            return after if is_passive and self._subjects.is_title_run(between[passive.end() :]) else None
        is_quoted = bool(_QUOTE_END.search(self.grammar.auxiliaries_end.sub("", sentence[: hit.start()].rstrip()).rstrip()))
        if not self._subjects.is_title_run(self.grammar.manner.sub(" ", between)) and not (
            is_quoted and self.grammar.introducing.fullmatch(between)
        ):
            return None
        whole = sentence[: hit.start()].rstrip()
        before = self.grammar.auxiliaries_end.sub("", whole).rstrip()
        if self.grammar.needs_auxiliary(hit[0]) and before == whole:
            return None
        follows = sentence[after.end :].lstrip()
        is_free = self.grammar.is_verb_second or _as_written(hit).lower() in self._inverted or re.match(r"[.,;:]|$", follows)
        if _QUOTE_END.search(before) or (before.endswith((",", "-", "–", "—")) and is_free):
            return after
        clause = re.split(r"[;:–—]\s*|,\s+", whole)[-1]
        return after if self.grammar.fronting.search(clause) else None

    def _is_addressee(self, sentence: str, hit: re.Match[str], after: Naming, namings: Sequence[Naming]) -> bool:
        """Return whether the name after a verb is the addressee: another name is between, or the verb has a plural subject."""
        between, plural = sentence[hit.end() : after.start], self.grammar.plural
        if self._subjects.names_another(between) or self.grammar.addressed.search(between):
            return True
        if plural is None or self.grammar.needs_auxiliary(hit[0]) or not plural.search(hit[0].split(maxsplit=1)[0]):
            return False
        return not self._subjects.is_joined(sentence, after, namings)


def _open_form(form: str, grammar: SpacedGrammar) -> str:
    """Return a form as the rules search for it: without its auxiliary, and with a particle separated from its verb."""
    form = re.sub(rf"^(?:{grammar.leading_auxiliary}) (?=\S)", "", form)
    if separable := re.fullmatch(rf"(.+) ({grammar.particles})", form):
        return f"{separable[1]}…{separable[2]}"
    return form


def _compile(forms: Iterable[str], grammar: SpacedGrammar) -> re.Pattern[str] | None:
    """Return the pattern of forms at word ends, the longest first; None if there are no forms."""
    parts = []
    for form in sorted(set(forms), key=lambda form: (-len(form), form)):
        first, _, rest = re.sub(r"\.\.\.", "…", form).partition("…")
        written = r"\s+".join(map(re.escape, first.split()))
        rest = rest.strip()
        is_ending = rest in grammar.clause_final_particles
        end = rf"\s*(?:[,.;:!?»“)]|(?:{grammar.particle_followers})\b|$)" if is_ending else ""
        parts.append(rf"{written}(?=\b[^.;:!?]{{0,160}}?\s({re.escape(rest)})\b{end})" if rest else written)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(parts)})(?![\w-])", re.IGNORECASE) if parts else None


def _is_name(hit: re.Match[str]) -> bool:
    """Return whether a form within a sentence is capitalised and therefore a name: Sultan Said."""
    return hit.start() > 0 and hit[0][0].isupper()


def _as_written(hit: re.Match[str]) -> str:
    """Return a verb as written, with its separated part at the end: kündigte … an becomes "kündigte an"."""
    separated = hit[hit.lastindex] if hit.lastindex else ""
    return re.sub(r"\s+", " ", f"{hit[0]} {separated}").strip()


def _flatten(gap: str) -> str:
    """Return a gap without the text in brackets."""
    return re.sub(r"\s*\([^()]*\)", "", gap)
