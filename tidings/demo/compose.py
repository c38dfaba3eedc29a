"""Compose sentences in three languages and record their phrases and speakers."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from tidings.demo.outlets import OUTLETS
from tidings.demo.wordings import (
    CALL,
    LANGUAGES,
    PLANTED,
    SAY,
    URGE,
    Form,
    Line,
    Person,
    Topic,
    read_bank,
)

T = TypeVar("T")
SECTIONS = ("background", "plan", "cost", "voices", "works")  # of a report, in this order
SLOT = re.compile(r"\{(\w+)\}")
MARK = "\x00"  # placeholder for the planted phrase until the surrounding text is known
WEEKDAYS: tuple[Line, ...] = (
    ("Monday", "周一", "Montag"),
    ("Tuesday", "周二", "Dienstag"),
    ("Wednesday", "周三", "Mittwoch"),
    ("Thursday", "周四", "Donnerstag"),
    ("Friday", "周五", "Freitag"),
    ("Saturday", "周六", "Samstag"),
    ("Sunday", "周日", "Sonntag"),
)
MONTHS: tuple[Line, ...] = (
    ("September", "9月", "September"),
    ("October", "10月", "Oktober"),
    ("November", "11月", "November"),
    ("January", "明年1月", "Januar"),
    ("February", "明年2月", "Februar"),
    ("March", "明年3月", "März"),
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A planted phrase in a sentence: its key in PLANTED, its listed form, and its offsets."""

    key: str
    phrase: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in one language."""

    text: str
    hits: tuple[Hit, ...] = ()
    person_id: str | None = None  # the speaker; None: no listed speaker
    verb: str | None = None


Triple = tuple[Sentence, Sentence, Sentence]  # in the order of LANGUAGES


def pick(rng: random.Random, options: Sequence[T]) -> T:
    """Return a random option; the result is the same in every version of Python."""
    return options[int(rng.random() * len(options))]


def shuffle(rng: random.Random, options: Sequence[T]) -> list[T]:
    """Return the options in random order; the result is the same in every version of Python."""
    return [
        option
        for _, _, option in sorted(
            (rng.random(), number, option) for number, option in enumerate(options)
        )
    ]


def _open(text: str) -> str:
    return text[:1].upper() + text[1:]


def _group(number: int) -> Line:
    return f"{number:,}", str(number), f"{number:,}".replace(",", ".")


class Composer:
    """Composes sentences on one subject with one seeded generator.

    ``subject`` has the words of slots that a report never changes: its place, the body that
    decides, what is planned, why, for whom, its sum and its months. It grows with each new slot.
    """

    def __init__(
        self,
        rng: random.Random,
        topic: Topic,
        outlet: str,
        subject: dict[str, Line] | None = None,
    ) -> None:
        self.rng = rng
        self.style = tuple(OUTLETS).index(outlet)
        self.topic = topic
        self.subject = {} if subject is None else dict(subject)
        self.subject.setdefault("place", pick(rng, read_bank().names["place"]))

    def _draw(self, slot: str) -> Line:
        """Return random words for a slot, in three languages."""
        rng, names = self.rng, read_bank().names
        fixed = {
            **self.topic.slots,
            "body": names["body"],
            "month": MONTHS[:3],
            "later": MONTHS[3:],
        }
        if slot in fixed:
            return self.subject.setdefault(slot, pick(rng, fixed[slot]))
        if slot == "sum":
            return self.subject.setdefault(slot, self._draw_number("money"))
        if slot == "place2":
            others = [place for place in names["place"] if place != self.subject["place"]]
            drawn = pick(rng, others)
            return self.subject.setdefault(slot, drawn) if rng.random() < 0.6 else drawn
        if slot == "weekday":
            return pick(rng, WEEKDAYS[:5])
        return self._draw_number(slot)

    def _draw_number(self, slot: str) -> Line:
        rng = self.rng
        if slot == "n":
            return _group(20 + int(rng.random() * 2400))
        if slot == "s":
            return (str(number := 3 + int(rng.random() * 17)), str(number), str(number))
        if slot == "year":
            return (str(year := 1948 + int(rng.random() * 66)), str(year), str(year))
        if slot == "pct":
            tenths = 11 + int(rng.random() * 380)
            value = f"{tenths // 10}.{tenths % 10}"
            return f"{value} percent", f"{value}%", f"{value.replace('.', ',')} Prozent"
        if slot == "money":
            millions = 2 + int(rng.random() * 95)
            return (
                f"{millions} million crowns",
                f"{millions * 100}万克朗",
                (f"{millions} Millionen Kronen"),
            )
        raise KeyError(slot)

    def pick_number(self, kind: str) -> int:
        """Return the place of a random title or lead of the outlet's own style in its list."""
        return pick(self.rng, range(len(read_bank().sentences[kind]))[self.style :: len(OUTLETS)])

    def pick_body(self) -> Line:
        """Return a random plain sentence of any section."""
        return pick(self.rng, [line for name in SECTIONS for line in read_bank().sentences[name]])

    def fill(self, line: Line, given: dict[str, Line] | None = None) -> list[str]:
        """Return the line's three texts with the same words in their slots; {P} becomes MARK."""
        values = {"P": (MARK, MARK, MARK), "place": self.subject["place"], **(given or {})}
        for slot in sorted({name for text in line for name in SLOT.findall(text)}):
            if slot not in values and slot.lower() not in values:
                values[slot.lower()] = self._draw(slot.lower())

        def word(slot: str, number: int) -> str:
            return values[slot][number] if slot in values else _open(values[slot.lower()][number])

        return [
            SLOT.sub(lambda match, at=number: word(match[1], at), text)  # type: ignore[misc]
            for number, text in enumerate(line)
        ]

    def write(
        self, line: Line, key: str | None = None, given: dict[str, Line] | None = None
    ) -> Triple:
        """Return the sentence in three languages; with `key`, a planted phrase replaces {P}.

        A language without this phrase gets a plain sentence instead.
        """
        texts = self.fill(line, given)
        plain = self.fill(self.pick_body()) if key else texts
        sentences = []
        for number, text in enumerate(texts):
            forms = PLANTED[key].forms[number] if key else ()
            if not forms:
                sentences.append(Sentence(_open(plain[number])))
                continue
            sentences.append(plant(text, str(key), pick(self.rng, forms)))
        return sentences[0], sentences[1], sentences[2]

    def write_title(self, key: str | None, lead: int | None = None) -> Triple:
        """Return a headline, with a planted phrase if `key` is set; otherwise one that suits the
        lead of this number, or without a number any lead.
        """
        bank = read_bank().sentences
        themed = self.pick_number("title_p")
        title = self.write(bank["title_p"][themed], key) if key else None
        options = bank["title any"]
        if lead is not None and self.rng.random() < 0.7:
            options = (bank["title"][lead],)
        plain = self.write(pick(self.rng, options))
        if title is None:
            return plain
        en, zh, de = (title[n] if title[n].hits else plain[n] for n in range(len(LANGUAGES)))
        return en, zh, de

    def speak(self, kind: str, person: Person, key: str | None = None) -> Triple:
        """Return a person's statement; `kind` is a kind of sentences that begins with "speech_"."""
        verbs = {"speech_call": CALL, "speech_urge": URGE}.get(kind) or pick(self.rng, SAY)
        plain = self._quote(kind, person, verbs, None)
        if key is None:
            return plain
        themed = self._quote(kind, person, verbs, key)
        en, zh, de = (
            themed[n] if PLANTED[key].forms[n] else plain[n] for n in range(len(LANGUAGES))
        )
        return en, zh, de

    def _quote(self, kind: str, person: Person, verbs: Line, key: str | None) -> Triple:
        bank = read_bank().sentences
        clause = pick(self.rng, bank["clause_p" if key else "clause"])
        line = pick(self.rng, bank[kind])
        en, zh, de = (line[n].replace("{clause}", clause[n]) for n in range(len(LANGUAGES)))
        given: dict[str, Line] = {
            "Office": (
                person.office[0].title().replace(" Of ", " of "),
                person.office[1],
                person.office[2],
            ),
            "office": person.office,
            "Full": person.full,
            "Sur": person.short,
            "Pron": person.pronoun,
            "verb": verbs,
        }
        sentences = self.write((en, zh, de), key if "{P}" in en else None, given)
        if "{verb}" not in line[0]:  # the sentence mentions the person without a statement
            return sentences
        quoted = [
            Sentence(s.text, s.hits, person.person_id, verbs[n]) for n, s in enumerate(sentences)
        ]
        return quoted[0], quoted[1], quoted[2]


def plant(text: str, key: str, form: Form) -> Sentence:
    """Return the text with a planted phrase at its MARK."""
    before, _, after = text.partition(MARK)
    start = len(before) + len(form.lead)
    filled = _open(before + form.lead + form.text + after)
    return Sentence(filled, (Hit(key, form.phrase, start, start + len(form.text)),))
