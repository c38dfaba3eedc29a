"""Plan the 90 days: the items of each outlet with their time, themes, speakers and traps."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cache

from tidings.demo.compose import pick
from tidings.demo.draft import Draft, Wish, local, retitle, rewrite_lightly, seeded, write_draft
from tidings.demo.events import plan_events
from tidings.demo.outlets import OUTLETS, is_down
from tidings.demo.wordings import (
    BURST_END,
    BURST_START,
    BURSTING,
    FADE_END,
    FADING,
    FUND,
    HARBOUR,
    OLD,
    PLANTED,
    SLOGAN,
    WINDOW_END,
    WINDOW_START,
)

SLOGAN_START = dt.date(2026, 8, 3)
OLD_START = dt.date(2026, 8, 17)
JOINS = ("bulletin", dt.date(2026, 6, 29))  # an outlet and the day of its first issue
DAYS = [WINDOW_START + dt.timedelta(days=n) for n in range((WINDOW_END - WINDOW_START).days + 1)]
GERMAN_ONLY = tuple(key for key, planted in PLANTED.items() if planted.forms[2])
GAZETTE_TRAPS = {  # day of the window: traps
    3: ("trap_two_women",),
    24: ("trap_listens",),
    39: ("trap_silent",),
    58: ("trap_word",),
    66: ("trap_two_women",),
    72: ("trap_word",),
}
UNTRANSLATED = (9, 30, 46, 79)  # days on which the gazette's English page contains the German text
EDITED_ON = dt.date(2026, 7, 21)
PAYWALLED = (44, 35, 51, 81)  # days with a truncated report in the daily
CONSENT = (22, 23, 24, 25)  # days on which the daily's own report is behind a request for consent


def _weight(key: str, day: dt.date) -> float:
    if key == FADING:
        days_left = (FADE_END - day).days + 1
        return PLANTED[key].weight * max(0.0, days_left / 61)
    return PLANTED[key].weight


def _draw_themes(rng: random.Random, outlet: str, day: dt.date) -> list[str]:
    """Return an item's random themes: none, one or two, and in addition slogans and the burst."""
    keys = [key for key in PLANTED if outlet != "bulletin" or key in GERMAN_ONLY]
    if outlet != "bulletin":
        keys.remove("skilled_labour")
    themes: list[str] = []
    for _ in range(pick(rng, (0, 0, 0, 1, 1, 1, 1, 2, 2))):
        point = rng.random() * sum(_weight(key, day) for key in keys)
        for key in keys:
            point -= _weight(key, day)
            if point < 0:
                themes.append(key)
                keys.remove(key)
                break
    return themes + _draw_campaigns(rng, outlet, day, themes)


def _draw_campaigns(
    rng: random.Random, outlet: str, day: dt.date, drawn: Collection[str]
) -> list[str]:
    """Return the slogans and the burst of an item."""
    themes = []
    if BURST_START <= day <= BURST_END and BURSTING not in drawn and rng.random() < 0.6:
        themes.append(BURSTING)
    start = OUTLETS[outlet].starts_on
    if day == start or (day > start and rng.random() < 0.28):
        themes.append(HARBOUR)
        if day > start and rng.random() < 0.25:
            themes.append(FUND)
    if day >= SLOGAN_START and outlet in ("agency", "gazette", "bulletin") and rng.random() < 0.16:
        themes.append(SLOGAN)
    if day >= OLD_START and seeded("old slogan", outlet, day).random() < 0.2:
        themes.append(OLD)
    return themes


def _wish(key: str, outlet: str, day: dt.date, traps: tuple[str, ...] = ()) -> Wish:
    rng = seeded("wish", key)
    themes = _draw_themes(rng, outlet, day)
    twice = [theme for theme in themes if rng.random() < 0.25]
    in_title = themes[0] if themes and rng.random() < 0.4 else None
    if HARBOUR in themes and day == OUTLETS[outlet].starts_on:
        in_title = HARBOUR
    speaker = int(rng.random() * 8) if rng.random() < 0.4 else None
    return Wish(tuple(themes + twice), in_title, speaker, traps, 4 + int(rng.random() * 4))


def _plan_gazette() -> Iterator[Draft]:
    for number, day in enumerate(DAYS):
        if day.weekday() >= 5:
            continue
        key = f"gazette-{number:02d}"
        wish = _wish(key, "gazette", day, GAZETTE_TRAPS.get(number, ()))
        at = local("gazette", day, 8 * 60 + number % 7 * 17)
        kind = "untranslated" if number in UNTRANSLATED else "report"
        yield write_draft(key, "gazette", at, ("en", "zh", "de"), replace(wish, kind=kind))


