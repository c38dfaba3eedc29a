"""The night: the flow itself, run twice, killed, and with an audit that fails."""

import datetime as dt
import json
import os
import random
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import duckdb
import pytest

from tests.flows.conftest import SEEDS
from tests.flows.nights import contents, night, settings_for
from tidings.flows.stages.release import AuditError, audit, audit_all
from tidings.flows.stages.run import start_run
from tidings.sample.serve import END
from tidings.warehouse.lake import Lake, open_lake
from tidings.warehouse.release import last_release, newest_snapshot
from tidings.warehouse.release_file import file_release

TIDINGS = Path(sys.executable).with_name("tidings")
FEW = ("sample_ministry_list", "sample_bulletin_de", "sample_agency_zh")
NIGHT = """
import sys
from tests.flows.nights import night, settings_for
warehouse, feeds, hosts, seeds, now = sys.argv[1:]
night(settings_for(warehouse, feeds, hosts.split(","), seeds), now)
"""


def feed_list(newsroom, folder, names=FEW):
    lines = newsroom.feeds_csv().splitlines()
    path = folder / "feeds.csv"
    path.write_text("\n".join([lines[0], *(line for line in lines[1:] if line.split(",")[0] in names)]) + "\n", encoding="utf-8")
    return path


def hosts_of(newsroom):
    return [url.removeprefix("http://") for url in newsroom.base_urls.values()]


def test_the_command_runs_the_flow_and_tells_what_it_found(newsroom, tmp_path):
    """`tidings nightly` needs no server and no home folder, prints a summary, and a second time finds nothing to do."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "nowhere"),
        "TIDINGS_WAREHOUSE": str(tmp_path / "data"),
        "TIDINGS_ALLOW_HOSTS": ",".join(hosts_of(newsroom)),
        "TIDINGS_HOST_GAP": "0",
    }
    newsroom.set_now(END)
    command = [TIDINGS, "nightly", "--feeds", feed_list(newsroom, tmp_path), "--now", END.isoformat()]
    first = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert first.returncode == 0, first.stderr[-3000:]
    assert "Kanalblatt" in first.stdout
    assert "Traceback" not in first.stderr
    before = contents(Lake(tmp_path / "data"))
    again = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr[-3000:]
    assert "stays the last release" in again.stderr
    assert contents(Lake(tmp_path / "data")) == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--feeds", "nowhere.csv"], "There is no feed list nowhere.csv."),
        (["--now", "tomorrow"], "'tomorrow' is no instant: write it as 2026-08-31T22:00:00Z."),
        (["--now", "2026-08-31T22:00:00"], "'2026-08-31T22:00:00' names no zone"),
    ],
)
def test_a_slip_is_one_sentence(tmp_path, arguments, sentence):
    """Bad input ends with one sentence and a status other than zero, before anything starts."""
    env = {"PATH": os.environ["PATH"], "TIDINGS_WAREHOUSE": str(tmp_path / "data")}
    told = subprocess.run([TIDINGS, "nightly", *arguments], env=env, capture_output=True, text=True, check=False)
    assert told.returncode != 0
    assert sentence in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


def test_a_second_night_fetches_no_page_again(newsroom, tmp_path):
    """On the next evening unchanged feeds answer 304, no page is asked for again, and rows are only added."""
    settings = settings_for(tmp_path / "data", feed_list(newsroom, tmp_path), hosts_of(newsroom), SEEDS)
    newsroom.set_now("2026-07-15T20:00:00+00:00")
    night(settings, "2026-07-15T20:00:00+00:00")
    newsroom.clear_log()
    night(settings, "2026-07-16T20:00:00+00:00")
    assert [one["status"] for one in newsroom.log() if one["path"].endswith((".xml", "list.html"))] == [304, 304, 304]
    assert [one["path"] for one in newsroom.log() if one["status"] == 200 and one["path"] != "/robots.txt"] == []
    newsroom.set_now("2026-07-17T20:00:00+00:00")
    newsroom.clear_log()
    night(settings, "2026-07-17T20:00:00+00:00")
    with open_lake(Lake(tmp_path / "data"), read_only=True) as con:
        pages = con.execute(
            "select url, count(*) from raw.captures where kind = 'page' group by url having count(*) > 1"
        ).fetchall()
    assert pages == []


def test_a_killed_night_is_finished_by_the_next(newsroom, tmp_path):
    """SIGKILL at any moment: after the next run every row is as if nothing had happened, and readers keep a whole release."""
    newsroom.set_now(END)
    feeds, hosts = feed_list(newsroom, tmp_path), ",".join(hosts_of(newsroom))

    log = (tmp_path / "log.txt").open("w")

    def start(folder):
        arguments = [str(folder), str(feeds), hosts, SEEDS, END.isoformat()]
        return subprocess.Popen([sys.executable, "-c", textwrap.dedent(NIGHT), *arguments], stderr=log)

    began = time.monotonic()
    with log:
        assert start(tmp_path / "undisturbed").wait(200) == 0, (tmp_path / "log.txt").read_text()[-2000:]
        took = time.monotonic() - began
        expected = contents(Lake(tmp_path / "undisturbed"))
        chance = random.Random(7)
        for number in range(3):
            killed = start(tmp_path / "killed")
            time.sleep(took * (number + chance.random()) / 3)
            killed.kill()
            killed.wait()
        assert start(tmp_path / "killed").wait(200) == 0, (tmp_path / "log.txt").read_text()[-2000:]
    found = contents(Lake(tmp_path / "killed"))
    assert found.keys() == expected.keys()
    for table, rows in expected.items():
        assert set(found[table]) ^ set(rows) == set(), table


def test_a_failed_audit_releases_nothing(newsroom, tmp_path, monkeypatch):
    """When a test of dbt's fails, the last release stays what readers see, and the error names the test and its rows."""
    newsroom.set_now("2026-07-15T20:00:00+00:00")
    settings = settings_for(tmp_path / "data", feed_list(newsroom, tmp_path), hosts_of(newsroom), SEEDS)
    lake = Lake(tmp_path / "data")
    before = night(settings, "2026-07-15T20:00:00+00:00")
    with open_lake(lake) as con:
        con.execute("insert into core.articles select * from core.articles limit 1")
    newsroom.set_now("2026-07-16T20:00:00+00:00")
    with pytest.raises(AuditError, match=r"nothing was released.*unique"):
        night(settings, "2026-07-16T20:00:00+00:00")
    with open_lake(lake, read_only=True) as con:
        assert last_release(con) == before
    assert file_release(lake.release_file) == before.release_id
    with duckdb.connect(lake.release_file, read_only=True) as con:
        assert con.execute("select count(*) from articles").fetchone() == (before.row_counts["core.articles"],)


