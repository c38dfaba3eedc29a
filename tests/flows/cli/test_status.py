"""The health of sources on one screen."""

import datetime as dt
import io

import pytest
from rich.console import Console

from tidings.flows.cli.source_health import print_sources
from tidings.warehouse.lake import Lake, open_lake, transaction
from tidings.warehouse.load import merge
from tidings.warehouse.migrate import migrate
from tidings.warehouse.records import FeedState
from tidings.warehouse.writer_lock import writer_lock

NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def _state(name, outcome="ok", reason=None, failures=0, *, newest=NOW - DAY, retired=None):
    success = NOW if outcome == "ok" else NOW - 9 * DAY
    kept = (None, None, outcome, reason, NOW, success, newest, failures, NOW + DAY, 3600, None, 0, retired, [])
    return FeedState(name, f"https://{name}.example/", *kept)


@pytest.fixture
def shown(tmp_path):
    """What a terminal of a width shows."""
    lake = Lake(tmp_path)
    states = [
        _state("well"),
        _state("cut", reason="Read in part. Its end is missing."),
        _state("still", newest=NOW - 40 * DAY),
        _state("young", "http_error", "The server has nothing at this address (404).", 2),
        _state("old", "http_error", "The server has nothing at this address (404).", 7),
        _state("withdrawn", "gone", "The server says that this address is gone for good (410).", 1, retired=NOW),
        _state("a_name_that_is_longer_than_any_column_should_have_to_be", "throttled", "It asks [for] peace.", 1),
    ]
    with writer_lock(lake), open_lake(lake) as con:
        migrate(con)
        with transaction(con):
            merge(con, states)

    def show(width, *, all_sources=False):
        out = io.StringIO()
        with open_lake(lake, read_only=True) as con:
            print_sources(Console(file=out, width=width), con, all_sources=all_sources)
        return out.getvalue()

    return show


@pytest.mark.parametrize("width", [80, 140])
def test_each_source_in_trouble_says_why_what_to_do_and_when_it_is_asked_next(shown, width):
    """And none breaks a line of figures, in a narrow terminal either; first comes what a person can do something about."""
    told = shown(width)
    assert "7 known, 2 well, 1 silent, 4 in trouble" in told
    assert all(len(line) <= width for line in told.splitlines())
    order = [told.index(what) for what in ("withdrawn ", "old ", "still ", "a_name_that", "young ")]
    assert max(order[:3]) < min(order[3:])
    assert "    withdrawn" in told
    assert "    well" not in told
    assert "1  2026-05-23    2026-05-31  2026-06-02 22:00" in told
    assert "7  2026-05-23    2026-05-31  2026-06-02 22:00" in told
    told = " ".join(told.split())
    assert "Retired: it is asked once in 30 days." in told
    for sentence in ("nothing at this address (404).", "It asks [for] peace.", "Nothing: it is tried again.", "feeds check ID"):
        assert sentence in told
    assert "Read in part" not in told


def test_all_sources_are_shown_when_asked_for(shown):
    """With what there is to say of those that are well, too."""
    told = shown(100, all_sources=True)
    assert "    well" in told
    assert told.index("Its end is missing.") < told.index("    cut")
