"""Measure the speed of phrase matching relative to ``ahocorasick_rs`` with the same phrases and
texts.

Run it with ``python -m benchmarks.matching``. The baseline has no folding, word boundaries,
validity periods and longest match. The benchmark prints medians of alternating rounds in CPU time,
which depends little on the machine's load.
"""

from __future__ import annotations

import datetime as dt
import random
import statistics
import time
from typing import TYPE_CHECKING

import ahocorasick_rs

from tidings.annotation.matching import Matcher
from tidings.annotation.phrases import Phrase

if TYPE_CHECKING:
    from collections.abc import Callable

PHRASES = 4700
ARTICLES = 1000
WORDS = 330
ROUNDS = 15
SYLLABLES = (
    "ba",
    "co",
    "di",
    "fu",
    "ge",
    "ha",
    "in",
    "jo",
    "ka",
    "le",
    "mi",
    "no",
    "op",
    "pa",
    "ra",
    "su",
    "ti",
    "ur",
    "va",
    "we",
)
SIGNS = "".join(chr(0x4E00 + index * 29) for index in range(60))


def main() -> None:
    """Print articles per second of both and their ratio for ASCII English, typographic English and
    Chinese.
    """
    rng = random.Random(1)
    english = [
        " ".join(_word(rng) for _ in range(rng.choice((2, 2, 2, 3)))) for _ in range(PHRASES)
    ]
    chinese = ["".join(rng.choices(SIGNS, k=rng.choice((4, 5, 6)))) for _ in range(PHRASES)]
    vocabulary = [_word(rng) for _ in range(20000)]
    plain = [_english(rng, vocabulary, english) for _ in range(ARTICLES)]
    printed = [
        text.replace("'", "’").replace(" - ", " – ") + " “Quoted,” she said…" for text in plain
    ]
    print(f"{PHRASES} phrases, {ARTICLES} articles of {WORDS} words, medians of {ROUNDS} rounds")
    _compare("English, ASCII", english, "en", plain)
    _compare("English, typographic", english, "en", printed)
    _compare("Chinese", chinese, "zh", [_chinese(rng, chinese) for _ in range(ARTICLES)])


def _compare(name: str, phrases: list[str], language: str, texts: list[str]) -> None:
    kind = "substring" if language == "zh" else "phrase"
    matcher = Matcher(
        Phrase(f"p{index}", f"t{index % 90}", language, phrase, kind)
        for index, phrase in enumerate(phrases)
    )
    bare = ahocorasick_rs.AhoCorasick(phrases)
    longest = ahocorasick_rs.AhoCorasick(
        phrases, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
    )
    day = dt.date(2024, 1, 1)
    searches: dict[str, Callable[[str], object]] = {
        "matched": lambda text: matcher.match(text, language, day),
        "bare": lambda text: bare.find_matches_as_indexes(text, overlapping=True),
        "bare leftmost": longest.find_matches_as_indexes,
    }
    hits = sum(len(matcher.match(text, language, day)) for text in texts)
    rates = {key: statistics.median(values) for key, values in _take_turns(searches, texts).items()}
    print(
        f"{name:22} matched {rates['matched']:7.0f} articles/s ({hits} hits); "
        + "; ".join(
            f"{key} {rates[key]:7.0f}, ratio {rates['matched'] / rates[key]:.2f}"
            for key in list(rates)[1:]
        )
    )


def _take_turns(
    searches: dict[str, Callable[[str], object]], texts: list[str]
) -> dict[str, list[float]]:
    """Return the texts per second of each search; rounds alternate, so that load affects all
    searches equally.
    """
    rates: dict[str, list[float]] = {key: [] for key in searches}
    for _ in range(ROUNDS):
        for key, search in searches.items():
            started = time.process_time()
            for text in texts:
                search(text)
            rates[key].append(len(texts) / (time.process_time() - started))
    return rates


def _word(rng: random.Random) -> str:
    return "".join(rng.choices(SYLLABLES, k=rng.choice((1, 2, 2, 3))))


def _english(rng: random.Random, vocabulary: list[str], phrases: list[str]) -> str:
    words = [
        vocabulary[min(int(rng.paretovariate(0.6)), len(vocabulary) - 1)] for _ in range(WORDS)
    ]
    for _ in range(rng.randrange(6)):
        words[rng.randrange(WORDS)] = rng.choice(phrases)
    for place in range(0, WORDS, 15):
        words[place] = words[place].capitalize()
    return " ".join(
        f"{word}." if index % 15 == 14 else f"{word}'s -" if index % 50 == 7 else word
        for index, word in enumerate(words)
    )


def _chinese(rng: random.Random, phrases: list[str]) -> str:
    parts = ["".join(rng.choices(SIGNS, k=20)) for _ in range(WORDS // 12)]
    for _ in range(rng.randrange(6)):
        parts[rng.randrange(len(parts))] += rng.choice(phrases)
    return "，".join(parts) + "。"


if __name__ == "__main__":
    main()
