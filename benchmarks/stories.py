"""Measure the articles per minute and core for signatures and story clustering; the target is
100,000.

    python -m benchmarks.stories [ARTICLES]

Signatures are computed for texts of 330 words. Clustering runs the models of stories on a history
(default: 100,000 articles, of which one in twenty is a repetition). Times are CPU times of all
threads, without the time of a second build that has no changes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.histories import BODY_SENTENCES, LAST_DAY, end_of, make_history, make_sentences
from tidings.extraction.measures import minhash
from tidings.stages.build import build
from tidings.storage.lake import Lake, open_lake
from tidings.storage.reference import lexicon_version

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
    """Return the CPU seconds for the models of stories, of all threads."""
    with open_lake(lake) as con:
        lexicon = lexicon_version(con)
    spent = []
    for _ in range(2):  # the second build has no changes
        start = time.process_time()
        result = build(lake, as_of=end_of(LAST_DAY), lexicon_version=lexicon, select="+stories")
        if result.failures:
            raise SystemExit(f"{result.failures[0].name}: {result.failures[0].message}")
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
