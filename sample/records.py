"""What the sample planted, as frozen records: the tests' side of the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from tidings.sample.outlets import Downtime


@dataclass(frozen=True, slots=True)
class Mention:
    """A planted phrase in an article; offsets count characters of the title or the body, end exclusive."""

    theme_id: str
    phrase: str  # as in a list of phrases
    text: str  # as written: hyphen and spelling may differ
    field: str  # title or body
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the body in which a listed speaker is quoted."""

    person_id: str
    office: str  # held that day, in the article's language
    verb: str  # as written
    sentence: str
    start: int
    end: int
    theme_ids: tuple[str, ...]
    named_by: str  # full, short or pronoun


@dataclass(frozen=True, slots=True)
class Text:
    """A title and paragraphs with what they hold; the body is the paragraphs joined by an empty line."""

    title: str
    paragraphs: tuple[str, ...]
    mentions: tuple[Mention, ...]
    statements: tuple[Statement, ...]
    unlisted: tuple[Mention, ...]  # uses of the slogan that no list holds; theme_id is its name here

    @property
    def body(self) -> str:
        """The body as it should be stored."""
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class Revision:
    """A text that an edited article had before."""

    until: dt.datetime  # from this instant on the page shows the next text
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
    page_language: str  # what the page says of itself
    text: Text  # as it stands at the end
    authors: tuple[str, ...]
    agencies: tuple[str, ...]
    section: str
    published_at: dt.datetime  # in the outlet's zone
    story_id: str
    rewrite: str  # none, verbatim or light: how a reprint was made
    translation_key: str | None  # shared by the versions that the publisher declares
    excluded_reason: str | None
    is_truncated: bool
    is_in_feed: bool  # False: published while the server was down, found in the sitemap only
    modified_at: dt.datetime | None
    earlier: tuple[Revision, ...]

    @property
    def title(self) -> str:
        """The headline as it stands at the end."""
        return self.text.title

    @property
    def body(self) -> str:
        """The body as it stands at the end."""
        return self.text.body

    @property
    def published_on(self) -> dt.date:
        """The date in the outlet's zone."""
        return self.published_at.date()

    def text_at(self, now: dt.datetime) -> Text:
        """Return the text that the page shows at `now`."""
        return next((revision.text for revision in self.earlier if now < revision.until), self.text)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An entry that a feed shows and from which no article must come."""

    outlet: str
    link: str
    reason: str  # javascript or robots
    published_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Wave:
    """A theme that rises or fades between two dates, ends included."""

    theme_id: str
    starts_on: dt.date
    ends_on: dt.date


@dataclass(frozen=True, slots=True)
class Truth:
    """All that was planted."""

    articles: tuple[Article, ...]
    refusals: tuple[Refusal, ...]
    downtimes: tuple[Downtime, ...]
    formulation: str  # theme id of the slogan that starts within the window
    diffusion: tuple[tuple[str, dt.date], ...]  # outlet and first day of the slogan, in order
    burst: Wave
    fade: Wave  # the theme is not drawn after ends_on
    unlisted: tuple[str, ...]  # a further slogan in no list, in the order of the languages en, zh, de
    unlisted_start: dt.date
