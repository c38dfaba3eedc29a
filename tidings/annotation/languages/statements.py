"""Records of verbs, clauses, speakers, attributions and statements."""

from __future__ import annotations

from typing import NamedTuple


class Verb(NamedTuple):
    """A row of ``ref.speech_verbs``.

    ``pattern`` is clause, object, inverted, weak, content or infinitive for verbs
    (seeds/README.md); occasion for a form that reports only that a person spoke ("made the
    remarks"); noun for "X's instruction"; according for "according to X". An ellipsis in a form
    separates parts that need not be adjacent, and so does the particle of a German verb:
    ``wies…hin``, ``hob hervor``.
    """

    language: str
    form: str
    lemma: str | None
    pattern: str | None


class Clause(NamedTuple):
    """A verb of speech as written, its start offset, and the speaker's noun phrase: 0-based
    offsets, end exclusive.

    ``verb`` is None if a quotation follows the speaker's name and a colon. The noun phrase includes
    titles, offices and the determiner, but no apposition between commas; it is empty if the verb
    has no subject. Joined speakers each have a clause. ``is_weak``: the verb also has subjects that
    do not speak ("suggests"). ``is_source``: "according to". ``needs_known``: a noun in no list is
    not a speaker. ``is_plural``: the form of the verb shows several speakers.
    """

    verb: str | None
    verb_start: int
    start: int
    end: int
    is_weak: bool = False
    is_source: bool = False
    needs_known: bool = False
    is_plural: bool = False


KINDS = ("person", "body", "role", "collective", "unnamed")
"""Kinds of speakers: a named person, a ministry or company, "the minister", "officials" or "the
meeting", "he" or "a man".
"""


class Naming(NamedTuple):
    """A place at which a text names a speaker: 0-based offsets, end exclusive.

    ``person_id`` None means that the list does not identify the person. ``name`` is the name to
    which a pronoun refers; empty if the text at this place is the name itself. ``kind`` is one of
    ``KINDS``. ``gender`` is "female" or "male" if the text shows it.
    """

    start: int
    end: int
    person_id: str | None
    name: str = ""
    kind: str = "person"
    gender: str | None = None

    @property
    def is_identified(self) -> bool:
        """Return whether the list or the text identifies the person."""
        return bool(self.person_id or self.name)


class Attribution(NamedTuple):
    """A verb of speech as written, its start offset, and the naming of the speaker."""

    naming: Naming
    verb: str | None
    start: int


class Statement(NamedTuple):
    """A sentence that reports words of a speaker: 0-based character offsets into the original body,
    end exclusive.

    ``speaker_name`` is the name or noun as written; for a pronoun, the name to which it refers.
    ``speaker_kind`` is one of ``KINDS``. ``speaker_gender`` is "female" or "male" only where a
    title, noun or pronoun of the text shows it. ``person_id`` is None unless the list identifies
    the person. ``office`` lists the offices of that day, separated by "; "; None if there are none.
    ``verb`` is the first verb as written in the text, followed by its separated prefix, as in
    "kündigte an"; None if no verb introduces the words. ``speaker_start`` and ``speaker_end``
    locate the name, noun or pronoun.
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
