"""How many articles a minute one core signs and puts into stories; wanted are 100,000.

    python -m benchmarks.stories [ARTICLES]

Signed are texts of 330 words; clustered is a history of as many articles (100,000 unless told otherwise), one in twenty of them a
repetition, with the models of the night: CPU time of all threads, without what dbt takes to start and to find nothing to do.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.histories import BODY_SENTENCES, LAST_DAY, end_of, make_history, make_sentences
from tidings.flows.extract.measures import minhash
from tidings.transforms.run import build
from tidings.warehouse.lake import Lake, opened
from tidings.warehouse.reference import lexicon_version

SIGNED = 2_000
WANTED = 100_000


def signing() -> float:
    """Return the CPU seconds that an article's signature takes."""
    sentences = make_sentences()
    texts = [" ".join(sentences[(n * 31 + i * 977) % len(sentences)] for i in range(BODY_SENTENCES)) for n in range(SIGNED)]
    minhash(texts[0])
    start = time.process_time()
    for text in texts:
        minhash(text)
    return (time.process_time() - start) / SIGNED


def clustering(lake: Lake) -> float:
    """Return the CPU seconds that the models of stories take, of all threads together."""
    with opened(lake) as con:
        lexicon = lexicon_version(con)
    spent = []
    for _ in range(2):  # the second finds nothing to do
        start = time.process_time()
        result = build(lake, as_of=end_of(LAST_DAY), lexicon_version=lexicon, work=lake.work, select="+stories")
        if result.failures:
            raise SystemExit(f"{result.failures[0].name}: {result.failures[0].message}")
        spent.append(time.process_time() - start)
    return spent[0] - spent[1]


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if sys.argv[1:] else WANTED
    signed = signing()
    with tempfile.TemporaryDirectory() as folder:
        lake = make_history(Path(folder) / "lake", count)
        clustered = clustering(lake) / count
    print(f"signatures: {60 / signed:,.0f} a core and minute; clustering: {60 / clustered:,.0f}")
    print(f"both: {60 / (signed + clustered):,.0f} articles a core and minute (wanted {WANTED:,})")


if __name__ == "__main__":
    main()
