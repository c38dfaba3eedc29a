"""``tidings demo`` replaces only a demo's folder; ``nightly`` announces a long first run."""

import dataclasses
import os
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from tests.cli.screen import screen
from tests.storage.rows import NOW, feed, store
from tidings.cli import app, nightly
from tidings.cli.findings import print_first_night
from tidings.fetch.address_check import OfflineError
from tidings.fetch.poll_state import after_poll
from tidings.fetch.response import Outcome, Response
from tidings.storage.lake import Lake, open_lake
from tidings.storage.migrate import migrate
from tidings.storage.writer_lock import NIGHTLY_LOCK, writer_lock


def test_foreign_folders_and_invalid_lists_are_refused_first(
    command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo refuses a folder with its name that no demo wrote, and its files do not change. The
    message on an invalid feed list precedes the wait for another nightly run.
    """
    kept = tmp_path / "demo" / "archive" / "mine.warc.gz"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"kept")
    shown = command("demo", TIDINGS_WAREHOUSE=str(tmp_path / "demo"))
    assert shown.returncode == 1
    assert (
        shown.stderr
        == f"tidings: {tmp_path / 'demo'} contains files that no demo wrote. Set TIDINGS_WAREHOUSE"
        f" to another folder.\n"
    )
    assert kept.read_bytes() == b"kept"
    monkeypatch.setenv("TIDINGS_FEEDS", "")  # the command sets it
    feeds = tmp_path / "list.csv"
    feeds.write_text("feed_id,address\none,https://example.org/rss\n")
    with writer_lock(Lake(tmp_path / "data"), name=NIGHTLY_LOCK, patience=0):
        done = CliRunner().invoke(
            app,
            ["nightly", "--feeds", str(feeds)],
            env={"TIDINGS_WAREHOUSE": str(tmp_path / "data")},
        )
    assert str(done.exception) == "list.csv: the column url is missing."


def test_a_second_demo_does_not_delete_the_files_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a demo is active, also before its nightly run starts, a second one fails. Afterwards it
    empties the folder.
    """
    monkeypatch.setenv("TIDINGS_WAREHOUSE", str(tmp_path))
    for name in ("TIDINGS_ALLOW_HOSTS", "TIDINGS_FEEDS", "TIDINGS_HOST_GAP", "TIDINGS_SEEDS"):
        monkeypatch.setenv(name, "")  # the demo sets them
    stored = tmp_path / "demo" / "lake" / "catalog.sqlite"
    with writer_lock(Lake(tmp_path / "demo"), name=nightly.LOCK, patience=0):
        (tmp_path / "demo" / nightly.FEEDS).write_text("feed_id,url\n")
        stored.parent.mkdir()
        stored.touch()
        refused = CliRunner().invoke(app, ["demo"]).exception
        assert str(refused).startswith(
            f"Another demo is running in {tmp_path / 'demo'} (process {os.getpid()}, since "
        )
        assert stored.exists()
    monkeypatch.setattr(nightly, "run_nightly", lambda *_: stored.exists() or sys.exit(7))
    assert CliRunner().invoke(app, ["demo"]).exit_code == 7


@pytest.mark.parametrize("is_online", [True, False])
def test_a_live_demo_collects_a_pack_if_there_is_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_online: bool
) -> None:
    """With a network, ``demo --live`` runs on the pack's sources in a folder of its own, and the
    sample newsroom does not start; without one, a sentence says that it replaces them.
    """
    monkeypatch.setenv("TIDINGS_WAREHOUSE", str(tmp_path))
    for name in ("TIDINGS_ALLOW_HOSTS", "TIDINGS_FEEDS", "TIDINGS_HOST_GAP", "TIDINGS_SEEDS"):
        monkeypatch.setenv(name, "")  # the demo sets them
    started: list[str] = []

    def run(*_: object, **__: object) -> None:
        if not is_online and os.environ["TIDINGS_WAREHOUSE"].endswith("live"):
            raise OfflineError
        started.append(os.environ["TIDINGS_FEEDS"])

    monkeypatch.setattr(nightly, "run_nightly", run)
    for name in ("print_summary", "print_first_night", "print_findings"):
        monkeypatch.setattr(nightly, name, lambda *_, **__: None)
    done = CliRunner().invoke(app, ["demo", "--live", "switzerland"])
    assert done.exit_code == 0, done.output
    assert started == [str(tmp_path / ("live" if is_online else "demo") / nightly.FEEDS)]
    assert ("invented news replaces" in done.output) is not is_online
    assert "admin.ch" in (tmp_path / "live" / nightly.FEEDS).read_text("utf-8")


def test_the_first_run_of_a_long_list_states_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a first run of many sources the command names the number of pages and the packs."""
    monkeypatch.setenv("TIDINGS_FEEDS", "")  # the command sets it
    for name in ("run_flow", "print_summary", "print_first_night", "print_findings"):
        monkeypatch.setattr(nightly, name, lambda *_, **__: None)
    for count, is_announced in ((400, True), (40, False)):
        feeds = tmp_path / f"{count}.csv"
        rows = "".join(f"f{number},https://example.org/{number}\n" for number in range(count))
        feeds.write_text(f"feed_id,url\n{rows}")
        done = CliRunner().invoke(
            app,
            ["nightly", "--feeds", str(feeds)],
            env={"TIDINGS_WAREHOUSE": str(tmp_path / "data")},
        )
        assert done.exit_code == 0
        assert (
            "400 sources downloads about 10,000 pages" in done.output
            and "feeds pack" in done.output
        ) == is_announced


def test_the_first_night_offers_a_step_for_each_source_it_cannot_use(tmp_path: Path) -> None:
    """Each has a line with the command; later nights have none."""
    lake = Lake(tmp_path)
    failed = ("The server has no document at this URL (404).", "http_error")
    with writer_lock(lake), open_lake(lake) as con:
        migrate(con)
        feeds = [
            feed(name, url=f"https://{name}.example/rss") for name in ("dead", "moved", "fine")
        ]
        states = [
            after_poll(one, None, Response(one.url, Outcome.OK, NOW), None, NOW)[0] for one in feeds
        ]
        states = [
            dataclasses.replace(states[0], outcome=failed[1], reason=failed[0]),
            dataclasses.replace(
                states[1], moved_to="https://new.example/rss", entry_ids=[str(uuid4())]
            ),
            dataclasses.replace(states[2], entry_ids=[str(uuid4())]),
        ]
        store(con, *feeds, *states)
        con.execute("insert into ops.releases (release_id) values ('first')")
    with screen(width=250) as shown:
        print_first_night(lake)
    lines = shown.getvalue().splitlines()
    assert any("(404)." in one and "feeds add https://dead.example/`" in one for one in lines)
    assert any("`tidings feeds move moved https://new.example/rss`" in one for one in lines)
    assert "Working sources: 2 of 3" in shown.getvalue()
    with writer_lock(lake), open_lake(lake) as con:
        con.execute("insert into ops.releases (release_id) values ('second')")
    with screen() as later:
        print_first_night(lake)
    assert not later.getvalue()
