"""Create the planted truth: all articles with their expected data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from tidings.demo.compose import Hit, Sentence
from tidings.demo.draft import Draft, Paragraph
from tidings.demo.outlets import DOWNTIMES, OUTLETS, is_down
from tidings.demo.plan import JOINS, OLD_START, SLOGAN_START, plan
from tidings.demo.records import Article, Mention, Refusal, Revision, Statement, Text, Truth, Wave
from tidings.demo.wordings import (
    BURST_END,
    BURST_START,
    BURSTING,
    FADE_END,
    FADING,
    HARBOUR,
    LANGUAGES,
    OLD,
    PLANTED,
    SLOGAN,
    WINDOW_START,
    list_people,
    read_bank,
    read_names,
)

PORT = 8700
AUTHORS = {
    ("agency", "en"): (
        "Mara Ellison",
        "Tom Hadley",
        "Priya Raman",
        "Owen Castellan",
        "Ruth Ademola",
        "Iris Lindqvist",
    ),
    ("agency", "zh"): ("王思齐", "李沐阳", "赵晓岚", "孙立言", "吴清和", "郑可欣"),
    ("daily", "en"): (
        "Nell Ashworth",
        "Hugo Farrant",
        "Beth Calloway",
        "Dilip Kamara",
        "Joan Tremaine",
        "Piers Oakley",
    ),
    ("bulletin", "de"): (
        "Lena Hartwig",
        "Tobias Reuss",
        "Miriam Falk",
        "Anselm Groth",
        "Petra Sommer",
        "Jakob Wendt",
    ),
}
MONTHS_EN = ("June", "July", "Aug.")
KEPT_BEFORE_PAYWALL = 2


def mark_dateline(draft: Draft, language: str) -> str:
    """Return the dateline of a wire text: place, day and agency; empty for other texts."""
    if draft.outlet != "agency" and not draft.wire:
        return ""
    wire_at = (
        draft.at if draft.outlet == "agency" else next(d.at for d in plan() if d.key == draft.story)
    )
    # Events have places of their own: a rare dateline looks like a common occurrence.
    number = -1 - draft.author if draft.event else draft.topic + draft.author
    place = read_bank().names["place"][number]
    if language == "zh":
        return f"明川社{place[1]}{wire_at.month}月{wire_at.day}日电 "
    return f"{place[0].upper()}, {MONTHS_EN[wire_at.month - 6]} {wire_at.day} (Meridian News) -- "


def _to_mention(hit: Hit, sentence: Sentence, field: str, offset: int) -> Mention:
    theme_id = PLANTED[hit.key].theme_id or hit.key
    return Mention(
        theme_id,
        hit.phrase,
        sentence.text[hit.start : hit.end],
        field,
        offset + hit.start,
        offset + hit.end,
    )


def _to_statement(sentence: Sentence, offset: int, day: dt.date, number: int) -> Statement | None:
    if sentence.person_id is None:
        return None
    person = next(person for person in list_people(day) if person.person_id == sentence.person_id)
    named = (
        "full"
        if person.full[number] in sentence.text
        else "short"
        if person.short[number] in sentence.text
        else "pronoun"
    )
    themes = tuple(
        dict.fromkeys(theme for hit in sentence.hits if (theme := PLANTED[hit.key].theme_id))
    )
    end = offset + len(sentence.text)
    return Statement(
        person.person_id,
        person.office[number],
        str(sentence.verb),
        sentence.text,
        offset,
        end,
        themes,
        named,
    )


def _join(title: Sentence, paragraphs: tuple[Paragraph, ...], draft: Draft, language: str) -> Text:
    """Return the text in one language with the offsets of its mentions and statements."""
    number, gap = LANGUAGES.index(language), "" if language == "zh" else " "
    mentions = [_to_mention(hit, title, "title", 0) for hit in title.hits]
    statements: list[Statement] = []
    texts: list[str] = []
    offset = 0
    for paragraph in paragraphs:
        text = "" if texts else mark_dateline(draft, language)
        for triple in paragraph:
            text += gap if text and not text.endswith(" ") else ""
            sentence = triple[number]
            mentions += [
                _to_mention(hit, sentence, "body", offset + len(text)) for hit in sentence.hits
            ]
            if statement := _to_statement(sentence, offset + len(text), draft.at.date(), number):
                statements.append(statement)
            text += sentence.text
        texts.append(text)
        offset += len(text) + 2
    listed = tuple(mention for mention in mentions if mention.theme_id != SLOGAN)
    unlisted = tuple(mention for mention in mentions if mention.theme_id == SLOGAN)
    return Text(title.text, tuple(texts), listed, tuple(statements), unlisted)


def _make_path(draft: Draft, language: str) -> str:
    at, number = draft.at, draft.key.rpartition("-")[2]
    match draft.outlet:
        case "gazette":
            return f"/{language}/notices/{at:%Y/%m}/{number}{at:%d}.html"
        case "agency":
            return f"/{language}/{at:%Y-%m/%d}/c_1310{number}.htm"
        case "ministry":
            return f"/art/{at.year}/{at.month}/{at.day}/art_12_{number}.html"
        case "bulletin":
            return f"/artikel/{at:%Y%m%d}-{number}"
    if draft.kind == "roundup":
        return f"/briefing/{at:%Y-%m-%d}.html"
    return f"/{language}/{at:%Y/%m/%d}/{draft.key.removeprefix('daily-')}.html"


def _excluded_reason(draft: Draft) -> str | None:
    """Return why no table counts an item: on every second day, the daily's pages state in JSON-LD
    that the whole text is not free.
    """
    if draft.kind == "paywalled" and draft.at.day % 2 == 0:
        return "paywall"
    return {"roundup": "round_up", "consent": "repeated_text"}.get(draft.kind)


def _make_article(draft: Draft, page_language: str, port: int) -> Article:
    outlet = OUTLETS[draft.outlet]
    language = "de" if draft.kind == "untranslated" and page_language == "en" else page_language
    title = draft.title[LANGUAGES.index(language)]
    text = _join(title, draft.paragraphs, draft, language)
    if draft.kind == "paywalled":
        text = _join(title, draft.paragraphs[:KEPT_BEFORE_PAYWALL], draft, language)
    if draft.kind == "consent":
        text = Text(title.text, read_consent(), (), (), ())
    if draft.kind == "roundup":
        day = f"{MONTHS_EN[draft.at.month - 6]} {draft.at.day}"
        text = Text(f"Friday briefing: what else the week brought, {day}", *[()] * 4)
    earlier: tuple[Revision, ...] = ()
    if draft.edited_at:
        earlier = (Revision(draft.edited_at, _join(title, draft.before_edit, draft, language)),)
    people = (
        () if draft.wire or draft.kind == "roundup" else AUTHORS.get((draft.outlet, language), ())
    )
    path = _make_path(draft, page_language)
    is_wire = draft.outlet == "agency" or draft.wire
    return Article(
        key=draft.key if len(draft.languages) == 1 else f"{draft.key}-{page_language}",
        outlet=draft.outlet,
        publisher_id=outlet.publisher_id,
        url=f"http://{outlet.address}:{port}{path}",
        path=path,
        language=language,
        page_language=page_language,
        text=text,
        authors=people[draft.author : draft.author + 1],
        agencies=(OUTLETS["agency"].site_name(language),) if is_wire else (),
        section=read_bank().topics[draft.topic].label[LANGUAGES.index(page_language)],
        published_at=draft.at,
        story_id=draft.story or draft.key,
        rewrite=draft.rewrite,
        event_id=draft.event or None,
        translation_key=draft.key if len(draft.languages) > 1 else None,
        excluded_reason=_excluded_reason(draft),
        is_truncated=draft.kind == "paywalled",
        is_in_feed=not is_down(draft.outlet, draft.at.date()),
        modified_at=draft.edited_at,
        earlier=earlier,
    )


def _without_repeats(articles: Iterable[Article]) -> Iterator[Article]:
    """Yield the articles, the first of each outlet's text first; the others are not counted: an
    English page with the German text, and a reprint that ran twice.
    """
    seen = set()
    for article in sorted(
        articles,
        key=lambda item: (not item.is_in_feed, item.published_at, len(item.url), item.url),
    ):
        text = (article.outlet, article.title, article.body)
        reason = article.excluded_reason or ("republished" if text in seen else None)
        seen.add(text)
        yield replace(article, excluded_reason=reason)


def _list_refusals(port: int) -> tuple[Refusal, ...]:
    daily = OUTLETS["daily"]
    at = dt.datetime.combine(WINDOW_START + dt.timedelta(days=20), dt.time(12), daily.zone)
    closed = f"http://{daily.address}:{port}/premium/2026/06/22/island-notes.html"
    return (
        Refusal("daily", "javascript:openStory(4711)", "javascript", at),
        Refusal("daily", closed, "robots", at + dt.timedelta(days=1)),
    )


@cache
def read_consent() -> tuple[str, ...]:
    """Return the paragraphs that replace an English text until the reader consents."""
    return tuple(line[0] for line in read_names("sidebar.txt")["consent"])


@cache
def truth(port: int = PORT) -> Truth:
    """Return the complete planted truth with URLs at `port`; the result is always the same."""
    made = [
        _make_article(draft, language, port) for draft in plan() for language in draft.languages
    ]
    counted = {article.url: article for article in _without_repeats(made)}
    articles = tuple(counted[article.url] for article in made)
    starts = sorted(
        ((outlet.name, outlet.starts_on) for outlet in OUTLETS.values()), key=lambda start: start[1]
    )
    forms = PLANTED[SLOGAN].forms
    return Truth(
        articles=articles,
        refusals=_list_refusals(port),
        downtimes=DOWNTIMES,
        formulation=HARBOUR,
        diffusion=tuple(starts),
        burst=Wave(BURSTING, BURST_START, BURST_END),
        fade=Wave(FADING, WINDOW_START, FADE_END),
        unlisted=(forms[0][0].phrase, forms[1][0].phrase, forms[2][0].phrase),
        unlisted_start=SLOGAN_START,
        joined=JOINS,
        old=(OLD, OLD_START),
        serial="walrus",
    )
