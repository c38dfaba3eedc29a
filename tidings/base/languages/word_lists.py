"""The word lists by which the rules of a language read a sentence. The comments in ``words.toml``
explain each where a language first has it: English, French, Italian, German.
"""

from __future__ import annotations

from typing import Any, ClassVar

FEMALE, MALE = "female", "male"


class WordLists:
    """Lists of lower-case words by name. A list that a language leaves out is empty if ``optional``
    names it.
    """

    optional: ClassVar[str] = ""

    def __init__(self, **lists: Any) -> None:
        vars(self).update(lists)

    def __getattr__(self, name: str) -> frozenset[str]:
        if name in self.optional.split():
            return frozenset()
        raise AttributeError(f"{type(self).__name__} has no list {name}.")


class ClauseWords(WordLists):
    """The closed word classes by which a clause of a subject–verb–object language is read.

    After a word of ``modals`` a verb of speech reports no words ("would say"). ``past_participle``
    and ``participle`` are patterns of verb forms: the first reports words only after an auxiliary,
    the second depends on the subject. ``possessives`` end the name of a body behind a preposition.
    What depends on a thing follows a word of ``varying``. In capitals inside a sentence,
    ``openings`` follow a heading. Verbs that match ``acts`` with the words behind are no speech.
    """

    optional = """
    passives by conditions receiving contents infinitives fronted addressing manner
    certain reflexives messages accompanying insertions possessives varying openings"""
    finite_endings: tuple[str, ...] = ("\n",)
    acts: str = "(?!)"
    adverb_endings: tuple[str, ...] = ()
    past_participle: str = "(?!)"
    participle: str = "(?!)"
    inverts: bool = False
    has_adjectives_after: bool = False
    drops_subject: bool = False
    needs_known_speaker: bool = False
    is_leaning: bool = False


class SpeakerWords(WordLists):
    """The nouns, titles and pronouns from which a noun phrase gets its kind and gender. The endings
    apply to words in no list, the longest first. ``describing`` are ends of nouns that state the
    kind of the body whose name follows ("newspaper"). A word of ``definite`` precedes the office of
    a person named before, and one of ``companies`` refers to a company. ``not_speakers`` never
    speak ("news").
    """

    optional = """
    places unnamed documents deictics definite companies not_speakers norms titles attributes
    female male pronouns determiners plurals linking name_particles"""
    endings: dict[str, str]
    declined: dict[str, str]  # nominatives by German genitives and datives, also of endings
    female_endings: tuple[str, ...] = ()
    describing: tuple[str, ...] = ("\n",)
    article_genders: dict[str, str]
    is_head_first: bool = False

    @property
    def kinds(self) -> dict[str, str]:
        """Return the kind of speaker that each listed noun names."""
        return (
            dict.fromkeys(self.unnamed, "unnamed")
            | dict.fromkeys(self.collectives, "collective")
            | dict.fromkeys(self.bodies, "body")
            | dict.fromkeys(self.roles, "role")
        )


class VerbSecondGrammar(WordLists):
    """The function words of a language whose main clauses have the finite verb in second place."""

    ambiguous: str
    adverb_endings: tuple[str, ...]
    report_endings: tuple[str, ...]
    abstract_endings: tuple[str, ...]
    feminine_endings: tuple[str, ...]
    particle_prefixes: tuple[str, ...]
    bound_prefixes: tuple[str, ...]
