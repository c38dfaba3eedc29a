"""The sentence bank: wordings of one meaning in English, Chinese and German, read from `texts/`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

TEXTS = Path(__file__).parent / "texts"
LANGUAGES = ("en", "zh", "de")

Line = tuple[str, str, str]  # one meaning in the order of LANGUAGES


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject: its section label and the words that fill its slots."""

    name: str
    label: Line
    slots: dict[str, tuple[Line, ...]]


@dataclass(frozen=True, slots=True)
class Bank:
    """All wordings: sentences by kind, topics in file order, names by slot."""

    sentences: dict[str, tuple[Line, ...]]
    topics: tuple[Topic, ...]
    names: dict[str, tuple[Line, ...]]


def _read_lines(name: str) -> list[str]:
    lines = (TEXTS / name).read_text("utf-8").splitlines()
    return [line.strip() for line in lines if not line.startswith("#")]


def _split_line(text: str) -> Line:
    parts = [part.strip() for part in text.split(" | ")]
    if len(parts) != len(LANGUAGES):
        raise ValueError(f"{text!r}: one wording a language is needed")
    return parts[0], parts[1], parts[2]


def _read_sentences() -> dict[str, tuple[Line, ...]]:
    found: dict[str, list[Line]] = {}
    kind, block = "", list[str]()
    for line in [*_read_lines("sentences.txt"), ""]:
        if line.startswith("["):
            kind = line.strip("[]")
        elif line:
            block.append(line)
        elif block:
            if len(block) != len(LANGUAGES):
                raise ValueError(f"[{kind}] {block[0]!r}: one line a language is needed")
            found.setdefault(kind, []).append((block[0], block[1], block[2]))
            block = []
    return {key: tuple(lines) for key, lines in found.items()}


def _read_topics() -> tuple[Topic, ...]:
    topics: list[tuple[str, Line, dict[str, list[Line]]]] = []
    for line in filter(None, _read_lines("topics.txt")):
        if line.startswith("["):
            name, _, label = line[1:].partition("] ")
            topics.append((name, _split_line(label), {}))
        else:
            slot, _, words = line.partition(": ")
            topics[-1][2].setdefault(slot, []).append(_split_line(words))
    return tuple(Topic(name, label, {key: tuple(v) for key, v in slots.items()}) for name, label, slots in topics)


def read_names(name: str = "names.txt") -> dict[str, tuple[Line, ...]]:
    """Return the wordings of a file whose lines read "slot: en | zh | de", by slot."""
    names: dict[str, list[Line]] = {}
    for line in filter(None, _read_lines(name)):
        slot, _, words = line.partition(": ")
        names.setdefault(slot, []).append(_split_line(words))
    return {key: tuple(lines) for key, lines in names.items()}


@cache
def read_bank() -> Bank:
    """Return the bank, read once a process; ValueError names a block that lacks a language."""
    return Bank(_read_sentences(), _read_topics(), read_names())
