"""``tidings doctor`` reports problems and next steps; its exit status shows an error."""

import datetime as dt
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.storage.services import shared_address
from tidings.base.messages import explain
from tidings.base.settings import read_settings
from tidings.cli.doctor import (
    check_disk,
    check_lake,
    check_seeds,
    check_warehouse,
)
from tidings.demo.serve import END
from tidings.stages.audit import AUDIT_FILE
from tidings.storage.file_store import s3_client
from tidings.storage.lake import Lake, WarehouseError, open_lake
from tidings.storage.migrate import migrate
from tidings.storage.remote_lake import lake_at
from tidings.storage.writer_lock import writer_lock

HEADER = (
    "theme_id,parent_id,label_en,label_zh,label_de,cap_code,kind,definition,valid_from,"
    "valid_to,source\n"
)


def _by_subject(findings: Any) -> Any:
    grouped: dict[str, list[Any]] = {}
    for finding in findings:
        grouped.setdefault(finding.subject, []).append(finding)
    return grouped


def test_a_full_disk_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk without space for another release file is an error."""
    monkeypatch.setattr("tidings.cli.doctor.SPARE", shutil.disk_usage(tmp_path).total * 2.0)
    found = check_disk(tmp_path / "not" / "made" / "yet")
    assert found.level == "error"
    assert "TIDINGS_WAREHOUSE" in found.action


def test_invalid_seeds_are_an_error(tmp_path: Path) -> None:
    """A theme with an unknown parent and a missing folder in TIDINGS_SEEDS are errors."""
    (tmp_path / "themes.csv").write_text(
        HEADER + "mine,no_such_area,Mine,,,1,theme,What it is,,,\n", encoding="utf-8"
    )
    folders = os.pathsep.join([str(tmp_path), str(tmp_path / "nowhere")])
    findings = _by_subject(check_seeds(read_settings({"TIDINGS_SEEDS": folders})))["reference data"]
    assert [finding.level for finding in findings] == ["error", "error"]
    assert "nowhere" in findings[0].state
    assert "no_such_area" in findings[1].state


def test_a_rule_for_a_publisher_of_the_feed_list_is_valid(tmp_path: Path) -> None:
    """A rule for a publisher that only the feed list has is valid, for an unknown one an error."""
    rules = "rule_id,publisher_id,body\nmine,my.paper,#a\n"
    (tmp_path / "extraction_rules.csv").write_text(rules, encoding="utf-8")
    feeds = tmp_path / "feeds.csv"
    feeds.write_text(
        "feed_id,url,publisher_id\na,http://example.org/rss,my.paper\n", encoding="utf-8"
    )
    settings = {"TIDINGS_SEEDS": str(tmp_path), "TIDINGS_FEEDS": str(feeds)}
    assert [
        finding.level
        for finding in _by_subject(check_seeds(read_settings(settings)))["reference data"]
    ] == ["ok"]
    feeds.write_text("feed_id,url\na,http://example.org/rss\n", encoding="utf-8")
    (found,) = _by_subject(check_seeds(read_settings(settings)))["reference data"]
    assert found.level == "error"
    assert "my.paper" in found.state


def test_an_invalid_feed_list_is_an_error(tmp_path: Path) -> None:
    """A feed list with an invalid URL is an error that contains the URL."""
    feeds = tmp_path / "feeds.csv"
    feeds.write_text("feed_id,url\na,not-an-address\n", encoding="utf-8")
    (found,) = _by_subject(check_seeds(read_settings({"TIDINGS_FEEDS": str(feeds)})))[
        "reference data"
    ]
    assert found.level == "error"
    assert "not-an-address" in found.state


def test_a_missing_or_new_warehouse_is_an_error(tmp_path: Path) -> None:
    """An empty folder yields one error, which explains how to create a warehouse. A new lake is ok,
    but the missing run and release are errors.
    """
    (found,) = check_warehouse(Lake(tmp_path), END)
    assert found.level == "error"
    assert "tidings demo" in found.state
    lake = Lake(tmp_path)
    with open_lake(lake) as con:
        migrate(con)
    findings = _by_subject(check_warehouse(lake, END))
    assert findings["warehouse"][0].level == "ok"
    assert findings["last run"][0].level == "error"
    assert findings["release"][0].level == "error"


def test_a_run_of_the_past_or_future_is_an_error(sample_night: Any) -> None:
    """A run is ok on the next morning and an error a week later; a missing report is an error.
    Polls in the future show that the clock of their run was ahead.
    """
    morning = _by_subject(check_warehouse(sample_night.lake, END + dt.timedelta(hours=8)))
    assert morning["last run"][0].level == "ok"
    assert morning["release"][0].level == "ok"
    assert "tidings report" in morning["report"][0].action
    later = _by_subject(check_warehouse(sample_night.lake, END + dt.timedelta(days=7)))
    assert later["last run"][0].level == "error"
    assert "7 days ago" in later["last run"][0].state
    (finding,) = _by_subject(check_warehouse(sample_night.lake, END - dt.timedelta(days=365)))[
        "last run"
    ]
    assert finding.level == "error"
    assert (
        f"the clock of a run was ahead: its polls have the time {END:%Y-%m-%d %H:%M} UTC"
        in finding.state
    )


def test_damage_is_reported(tmp_path: Path) -> None:
    """A newer schema, a failed audit, a missing release file and a failing source are reported."""
    lake = Lake(tmp_path)
    with open_lake(lake) as con:
        migrate(con)
        con.execute("insert into ops.schema_versions values (999, '0999_later.sql', now())")
        con.execute(
            "insert into raw.feed_states by name"
            " select 'ministry' as feed_id, 'gone' as outcome, ?::timestamptz as last_polled_at, 5"
            " as failure_count",
            [END],
        )
        con.execute(
            "insert into ops.releases by name select 'r1' as release_id, ?::timestamptz as"
            " released_at, 1 as snapshot_id",
            [END],
        )
    lake.work.mkdir()
    failed = {"passed": 86, "warned": [], "failed": ["shares_lie_between_0_and_1"]}
    (lake.work / AUDIT_FILE).write_text(json.dumps(failed), encoding="utf-8")
    findings = _by_subject(check_warehouse(lake, END))
    assert "999" in findings["warehouse"][0].state
    assert findings["warehouse"][0].action == "Upgrade Tidings."
    assert findings["audit"][0].level == "error"
    assert "shares_lie_between_0_and_1" in findings["audit"][0].state
    assert findings["release"][0].level == "error"
    assert "r1" in findings["release"][0].state
    assert findings["sources"][0].level == "warn"
    assert "ministry" in findings["sources"][0].state


@pytest.fixture(scope="module")
def shared(pg: Any, s3: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a migrated lake in PostgreSQL and object storage, with a role and its password."""
    address = shared_address(pg, tmp_path_factory.mktemp("shared") / "one")
    with open_lake(lake_at(address, Path())) as con:
        migrate(con)
    import psycopg

    with psycopg.connect(pg.url("postgres"), autocommit=True) as session:
        session.execute("create role locked login password 'right-password'")
        [place] = session.execute("show hba_file").fetchone()
        rules = Path(place)
        rules.write_text(
            f"local all locked scram-sha-256\n{rules.read_text(encoding='utf-8')}", encoding="utf-8"
        )
        session.execute("select pg_reload_conf()")
    return address


