"""Cleaning and annotating on a Dask cluster."""

import dataclasses
import datetime as dt
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from benchmarks.histories import LAST_DAY, end_of, make_history
from tests.flows.serving import clean_environment
from tests.storage.conftest import copy_lake
from tests.storage.rows import capture
from tidings.annotation.annotate import KINDS
from tidings.base.budget import Ledger
from tidings.base.settings import SettingsError, read_settings
from tidings.extraction import Page, Unclean
from tidings.flows.cluster import finish, spread_of
from tidings.stages.annotate import annotate
from tidings.stages.clean import clean_pages
from tidings.stages.run import start_run
from tidings.storage.archive import WarcFile
from tidings.storage.file_store import Folder
from tidings.storage.lake import Lake, open_lake
from tidings.storage.pending import StoredPage

pytestmark = pytest.mark.slow

AT = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
PAGES = 12
ARTICLES = 24
LONG = f"text/html; note={'x' * 50_000}"
SCRIPT = """
import sys
from pathlib import Path
from tidings.base.budget import Ledger
from tidings.flows.cluster import spread_of
from tidings.stages import annotate, clean
from tests.flows.test_cluster import annotated_in, waiting_in
if __name__ == "__main__":
    folder, spread = Path(sys.argv[1]), spread_of("local")
    archive, waiting = waiting_in(folder)
    clean.CHUNK, annotate.CHUNK = 5, 20
    ledgers = Ledger(1000.0), Ledger(1000.0)
    there = list(clean.clean_pages(archive, waiting, 2, ledgers[0], spread=spread))
    here = list(clean.clean_pages(archive, waiting, 2, ledgers[1]))
    damaged = sum(getattr(result, "outcome", "") == "archive_damaged" for *_, result in there)
    used = sorted(ledgers[0].spent) == sorted(ledgers[1].spent) == ["a"]
    rows = [annotated_in(folder / "history", folder / str(bool(on)), on) for on in (spread, None)]
    same = rows[0] == rows[1] and rows[0]["mentions"][0] > 0
    print(len(there), there == here, damaged, used, same)
"""


def annotated_in(history: Path, folder: Path, spread: Any) -> dict[str, Any]:
    """Annotate a copy of invented articles, and return the number of rows and a hash of each
    table.
    """
    lake = copy_lake(Lake(history), folder)
    settings = read_settings({"TIDINGS_WAREHOUSE": str(folder), "TIDINGS_WORKERS": "2"})
    annotate(start_run(settings, now=end_of(LAST_DAY), spread=spread))
    query = "select count(*), sum(hash(found)::hugeint) from annotations.{} as found"
    with open_lake(lake, read_only=True) as con:
        return {
            table: con.execute(query.format(table)).fetchone() for table in ("articles", *KINDS)
        }


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
            place = file.add(url, AT, b"HTTP/1.1 200 OK\r\n\r\n", body.encode(), "text/html")
            page = Page(url=url, final_url=url, body=b"", content_type=LONG, fetched_at=AT)
            waiting.append((page, StoredPage(capture(url), ("a.warc.gz", *place))))
        file.name("a.warc.gz")
    waiting[-1] = (waiting[-1][0], StoredPage(capture(url), ("gone.warc.gz", 0, 10)))
    return archive, waiting


def test_pages_without_bodies_are_read_from_the_archive(tmp_path: Path) -> None:
    """Results are in order, and a page that is missing in the archive fails alone, with a
    reason.
    """
    archive, waiting = waiting_in(tmp_path)
    results: list[Any] = [result for *_, result in clean_pages(archive, waiting, 2, Ledger(1000.0))]
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
    cleaned = [page.url for page, *_ in clean_pages(archive, [*waiting, *other], 1, ledger)]
    assert len(cleaned) < PAGES  # pages in progress at the first result are cleaned too
    assert cleaned[-1] in {page.url for page, _ in other}
    assert ledger.used_up == ["a", "b"]


def test_a_cluster_yields_the_same_results(tmp_path: Path) -> None:
    """A cluster yields the same pages in the same order, and the same rows of annotations, as
    processes on this machine.
    """
    pytest.importorskip("distributed", reason="needs the extra tidings[cluster]")
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    make_history(tmp_path / "history", ARTICLES, 5)  # loading its lists takes 12 seconds of CPU
    clean = clean_environment()
    done = subprocess.run(
        [sys.executable, script, tmp_path],
        env={**clean, "PYTHONPATH": ".", "PREFECT_LOGGING_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.stdout.splitlines()[-1:] == [f"{PAGES} True 1 True True"], done.stderr[-3000:]
    assert "Failed" not in done.stderr, done.stderr[-3000:]  # no chunk failed on the cluster


@pytest.mark.parametrize(("error", "expected"), [(None, "there"), (OSError("dead"), (3, 1))])
def test_a_chunk_whose_worker_died_is_done_here(error: Any, expected: Any) -> None:
    """A chunk without a result is done on this machine."""
    future = Mock(exception=lambda: error, result=lambda: "there")
    assert finish(pickle.dumps((divmod, (7, 2))), future) == expected


def test_without_a_cluster_this_machine_does_the_work() -> None:
    """No cluster is used if none is named; an address without a port is refused."""
    assert spread_of("") is None
    with pytest.raises(SettingsError, match="TIDINGS_CLUSTER: 'scheduler' is neither"):
        spread_of("scheduler")
