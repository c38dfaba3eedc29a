"""Records of verbs, clauses, speakers, attributions and statements."""

from __future__ import annotations

from typing import NamedTuple


class Verb(NamedTuple):
    """A row of ``ref.speech_verbs``; seeds/README.md explains ``pattern``. An ellipsis in a form
    separates parts that need not be adjacent, and so does the particle of a German verb:
    ``wies…hin``, ``hob hervor``.
    """

    language: str
    form: str
    lemma: str | None
    pattern: str | None


class Clause(NamedTuple):
    """A verb of speech as written, its start, and the speaker's noun phrase: 0-based offsets, end
    exclusive.

    ``verb`` is None if a quotation follows the speaker and a colon. The noun phrase has titles,
    offices and the determiner, but no apposition; it is empty if the verb has no subject.
    ``is_weak``: the verb also has subjects that do not speak ("suggests"). ``needs_known``: an
    unlisted noun is no speaker. ``is_plural``: the verb shows several speakers.
    """

    verb: str | None
    verb_start: int
    start: int
    end: int
    is_weak: bool = False
    needs_known: bool = False
    is_plural: bool = False


KINDS = ("person", "body", "role", "collective", "unnamed")
"""Kinds of speakers: a named person, a ministry or company, "the minister", "officials" or "the
meeting", "he" or "a man".
"""


class Naming(NamedTuple):
    """A place at which a text names a speaker: 0-based offsets, end exclusive.

    ``person_id``: the listed person. ``name`` is that to which a pronoun refers; empty if the text
    here is the name. ``kind`` is one of ``KINDS``. ``gender`` is "female" or "male" if the text
    shows it.
    """

    start: int
    end: int
    person_id: str | None
    name: str = ""
    kind: str = "person"
    gender: str | None = None


class Attribution(NamedTuple):
    """A verb of speech as written, its start offset, and the naming of the speaker."""

    naming: Naming
    verb: str | None
    start: int


class Statement(NamedTuple):
    """A sentence that reports words: 0-based character offsets into the original body, end
    exclusive.

    ``speaker_name`` is as written, in German in the nominative; for a pronoun, the name to which it
    refers. ``speaker_kind`` is
    one of ``KINDS``. ``speaker_gender`` is "female" or "male" only where the text shows it.
    ``person_id`` is None for unlisted people. ``office`` lists the offices of that day, separated
    by "; ", or is None. ``verb`` is the first one, with its separated prefix (kündigte an); None if
    no verb introduces the words. ``speaker_start`` and ``speaker_end`` locate the name, noun or
    pronoun.
    """

    speaker_name: str
    speaker_kind: str
    speaker_gender: str | None
    person_id: str | None
    office: str | None
    verb: str | None
    start: int
    end: int
    speaker_start: int
    speaker_end: int