def test_a_shared_lake_is_checked(shared: Any, tmp_path: Path) -> None:
    """The checks name the catalog, and this machine does not report another machine's audit and
    release as missing.
    """
    lake = lake_at(shared, Path())
    empty = _by_subject(check_lake(lake, END))
    assert [finding.level for finding in empty["warehouse"]] == ["ok"]
    assert empty["warehouse"][0].state.startswith("postgresql://")
    with open_lake(lake) as con:
        con.execute(
            "insert into ops.releases by name select 'r1' as release_id, ?::timestamptz as"
            " released_at, 1 as snapshot_id,"
            " 86 as audit_passed, 0 as audit_warned",
            [END],
        )
        con.execute(
            "insert into raw.feed_states by name select 'a' as feed_id, ?::timestamptz as"
            " last_polled_at, 0 as failure_count, 'ok' as outcome, [uuid()] as entry_ids",
            [END],
        )
    elsewhere = _by_subject(check_lake(lake_at(shared.replace("/one", "/two"), Path()), END))
    assert {finding.level for findings in elsewhere.values() for finding in findings} == {"ok"}
    assert "another machine" in elsewhere["audit"][0].state
    assert "r1; this machine has no release" in elsewhere["release"][0].state
    assert not lake_at(shared.replace("/one", "/two"), Path()).release_file.exists()


