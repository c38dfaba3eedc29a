"""``tidings forget`` lists the data before it deletes anything."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.storage.rows import article, capture, extraction, store
from tidings.cli.terminal import UserError
from tidings.cli.warehouse import forget
from tidings.storage.forget import forgotten_urls
from tidings.storage.lake import Lake, open_lake, transaction
from tidings.storage.load import merge
from tidings.storage.migrate import migrate
from tidings.storage.writer_lock import writer_lock

PAGE = "http://example.org/a"


@pytest.mark.parametrize("is_asked", [False, True])
def test_forget_lists_the_data_first(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    is_asked: Any,
) -> None:
    """A dry run and a declined confirmation list URLs and articles, and delete nothing."""
    lake = Lake(tmp_path)
    row = capture(PAGE, final_url="http://example.org/moved", warc_file=None)
    with writer_lock(lake), open_lake(lake) as con:
        migrate(con)
        store(
            con,
            row,
            extraction(row.capture_id, PAGE),
            article(PAGE, capture_id=row.capture_id, published_on=dt.date(2026, 6, 1)),
        )
    monkeypatch.setenv("TIDINGS_WAREHOUSE", str(tmp_path))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda _: False)
    if is_asked:
        with pytest.raises(UserError, match="nothing was deleted"):
            forget(PAGE, outlet="", dry_run=False, yes=False)
    else:
        forget(PAGE, outlet="", dry_run=True, yes=False)
    assert capsys.readouterr().out.splitlines() == [
        "url      http://example.org/a",
        "url      http://example.org/moved",
        "article  2026-06-01  A title",
        "captures 1 of the page, 0 of feeds and listings that contain it",
    ]
    with open_lake(lake, read_only=True) as con:
        assert con.execute("select count(*) from core.articles").fetchone() == (1,)
        assert forgotten_urls(con) == frozenset()


def test_the_full_texts_of_an_outlet_are_listed(command: Any, tmp_path: Path) -> None:
    """Summaries in place of reserved pages remain. One page or one outlet must be named."""
    lake = Lake(tmp_path)
    rows = [capture(PAGE), capture(f"{PAGE}b"), capture(f"{PAGE}c")]
    with writer_lock(lake), open_lake(lake) as con:
        migrate(con)
        with transaction(con):
            merge(con, rows)
            merge(con, [extraction(row.capture_id, row.url) for row in rows])
            kinds = zip(rows, ("marked", "summary", "marked"), strict=True)
            merge(
                con,
                [article(row.url, capture_id=row.capture_id, extractor=how) for row, how in kinds],
            )
    name = article(PAGE).publisher_id
    done = command("forget", "--outlet", name, "--dry-run", TIDINGS_WAREHOUSE=str(tmp_path))
    urls = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("url")]
    assert urls == [PAGE, f"{PAGE}c"]
    for words in ([], [PAGE, "--outlet", name]):
        assert "Name one page by its URL, or one outlet" in command("forget", *words).stderr
    assert "no full text of the outlet 'other'" in command("forget", "--outlet", "other").stderr
