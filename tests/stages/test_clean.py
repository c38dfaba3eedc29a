"""The stage clean limits the time of each source, and a bad page affects no other page."""

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.flows.nights import contents, settings_with
from tests.storage.rows import NOW, capture
from tidings.stages.clean import clean
from tidings.stages.land import Landing, land
from tidings.stages.prepare import prepare
from tidings.stages.run import Run, start_run
from tidings.storage.archive import digest_of
from tidings.storage.lake import open_lake

DAY = dt.timedelta(days=1)
LINES = "".join(
    f"<p>Paragraph {n} of this page tells what the plan for the canal costs the town.</p>"
    for n in range(6)
)


def _night(folder: Path, now: dt.datetime, lines: list[str], **budget: float) -> Run:
    settings = settings_with(folder, [f"{name},http://example.org/{name}.xml" for name in "ab"])
    settings = dataclasses.replace(settings, budget=dataclasses.replace(settings.budget, **budget))
    run = start_run(settings, now=now, run_id="test", log=lines.append)
    prepare(run)
    return run


def _land(run: Run, pages: dict[tuple[str, str], bytes]) -> None:
    landings = []
    for (feed_id, name), body in pages.items():
        row = capture(
            f"http://example.org/{name}",
            feed_id=feed_id,
            digest=digest_of(body),
            byte_count=len(body),
        )
        landings.append(Landing(row, b"HTTP/1.1 200 OK\r\n\r\n", body))
    land(run, "pages", landings)


def _page(text: str, title: str) -> bytes:
    return (
        f"<html><head><title>{title}</title></head><body><article>"
        f"<h1>{title}</h1>{text}</article></body></html>"
    ).encode()


def _rows(run: Run) -> tuple[list[Any], list[Any], list[Any]]:
    """Return extractions without their time, articles and revisions."""
    with open_lake(run.lake, read_only=True) as con:
        extractions = con.execute(
            "select * exclude (extracted_at) from core.extractions order by url"
        ).fetchall()
    return (
        extractions,
        contents(run.lake)["core.articles"],
        contents(run.lake)["core.article_revisions"],
    )


@pytest.mark.slow
def test_a_source_that_used_its_seconds_loses_nothing(tmp_path: Path) -> None:
    """The log counts deferred pages; later runs clean them with equal rows; other sources go on."""
    pages = {("a", f"a{n}"): _page(LINES, f"Canal {n}") for n in range(12)} | {
        ("b", "b"): _page(LINES, "Canal b")
    }
    (tmp_path / "once").mkdir()
    single_run = _night(tmp_path / "once", NOW, [])
    _land(single_run, pages)
    clean(single_run)
    (tmp_path / "parts").mkdir()
    lines: list[str] = []
    run = _night(tmp_path / "parts", NOW, lines, clean_seconds=1e-9)
    _land(run, pages)
    first = clean(run)
    left = len(pages) - first.total()
    assert 0 < left < 12
    assert f"deferred to the next run: {left} pages of a (cleaning used its 1e-09 s)" in lines
    with open_lake(run.lake, read_only=True) as con:
        assert con.execute(
            "select count(*) from core.articles where url like '%/b'"
        ).fetchone() == (1,)
    assert clean(_night(tmp_path / "parts", NOW + DAY, [], clean_seconds=60.0))["article"] == left
    assert _rows(run) == _rows(single_run)
    again = _night(tmp_path / "parts", NOW + 2 * DAY, lines)
    assert clean(again) == {}
    assert _rows(run) == _rows(single_run)
