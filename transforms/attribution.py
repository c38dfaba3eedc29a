"""Who says what in a sentence of a language that parts words: rules over the words between a name and a verb of speech.

A verb belongs to a name that is the subject of its clause and has nothing between but auxiliaries, adverbs, when and where, or an
apposition; to the sentence's first subject across "and"; to the name behind it where the sense is inverted, as in "…", said X.
What the rules do not cover stays out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from transforms.attribution_words import GRAMMARS, Grammar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transforms.speakers import Naming


class Verb(NamedTuple):
    """A row of ``ref.speech_verbs``.

    ``pattern`` is clause, object or inverted for verbs, occasion for what says only that somebody spoke ("made the remarks"),
    noun ("X's instruction"), according ("according to X"). The parts of a form that … joins, and the particle of a German
    verb, may stand apart: ``wies…hin``, ``hob hervor``.
    """

    language: str
    form: str
    lemma: str | None
    pattern: str | None


class Attribution(NamedTuple):
    """A verb of speech as written, where it begins, and the naming of who speaks."""

    naming: Naming
    verb: str
    start: int


class Attributor:
    """The verbs of one language made ready; finds who says something in its sentences."""

    def __init__(self, verbs: Iterable[Verb], language: str, office_words: Iterable[str]) -> None:
        self.grammar: Grammar = GRAMMARS.get(language) or GRAMMARS["en"]
        by_kind = sort_forms(verbs)
        self._verb = _compile([_open_form(form, language) for form in by_kind["verb"]])
        self._noun = _compile(by_kind["noun"])
        self._source = _compile(by_kind["according"])
        self._titles = frozenset(office_words) | self.grammar.determiners

    def attribute(self, sentence: str, namings: Sequence[Naming]) -> list[Attribution]:
        """Return the attributions in a sentence, one a verb; ``namings`` have offsets into the sentence, unlisted people too."""
        if not namings:
            return []
        found = list(self._attribute_sources(sentence, namings)) + list(self._attribute_nouns(sentence, namings))
        subjects = [naming for naming in namings if self.is_subject(sentence, naming)]
        for hit in self._verb.finditer(sentence) if self._verb else ():
            naming = self._speaker_before(sentence, hit, subjects, namings) or self._speaker_after(sentence, hit, namings)
            if naming is not None:
                found.append(Attribution(naming, _as_written(hit), hit.start()))
        return [attribution for attribution in found if attribution.naming.person_id is not None]

    def _attribute_nouns(self, sentence: str, namings: Sequence[Naming]) -> Iterable[Attribution]:
        for naming in namings:
            possessive = re.match(r"'s?\s+(?:[\w-]+\s+){0,2}?", sentence[naming.end :])
            if possessive is None or self._noun is None:
                continue
            tail = re.match(r"'s?\s+((?:[\w-]+\s+){0,2})", sentence[naming.end :])
            hit = self._noun.search(sentence, naming.end, naming.end + (tail.end() if tail else 0) + 30)
            between = sentence[naming.end : hit.start()] if hit else ""
            if hit and re.fullmatch(r"'s?\s+(?:[\w-]+\s+){0,2}", between):
                yield Attribution(naming, _as_written(hit), hit.start())

    def _attribute_sources(self, sentence: str, namings: Sequence[Naming]) -> Iterable[Attribution]:
        """Yield "according to X", "laut X", and the inverted ", so X"."""
        for hit in self._source.finditer(sentence) if self._source else ():
            after = next((naming for naming in namings if naming.start >= hit.end()), None)
            if after is None or not self._is_title_run(sentence[hit.end() : after.start]):
                continue
            before = sentence[: hit.start()].rstrip()
            if hit[0].lower() == "so" and not before.endswith(("»", "“", "”", '"', ",")):
                continue
            yield Attribution(after, _as_written(hit), hit.start())

    def is_subject(self, sentence: str, naming: Naming) -> bool:
        """Return whether a name stands where a clause has its subject: nothing governs it from before."""
        words = re.findall(r"[\w'.-]+|[^\w\s]", sentence[: naming.start])
        in_time = False
        while words and (self._is_title(words[-1]) or words[-1] == "."):
            in_time = in_time or words[-1].lower() in self.grammar.times
            words.pop()
        if not words:
            return True
        last = words[-1].lower()
        if not last[0].isalnum():
            return last not in "'’/&"
        if in_time and len(words) == 1 and last in self.grammar.prepositions:
            return True
        if self.grammar.is_verb_second:
            # ", wie der Bundespräsident betonte" has a subject, "wie Cassis" has none.
            return last not in self.grammar.prepositions or (last == "wie" and words[-2:-1] in ([], [","]))
        return last in self.grammar.openers

    def _is_title(self, word: str) -> bool:
        return word[0].isupper() or word.lower() in self._titles

    def _is_title_run(self, between: str) -> bool:
        """Return whether there are only titles and offices between a verb and the name behind it."""
        words = re.findall(r"[\w'.-]+|[^\w\s]", between)
        return len(words) <= 14 and all(
            self._is_title(word) or word in ",." or word.lower() in self.grammar.linking for word in words
        )

    def _names_another(self, between: str) -> bool:
        """Return whether somebody else's name stands there too: dankte die Generalsekretärin Anna Muster Bundesrat X."""
        pairs = re.findall(r"(?=\b([^\W\da-z_]\w+)\s+([^\W\da-z_][\w-]+)\s)", between)
        return self.grammar.is_verb_second and any({one.lower(), two.lower()}.isdisjoint(self._titles) for one, two in pairs)

    def _speaker_before(
        self, sentence: str, hit: re.Match[str], subjects: Sequence[Naming], namings: Sequence[Naming]
    ) -> Naming | None:
        before = [naming for naming in subjects if naming.end <= hit.start()]
        if not before:
            return None
        nearest = before[-1]
        gap = _flatten(sentence[nearest.end : hit.start()])
        is_alone = not any(nearest.end <= naming.start < hit.start() for naming in namings)
        if is_alone and self._is_direct(gap, hit):
            return nearest
        if is_alone and self._is_closing(gap, sentence[hit.end() :]):
            return nearest
        main = before[0]
        return main if self._is_carried(sentence, main, hit, namings) else None

    def _is_direct(self, gap: str, hit: re.Match[str]) -> bool:
        """Return whether a gap holds only auxiliaries, adverbs, when and where, behind an apposition or none."""
        if gap.startswith(","):
            closing = gap.rfind(",")
            if closing == 0 or self._verb_inside(gap[1:closing]):
                return False
            gap = gap[closing + 1 :]
        gap = gap.strip()
        if gap and not self.grammar.gap.fullmatch(gap):
            return False
        return not (self.grammar.needs_auxiliary(hit[0]) and not self.grammar.auxiliary.search(gap))

    def _verb_inside(self, text: str) -> bool:
        return bool(self._verb and self._verb.search(text)) and not re.match(r"\s*(?:who|der|die|qui|che)\b", text)

    def _is_closing(self, gap: str, after: str) -> bool:
        """Return whether a participle closes the clause that an auxiliary opened: hat … betont."""
        opening = self.grammar.opening
        if opening is None or not opening.match(gap.rpartition(",")[2] if gap.startswith(",") else gap):
            return bool(opening and opening.match(gap)) and bool(re.match(r"\s*(?:[.,;:!?]|und\b|$)", after))
        return bool(re.match(r"\s*(?:[.,;:!?]|und\b|$)", after))

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
        """Return whether only an adverbial or titles stand before the main subject, no other clause."""
        return not self.grammar.breaking.search(sentence[: main.start]) and not self._verb_inside(sentence[: main.start])

    def _speaker_after(self, sentence: str, hit: re.Match[str], namings: Sequence[Naming]) -> Naming | None:
        """Return who stands behind the verb where the sense is inverted."""
        after = next((naming for naming in namings if naming.start >= hit.end()), None)
        if after is None or not self._is_title_run(sentence[hit.end() : after.start]):
            return None
        if self._names_another(sentence[hit.end() : after.start]):
            return None
        before = sentence[: hit.start()].rstrip()
        before = self.grammar.auxiliaries_end.sub("", before).rstrip()
        if self.grammar.needs_auxiliary(hit[0]) and before == sentence[: hit.start()].rstrip():
            return None
        if before.endswith(("»", "“", "”", '"', "’", "!", "?")):
            return after
        follows = sentence[after.end :].lstrip()
        if before.endswith((",", "-", "–", "—")) and (self.grammar.is_verb_second or re.match(r"[.,;:]|$", follows)):
            return after
        clause = re.split(r"[;:–—]\s*|,\s+", before)[-1]
        return after if self.grammar.is_verb_second and self.grammar.fronting.match(clause) else None


