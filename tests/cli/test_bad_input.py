"""Invalid input yields one sentence on standard error, no traceback, and a nonzero exit status."""

import os
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tidings.storage.lake import Lake
from tidings.storage.writer_lock import NIGHTLY_LOCK, writer_lock

FEEDS = {
    "port.csv": "feed_id,url\na,http://x.example:99999/f\n",
    "noport.csv": "feed_id,url\na,http://x.example:port/f\n",
    "zeroport.csv": "feed_id,url\na,http://x.example:0/f\n",
    "bracket.csv": "feed_id,url\na,http://[::1/f\n",
    "blank.csv": "feed_id,url\na,http://x.example/a b\n",
    "scheme.csv": "feed_id,url\na,ftp://x.example/f\n",
    "flag.csv": "feed_id,url,is_enabled\na,http://x.example/,maybe\n",
    "kind.csv": "feed_id,url,kind\na,http://x.example/,song\n",
    "days.csv": "feed_id,url,kind,day_url\na,http://x.example/,feed,http://x.example/{yyyy}\n",
    "nul.csv": "feed_id,url\na\0b,http://x.example/\n",
    "zone.csv": "feed_id,url,time_zone\na,http://x.example/,../../etc\n",
    "twice.csv": "feed_id,url\na,http://x.example/\na,http://y.example/\n",
    "cells.csv": "feed_id,url\na\n",
    "column.csv": "feed_id\na\n",
    "none.csv": "feed_id,url\n",
    "empty.csv": "",
}
FILES = {
    **FEEDS,
    "good.csv": "feed_id,url\na,http://x.example/\n",
    "empty.opml": "<opml version='2.0'><body/></opml>",
    "other.opml": "<rss/>",
    "counts.csv": "series,outlet,month,n_all,n_hit\ns,o,2020-01,-1,2\n",
}
WINDOW = ("--start", "2026-08-01", "--end", "2026-08-02")