def _plan_agency() -> Iterator[Draft]:
    for number, day in enumerate(DAYS):
        if is_down("agency", day):
            continue
        for language, minutes in (
            ("en", 9 * 60 + number % 11 * 23),
            ("zh", 6 * 60 + 40 + number % 9 * 31),
        ):
            key = f"agency-{language}-{number:02d}"
            draft = write_draft(
                key, "agency", local("agency", day, minutes), (language,), _wish(key, "agency", day)
            )
            if day == EDITED_ON and language == "en":
                draft = _edit(draft)
            yield draft


def _edit(draft: Draft) -> Draft:
    """Return the item with a correction two days later: one additional plain paragraph."""
    extra = write_draft(
        draft.key + "-edit",
        draft.outlet,
        draft.at,
        draft.languages,
        Wish(traps=("edited",), length=2),
    )
    corrected = (*draft.paragraphs[:-1], extra.paragraphs[1][:1], draft.paragraphs[-1])
    edited_at = local(draft.outlet, draft.at.date() + dt.timedelta(days=2), 12 * 60)
    return replace(
        draft,
        kind="edited",
        paragraphs=corrected,
        before_edit=draft.paragraphs,
        edited_at=edited_at,
    )


def _reprint(wire: Draft, key: str, at: dt.datetime) -> Draft:
    """Return the daily's reprint of a wire item: a new headline, and the text verbatim or lightly
    rewritten.
    """
    rng = seeded("reprint", key)
    title = retitle(wire, "daily", next((hit.key for hit in wire.title[0].hits), None))
    light = rng.random() < 0.5
    paragraphs = rewrite_lightly(wire, key) if light else wire.paragraphs
    return Draft(
        key,
        "daily",
        at,
        wire.languages,
        wire.topic,
        wire.subject,
        title,
        paragraphs,
        wire.author,
        story=wire.key,
        wire=True,
        rewrite="light" if light else "verbatim",
    )


def _plan_daily(wires: dict[tuple[str, dt.date], Draft]) -> Iterator[Draft]:
    for number, day in enumerate(DAYS):
        if is_down("daily", day):
            continue
        rng = seeded("daily", number)
        for language, chance in (("en", 0.55), ("zh", 0.3)):
            wire = wires.get((language, day - dt.timedelta(days=int(rng.random() * 2))))
            if rng.random() < chance and wire and _may_reprint(wire, day):
                minutes = 19 * 60 + 10 + int(rng.random() * 200)
                yield _reprint(
                    wire, f"daily-{language}-wire-{number:02d}", local("daily", day, minutes)
                )
        kind = {**dict.fromkeys(PAYWALLED, "paywalled"), **dict.fromkeys(CONSENT, "consent")}.get(
            number, "report"
        )
        if kind != "report" or day == OUTLETS["daily"].starts_on or rng.random() < 0.55:
            key = f"daily-own-{number:02d}"
            at = local("daily", day, 7 * 60 + number % 5 * 29)
            wish = replace(_wish(key, "daily", day), kind=kind)
            if kind == "consent":
                wish = replace(wish, in_title=None)
            yield write_draft(key, "daily", at, ("en",), wish)
        if day.weekday() == 4:
            at = local("daily", day, 22 * 60 + 45)
            yield write_draft(
                f"daily-briefing-{number:02d}", "daily", at, ("en",), Wish(kind="roundup")
            )


def _may_reprint(wire: Draft, day: dt.date) -> bool:
    slogans = any(
        hit.key == HARBOUR
        for par in wire.paragraphs
        for triple in par
        for s in triple
        for hit in s.hits
    )
    return wire.kind == "report" and not (slogans and day <= OUTLETS["daily"].starts_on)


def _plan_single(
    outlet: str, language: str, days_off: tuple[int, ...], minutes: int
) -> Iterator[Draft]:
    """Yield one item per working day in one language."""
    for number, day in enumerate(DAYS):
        if (
            day.weekday() in days_off
            or is_down(outlet, day)
            or day < dict([JOINS]).get(outlet, day)
        ):
            continue
        key = f"{outlet}-{number:02d}"
        at = local(outlet, day, minutes + number % 13 * 19)
        yield write_draft(key, outlet, at, (language,), _wish(key, outlet, day))


@cache
def plan() -> tuple[Draft, ...]:
    """Return all items of the 90 days by outlet and time; they are created once per process."""
    agency = list(_plan_agency())
    wires = {(draft.languages[0], draft.at.date()): draft for draft in agency}
    return (
        *_plan_gazette(),
        *agency,
        *_plan_daily(wires),
        *_plan_single("ministry", "zh", (5, 6), 9 * 60 + 30),
        *_plan_single("bulletin", "de", (6,), 10 * 60 + 15),
        *plan_events(),
    )
