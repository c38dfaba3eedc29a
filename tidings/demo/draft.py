"""Draft one item: its sentences by paragraph in three languages."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

from tidings.demo.compose import WEEKDAYS, Composer, Triple, pick, shuffle
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
            paragraphs.append(
                [composer.write(bank[trap][0]), composer.write(pick(composer.rng, bank["body"]))]
            )
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
    title = composer.write_title(wish.in_title)
    own = shuffle(rng, bank.sentences[f"body {composer.topic.name}"])
    plain = [*shuffle(rng, bank.sentences["body"]), own[0]]  # taken from the end
    carriers = shuffle(rng, bank.sentences["carrier"])
    today = {"weekday": WEEKDAYS[at.weekday()]}
    lead = composer.write(composer.pick_line("lead"), given=today)
    paragraphs: list[list[Triple]] = [[lead, composer.write(plain.pop())]]
    counts = [2 + int(rng.random() * 2) for _ in range(wish.length - 2)]
    paragraphs += [[composer.write(plain.pop()) for _ in range(count)] for count in counts]
    for theme in wish.themes:
        where = int(rng.random() * len(paragraphs))
        paragraphs[where].append(composer.write(carriers.pop(), theme))
    if wish.speaker is not None:
        people = list_people(at.date())
        spoken = wish.themes[0] if wish.themes and rng.random() < 0.4 else None
        paragraphs.insert(2, _write_speech(composer, people[wish.speaker % len(people)], spoken))
    paragraphs += _write_traps(composer, wish.traps, at.date())
    paragraphs.append(
        [composer.write(plain.pop()), composer.write(pick(rng, bank.sentences["close"]))]
    )
    return Draft(
        key,
        outlet,
        at,
        languages,
        topic,
        title,
        tuple(map(tuple, paragraphs)),
        int(rng.random() * 6),
        wish.kind,
    )


def retitle(draft: Draft, outlet: str, theme: str | None) -> Triple:
    """Return another outlet's headline for the item, about the same place and mostly the same
    things.
    """
    rng = seeded("item", draft.key)
    rng.random()  # the draft's topic
    composer = Composer(rng, read_bank().topics[draft.topic], outlet)
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
    composer = Composer(rng, read_bank().topics[draft.topic], draft.outlet)
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
            paragraphs[p][s] = composer.write(pick(rng, read_bank().sentences["body"]))
    if rng.random() < 0.4:
        last = paragraphs.pop(-2)
        paragraphs.append(last)
    return tuple(tuple(paragraph) for paragraph in paragraphs)


def _is_plain(triple: Triple) -> bool:
    return not any(sentence.hits or sentence.person_id for sentence in triple)


def local(outlet: str, day: dt.date, minutes: int) -> dt.datetime:
    """Return the time `minutes` after midnight in the outlet's time zone."""
    return dt.datetime.combine(day, dt.time(), OUTLETS[outlet].zone) + dt.timedelta(minutes=minutes)