BAD = [
    *[
        (("nightly", "--feeds", name), {})
        for name in (*FEEDS, "nowhere.csv", ".", "binary", "\x1b[31m")
    ],
    (("nightly", "--now", "tomorrow"), {}),
    (("nightly", "--now", "2026-08-31T22:00:00"), {}),
    *[
        ((name,), {"TIDINGS_WAREHOUSE": place})
        for name in ("nightly", "maintain", "demo", "serve", "status", "report", "doctor")
        for place in ("file", "/proc/tidings", "mysql://x")
    ],
    *[
        (("nightly",), {"TIDINGS_FEEDS": "good.csv"} | dict([setting]))
        for setting in [
            ("TIDINGS_THREADS", "many"),
            ("TIDINGS_THREADS", "0"),
            ("TIDINGS_WORKERS", "-1"),
            ("TIDINGS_WORKERS", "2.5"),
            ("TIDINGS_WORKERS", "9" * 30),
            ("TIDINGS_HOST_GAP", "nan"),
            ("TIDINGS_HOST_GAP", "inf"),
            ("TIDINGS_HOST_GAP", "-1"),
            ("TIDINGS_ALLOW_HOSTS", "localhost"),
            ("TIDINGS_ALLOW_HOSTS", "localhost:99999"),
            ("TIDINGS_SEEDS", "nowhere"),
            ("TIDINGS_FEEDS", "nowhere.csv"),
            ("TIDINGS_WEBHOOK", "file:///etc/passwd"),
            ("TIDINGS_CONTACT", "a\nb"),
            ("TIDINGS_WAREHOUSE", "postgresql://u:LEAK@127.0.0.1:9/x?data=."),
        ]
    ],
    *[
        (("serve",), dict([setting]))
        for setting in [
            ("TIDINGS_ZONE", "Mars"),
            ("TIDINGS_ZONE", "../../etc/passwd"),
            ("TIDINGS_MAINTAIN_CRON", "99 * * * *"),
            ("PREFECT_SERVER_API_PORT", "99999"),
        ]
    ],
    (("maintain",), {"TIDINGS_KEEP_NIGHTS": "x"}),
    (("maintain",), {"TIDINGS_KEEP_RAW_DAYS": "-1"}),
    (("backfill", "--start", "2026-09-01", "--end", "2026-08-01"), {}),
    (("backfill", "--start", "x", "--end", "2026-08-01"), {}),
    (("backfill",), {}),
    (("backfill", "--mode", "retag", "--start", "2026-08-01"), {}),
    (("backfill", "--start", "0001-01-01", "--end", "9999-12-31"), {}),
    (("backfill", *WINDOW, "--feed", "nope"), {}),
    (("backfill", *WINDOW, "--mode", "song"), {}),
    (("backfill", *WINDOW, "--warc", "nowhere.warc.gz"), {}),
    (("backfill", *WINDOW, "--now", "x"), {}),
    (("backfill", *WINDOW, "--feeds", "port.csv"), {}),
    (("backfill", "--mode", "retag"), {"TIDINGS_WAREHOUSE": "new"}),
    (("backfill", *WINDOW, "--mode", "reprocess"), {"TIDINGS_WAREHOUSE": "tried"}),
    *[
        (words, {"TIDINGS_WAREHOUSE": "corrupt"})
        for words in (
            ("sql", "from articles"),
            ("report",),
            ("phrase",),
            ("phrase", "x"),
            ("export", "out"),
            ("status",),
        )
    ],
    *[
        (("fetch", *words), {})
        for words in (
            ("notaurl",),
            ("http://10.0.0.1/", "x:y"),
            (),
            ("--deadline", "nan", "http://x/"),
        )
    ],
    (("fetch", "--expect", "song", "http://x.example/"), {}),
    *[
        (("feeds", "import", name), {})
        for name in ("empty.opml", "other.opml", "empty.csv", "binary", ".", "nowhere")
    ],
    *[(("feeds", "add", url), {}) for url in ("notaurl:x", "http://10.0.0.1/", "http://x:999999/")],
    (("feeds", "check", "nope"), {"TIDINGS_FEEDS": "good.csv"}),
    (("feeds", "check"), {"TIDINGS_FEEDS": "port.csv"}),
    (("feeds", "list"), {"TIDINGS_FEEDS": "binary"}),
    (("feeds", "export", "nowhere/x.opml"), {}),
    *[(("phrase", *words), {}) for words in (("",), ("  ",), ("*",), ("x", "--accept"))],
    *[
        (("index", name), {})
        for name in ("nowhere.csv", "binary", ".", "empty.csv", "column.csv", "counts.csv")
    ],
    *[(("extract", name), {}) for name in ("nowhere.html", "notaurl", ".", "http://10.0.0.1/x")],
    (("extract", "--workers", "-1", "file"), {}),
    (("export", "file"), {}),
    (("export", "/proc/x"), {}),
    (("export", "out", "--release", "1999-01-01"), {}),
    (("sql", "from nope"), {}),
    (("sql", ""), {}),
    (("sql", "select 1", "--release", "x"), {}),
    (("sql", "select 1", "--release", "2026-08-30", "--safe"), {}),
    (("sql", "--release", "2026-08-30"), {}),
    (("sql", "select 1", "--format", "song"), {}),
    (("forget", "notaurl", "--yes"), {}),
    (("backup", "file"), {}),
    (("backup", "/proc/x"), {}),
    (("restore", "nowhere"), {}),
    (("restore", "file"), {}),
    (("nosuch",), {}),
    (("reprot",), {}),
    (("--nosuch",), {}),
    (("status", "more"), {}),
]


SENTENCES = {
    ("nightly", "--feeds", "nowhere.csv"): "Feed list not found: nowhere.csv.",
    ("nightly", "--now", "tomorrow"): (
        "Invalid time 'tomorrow': use ISO 8601 with a time zone, such as 2026-08-31T22:00:00Z."
    ),
    ("nightly", "--now", "2026-08-31T22:00:00"): "The time '2026-08-31T22:00:00' has no time zone",
    ("fetch", "--expect", "song", "http://x.example/"): "song",
    ("backfill", "--mode", "retag"): "There is no warehouse in ",
    ("backfill", *WINDOW, "--mode", "reprocess"): "a backfill does not change the demo's",
    ("extract", "nowhere.html"): "nowhere.html is not a URL",
    ("nosuch",): "No such command 'nosuch'. See `",
    ("reprot",): "Did you mean 'report'",
}


