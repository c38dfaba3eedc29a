"""Measure the articles per minute and core for signatures and story clustering; the target is
100,000.

    python -m benchmarks.stories [ARTICLES]

Signatures are computed for texts of 330 words. Clustering finds the stories of a history
(default: 100,000 articles, of which one in twenty is a repetition). Times are CPU times of all
threads, without the time of a second run that has no changes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.histories import (
    BODY_SENTENCES,
    LAST_DAY,
    annotate_day,
    make_history,
    make_sentences,
)
from tidings.extraction.measures import minhash
from tidings.stages.stories import group_stories
from tidings.storage.lake import Lake, open_lake, transaction

TEXTS = 2_000
TARGET = 100_000


def measure_signatures() -> float:
    """Return the CPU seconds for the signature of one article."""
    sentences = make_sentences()
    texts = [
        " ".join(sentences[(n * 31 + i * 977) % len(sentences)] for i in range(BODY_SENTENCES))
        for n in range(TEXTS)
    ]
    minhash(texts[0])
    start = time.process_time()
    for text in texts:
        minhash(text)
    return (time.process_time() - start) / TEXTS


def measure_clustering(lake: Lake) -> float:
    """Return the CPU seconds for finding stories and reused passages, of all threads."""
    annotate_day(lake, LAST_DAY)
    spent = []
    for _ in range(2):  # the second run has no changes
        with open_lake(lake) as con:
            start = time.process_time()
            with transaction(con):
                group_stories(con)
            spent.append(time.process_time() - start)
    return spent[0] - spent[1]


def main() -> None:
    """Measure signatures and clustering, and print both."""
    count = int(sys.argv[1]) if sys.argv[1:] else TARGET
    signed = measure_signatures()
    with tempfile.TemporaryDirectory() as folder:
        lake = make_history(Path(folder) / "lake", count)
        clustered = measure_clustering(lake) / count
    print(f"signatures: {60 / signed:,.0f} per core and minute; clustering: {60 / clustered:,.0f}")
    print(
        f"both: {60 / (signed + clustered):,.0f} articles per core and minute (target {TARGET:,})"
    )


if __name__ == "__main__":
    main()
