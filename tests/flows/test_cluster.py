"""Cleaning on a Dask cluster through Prefect's task runner."""

import dataclasses
import datetime as dt
import os
import subprocess
import sys
import textwrap

import pytest

from tests.warehouse.rows import capture
from tidings.flows.cluster import cleaner_of, cluster_named
from tidings.flows.extract import Page, Unclean
from tidings.flows.fetch.budget import Ledger
from tidings.flows.stages.cleaner import clean_here
from tidings.warehouse.archive import Payload, WarcFile
from tidings.warehouse.file_store import Folder
from tidings.warehouse.pending import StoredPage

AT = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
PAGES = 12
LONG = f"text/html; note={'x' * 50_000}"  # so that what goes out is more than Prefect takes as a flow's parameters
SCRIPT = """
import sys
from pathlib import Path
from tidings.flows.server import prefect_api
if __name__ == "__main__":
    folder = Path(sys.argv[1])
    with prefect_api(folder / "prefect"):
        from tidings.flows import cluster
        from tidings.flows.fetch.budget import Ledger
        from tests.flows.test_cluster import waiting_in
        archive, waiting = waiting_in(folder)
        cluster.CHUNK = 5
        spread = Ledger(1000.0)
        there = list(cluster.cleaner_of("local")(archive, waiting, 2, spread))
    from tidings.flows.stages.cleaner import clean_here
    ledger = Ledger(1000.0)
    here = list(clean_here(archive, waiting, 2, ledger))
    damaged = sum(getattr(one, "outcome", "") == "archive_damaged" for *_, one in there)
    print(len(there), there == here, damaged, sorted(spread.spent) == sorted(ledger.spent) == ["a"])
"""


def waiting_in(folder):
    """An archive of a few pages, and what waits for cleaning in it: the last one is not where it should be."""
    archive, waiting = Folder(folder / "archive"), []
    with WarcFile(archive, "Tidings/test") as file:
        for number in range(PAGES):
            url = f"http://example.org/{number}"
            text = "".join(f"<p>Paragraph {n} of page {number} tells what the plan for roads costs.</p>" for n in range(8))
            body = f"<html><head><title>Page {number}</title></head><body><article>{text}</article></body></html>"
            place = file.add(Payload(url, AT, b"HTTP/1.1 200 OK\r\n\r\n", body.encode(), "text/html"))
            page = Page(url=url, final_url=url, body=b"", content_type=LONG, fetched_at=AT)
            waiting.append((page, StoredPage(capture(url), "a.warc.gz", place.offset, place.length)))
        file.name("a.warc.gz")
    waiting[-1] = (waiting[-1][0], StoredPage(capture(url), "gone.warc.gz", 0, 10))
    return archive, waiting


def test_bodies_are_read_where_they_are_cleaned(tmp_path):
    """Pages go out without bodies and come back in order; one that the archive cannot give is told, and costs only itself."""
    archive, waiting = waiting_in(tmp_path)
    found = [one for *_, one in clean_here(archive, waiting, 2, Ledger(1000.0))]
    assert [one.title for one in found[:-1]] == [f"Page {number}" for number in range(PAGES - 1)]
    assert isinstance(found[-1], Unclean)
    assert found[-1].outcome == "archive_damaged"
    assert "gone.warc.gz" in found[-1].reason


def test_a_source_that_used_its_seconds_keeps_its_pages_for_the_next_run(tmp_path):
    """After the pages in work no more of its pages are read, and those of other sources are cleaned."""
    archive, waiting = waiting_in(tmp_path)
    other = [(page, dataclasses.replace(stored, capture=capture(page.url, feed_id="b"))) for page, stored in waiting[-3:-1]]
    ledger = Ledger(1e-9)
    cleaned = [page.url for page, *_ in clean_here(archive, [*waiting, *other], 1, ledger)]
    assert len(cleaned) < PAGES  # pages drawn before the first result came are cleaned too
    assert cleaned[-1] in {page.url for page, _ in other}
    assert ledger.used_up == ["a", "b"]


def test_a_cluster_cleans_the_same(tmp_path):
    """Chunks of pages on the workers of a cluster come to the same results, in the same order, as processes here."""
    pytest.importorskip("prefect_dask", reason="needs the extra tidings[cluster]")
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("TIDINGS_", "PREFECT_"))}
    told = subprocess.run(
        [sys.executable, script, tmp_path],
        env={**clean, "PYTHONPATH": ".", "PREFECT_LOGGING_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    assert told.stdout.splitlines()[-1:] == [f"{PAGES} True 1 True"], told.stderr[-3000:]
    assert "Failed" not in told.stderr, told.stderr[-3000:]  # a chunk that failed there was cleaned here


def test_without_a_cluster_nothing_of_it_is_needed(monkeypatch):
    """By default, cleaning is done by processes of this machine."""
    monkeypatch.delenv("TIDINGS_CLUSTER", raising=False)
    assert cleaner_of(cluster_named()) is clean_here
