"""Draft one item: its sentences by paragraph in three languages."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

from tidings.demo.compose import SECTIONS, SLOT, WEEKDAYS, Composer, Triple, pick, shuffle
from tidings.demo.outlets import OUTLETS
from tidings.demo.wordings import Line, Person, list_people, read_bank

SEED = "tidings sample newsroom 1"
Paragraph = tuple[Triple, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """An item before its pages are created."""

    key: str
    outlet: str
    at: dt.datetime  # in the outlet's time zone
    languages: tuple[str, ...]
    topic: int
    subject: dict[str, Line]  # as Composer.subject
    title: Triple
    paragraphs: tuple[Paragraph, ...]
    author: int  # index of the byline
    kind: str = "report"  # report, roundup, paywalled, consent, untranslated or edited
    story: str = ""  # common to a wire item and its reprints; empty: the item's own key
    wire: bool = False  # True for a reprint, which credits the agency and has its dateline
    rewrite: str = "none"  # none, verbatim or light
    before_edit: tuple[Paragraph, ...] = field(default=())
    edited_at: dt.datetime | None = None
    event: str = ""  # the planted event that the item reports


@dataclass(frozen=True, slots=True)
class Wish:
    """The required contents of an item."""

    themes: tuple[str, ...] = ()
    in_title: str | None = None
    speaker: int | None = None  # index in the list of speakers
    traps: tuple[str, ...] = ()
    length: int = 5  # paragraphs
    kind: str = "report"  # as Draft.kind


def seeded(*parts: object) -> random.Random:
    """Return a random generator that depends only on `parts`."""
    return random.Random(" ".join([SEED, *map(str, parts)]))


def _write_speech(composer: Composer, person: Person, theme: str | None) -> list[Triple]:
    """Return a paragraph with statements of one person: first by full name, then by surname or
    pronoun.
    """
    rng = composer.rng
    if rng.random() < 0.3:
        return [
            composer.speak("speech_visit", person),
            composer.speak("speech_pronoun", person, theme),
        ]
    sentences = [composer.speak("speech_full", person, theme)]
    if rng.random() < 0.6:
        sentences.append(
            composer.speak(pick(rng, ["speech_that", "speech_call", "speech_urge"]), person)
        )
    return sentences


def _put_clause(line: Line, clause: Line) -> Line:
    en, zh, de = (text.replace("{clause}", part) for text, part in zip(line, clause, strict=True))
    return en, zh, de


def _write_traps(composer: Composer, traps: tuple[str, ...], day: dt.date) -> list[list[Triple]]:
    """Return paragraphs that look like a statement or mention but contain none."""
    bank = read_bank().sentences
    paragraphs: list[list[Triple]] = []
    for trap in traps:
        person = pick(composer.rng, list_people(day))
        if trap == "trap_two_women":
            clause = pick(composer.rng, bank["clause"])
            paragraphs.append(
                [
                    composer.write(bank[trap][0]),
                    composer.write(_put_clause(bank["trap_she"][0], clause)),
                ]
            )
        elif trap == "trap_listens":
            clause = pick(composer.rng, bank["clause"])
            paragraphs.append([composer.write(_put_clause(bank[trap][0], clause))])
        elif trap == "trap_silent":
            paragraphs.append([composer.speak("trap_silent", person)])
        else:
            paragraphs.append([composer.write(bank[trap][0]), composer.write(composer.pick_body())])
    return paragraphs


def write_draft(
    key: str, outlet: str, at: dt.datetime, languages: tuple[str, ...], wish: Wish
) -> Draft:
    """Return an item with the contents in `wish`; the same key yields the same text."""
    rng = seeded("item", key)
    bank = read_bank()
    topic = pick(
        rng,
        [
            number
            for number, topic in enumerate(bank.topics)
            if topic.name in OUTLETS[outlet].topics
        ],
    )
    composer = Composer(rng, bank.topics[topic], outlet)
    number = composer.pick_number("lead")
    title = composer.write_title(wish.in_title, number)
    carriers = shuffle(rng, bank.sentences["carrier"])
    today = {"weekday": WEEKDAYS[at.weekday()]}
    lead = composer.write(bank.sentences["lead"][number], given=today)
    paragraphs = [[lead, composer.write(pick(rng, bank.sentences["link"]))]]
    sections = shuffle(rng, SECTIONS)[: wish.length - 2]
    for section in sorted(sections, key=SECTIONS.index):
        lines = shuffle(rng, bank.sentences[section])[: 2 + int(rng.random() * 2)]
        paragraphs.append([composer.write(line) for line in lines])
    for theme in wish.themes:
        where = 0 if theme == wish.in_title else int(rng.random() * len(paragraphs))
        paragraphs[where].append(composer.write(carriers.pop(), theme))
    if wish.speaker is not None:
        people = list_people(at.date())
        spoken = wish.themes[0] if wish.themes and rng.random() < 0.4 else None
        paragraphs.insert(2, _write_speech(composer, people[wish.speaker % len(people)], spoken))
    paragraphs += _write_traps(composer, wish.traps, at.date())
    scene = pick(rng, bank.sentences[f"scene {composer.topic.name}"])
    paragraphs.append([composer.write(scene), composer.write(pick(rng, bank.sentences["close"]))])
    return Draft(
        key,
        outlet,
        at,
        languages,
        topic,
        composer.subject,
        title,
        tuple(map(tuple, paragraphs)),
        int(rng.random() * 6),
        wish.kind,
    )


def retitle(draft: Draft, outlet: str, theme: str | None) -> Triple:
    """Return another outlet's headline for the item, about the same subject."""
    rng = seeded("title", draft.key)
    composer = Composer(rng, read_bank().topics[draft.topic], outlet, draft.subject)
    while True:
        title = composer.write_title(theme)
        if title[0].text != draft.title[0].text and title[1].text != draft.title[1].text:
            break
    return title


