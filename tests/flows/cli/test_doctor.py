"""``tidings doctor`` names what is missing or stale, says what to do, and ends with a status that a script can ask."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import duckdb

from tidings.flows.cli import doctor_machine
from tidings.flows.cli.doctor_machine import examine_disk, examine_duckdb, examine_packages, examine_seeds
from tidings.flows.cli.doctor_schedule import examine_schedule
from tidings.flows.cli.doctor_warehouse import examine_warehouse
from tidings.flows.cli.findings import Level
from tidings.flows.settings import read_settings
from tidings.flows.stages.release import AUDIT_FILE
from tidings.sample.serve import END
from tidings.warehouse.lake import Lake, open_lake
from tidings.warehouse.migrate import migrate

HEADER = "theme_id,parent_id,label_en,label_zh,label_de,cap_code,kind,definition,valid_from,valid_to,source\n"


def _by_what(findings):
    told = {}
    for one in findings:
        told.setdefault(one.what, []).append(one)
    return told


@contextmanager
def _server(answers):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = next((answer for end, answer in answers.items() if self.path.endswith(end)), (404, None))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield str(server.server_address[1])
        server.shutdown()
        thread.join()


def test_this_machine_is_in_order():
    """DuckDB, its shell and its extensions fit each other here, and the disk has room."""
    assert examine_duckdb().level is Level.ok
    assert examine_disk(read_settings({}).warehouse).level is Level.ok


def test_a_package_of_another_version_is_named(tmp_path):
    """A pin that the installed package does not meet is told with both versions; pins of other platforms are not asked."""
    lock = tmp_path / "requirements.lock"
    lock.write_text("duckdb==0.0.1 \\\n    --hash=sha256:00\npytest==0.0.2 ; python_version < '3' \\\n    --hash=sha256:00\n")
    found = examine_packages(lock)
    assert found.level is Level.fix
    assert f"duckdb {duckdb.__version__} for 0.0.1" in found.state
    assert "pytest" not in found.state
    lock.write_text(f"duckdb=={duckdb.__version__} \\\n    --hash=sha256:00\nno-such-package-at-all==1\n")
    assert examine_packages(lock).level is Level.ok


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    """A disk without room for another release file is to be fixed."""
    monkeypatch.setattr(doctor_machine, "SPARE", shutil.disk_usage(tmp_path).total * 2.0)
    found = examine_disk(tmp_path / "not" / "made" / "yet")
    assert found.level is Level.fix
    assert "TIDINGS_WAREHOUSE" in found.todo


def test_an_overlay_that_cannot_be_is_told(tmp_path):
    """A theme of an overlay whose parent nobody knows is named; so is a folder that is not there."""
    (tmp_path / "themes.csv").write_text(HEADER + "mine,no_such_area,Mine,,,1,theme,What it is,,,\n", encoding="utf-8")
    folders = os.pathsep.join([str(tmp_path), str(tmp_path / "nowhere")])
    told = _by_what(examine_seeds(read_settings({"TIDINGS_SEEDS": folders})))["reference data"]
    assert [one.level for one in told] == [Level.fix, Level.fix]
    assert "nowhere" in told[0].state
    assert "no_such_area" in told[1].state


def test_a_rule_for_a_publisher_of_the_feed_list_is_in_order(tmp_path):
    """A rule fits a publisher that only the feed list names; one that nobody names is still to be fixed."""
    rules = "rule_id,publisher_id,body\nmine,my.paper,#a\n"
    (tmp_path / "extraction_rules.csv").write_text(rules, encoding="utf-8")
    feeds = tmp_path / "feeds.csv"
    feeds.write_text("feed_id,url,publisher_id\na,http://example.org/rss,my.paper\n", encoding="utf-8")
    settings = {"TIDINGS_SEEDS": str(tmp_path), "TIDINGS_FEEDS": str(feeds)}
    assert [one.level for one in _by_what(examine_seeds(read_settings(settings)))["reference data"]] == [Level.ok]
    feeds.write_text("feed_id,url\na,http://example.org/rss\n", encoding="utf-8")
    (found,) = _by_what(examine_seeds(read_settings(settings)))["reference data"]
    assert found.level is Level.fix
    assert "my.paper" in found.state


def test_a_feed_list_that_cannot_be_used_is_told(tmp_path):
    """A feed list with an address that is none is to be fixed, in the registry's own sentence."""
    feeds = tmp_path / "feeds.csv"
    feeds.write_text("feed_id,url\na,not-an-address\n", encoding="utf-8")
    (found,) = _by_what(examine_seeds(read_settings({"TIDINGS_FEEDS": str(feeds)})))["reference data"]
    assert found.level is Level.fix
    assert "not-an-address" in found.state


def test_where_there_is_no_warehouse_it_says_how_to_make_one(tmp_path):
    """An empty folder is told to run a night first, and nothing else is looked at."""
    (found,) = examine_warehouse(Lake(tmp_path), END)
    assert found.level is Level.fix
    assert "make demo" in found.todo