def sort_forms(verbs: Iterable[Verb]) -> dict[str, list[str]]:
    """Return the forms by what they are to the rules: verb, noun or according."""
    found: dict[str, list[str]] = {"verb": [], "noun": [], "according": []}
    for verb in verbs:
        found[verb.pattern if verb.pattern in ("noun", "according") else "verb"].append(verb.form)
    return found


def _open_form(form: str, language: str) -> str:
    """Return a form as it is looked for: without its auxiliary, and a German particle apart from its verb."""
    if language in ("fr", "it"):
        return re.sub(r"^(?:a|ont|ha|hanno) (?=\S)", "", form)
    if language == "de" and (
        parted := re.fullmatch(r"(.+) (an|auf|aus|ein|fest|heraus|hervor|hin|mit|nach|vor|zu|zurück)", form)
    ):
        return f"{parted[1]}…{parted[2]}"
    return form


def _compile(forms: Iterable[str]) -> re.Pattern[str] | None:
    """Return the pattern of forms at word ends, the longest first; None where there are none."""
    parts = []
    for form in sorted(set(forms), key=lambda form: (-len(form), form)):
        first, _, rest = re.sub(r"\.\.\.", "…", form).partition("…")
        written = r"\s+".join(map(re.escape, first.split()))
        parts.append(rf"{written}(?=\b[^.;:!?]{{1,160}}?\s{re.escape(rest.strip())}\b)" if rest else written)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(parts)})(?![\w-])", re.IGNORECASE) if parts else None


def _as_written(hit: re.Match[str]) -> str:
    return re.sub(r"\s+", " ", hit[0])


def _flatten(gap: str) -> str:
    """Return a gap without what stands in brackets."""
    return re.sub(r"\s*\([^()]*\)", "", gap)
