"""The statement grammar of a language that separates words with spaces: closed word classes and the patterns made from them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

PHRASE_END = r"[^,.;:“”\"«»()]{1,70}?"
"""Pattern of the words that follow the preposition of an adverbial phrase."""
NEVER = r"(?!)"
"""Pattern that matches nothing."""


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


@dataclass(frozen=True, kw_only=True)
class SpacedGrammar:
    """Words and patterns that assign a verb of speech to a name.

    A field of type str is a regular expression or alternatives of one. Patterns apply to text with plain spaces and
    apostrophes (``transforms.text.plain_text.make_plain``).
    """

    determiners: frozenset[str]  # articles and prepositions within an office, as in "minister of trade"
    prepositions: frozenset[str]  # a name after one of them is not a subject
    openers: frozenset[str]  # a name after one of them may be a subject
    linking: frozenset[str]  # words that may join titles
    times: frozenset[str]  # weekdays and months
    adverbs: str  # may occur between subject and verb
    phrases: str  # adverbial phrases of time and place between subject and verb
    auxiliaries: str
    carrying_words: str  # join a second verb to the same subject
    breaking_words: str  # open a clause with its own subject
    participle: str  # a verb form that depends on the subject before a comma
    past_participle: str  # a form that needs an auxiliary; empty: no form does
    pronoun: str  # a pronoun that may refer to a person
    opening_pronoun: str  # the same at the start of a sentence; group 1 is the pronoun
    office_articles: str  # articles before an office without a name
    office_complement: str = "\0"  # the preposition after which an office may be shortened: "head of the agency"
    articles: str = "the"
    joins: str = "and"  # joins two subjects
    negates: str = "not|never|nor|declined|refused"  # between subject and verb: the person said nothing
    relative_pronouns: str = "who"
    preposition_of_manner: str = "with"  # as in "with pleasure"
    fronted: str = NEVER  # may precede an inverted verb
    by: str = NEVER  # introduces the speaker after a passive
    passive_auxiliaries: str = NEVER  # before the participle of a passive
    welcoming: str = NEVER  # verbs that report a physical reception if a destination follows
    destination: str = NEVER  # what follows a verb of ``welcoming`` in that case
    informing: str = NEVER  # verbs that report no statement if a reflexive pronoun occurs in the clause
    reflexive_pronoun: str = NEVER
    quote_adverb: str = ""  # a source word that counts only after a quotation or comma: German "so X"
    inverted_auxiliary: str = NEVER  # group 1 is an auxiliary that precedes a pronoun subject: French "a-t-elle"
    leading_auxiliary: str = NEVER  # an auxiliary that the verb list states before a participle
    particles: str = NEVER  # separable verb particles, as in German "kündigte … an"
    clause_final_particles: frozenset[str] = frozenset()  # particles that are also prepositions; they count only at a clause end
    particle_followers: str = NEVER  # words that may follow a clause-final particle
    addressing: str = ""  # introduces the addressee, before a title or a name
    plural_ending: str = ""  # verb ending of a plural subject; empty: the form does not show the number
    opens: str = ""  # auxiliaries whose participle closes the clause
    closes: str = NEVER  # conjunctions that may follow this participle
    is_verb_second: bool = False
    is_leaning: bool = False  # articles are written together with their noun: "l'ambassadeur"
    has_capital_nouns: bool = False

    @cached_property
    def gap(self) -> re.Pattern[str]:
        """Pattern of the words that may occur between a subject and its verb."""
        return re.compile(rf"(?:(?:{self.auxiliaries}|{self.adverbs}|{self.phrases})(?:,?\s+|$|(?<=')))+", re.IGNORECASE)

    @cached_property
    def auxiliary(self) -> re.Pattern[str]:
        """Pattern of an auxiliary anywhere."""
        return re.compile(rf"(?<![\w'])(?:{self.auxiliaries})(?!\w)", re.IGNORECASE)

    @cached_property
    def auxiliaries_end(self) -> re.Pattern[str]:
        """Pattern of auxiliaries and adverbs at the end of the text before a verb."""
        return re.compile(rf"(?:(?<![\w'])(?:{self.auxiliaries}|{self.adverbs})\s*)+$", re.IGNORECASE)

    @cached_property
    def carrying(self) -> re.Pattern[str]:
        """Pattern of a conjunction that joins a further verb to the same subject, at the end of a gap."""
        return re.compile(rf"(?<!\w)(?:{self.carrying_words})\s+(?:(?:{self.auxiliaries}|{self.adverbs})\s+)*$", re.IGNORECASE)

    @cached_property
    def breaking(self) -> re.Pattern[str]:
        """Pattern of a word that opens another clause."""
        return re.compile(rf"(?<!\w)(?:{self.breaking_words})(?!\w)|[;:“”\"«»]", re.IGNORECASE)

    @cached_property
    def fronting(self) -> re.Pattern[str]:
        """Pattern of the words before an inverted verb, from the start of the clause."""
        return re.compile(self.fronted)

    @cached_property
    def passive(self) -> re.Pattern[str]:
        """Pattern of the preposition that names the speaker after a passive: "highlighted by Mr X"."""
        return re.compile(rf"\s+(?:{self.by})\s+")

    @cached_property
    def being(self) -> re.Pattern[str]:
        """Pattern of the auxiliary of a passive at the end of the text before the participle."""
        return re.compile(rf"\b(?:{self.passive_auxiliaries})(?:\s+(?:also|\w+ly))*\s*$")

    @cached_property
    def addressed(self) -> re.Pattern[str]:
        """Pattern of the addressee right before a name, with or without a title: "au ministre …"."""
        title = r"(?:M\.?|Mme|[Pp]remière?|\w*(?:minist|pr[ée]sid|conseill|consigl|secr|segret|chef|direct|dirett)\w*)"
        kind = r"(?:f[ée]d[ée]ra\w+|d'[ÉE]tat|di Stato|g[ée]n[ée]ra\w+)"
        return re.compile(rf"(?<![\w'])(?:{self.addressing})\s*(?:{title}\s+(?:{kind}\s+)?)*$" if self.addressing else NEVER)

    @cached_property
    def plural(self) -> re.Pattern[str] | None:
        """Pattern of a verb ending for a plural subject; None: the form does not show the number."""
        return re.compile(rf"(?:{self.plural_ending})$") if self.plural_ending else None

    @cached_property
    def introducing(self) -> re.Pattern[str]:
        """Pattern of an office between the verb after a quotation and a name: "dichiarato la presidente del consiglio …"."""
        return re.compile(
            rf"\s+(?:{self.articles})\s*(?:(?!(?:{self.breaking_words})\b)[\w'’.-]+\s+){{1,9}},?\s*(?:[A-Z][a-z]+\.?\s+)?",
            re.IGNORECASE,
        )

    @cached_property
    def joining(self) -> re.Pattern[str]:
        """Pattern of the text between two joined subjects, including an apposition to the first."""
        return re.compile(rf"(?:,[^,.;:]{{1,140}},|,|\s*\([^()]*\))?\s*(?:{self.joins})\s+", re.IGNORECASE)

    @cached_property
    def companion(self) -> re.Pattern[str]:
        """Pattern of the title before the second of two joined names: "and his counterpart, minister of X, …"."""
        return re.compile(
            rf"(?:(?!(?:{self.breaking_words}|{self.auxiliaries}|was|were|by)\b)[\w'’-]+,?\s+){{1,7}}", re.IGNORECASE
        )

    @cached_property
    def accompanied(self) -> re.Pattern[str]:
        """Pattern of an unlisted person joined to a subject at the start of a gap: "Fasel und EAD-Generalsekretär Sannino"."""
        name = r"[A-ZÀ-Ý][\w'’-]+(?:\s+(?:[a-z]{2,3}\s+)?[A-ZÀ-Ý][\w'’-]+)*"
        return re.compile(
            rf"^\s*(?:{self.joins})\s+(?:(?!(?:{self.breaking_words}|{self.auxiliaries})\b)[\w'’-]+\s+){{0,6}}?{name}\s+(?=[a-zà-ÿ]|$)"
        )

    @cached_property
    def negating(self) -> re.Pattern[str]:
        """Pattern of a negation, after which the person said nothing."""
        return re.compile(rf"\b(?:{self.negates})\b", re.IGNORECASE)

    @cached_property
    def opening(self) -> re.Pattern[str] | None:
        """Pattern of the auxiliary at the start of a gap whose participle closes the clause; None: the language has none."""
        return re.compile(rf"\s*(?:{self.opens})\b", re.IGNORECASE) if self.opens else None

    @cached_property
    def closing(self) -> re.Pattern[str]:
        """Pattern of the end of a clause after this participle."""
        return re.compile(rf"\s*(?:[.,;:!?»“”\"]|(?:{self.closes})\b|$)")

    @cached_property
    def manner(self) -> re.Pattern[str]:
        """Pattern of an adverbial of manner after a verb: "con piacere"."""
        return re.compile(rf"^\s+(?:{self.preposition_of_manner}) \w+\s")

    def needs_auxiliary(self, verb: str) -> bool:
        """Return whether a form is a participle that reports nothing without an auxiliary."""
        return (
            bool(self.past_participle) and re.search(self.past_participle, verb.split(maxsplit=1)[0], re.IGNORECASE) is not None
        )

    def is_participle(self, verb: str) -> bool:
        """Return whether a form depends on the subject before a comma."""
        return re.search(self.participle, verb.split(maxsplit=1)[0], re.IGNORECASE) is not None
