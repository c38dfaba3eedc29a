"""Measure extraction throughput relative to trafilatura in the same run, and how often a vote was
necessary.

    python benchmarks/cleaning.py [--pages PAGES.jsonl [MORE.jsonl]] [--every N]

PAGES.jsonl contains lines {"id", "url", "html_base64"}; without it, the benchmark repeats the
golden pages of the tests. Each file is measured on its own, for example articles and pages of all
kinds.

The first comparison extracts body and metadata in one thread, with frozen garbage collection for
both. The second compares a batch on two processes with two simultaneous batches on one process
each.
"""

from __future__ import annotations

import argparse
import base64
import datetime as dt
import gc
import json
import logging
import multiprocessing
import time
from collections import Counter, defaultdict
from pathlib import Path

from trafilatura import bare_extraction

from tidings.base.guarded_pool import ALLOCATIONS
from tidings.extraction import Cleaned, Page, clean, clean_batch
from tidings.extraction.measures import minhash

GOLDEN = Path(__file__).parents[1] / "tests/extraction/pages"
UNDATED = (
    b"<html><body><p>Opened on a day in spring, the 3. of Mai 2001 or so, nobody"
    b" knows.</p></body></html>"
)


def read_pages(path: Path | None, every: int) -> list[Page]:
    """Return the pages to clean."""
    now = dt.datetime.now(dt.UTC)
    if path is None:
        return [
            Page("https://a.example/", "https://a.example/", file.read_bytes(), None, now)
            for file in GOLDEN.glob("*.html")
        ] * 20
    rows = map(json.loads, path.open(encoding="utf-8"))
    return [
        Page(row["url"], row["url"], base64.b64decode(row["html_base64"]), None, now)
        for row in rows
    ][::every]


def in_one_process(pages: list[Page]) -> None:
    """Clean the pages in one worker process."""
    for _ in clean_batch(pages, workers=1):
        pass


def measure_batches(pages: list[Page]) -> tuple[float, float]:
    """Return the seconds of one batch on two processes, and of two batches of half the pages at the
    same time.
    """
    context = multiprocessing.get_context("spawn")
    start = time.perf_counter()
    for _ in clean_batch(pages, workers=2):
        pass
    together = time.perf_counter() - start
    start = time.perf_counter()
    apart = [context.Process(target=in_one_process, args=(pages[i::2],)) for i in range(2)]
    for process in apart:
        process.start()
    for process in apart:
        process.join()
    return together, time.perf_counter() - start


def compare(pages: list[Page]) -> list[Cleaned]:
    """Print the throughput relative to trafilatura, and return the articles."""
    for page in pages[:: max(1, len(pages) // 40)]:  # the first calls load models and date parsers
        clean(page)
        bare_extraction(page.body, url=page.url, with_metadata=True)
    bare_extraction(UNDATED, with_metadata=True)
    clean(Page("https://a.example/", "https://a.example/", UNDATED, None, pages[0].fetched_at))
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS)  # as in a worker, for both
    seconds: dict[str, float] = defaultdict(float)
    results = []
    for page in pages:  # alternate, so that other programs slow both equally
        start = time.process_time()
        results.append(clean(page))
        seconds["tidings"] += time.process_time() - start
        start = time.process_time()
        bare_extraction(page.body, url=page.url, with_metadata=True)
        seconds["trafilatura"] += time.process_time() - start
    speed = {name: len(pages) / spent for name, spent in seconds.items()}
    print(
        f"pages per CPU second, body and metadata: tidings {speed['tidings']:.1f}, trafilatura"
        f" {speed['trafilatura']:.1f}"
    )
    print(
        f"ratio {speed['tidings'] / speed['trafilatura']:.2f} (target 2 for articles, 1.5 for"
        f" pages of all kinds)"
    )
    articles = [result for result in results if isinstance(result, Cleaned)]
    print(
        "text chosen from:", dict(Counter(article.extractor for article in articles).most_common())
    )
    return articles


def main() -> None:
    """Run the benchmark and print its results."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--pages",
        type=Path,
        nargs="+",
        default=[None],
        help="JSON lines of pages, one or more files",
    )
    options.add_argument("--every", type=int, default=1, help="take every Nth page")
    arguments = options.parse_args()
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    for path in arguments.pages:
        pages = read_pages(path, arguments.every)
        print(f"{path or 'golden pages'}: {len(pages)} pages")
        articles = compare(pages)
    start = time.process_time()
    for article in articles:
        minhash(article.body_text)
    print(f"signatures per CPU minute: {60 * len(articles) / (time.process_time() - start):,.0f}")
    together, apart = measure_batches(pages)
    print(
        f"batch on two processes {together:.1f} s, two independent batches {apart:.1f} s:"
        f" {apart / together:.2f} (required 0.9)"
    )


if __name__ == "__main__":
    main()