def rewrite_lightly(draft: Draft, key: str) -> tuple[Paragraph, ...]:
    """Return the draft's paragraphs with up to a quarter of the plain sentences replaced or
    dropped, some paragraphs moved.
    """
    rng = seeded("rewrite", key)
    composer = Composer(rng, read_bank().topics[draft.topic], draft.outlet, draft.subject)
    paragraphs = [list(paragraph) for paragraph in draft.paragraphs]
    places = [
        (p, s)
        for p, par in enumerate(paragraphs)
        for s, _ in enumerate(par)
        if p and all(map(_is_plain, par))
    ]
    changes = max(1, int(len(places) * (0.1 + rng.random() * 0.15)))
    for p, s in sorted(shuffle(rng, places)[:changes], reverse=True):
        if rng.random() < 0.5 and len(paragraphs[p]) > 1:
            del paragraphs[p][s]
        else:
            paragraphs[p][s] = composer.write(_pick_other(composer, draft))
    if rng.random() < 0.4:
        last = paragraphs.pop(-2)
        paragraphs.append(last)
    return tuple(tuple(paragraph) for paragraph in paragraphs)


def _pick_other(composer: Composer, draft: Draft) -> Line:
    """Return a random plain sentence that the draft does not contain yet."""
    text = "\n".join(s[0].text for paragraph in draft.paragraphs for s in paragraph)
    while True:
        line = composer.pick_body()
        if max(SLOT.split(line[0])[::2], key=len) not in text:
            return line


def _is_plain(triple: Triple) -> bool:
    return not any(sentence.hits or sentence.person_id for sentence in triple)


def local(outlet: str, day: dt.date, minutes: int) -> dt.datetime:
    """Return the time `minutes` after midnight in the outlet's time zone."""
    return dt.datetime.combine(day, dt.time(), OUTLETS[outlet].zone) + dt.timedelta(minutes=minutes)