def test_a_warehouse_never_polled_has_no_last_night(tmp_path):
    """A lake just made is well, but has had no night and no release."""
    lake = Lake(tmp_path)
    with open_lake(lake) as con:
        migrate(con)
    told = _by_what(examine_warehouse(lake, END))
    assert told["warehouse"][0].level is Level.ok
    assert told["last night"][0].level is Level.fix
    assert told["release"][0].level is Level.fix


def test_age_is_told(sample_night):
    """The same warehouse is well on the morning after its night and stale a week later; without a report it says so."""
    morning = _by_what(examine_warehouse(sample_night.lake, END + dt.timedelta(hours=8)))
    assert morning["last night"][0].level is Level.ok
    assert morning["release"][0].level is Level.ok
    assert "tidings report" in morning["report"][0].todo
    later = _by_what(examine_warehouse(sample_night.lake, END + dt.timedelta(days=7)))
    assert later["last night"][0].level is Level.fix
    assert "7 days ago" in later["last night"][0].state


def test_damage_is_told(tmp_path):
    """A newer schema, a failed audit, a lost release file and a failing source are each named."""
    lake = Lake(tmp_path)
    with open_lake(lake) as con:
        migrate(con)
        con.execute("insert into ops.schema_versions values (999, '0999_later.sql', now())")
        con.execute(
            "insert into raw.feed_states by name"
            " select 'ministry' as feed_id, 'gone' as outcome, ?::timestamptz as last_polled_at, 5 as failure_count",
            [END],
        )
        con.execute(
            "insert into ops.releases by name select 'r1' as release_id, ?::timestamptz as released_at, 1 as snapshot_id", [END]
        )
    lake.work.mkdir()
    failed = {"passed": 86, "warned": [], "failed": ["shares_lie_between_0_and_1"]}
    (lake.work / AUDIT_FILE).write_text(json.dumps(failed), encoding="utf-8")
    told = _by_what(examine_warehouse(lake, END))
    assert "999" in told["warehouse"][0].state
    assert told["warehouse"][0].todo == "Upgrade Tidings."
    assert told["audit"][0].level is Level.fix
    assert "shares_lie_between_0_and_1" in told["audit"][0].state
    assert told["release"][0].level is Level.fix
    assert "r1" in told["release"][0].state
    assert told["sources"][0].level is Level.look
    assert "ministry" in told["sources"][0].state


def test_the_schedule_of_a_server_is_read():
    """A server whose night is planned and served is well; paused, unserved and unknown nights are to be fixed."""
    plan = {"active": True, "schedule": {"cron": "30 4 * * *", "timezone": "Europe/Zurich"}}
    cases = [
        ({"paused": False, "schedules": [plan], "status": "READY"}, Level.ok, "30 4 * * * (Europe/Zurich)"),
        ({"paused": True, "schedules": [plan], "status": "READY"}, Level.fix, "paused"),
        ({"paused": False, "schedules": [plan], "status": "NOT_READY"}, Level.fix, "nothing serves it"),
    ]
    for deployment, level, words in cases:
        with _server({"/api/health": (200, True), "/nightly/nightly": (200, deployment)}) as port:
            told = _by_what(examine_schedule({"PREFECT_SERVER_API_PORT": port}))
        assert told["Prefect"][0].level is Level.ok
        assert told["schedule"][0].level is level
        assert words in told["schedule"][0].state
    with _server({"/api/health": (200, True)}) as port:
        assert "knows no night" in _by_what(examine_schedule({"PREFECT_SERVER_API_PORT": port}))["schedule"][0].state
    with _server({"/api/health": (200, True), "/nightly/nightly": (401, {})}) as port:
        assert "wants a password" in _by_what(examine_schedule({"PREFECT_SERVER_API_PORT": port}))["schedule"][0].state


def test_a_port_in_use_is_told():
    """What answers on the port and is no Prefect server, what listens and does not answer, and what is not there, differ."""
    with _server({}) as port:
        found = _by_what(examine_schedule({"PREFECT_SERVER_API_PORT": port}))["Prefect"][0]
    assert found.level is Level.fix
    assert "PREFECT_SERVER_API_PORT" in found.todo
    nobody = _by_what(examine_schedule({"PREFECT_SERVER_API_PORT": port}))
    assert "Prefect" not in nobody
    assert "schedule" in nobody
    named = _by_what(examine_schedule({"PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}))
    assert named["Prefect"][0].level is Level.fix


def _tidings(*words, **variables):
    return subprocess.run(
        [sys.executable, "-m", "tidings.flows.cli", *words],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_exit_status_tells(tmp_path):
    """Something to fix is exit status 1, a line each with what to do; a variable that cannot be read is told alone."""
    found = _tidings("doctor", "--quiet", TIDINGS_WAREHOUSE=str(tmp_path))
    assert found.returncode == 1
    lines = found.stdout.strip().splitlines()
    assert any(line.startswith("fix   warehouse: there is none") for line in lines)
    assert not any(line.startswith("ok") for line in lines)
    broken = _tidings("doctor", TIDINGS_HOST_GAP="soon")
    assert broken.returncode == 1
    assert "TIDINGS_HOST_GAP" in broken.stdout
