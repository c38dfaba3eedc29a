"""Cleaning on a Dask cluster."""

from __future__ import annotations

import dataclasses
import datetime as dt
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from tests.flows.serving import clean_environment
from tests.storage.rows import capture
from tidings.base.budget import Ledger
from tidings.base.settings import SettingsError
from tidings.extraction import Page, Unclean
from tidings.flows.cluster import cleaner_of
from tidings.stages.cleaner import clean_here
from tidings.storage.archive import Payload, WarcFile
from tidings.storage.file_store import Folder
from tidings.storage.pending import StoredPage

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

AT = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
PAGES = 12
LONG = f"text/html; note={'x' * 50_000}"
SCRIPT = """
import sys
from pathlib import Path
from tidings.base.budget import Ledger
from tidings.flows import cluster
from tests.flows.test_cluster import waiting_in
if __name__ == "__main__":
    folder = Path(sys.argv[1])
    archive, waiting = waiting_in(folder)
    cluster.CHUNK = 5
    spread = Ledger(1000.0)
    there = list(cluster.cleaner_of("local")(archive, waiting, 2, spread))
    from tidings.stages.cleaner import clean_here
    ledger = Ledger(1000.0)
    here = list(clean_here(archive, waiting, 2, ledger))
    damaged = sum(getattr(result, "outcome", "") == "archive_damaged" for *_, result in there)
    print(len(there), there == here, damaged, sorted(spread.spent) == sorted(ledger.spent) == ["a"])
"""


def waiting_in(folder: Any) -> Any:
    """Return an archive with a few pages, and the pages to clean. The file of the last page does
    not exist.
    """
    archive, waiting = Folder(folder / "archive"), []
    with WarcFile(archive) as file:
        for number in range(PAGES):
            url = f"http://example.org/{number}"
            text = "".join(
                f"<p>Paragraph {n} of page {number} explains the cost of the road plan.</p>"
                for n in range(8)
            )
            body = (
                f"<html><head><title>Page"
                f" {number}</title></head><body><article>{text}</article></body></html>"
            )
            place = file.add(
                Payload(url, AT, b"HTTP/1.1 200 OK\r\n\r\n", body.encode(), "text/html")
            )
            page = Page(url=url, final_url=url, body=b"", content_type=LONG, fetched_at=AT)
            waiting.append(
                (page, StoredPage(capture(url), "a.warc.gz", place.offset, place.length))
            )
        file.name("a.warc.gz")
    waiting[-1] = (waiting[-1][0], StoredPage(capture(url), "gone.warc.gz", 0, 10))
    return archive, waiting


def test_pages_without_bodies_are_read_from_the_archive(tmp_path: Path) -> None:
    """Results are in order, and a page that is missing in the archive fails alone, with a
    reason.
    """
    archive, waiting = waiting_in(tmp_path)
    results: list[Any] = [result for *_, result in clean_here(archive, waiting, 2, Ledger(1000.0))]
    assert [result.title for result in results[:-1]] == [
        f"Page {number}" for number in range(PAGES - 1)
    ]
    assert isinstance(results[-1], Unclean)
    assert results[-1].outcome == "archive_damaged"
    assert "gone.warc.gz" in results[-1].reason


def test_a_source_over_its_limit_is_postponed(tmp_path: Path) -> None:
    """After a source used up its CPU seconds, its other pages wait for the next run; pages of other
    sources are cleaned.
    """
    archive, waiting = waiting_in(tmp_path)
    other = [
        (page, dataclasses.replace(stored, capture=capture(page.url, feed_id="b")))
        for page, stored in waiting[-3:-1]
    ]
    ledger = Ledger(1e-9)
    cleaned = [page.url for page, *_ in clean_here(archive, [*waiting, *other], 1, ledger)]
    assert len(cleaned) < PAGES  # pages in progress at the first result are cleaned too
    assert cleaned[-1] in {page.url for page, _ in other}
    assert ledger.used_up == ["a", "b"]


def test_a_cluster_yields_the_same_results(tmp_path: Path) -> None:
    """A cluster yields the same results in the same order as processes on this machine."""
    pytest.importorskip("distributed", reason="needs the extra tidings[cluster]")
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    clean = clean_environment()
    done = subprocess.run(
        [sys.executable, script, tmp_path],
        env={**clean, "PYTHONPATH": ".", "PREFECT_LOGGING_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    assert done.stdout.splitlines()[-1:] == [f"{PAGES} True 1 True"], done.stderr[-3000:]
    assert "Failed" not in done.stderr, done.stderr[-3000:]  # no chunk failed on the cluster


def test_without_a_cluster_pages_are_cleaned_here() -> None:
    """Processes of this machine clean the pages if no cluster is named; an address without a port
    is refused.
    """
    assert cleaner_of("") is clean_here
    with pytest.raises(SettingsError, match="TIDINGS_CLUSTER: 'scheduler' is neither"):
        cleaner_of("scheduler")
