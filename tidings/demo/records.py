"""Records of the planted truth, with which tests compare results."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tidings.demo.outlets import Downtime


@dataclass(frozen=True, slots=True)
class Mention:
    """A planted phrase in an article; offsets count characters of the title or the body, end
    exclusive.
    """

    theme_id: str
    phrase: str  # as in the phrase list
    text: str  # as written; hyphens and spelling may differ
    field: str  # title or body
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the body in which a listed speaker is quoted."""

    person_id: str
    office: str  # on that day, in the article's language
    verb: str  # as written
    sentence: str
    start: int
    end: int
    theme_ids: tuple[str, ...]
    named_by: str  # full, short or pronoun


@dataclass(frozen=True, slots=True)
class Text:
    """A title and paragraphs with their mentions and statements; an empty line separates paragraphs
    in the body.
    """

    title: str
    paragraphs: tuple[str, ...]
    mentions: tuple[Mention, ...]
    statements: tuple[Statement, ...]
    # uses of the slogan that is in no phrase list; theme_id is its name
    unlisted: tuple[Mention, ...]

    @property
    def body(self) -> str:
        """The expected stored body."""
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class Revision:
    """An earlier text of an edited article."""

    until: dt.datetime  # from this time on the page has the next text
    text: Text


@dataclass(frozen=True, slots=True)
class Article:
    """An item of an outlet."""

    key: str
    outlet: str
    publisher_id: str
    url: str  # canonical
    path: str
    language: str  # of the text
    page_language: str  # the language that the page declares
    text: Text  # the last text
    authors: tuple[str, ...]
    agencies: tuple[str, ...]
    section: str
    published_at: dt.datetime  # in the outlet's time zone
    story_id: str
    # the planted event; None: an occurrence of its own, which only its story shares
    event_id: str | None
    rewrite: str  # kind of reprint: none, verbatim or light
    translation_key: str | None  # common to the language versions that the publisher declares
    excluded_reason: str | None
    is_truncated: bool
    is_in_feed: bool  # False: published while the server was down, and only in the sitemap
    modified_at: dt.datetime | None
    earlier: tuple[Revision, ...]

    @property
    def title(self) -> str:
        """The last headline."""
        return self.text.title

    @property
    def body(self) -> str:
        """The last body."""
        return self.text.body

    @property
    def published_on(self) -> dt.date:
        """The publication date in the outlet's time zone."""
        return self.published_at.date()

    def text_at(self, now: dt.datetime) -> Text:
        """Return the text on the page at `now`."""
        return next((revision.text for revision in self.earlier if now < revision.until), self.text)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A feed entry that must not produce an article."""

    outlet: str
    link: str
    reason: str  # javascript or robots
    published_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Wave:
    """A theme that rises or fades between two dates, both included."""

    theme_id: str
    starts_on: dt.date
    ends_on: dt.date


@dataclass(frozen=True, slots=True)
class Truth:
    """The complete planted truth."""

    articles: tuple[Article, ...]
    refusals: tuple[Refusal, ...]
    downtimes: tuple[Downtime, ...]
    formulation: str  # theme ID of the slogan that starts within the 90 days
    diffusion: tuple[tuple[str, dt.date], ...]  # outlet and first day of the slogan, in order
    burst: Wave
    fade: Wave  # the theme does not occur in new items after ends_on
    unlisted: tuple[str, ...]  # another slogan, in no phrase list, in the order en, zh, de
    unlisted_start: dt.date
    joined: tuple[str, dt.date]  # an outlet and the day of its first issue
    old: tuple[str, dt.date]  # theme ID of a slogan of 2011 and the first day on which it returns
    serial: str  # the event that only one outlet reports, each day in new words
