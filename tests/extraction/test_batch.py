"""A page that hangs, exhausts memory or kills its worker affects no other page."""

import datetime as dt
import multiprocessing
import os
import resource
import signal
import time

import pytest

from tidings.base import guarded_pool
from tidings.extraction import Cleaned, Page, Unclean, clean_batch
from tidings.extraction.measures import MAX_TEXT

NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
SENTENCE = b"The town will plant four hundred limes along the canal before winter. "
GOOD = b"<h1>Limes</h1><article><p>" + SENTENCE * 4 + b"</p></article>"
HOSTILE = {
    "deep": b"<div>" * 100_000 + b"text",
    "attributes": b"<p " + b" ".join(b"a%d=1" % i for i in range(500_000)) + b">text</p>",
    "scripts": b"<p>" + b"<script>if (1 < 2) document.write('<p>never</p>')</script>word " * 4_000,
    "unclosed": b"<b><i><p>word " * 60_000,
    "huge": b"<p>" + b"x" * 25_000_000,
    "comment": b"<!--" * 200_000,
    "long": b"<article><h1>Limes</h1><p>" + "推进".encode() * 400_000 + b"</p></article>",
}
TIMED_OUT = Unclean("timed_out", "Extraction used more than 0.5 seconds of CPU.")


def pages_of(*bodies: bytes) -> list[Page]:
    """Return pages with these bodies."""
    return [Page(f"https://a.example/{i}", "", body, None, NOW) for i, body in enumerate(bodies)]


def test_hostile_pages_have_outcomes_and_the_batch_continues() -> None:
    """Every page has a result in order; good pages among hostile ones become articles."""
    pages = pages_of(*(body for hostile in HOSTILE.values() for body in (hostile, GOOD)))
    results = [*clean_batch(pages, workers=1, cpu_seconds=3)]
    assert [page.url for page, _ in results] == [page.url for page in pages]
    found = [result.found for _, result in results]
    assert all(isinstance(good, Cleaned) and good.title == "Limes" for good in found[1::2])
    outcomes = dict(zip(HOSTILE, found[::2], strict=True))
    reason = "The page has 25,000,003 bytes; the limit is 24,000,000."
    assert outcomes.pop("huge") == Unclean("too_large", reason)
    for name in ("deep", "attributes", "scripts", "long"):
        assert isinstance(outcomes[name], Cleaned), name
    long, scripts, unclosed = (outcomes[name] for name in ("long", "scripts", "unclosed"))
    assert (bool(long.shortened), len(long.body_text)) == (True, MAX_TEXT)
    assert "never" not in scripts.body_text
    assert isinstance(unclosed, Cleaned) or unclosed.outcome in {"timed_out", "out_of_memory"}


def test_a_page_that_takes_too_long_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that exceeds the CPU limit of a page is killed and the page has timed_out, also long
    after its deadline, as on a busy machine; the next page gets a new worker.
    """
    # the deadline passes before the system counts the whole second of CPU
    monkeypatch.setattr(guarded_pool, "_PATIENCE", 1)
    pages = pages_of(HOSTILE["unclosed"], GOOD)
    (_, slow), (page, good) = clean_batch(pages, workers=1, cpu_seconds=0.5)
    assert slow == (TIMED_OUT, 0.5)
    assert isinstance(good.found, Cleaned)
    assert (page.body, 0 < good.seconds < 0.5) == (b"", True)
    assert list(clean_batch([], workers=2)) == []  # without workers


@pytest.mark.slow
def test_a_page_that_waits_is_stalled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page whose worker uses no CPU is logged and stalled; the next page gets a new worker."""
    monkeypatch.setattr(guarded_pool, "_SLOW", 0.0)
    lines: list[str] = []

    def stop(line: str) -> None:
        (worker,) = multiprocessing.active_children()
        if worker.pid and "/0 " in line:
            os.kill(worker.pid, signal.SIGSTOP)
            lines.append(line)

    pages, size = pages_of(HOSTILE["unclosed"], GOOD), len(HOSTILE["unclosed"])
    (_, stalled), (_, good) = clean_batch(pages, workers=1, cpu_seconds=1, log=stop)
    assert lines == [f"still cleaning after 0 s: https://a.example/0 ({size:,} bytes)"]
    assert stalled.found == Unclean("stalled", "Extraction used almost no CPU for 12 s.")
    assert isinstance(good.found, Cleaned)


@pytest.mark.usefixtures("spawned")
def test_a_worker_that_cannot_start_ends_the_batch() -> None:
    """If the disk is too full for a worker's files, the batch ends with that error."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    message = r"A worker process for extraction could not start: .*File too large"
    try:
        with pytest.raises(OSError, match=message):
            list(clean_batch(pages_of(GOOD), workers=1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_worker_that_ends_between_pages_loses_none() -> None:
    """If an idle worker is killed, another worker processes the remaining pages."""
    results = clean_batch(pages_of(*[GOOD] * 4), workers=1)
    found = [next(results)[1].found]
    time.sleep(1)  # by then the worker has finished the second page
    (worker,) = multiprocessing.active_children()
    worker.kill()
    worker.join()
    found += [result.found for _, result in results]
    assert [type(result) for result in found] == [Cleaned] * 4
