"""Plant the events of `texts/events.txt`: one occurrence that several outlets report in their own
words.
"""

from __future__ import annotations

import datetime as dt

from tidings.demo.compose import SLOT, Sentence, Triple, plant
from tidings.demo.draft import Draft, local
from tidings.demo.outlets import OUTLETS
from tidings.demo.wordings import LANGUAGES, PLANTED, read_bank, read_lines

FIRST_NUMBER = 900
"""Number of the first report in its URL: the other items have smaller numbers."""


def plan_events() -> list[Draft]:
    """Return the reports of all events in file order."""
    drafts: list[Draft] = []
    event, lines, passages = "", list[str](), dict[str, str]()
    for line in [*filter(None, read_lines("events.txt")), "["]:
        if line[0] in "[@" and lines:
            drafts.append(_write_report(event, FIRST_NUMBER + len(drafts), lines))
            lines = []
        if line[0] == "[":
            event, passages = line.strip("[]"), {}
        elif line[0] == "=":
            lines.append(next(text for text in passages.values() if text.startswith(line[1:])))
        else:
            lines.append(line)
            passages.update({part: part for part in line.split(" | ")})
    return drafts


def _write_report(event: str, number: int, lines: list[str]) -> Draft:
    head, *texts = lines
    outlet, day, time, codes = (part.strip() for part in head[1:].split(","))
    languages = tuple(codes.split())
    hour, minute = map(int, time.split(":"))
    title, *paragraphs = (_write_triple(text, languages) for text in texts)
    topics = [topic.name for topic in read_bank().topics]
    return Draft(
        f"{outlet}-{event}-{number}",
        outlet,
        local(outlet, dt.date.fromisoformat(day), 60 * hour + minute),
        languages,
        topics.index(OUTLETS[outlet].topics[0]),
        {},
        title,
        tuple((triple,) for triple in paragraphs),
        number % 6,
        event=event,
    )


def _write_triple(line: str, languages: tuple[str, ...]) -> Triple:
    """Return a paragraph; languages without a report have the text of the first."""
    texts = dict(zip(languages, line.split(" | "), strict=True))
    en, zh, de = (
        _write_paragraph(texts.get(code, texts[languages[0]]), LANGUAGES.index(code))
        for code in LANGUAGES
    )
    return en, zh, de


def _write_paragraph(text: str, number: int) -> Sentence:
    slot = SLOT.search(text)
    return (
        plant(text.replace(slot[0], "\x00"), slot[1], PLANTED[slot[1]].forms[number][0])
        if slot
        else Sentence(text)
    )
