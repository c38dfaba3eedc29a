"""Put German names of speakers in the nominative, as far as their forms show another case."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from tidings.annotation.tokens import Token, longest_ending, text_of
from tidings.base.languages.word_lists import SpeakerWords

_SINGULAR = frozenset(("des", "dem", "eines", "einem", "einen"))
_ADJECTIVES = ("schen", "igen", "lichen", "alen", "neuen", "roten", "weissen", "weißen")
"""Ends of capital adjectives of names: Statistischen, Auswärtigen, Roten."""


class Nominative:
    """The nominative of names. ``kind_of`` returns a noun's kind; ``stops`` are no adjectives."""

    def __init__(
        self, words: SpeakerWords, kind_of: Callable[[str], str], stops: Collection[str]
    ) -> None:
        self._declined, self._endings = words.declined, words.declined.keys() | words.endings.keys()
        self._listed = (words.collectives | words.bodies) - words.declined.keys()
        self._kind_of, self._stops = kind_of, stops

    def of_phrase(self, article: str, named: Sequence[Token], noun: Token) -> str:
        """Return a phrase with its head noun: des alten Hafenamts → alte Hafenamt."""
        words = [token for token in named if token.start <= noun.start]
        capitals = [token for token in words if token.text[0].isupper()]
        adjectives = words[: len(words) - len(capitals)]
        if words[len(adjectives) :] != capitals or not capitals:
            return text_of(named)
        endings = ("en", "em") * (article != "die")
        endings += ("er",) * (not article and self._kind_of(noun.lower) == "collective")
        head = noun._replace(text=self._of_noun(noun.text, article))
        attributes = [self._of_adjective(token, endings) for token in adjectives]
        attributes += [self._of_capital(token, article, noun) for token in capitals[:-1]]
        return text_of([*attributes, head, *named[len(words) :]])

    def _of_capital(self, token: Token, article: str, noun: Token) -> Token:
        """Return the nominative of a capital word before a head noun: des Auswärtigen | Amtes, des
        Verbandes | Deutscher Fischer.
        """
        is_single = article in _SINGULAR or (article == "der" and not noun.lower.endswith("en"))
        if is_single and token.lower.endswith(_ADJECTIVES):
            return token._replace(text=token.text[:-1])
        return token._replace(text=self._of_genitive(token.text, article))

    def _of_genitive(self, noun: str, article: str) -> str:
        """Return a listed noun or an acronym without the ending of the genitive."""
        stems = (noun.removesuffix(ending) for ending in ("es", "s") if article in {"des", "eines"})
        is_noun = (stem for stem in stems if stem.isupper() or self._kind_of(stem.lower()))
        return next(is_noun, noun)

    def _of_adjective(self, token: Token, endings: tuple[str, ...]) -> Token:
        text = self._declined.get(token.lower, token.text)
        is_oblique = token.lower.endswith(endings) and token.lower not in self._stops
        return token._replace(text=text[:-1] if is_oblique and text == token.text else text)

    def _of_noun(self, noun: str, article: str) -> str:
        lower = noun.lower()
        weak = (lower.removesuffix(ending) for ending in ("en", "n"))  # des Präsidenten
        stems = (stem for stem in weak if stem != lower and self._kind_of(stem) == "role")
        if article in _SINGULAR and (stem := next(stems, "")):
            return noun[: len(stem)]
        if lower in self._listed:
            return noun
        noun = self._of_genitive(noun, article)
        lower = noun.lower()
        tail = lower if lower in self._endings else longest_ending(lower, self._endings)
        return noun[: len(noun) - len(tail) + len(self._declined.get(tail, tail))]

    @staticmethod
    def of_person(run: Sequence[Token], surnames: Mapping[str, str]) -> Sequence[Token]:
        """Return a name, with a surname that the text has without a final s: Angaben Musters."""
        last, name = run[-1], run[-1].text.removesuffix("s")
        is_genitive = last.text not in surnames and name in surnames
        return [*run[:-1], last._replace(text=name)] if is_genitive else run