def test_what_was_audited_is_audited_again(newsroom, tmp_path, monkeypatch):
    """A row that spoils another after both passed is nothing to a night's audit, and is found by the audit of all rows."""
    now = "2026-07-15T20:00:00+00:00"
    newsroom.set_now(now)
    settings = settings_for(tmp_path / "data", feed_list(newsroom, tmp_path), hosts_of(newsroom), SEEDS)
    night(settings, now)
    run = start_run(settings, now=dt.datetime.fromisoformat(now), run_id="test", log=lambda _text: None)
    assert audit_all(run).is_ok
    with open_lake(run.lake) as con:
        con.execute("insert into core.articles select * from core.articles limit 1")
        newest = newest_snapshot(con)
    monkeypatch.setattr("tidings.flows.stages.release.snapshots_since", lambda _con, _before: (newest, newest))
    assert not audit(run, "the sums differ").failed
    with pytest.raises(AuditError, match="unique"):
        audit_all(run)


def test_the_log_of_a_night_is_polite(sample_night):
    """Every request names the project and a contact, and robots are asked for before anything else of a host."""
    assert all("Tidings/" in one["agent"] for one in sample_night.log)
    first = {}
    for one in sample_night.log:
        first.setdefault(one["host"], one["path"])
    assert set(first.values()) == {"/robots.txt"}, json.dumps(first)


def test_times_are_the_nights_own(sample_night):
    """With the clock stopped, every instant that a run writes is the night's."""
    with open_lake(sample_night.lake, read_only=True) as con:
        instants = con.execute(
            "select distinct fetched_at from raw.captures union select distinct first_seen_at from core.articles"
        ).fetchall()
    assert instants == [(END.astimezone(dt.UTC),)]
