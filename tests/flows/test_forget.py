"""Forgetting a page of the sample newsroom deletes it everywhere, and later runs do not collect it
again.
"""

import gzip
import sqlite3
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.fixtures import DEMO_SEEDS
from tests.flows.nights import contents, night, settings_for
from tests.flows.test_nightly import feed_list, hosts_of
from tests.stages.test_rebuild import NOT_STORED
from tidings.stages import rebuild as rebuilding
from tidings.stages.rebuild import rebuild
from tidings.stages.run import start_run
from tidings.storage.lake import Lake, open_lake
from tidings.storage.release import open_release

FIRST, SECOND = "2026-07-15T20:00:00+00:00", "2026-07-17T20:00:00+00:00"


@cache
def has_text(path: Path, texts: tuple[bytes, ...], _changed_at: int) -> bool:
    """Return whether a file contains a text, as it is or in its rows or its decompressed bytes."""
    shown = [path.read_bytes()]
    if path.suffix == ".gz":
        shown.append(gzip.decompress(shown[0]))
    elif path.suffix == ".parquet":
        shown.append(repr(duckdb.sql(f"from read_parquet('{path}')").fetchall()).encode())
    elif path.suffix == ".duckdb":
        with duckdb.connect(path, read_only=True) as con:
            tables = con.execute(
                "select schema_name || '.' || table_name from duckdb_tables()"
            ).fetchall()
            shown += [repr(con.execute(f"from {table}").fetchall()).encode() for (table,) in tables]
    return any(text in data for text in texts for data in shown)


def files_with(folder: Path, texts: Sequence[bytes]) -> list[str]:
    """Return the files that contain one of the texts. Files without a change are not read again."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and has_text(path, tuple(texts), path.stat().st_mtime_ns)
    )


@pytest.mark.timeout(900)
@pytest.mark.slow
def test_a_forgotten_page_is_deleted_everywhere(
    newsroom: Any, command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file of archive, lake, releases and report contains the page, also after the next run and
    after a rebuild.

    The rebuilt lake has the rows of both runs.
    """
    settings = settings_for(
        tmp_path / "data",
        feed_list(newsroom, tmp_path, ("sample_bulletin_de", "sample_agency_zh")),
        hosts_of(newsroom),
        DEMO_SEEDS,
    )
    lake = Lake(tmp_path / "data")
    newsroom.set_now(FIRST)
    first = night(settings, FIRST)
    with open_lake(lake, read_only=True) as con:
        ((url, title, body, article_id),) = con.execute(
            "select url, title, body_text, article_id from core.articles where article_id in"
            " (select article_id from marts.theme_mentions) and capture_id in (select capture_id"
            " from raw.captures where kind = 'entry') order by published_at desc limit 1"
        ).fetchall()
        others = "\n".join(
            row[0]
            for row in con.execute(
                "select title || body_text from core.articles where url != ?", [url]
            ).fetchall()
        )
    own = [
        text.encode()
        for text in (title, *body.split("\n\n"))
        if len(text) > 25 and text not in others
    ]
    assert own
    assert files_with(lake.root, own)
    places = {"TIDINGS_WAREHOUSE": str(lake.root), "TIDINGS_SEEDS": DEMO_SEEDS}
    done = command("forget", url, "--yes", **places)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "exports and backups that were made before may still contain the page" in done.stderr
    assert files_with(lake.root, own) == []
    newsroom.set_now(SECOND)
    night(settings, SECOND)
    assert files_with(lake.root, own) == []
    for wanted in (first.release_id, None):
        with open_release(lake, wanted) as con:
            assert con.execute(
                "select count(*) from articles where url = ? or article_id = ?", [url, article_id]
            ).fetchone() == (0,)
            assert con.execute(
                "select count(*) from theme_mentions where article_id = ?", [article_id]
            ).fetchone() == (0,)
            assert con.execute("select count(*) from articles").fetchall()[0][0] > 5
    with sqlite3.connect(lake.catalog) as con:
        assert con.execute("pragma integrity_check").fetchall() == [("ok",)]
    check_rebuilt(settings, lake, monkeypatch)
    assert files_with(lake.root / "lake", own) == []


def check_rebuilt(settings: Any, lake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted rebuild does not change the lake; the next one continues and restores every
    row of two runs.
    """
    before = contents(lake)
    run = start_run(settings, now=None, run_id="test")
    settings_for(lake.root / "rebuild", settings.feeds, [], DEMO_SEEDS)  # with the reference data
    monkeypatch.setattr("tidings.stages.rebuild.report", lambda _run: None)
    with monkeypatch.context() as patch:
        patch.setattr("tidings.stages.rebuild.annotate", lambda _run: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rebuild(run)
    assert contents(lake) == before
    land, again = rebuilding._land, set[str]()

    def land_again(built: Any, stored: Any, *known: Any) -> Any:
        again.add(f"{stored.now:%Y-%m-%d}")
        return land(built, stored, *known)

    with monkeypatch.context() as patch:
        patch.setattr(rebuilding, "_land", land_again)
        made = rebuild(run)
    # All files are stored already; those of the last run may be incomplete.
    assert again == {SECOND[:10]}
    assert made.replaced
    assert (
        made.damaged,
        (made.replaced / "lake").is_dir(),
        (made.replaced / "tidings.duckdb").is_file(),
    ) == (0, True, True)
    after = contents(lake)
    assert {name for name in before if before[name] != after[name]} - NOT_STORED == {
        "raw.feed_states"
    }
    # Only the forgotten entry is missing from the last entries of a source.
    shown = "select feed_id, unnest(entry_ids) from raw.feed_states"
    with (
        open_lake(lake, read_only=True) as con,
        open_lake(Lake(made.replaced), read_only=True) as old,
    ):
        rows = [
            lake_con.execute(
                "select * exclude (entry_ids) from raw.feed_states order by all"
            ).fetchall()
            for lake_con in (con, old)
        ]
        ids = [set(lake_con.execute(shown).fetchall()) for lake_con in (con, old)]
    assert rows[0] == rows[1]
    assert (len(ids[0] - ids[1]), len(ids[1] - ids[0])) == (0, 1)