@pytest.mark.parametrize(
    ("variables", "change", "step"),
    [
        ({"AWS_ACCESS_KEY_ID": ""}, ("", ""), "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        (
            {"AWS_SECRET_ACCESS_KEY": ""},
            ("", ""),
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ),
        ({"AWS_ENDPOINT_URL": "127.0.0.1:9"}, ("", ""), "correct AWS_ENDPOINT_URL"),
        (
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"},
            ("", ""),
            "check the network",
        ),
        ({"AWS_PROFILE": "none"}, ("", ""), "correct AWS_PROFILE"),
        (
            {},
            ("s3://lakes/", "s3://other/"),
            "`tidings setup` creates the bucket, or correct data= in TIDINGS_WAREHOUSE",
        ),
        ({}, ("s3://lakes/", "s3://La_kes!/"), "correct data= in TIDINGS_WAREHOUSE"),
        ({}, ("s3://lakes/", "s3://lakes/x"), "correct data= in TIDINGS_WAREHOUSE"),
        ({}, ("@/t", "@/x"), "`tidings setup` creates it, or correct TIDINGS_WAREHOUSE"),
        (
            {},
            ("@/", "@127.0.0.1:9/"),
            "start the server, or correct its host and port in TIDINGS_WAREHOUSE",
        ),
        (
            {"PGPASSWORD": "wrong-password"},
            ("postgres@", "locked@"),
            "set PGPASSWORD, or correct the user",
        ),
        ({}, ("postgres@", "locked@"), "set PGPASSWORD, or correct the user"),
    ],
)
def test_a_wrong_setting_of_a_shared_lake_is_one_sentence(
    shared: Any, monkeypatch: pytest.MonkeyPatch, variables: Any, change: Any, step: str
) -> None:
    """An empty key, a wrong bucket, a wrong password or an unreachable host has one sentence that
    names the next step.

    The check and a run report the same sentence, and neither reports a bug.
    """
    address = shared.replace(*change) if change[0] else shared
    if "@127" in address:
        address = re.sub(r"host=[^&]*&", "", address)
    for name, value in {"AWS_EC2_METADATA_DISABLED": "true", **variables}.items():
        monkeypatch.setenv(name, value)
    s3_client.cache_clear()
    lake = lake_at(address, Path())
    try:
        (finding,) = check_lake(lake, END)
        with pytest.raises(WarehouseError) as failure, writer_lock(lake), open_lake(lake):
            pass
    finally:
        s3_client.cache_clear()
    assert finding.level == "error"
    for sentence in (finding.state, explain(failure.value)):
        assert sentence
        assert step in sentence
        assert "\n" not in sentence
        assert "wrong-password" not in sentence


def test_a_new_installation_has_no_warning_about_its_lists(tmp_path: Path) -> None:
    """The bundled lists, without check dates and reviewers, are in order on the first day."""
    findings = _by_subject(check_seeds(read_settings({"XDG_DATA_HOME": str(tmp_path)})))
    assert {finding.level for entries in findings.values() for finding in entries} == {"ok"}


def test_errors_set_the_exit_status(command: Any, tmp_path: Path) -> None:
    """An error is status 1; --quiet prints only errors; an invalid variable is all it finds."""
    found = command("doctor", "--quiet", TIDINGS_WAREHOUSE=str(tmp_path))
    assert found.returncode == 1
    lines = found.stdout.strip().splitlines()
    assert any(line.startswith("error  warehouse: ") for line in lines)
    assert not any(line.startswith(("ok", "warn")) for line in lines)
    broken = command("doctor", TIDINGS_HOST_GAP="soon")
    assert broken.returncode == 1
    assert "TIDINGS_HOST_GAP" in broken.stdout
