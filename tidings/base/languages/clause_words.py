"""The closed word classes by which a clause of a subject–verb–object language is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ClauseWords:
    """Closed lists of lower-case words.

    ``finite_verbs`` are frequent verb forms that report no words; like auxiliaries they end a noun
    phrase. After a word of ``modals`` a verb of speech reports no words ("would say", "to say"),
    except after ``continuing`` ("continued to say"). ``past_participle`` and ``participle`` are
    patterns of verb forms: the first reports words only after an auxiliary, the second depends on
    the subject of the sentence ("…, adding that").
    """

    determiners: frozenset[str]
    prepositions: frozenset[str]
    linking: frozenset[str]  # prepositions that may continue a noun phrase: of, at
    genitives: frozenset[str]  # those that always do: of
    subordinators: frozenset[str]
    coordinators: frozenset[str]
    joining: frozenset[str]  # coordinators that join two subjects
    relatives: frozenset[str]
    pronouns: frozenset[str]  # subjects; "I" and "we" speak only within a quotation and are missing
    auxiliaries: frozenset[str]
    passives: frozenset[str] = frozenset()  # auxiliaries of a passive
    by: frozenset[str] = frozenset()  # introduce the speaker after a passive
    modals: frozenset[str]
    continuing: frozenset[str] = frozenset()
    negations: frozenset[str]
    conditions: frozenset[str] = frozenset()  # before a clause that reports no words: if, whether
    adverbs: frozenset[str]
    adverb_endings: tuple[str, ...] = ()
    times: frozenset[str]
    finite_verbs: frozenset[str]
    past_participle: str = ""
    participle: str = ""
    # forms that report no words if "to" and a place follow: "welcomed"
    receiving: frozenset[str] = frozenset()
    contents: frozenset[str] = frozenset()  # introduce content: "that"
    # introduce content right after a verb or its addressee: proposer de
    infinitives: frozenset[str] = frozenset()
    fronted: frozenset[str] = frozenset()  # after them the subject follows its verb: "comme"
    # introduce an addressee between an inverted verb and its subject: à l'AFP
    addressing: frozenset[str] = frozenset()
    # introduce an adverbial of manner between an inverted verb and its subject: "con"
    manner: frozenset[str] = frozenset()
    inverts: bool = False  # a comma without a quotation may precede an inverted verb
    has_adjectives_after: bool = False  # adjectives follow their noun
    drops_subject: bool = False  # a verb may have no subject; then the last speaker continues
    certain: frozenset[str] = frozenset()  # lemmas whose subject always speaks: say
    needs_known_speaker: bool = False  # a noun in no list is not a speaker
    # before them a verb reports no words, unless its form contains them: "s'explique"
    reflexives: frozenset[str] = frozenset()
    is_leaning: bool = False  # articles are written together with their noun: "l'ambassadeur"
