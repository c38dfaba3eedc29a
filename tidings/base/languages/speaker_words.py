"""The nouns, titles and pronouns of a language by kind and gender of a speaker."""

from __future__ import annotations

from dataclasses import dataclass, field

FEMALE, MALE = "female", "male"


@dataclass(frozen=True, kw_only=True)
class SpeakerWords:
    """Closed lists of lower-case words, from which a noun phrase gets its kind and gender.

    ``roles``, ``bodies`` and ``collectives`` are head nouns. The endings apply to words that are in
    no list, the longest first: German compounds ("finanzministerium") and derived nouns.
    ``not_speakers`` are nouns that never speak ("news", "Bericht" in a dative), so that their
    clause yields no statement.
    """

    roles: frozenset[str]  # one person by office or function: minister, spokeswoman
    bodies: frozenset[str]  # ministry, company, court, report
    places: frozenset[str] = frozenset()  # bodies that are not inflected: berlin
    collectives: frozenset[str]  # officials, experts, meeting
    unnamed: frozenset[str] = frozenset()  # nouns that identify no one: man, source
    not_speakers: frozenset[str] = frozenset()
    # nouns after which "according to" means conformity, not a source: law, criterion
    norms: frozenset[str] = frozenset()
    endings: dict[str, str] = field(default_factory=dict)  # ending → kind
    # words before a name that are not part of it: mr, president, dr
    titles: frozenset[str] = frozenset()
    # titles that need a noun or a full name after them: american, house, foreign
    attributes: frozenset[str] = frozenset()
    female: frozenset[str] = frozenset()  # titles, nouns and pronouns of a woman
    male: frozenset[str] = frozenset()
    female_endings: tuple[str, ...] = ()  # of roles: "-in", "-trice"
    pronouns: frozenset[str] = frozenset()  # personal pronouns that may be subjects
    determiners: frozenset[str] = frozenset()  # articles and possessives that open a noun phrase
    # determiners of a plural, where a noun may not show it: die Minister, zwei Minister
    plurals: frozenset[str] = frozenset()
    linking: frozenset[str] = frozenset()  # prepositions that continue a noun phrase: of, for
    name_particles: frozenset[str] = frozenset()  # lower-case parts of names: von, de, bin
    # of the articles of a subject, where nouns have a gender
    article_genders: dict[str, str] = field(default_factory=dict)
    is_head_first: bool = False  # the head of a noun phrase precedes its adjectives