@pytest.fixture(scope="module")
def wrong(sample_night: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a folder with invalid files, and a valid warehouse."""
    folder = tmp_path_factory.mktemp("wrong")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    (folder / "binary").write_bytes(b"\xff\xfe\x00,\x00\n")
    (folder / "file").write_text("plain\n")
    (folder / "tried" / "demo" / "lake").mkdir(parents=True)  # somebody has tried the demo
    (folder / "tried" / "demo" / "lake" / "catalog.sqlite").write_bytes(b"a catalog")
    (folder / "corrupt" / "lake").mkdir(parents=True)
    (folder / "corrupt" / "tidings.duckdb").write_bytes(random.Random(1).randbytes(100_000))
    (folder / "corrupt" / "lake" / "catalog.sqlite").write_bytes(b"no catalog")
    return SimpleNamespace(folder=folder, warehouse=sample_night.settings.warehouse)


@pytest.mark.parametrize(
    ("words", "variables"),
    BAD,
    ids=lambda part: " ".join(part) if isinstance(part, tuple) else None,
)
def test_bad_input_is_one_sentence(
    wrong: Any, command: Any, monkeypatch: pytest.MonkeyPatch, words: Any, variables: Any
) -> None:
    """Each command prints one line without secrets and control characters, and starts no server."""
    monkeypatch.chdir(wrong.folder)
    for name in [name for name in os.environ if name.startswith(("TIDINGS_", "PREFECT_"))]:
        monkeypatch.delenv(name)
    status, out, err = command(*words, **{"TIDINGS_WAREHOUSE": str(wrong.warehouse), **variables})
    assert status in (1, 2)
    assert SENTENCES.get(words, "") in err
    if words[0] == "doctor" and out:  # it reports the error as a finding
        assert "error  " in out
        return
    assert len(err.splitlines()) == 1, err
    assert err.startswith("tidings: ")
    assert len(err) > len("tidings: x.")
    for absent in ("Traceback", "Unexpected", "LEAK", "\x1b"):
        assert absent not in err


def test_a_programming_error_is_reported_with_its_traceback(
    wrong: Any, command: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The message names a file with the traceback; TIDINGS_DEBUG shows it for every failure."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("tidings.cli.fetch.read_settings", lambda: 1 / 0)
    status, _, err = command("fetch", "http://x.example/")
    assert status == 1
    assert len(err.splitlines()) == 1
    (log,) = tmp_path.glob("tidings-*.log")
    assert str(log) in err
    assert "ZeroDivisionError" in log.read_text()
    status, _, err = command("nosuch")
    assert status == 2
    status, _, err = command(
        "sql", "from nope", TIDINGS_DEBUG="1", TIDINGS_WAREHOUSE=str(wrong.warehouse)
    )
    assert status == 1
    assert "Traceback" in err
    assert err.splitlines()[-1].startswith("Catalog Error")


def test_serve_writes_nothing_outside_the_data_folder(command: Any, tmp_path: Path) -> None:
    """The check of the schedule imports Prefect without creating its folder in the home folder."""
    home, data = tmp_path / "home", tmp_path / "data"
    home.mkdir()
    status, _, err = command(
        "serve", HOME=str(home), TIDINGS_WAREHOUSE=str(data), TIDINGS_CRON="often"
    )
    assert status == 1
    assert "cron expression" in err
    assert list(home.iterdir()) == []


def test_a_second_nightly_run_is_refused_before_it_starts(command: Any, tmp_path: Path) -> None:
    """The message names the lock's process and time; other locks of the warehouse stay free."""
    with writer_lock(Lake(tmp_path), name=NIGHTLY_LOCK, patience=0):
        status, _, err = command("nightly", TIDINGS_WAREHOUSE=str(tmp_path))
        assert status == 1
        assert f"Another nightly is running in {tmp_path} (process {os.getpid()}, since " in err
        assert not (tmp_path / "prefect").exists()
        with (
            writer_lock(Lake(tmp_path), name="backfill.lock", patience=0),
            writer_lock(Lake(tmp_path), patience=0),
        ):
            pass
    with writer_lock(Lake(tmp_path), name=NIGHTLY_LOCK, patience=0):
        pass
