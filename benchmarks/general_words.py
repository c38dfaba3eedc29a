"""Write the frequencies of general words that events compare with, from the lists of wordfreq.

    python -m benchmarks.general_words FOLDER     the folder wordfreq/data of an unpacked wheel

The lists are CC BY-SA 4.0 (Robyn Speer, wordfreq 3.1.1). The file has, by language, the terms and
the share of texts that contain each.

"""

from __future__ import annotations

import gzip
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
import numpy as np

from tidings.annotation.event_days import GENERAL_WORDS
from tidings.annotation.event_terms import find_term
from tidings.base.languages import WITHOUT_SPACES

LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru", "sv", "tr", "zh")
LENGTH, LENGTH_WITHOUT_SPACES = 60, 150
"""Words of a title and lead."""
LEAST = 1.2e-3
"""Least share of the texts that contain a term of the file."""


def read_terms(path: Path, code: str) -> dict[int, float]:
    """Return the share of texts that contain each term of a language."""
    rates: dict[int, float] = defaultdict(float)
    for rank, words in enumerate(msgpack.loads(gzip.decompress(path.read_bytes()))[1:]):
        for word in words:
            parts = [word]
            if code in WITHOUT_SPACES:
                parts = [word[place : place + 2] for place in range(len(word) - 1)]
            for part in parts:
                rates[find_term(part, code)] += 10 ** (-rank / 100)
    length = LENGTH_WITHOUT_SPACES if code in WITHOUT_SPACES else LENGTH
    shares = {term: -np.expm1(-rate * length) for term, rate in sorted(rates.items())}
    return {term: share for term, share in shares.items() if share >= LEAST}


def main() -> None:
    """Write the file."""
    arrays: dict[str, Any] = {}
    for code in LANGUAGES:
        size = "large" if code in WITHOUT_SPACES else "small"
        terms = read_terms(Path(sys.argv[1]) / f"{size}_{code}.msgpack.gz", code)
        arrays[f"{code}_terms"] = np.array([*terms], np.uint32)
        arrays[f"{code}_shares"] = np.array([*terms.values()], np.float16)
    np.savez_compressed(GENERAL_WORDS, **arrays)


if __name__ == "__main__":
    main()
