"""The function words of a language whose main clauses have the finite verb in second place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class VerbSecondGrammar:
    """Closed lists of lower-case words that mark the parts of a clause."""

    determiners: frozenset[str]  # may open a subject
    plurals: frozenset[str]  # determiners of plurals
    oblique: frozenset[str]  # determiners in the genitive, dative or accusative only
    genitives: frozenset[str]  # determiners that may open a genitive
    ambiguous: str  # the determiner that is masculine nominative, and feminine dative or genitive
    standing: frozenset[str]  # determiners that may be a subject without a noun
    possessives: frozenset[str]
    definite: frozenset[str]  # forms of the definite article behind a preposition
    pronouns: frozenset[str]  # personal pronouns that may speak
    datives: frozenset[str]  # personal pronouns before "zufolge"
    certain: frozenset[str]  # pronouns that are always the subject
    nobody: frozenset[str]  # pronouns whose clause names no speaker: man, ich
    no_nouns: frozenset[str]  # capitalised at the start of a sentence, but no noun: gestern, so
    adjectives: frozenset[str]  # that often open a sentence
    prepositions: frozenset[str]
    attaching: frozenset[str]  # prepositions that continue a noun phrase after the verb: von, für
    joins: frozenset[str]
    conjunctions: frozenset[str]  # join main clauses: und, aber
    contrasts: frozenset[str]  # behind a second verb with the same subject: aber, zugleich
    subordinators: frozenset[str]
    conditions: frozenset[str]  # subordinators of clauses that report nothing
    openers: frozenset[str]  # of a clause of content
    pointing: frozenset[str]  # pronouns for the words before
    relatives: frozenset[str]
    relative_subjects: frozenset[str]  # relative pronouns that may be a subject
    auxiliaries: frozenset[str]  # of the perfect
    passives: frozenset[str]
    being: frozenset[str]  # passives that also form a perfect: ist davon ausgegangen
    impersonal: frozenset[str]  # verbs without a personal subject: heißt es, verlautete
    places: frozenset[str]  # prepositions of the source of an impersonal verb
    agents: frozenset[str]  # prepositions of the agent in a passive
    modals: frozenset[str]
    subjunctives: frozenset[str]  # forms that mark reported words
    negations: frozenset[str]
    focus: frozenset[str]  # before a subject: auch, selbst
    between: frozenset[str]  # between a subject and its verb: jedoch, dagegen
    report_nouns: frozenset[str]  # "nach Angaben": the speaker is the genitive
    documents: frozenset[str]  # report nouns that may speak themselves
    occasions: frozenset[str]  # report nouns that mark a time after "nach" and a definite article
    adverb_endings: tuple[str, ...]  # of capitalised adverbs at the start of a sentence
    report_endings: tuple[str, ...]  # compounds that contain their source: Polizeiangaben
    own: frozenset[str]  # "nach eigenen Angaben": the speaker is the subject
    abstract_endings: tuple[str, ...]  # nouns that do not speak unless listed
    feminine_endings: tuple[str, ...]
    particle_prefixes: tuple[str, ...]  # of separable verbs
    bound_prefixes: tuple[str, ...]  # of inseparable verbs, whose participle has no ge-
