"""Who says what in a sentence of a language that parts words: rules over the words between a name and a verb of speech.

A verb belongs to a name that is the subject of its clause and has nothing between but auxiliaries, adverbs, when and where, or an
apposition; to the sentence's first subject across "and"; to the name behind it where the sense is inverted, as in "…", said X.
What the rules do not cover stays out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tidings.transforms.text.attribution_words import GRAMMARS, Grammar
from tidings.transforms.text.subjects import Subjects

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidings.transforms.text.speakers import Naming


_CLAUSE_END = re.compile(r"\s*(?:[.,;:!?»“”\"]|und\b|$)")
_QUOTE_END = re.compile(r"[»“”\"’!?]\s*,?$")
# An auxiliary that a French pronoun follows: a-t-elle.
_LEANING_VERB = re.compile(r"\b(a|ont|avait)-(?:t-)?$")
_MANNER = re.compile(r"^\s+(?:con|avec|mit|with) \w+\s")
# German particles that are prepositions too: one that ends no clause belongs to no verb.
_PARTICLES = frozenset(("an", "auf", "aus", "ein", "hin", "mit", "nach", "vor", "zu"))


class Verb(NamedTuple):
    """A row of ``ref.speech_verbs``.

    ``pattern`` is clause, object or inverted for verbs, occasion for what says only that somebody spoke ("made the remarks"),
    noun ("X's instruction"), according ("according to X"). The parts of a form that … joins, and the particle of a German
    verb, may stand apart: ``wies…hin``, ``hob hervor``; as written they stand together, as in "kündigte an".
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
        verbs = list(verbs)
        by_kind = sort_forms(verbs)
        self._verb = _compile([_open_form(form, language) for form in by_kind["verb"]])
        self._noun = _compile(by_kind["noun"])
        self._source = _compile(by_kind["according"])
        self._inverted = frozenset(_open_form(verb.form, language) for verb in verbs if verb.pattern == "inverted")
        self._subjects = Subjects(self.grammar, office_words)

    def attribute(self, sentence: str, namings: Sequence[Naming]) -> list[Attribution]:
        """Return the attributions in a sentence, one a verb; ``namings`` have offsets into the sentence, unlisted people too."""
        if not namings:
            return []
        found = list(self._attribute_sources(sentence, namings)) + list(self._attribute_nouns(sentence, namings))
        subjects = self._subjects.find(sentence, namings)
        for hit in self._verb.finditer(sentence) if self._verb else ():
            if (
                _is_name(hit)
                or _is_reception(sentence, hit)
                or (hit[0].lower().startswith("informiert") and _is_reflexive(sentence, hit))
            ):
                continue
            naming = self._speaker_before(sentence, hit, subjects, namings) or self._speaker_after(sentence, hit, namings)
            for one in self._subjects.join(sentence, naming, namings) if naming else ():
                found.append(Attribution(one, _as_written(hit), hit.start()))
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
            if after is None or not self._subjects.is_title_run(sentence[hit.end() : after.start]):
                continue
            before = sentence[: hit.start()].rstrip()
            if hit[0].lower() == "so" and not before.endswith(("»", "“", "”", '"', ",")):
                continue
            yield Attribution(after, _as_written(hit), hit.start())

    def is_subject(self, sentence: str, naming: Naming, namings: Sequence[Naming] = ()) -> bool:  # noqa: ARG002 — as in Chinese
        """Return whether a name stands where a clause has its subject."""
        return self._subjects.is_subject(sentence, naming)

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
        leaning = _LEANING_VERB.search(sentence[: nearest.start])
        auxiliary = leaning[1] if leaning else ""
        is_told = any(
            self._is_direct(one, hit, auxiliary) or self._is_closing(one, sentence[hit.end() :]) for one in {gap: 0, alone: 0}
        )
        if is_alone and is_told:
            return nearest
        if self._is_closing_behind(sentence, nearest, hit, namings):
            return nearest
        main = before[0]
        return main if self._is_carried(sentence, main, hit, namings) else None

    def _is_direct(self, gap: str, hit: re.Match[str], before: str = "") -> bool:
        """Return whether a gap holds only auxiliaries, adverbs, when and where, behind an apposition or none.

        ``before`` is an auxiliary that stands before a pronoun: a-t-elle souligné.
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
        return bool(self._verb and self._verb.search(text)) and not re.match(r"\s*(?:who|der|die|qui|che)\b", text)

    def _is_closing(self, gap: str, after: str) -> bool:
        """Return whether a participle closes the clause that an auxiliary opened: hat … betont."""
        opening = self.grammar.opening
        if opening is None or not _CLAUSE_END.match(after) or self.grammar.negating.search(gap):
            return False
        return bool(opening.match(gap.rpartition(",")[2] if gap.startswith(",") else gap) or opening.match(gap))

    def _is_closing_behind(self, sentence: str, naming: Naming, hit: re.Match[str], namings: Sequence[Naming]) -> bool:
        """Return whether the auxiliary stands before the subject: das hat er im Gespräch mit Y betont."""
        opening, gap = self.grammar.opening, sentence[naming.end : hit.start()]
        if opening is None or not _CLAUSE_END.match(sentence[hit.end() :]) or re.search(r"[,;:]", gap):
            return False
        if self.grammar.negating.search(gap):
            return False
        words = [word for word in self._subjects.split(sentence[: naming.start]) if not self._subjects.is_title(word)]
        between = [one for one in namings if naming.end <= one.start < hit.start()]
        return bool(words) and bool(opening.fullmatch(words[-1])) and not any(self.is_subject(sentence, one) for one in between)

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
        if after is None or self._is_told(sentence, hit, after, namings):
            return None
        between = sentence[hit.end() : after.start]
        if passive := self.grammar.passive.match(between):
            is_passive = self.grammar.being.search(sentence[: hit.start()]) and not hit[0].lower().startswith("welcom")
            return after if is_passive and self._subjects.is_title_run(between[passive.end() :]) else None
        is_quoted = bool(_QUOTE_END.search(self.grammar.auxiliaries_end.sub("", sentence[: hit.start()].rstrip()).rstrip()))
        if not self._subjects.is_title_run(_MANNER.sub(" ", between)) and not (
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

    def _is_told(self, sentence: str, hit: re.Match[str], after: Naming, namings: Sequence[Naming]) -> bool:
        """Return whether somebody else speaks to the name behind a verb: who stands between, or is more than one."""
        between, plural = sentence[hit.end() : after.start], self.grammar.plural
        if self._subjects.names_another(between) or self.grammar.addressed.search(between):
            return True
        if plural is None or self.grammar.needs_auxiliary(hit[0]) or not plural.search(hit[0].split(maxsplit=1)[0]):
            return False
        return not self._subjects.is_joined(sentence, after, namings)


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
        rest = rest.strip()
        end = r"\s*(?:[,.;:!?»“)]|und\b|sowie\b|wie\b|$)" if rest in _PARTICLES else ""
        parts.append(rf"{written}(?=\b[^.;:!?]{{0,160}}?\s({re.escape(rest)})\b{end})" if rest else written)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(parts)})(?![\w-])", re.IGNORECASE) if parts else None


def _is_name(hit: re.Match[str]) -> bool:
    """Return whether a verb within a sentence has a capital: Sultan Said."""
    return hit.start() > 0 and hit[0][0].isupper()


def _is_reception(sentence: str, hit: re.Match[str]) -> bool:
    """Return whether somebody is welcomed at a place, not with words: welcomed the guests to Bern."""
    return hit[0].lower().startswith("welcom") and re.match(r"[^,.;]*? to [A-Z]", sentence[hit.end() :]) is not None


def _is_reflexive(sentence: str, hit: re.Match[str]) -> bool:
    """Return whether somebody informs himself, which says nothing: informierte sich, hat sich informiert."""
    clause = re.split(r"[,;:]", sentence[: hit.start()])[-1] + re.split(r"[,;:]", sentence[hit.end() :])[0]
    return re.search(r"\bsich\b", clause) is not None


def _as_written(hit: re.Match[str]) -> str:
    """Return a verb as written, with the part of it that stands apart: kündigte … an is "kündigte an"."""
    parted = hit[hit.lastindex] if hit.lastindex else ""
    return re.sub(r"\s+", " ", f"{hit[0]} {parted}").strip()


def _flatten(gap: str) -> str:
    """Return a gap without what stands in brackets."""
    return re.sub(r"\s*\([^()]*\)", "", gap)
