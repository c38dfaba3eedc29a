"""``tidings status`` shows the health of the sources."""

import datetime as dt
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.cli.screen import screen
from tests.storage.rows import store
from tidings.analysis.breaks import read_breaks
from tidings.base.records import FeedState
from tidings.cli.doctor import accept_break, check_outlets
from tidings.cli.findings import print_sources
from tidings.cli.terminal import UserError
from tidings.stages.plan import Gap
from tidings.storage.lake import Lake, open_lake
from tidings.storage.migrate import migrate
from tidings.storage.writer_lock import writer_lock

NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def _state(
    name: Any,
    outcome: str = "ok",
    reason: Any = None,
    failures: int = 0,
    *,
    newest: Any = NOW - DAY,
    retired: Any = None,
) -> Any:
    success = NOW if outcome == "ok" else NOW - 9 * DAY
    rest: Any = (
        None,
        None,
        outcome,
        reason,
        NOW,
        success,
        newest,
        failures,
        NOW + DAY,
        3600,
        None,
        0,
        retired,
        [str(UUID(int=1))],
    )
    return FeedState(name, f"https://{name}.example/", *rest)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Return a lake with the states of eight sources."""
    lake = Lake(tmp_path)
    states = [
        _state("well"),
        _state("cut", reason="Read in part. Its end is missing."),
        _state("still", newest=NOW - 70 * DAY),
        _state("young", "http_error", "The server reports an internal error (500).", 2),
        _state("old", "http_error", "The server has nothing at this address (404).", 7),
        _state(
            "moved_list", "no_items", "The page responds, but its item_selector matches no link.", 1
        ),
        _state(
            "withdrawn",
            "gone",
            "The server says that this address is gone for good (410).",
            1,
            retired=NOW,
        ),
        _state(
            "a_name_that_is_longer_than_any_column_should_have_to_be",
            "throttled",
            "It asks [for] peace.",
            1,
        ),
    ]
    with writer_lock(lake), open_lake(lake) as con:
        migrate(con)
        store(con, *states)
    return lake


@pytest.fixture
def shown(lake: Lake) -> Any:
    """Return a function that returns the output for a terminal width."""

    def show(width: Any, *, all_sources: bool = False) -> Any:
        options = {"width": width, "force_terminal": True, "color_system": None}
        with open_lake(lake, read_only=True) as con, screen(**options) as out:
            print_sources(con, all_sources=all_sources)
        return out.getvalue()

    return show


@pytest.mark.parametrize("width", [80, 140])
def test_each_failing_source_has_reason_action_and_next_poll(shown: Any, width: Any) -> None:
    """Lines fit the terminal, and problems that need an action come first."""
    output = shown(width)
    assert "Working sources: 3 of 8" in output
    assert all(len(line) <= width for line in output.splitlines())
    order = [
        output.index(f"\n  {name}")
        for name in ("old ", "withdrawn ", "still ", "a_name_that", "young")
    ]
    assert max(order[:3]) < min(order[3:])
    assert "  well" not in output
    output = " ".join(output.split())
    for sentence in (
        "withdrawn dead, failed 1×: last success 2026-05-23, last new 2026-05-31, next poll",
        "old dead, failed 7×: last success 2026-05-23",
        "Retired: polled once in 30 days.",
        "nothing at this address (404).",
        "It asks [for] peace.",
        "No action is needed: the next poll tries again.",
        "feeds add https://still.example/` looks for its current feed",
        "feeds check ID",
        "proposes new selectors",
    ):
        assert sentence in output
    assert "Read in part" not in output


def test_all_sources_are_shown_with_the_option(shown: Any) -> None:
    """The output includes the working sources and the notes about them."""
    output = shown(100, all_sources=True)
    assert "\n  well  fine: last success" in output
    assert output.index("\n  cut") < output.index("Its end is missing.")


def test_without_a_network_no_source_is_called_dead(tmp_path: Path) -> None:
    """If no source responded, the status names the network and recommends to disable nothing."""
    lake = Lake(tmp_path)
    with writer_lock(lake), open_lake(lake) as con:
        migrate(con)
        store(
            con,
            *[_state(name, "dns_error", "The host name was not found.", 1) for name in ("a", "b")],
        )
    with open_lake(lake, read_only=True) as con, screen(width=80) as out:
        print_sources(con, all_sources=False)
    assert "a  unreachable" in out.getvalue()
    assert "Check the network connection" in out.getvalue()
    assert "dead" not in out.getvalue()


@pytest.fixture
def broken(tmp_path: Path) -> Lake:
    """Return a lake with an open break of the outlet daily."""
    lake = Lake(tmp_path)
    with open_lake(lake) as con:
        migrate(con)
        con.execute("insert into ref.publishers (publisher_id, name) values ('daily', 'The Daily')")
        con.execute(
            "create table marts.outlet_breaks as select 'daily' as publisher_id,"
            " 'volume_up' as kind, date '2026-05-25' as first_on, date '2026-05-31' as last_on,"
            " 7.02 as expected_value, 13.5 as observed_value, 'open' as state,"
            " null::varchar as accepted_reason"
        )
    return lake


def test_a_break_is_shown_until_a_person_accepts_it(broken: Lake) -> None:
    """The finding has outlet, days, figures and name to accept; then it is gone with its reason."""
    with open_lake(broken, read_only=True) as con:
        (found,) = check_outlets(con, NOW)
    assert found.state == "The Daily, 2026-05-25 to 2026-05-31: 13.5 articles a day instead of 7.0"
    assert "tidings status --accept daily:volume_up" in found.action
    accept_break(broken, "daily:volume_up", " A summit. ")
    with open_lake(broken, read_only=True) as con:
        assert read_breaks(con) == []
        assert con.execute("select reason from ops.accepted_breaks").fetchall() == [("A summit.",)]


def test_breaks_of_one_kind_have_one_command(broken: Lake) -> None:
    """The last of an outlet's breaks of one kind names the command that accepts all of them."""
    with open_lake(broken) as con:
        con.execute(
            "insert into marts.outlet_breaks select * replace (date '2026-05-04' as first_on,"
            " date '2026-05-10' as last_on) from marts.outlet_breaks"
        )
        first, last = check_outlets(con, NOW)
    assert first.state.startswith("The Daily, 2026-05-25 to")
    assert first.action == ""
    assert "To accept all 2: `tidings status --accept daily:volume_up --reason" in last.action
    accept_break(broken, "daily:volume_up", "A summit.")
    with open_lake(broken, read_only=True) as con:
        assert read_breaks(con) == []


def test_a_gap_of_one_day_has_one_date(broken: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """The days of a gap are two dates only if it is longer than a day."""
    first, reason = dt.date(2026, 5, 20), "partly covered"
    gaps = [
        Gap("daily", "The Daily", reason, first, last, 1, is_fillable=False)
        for last in (first, first + DAY)
    ]
    monkeypatch.setattr("tidings.cli.doctor.read_gaps", lambda *_: gaps)
    with open_lake(broken, read_only=True) as con:
        states = [found.state for found in check_outlets(con, NOW) if found.subject == "gap"]
    assert states == [
        "The Daily, 2026-05-20: partly covered",
        "The Daily, 2026-05-20 to 2026-05-21: partly covered",
    ]


@pytest.mark.parametrize(
    ("name", "reason", "message"),
    [
        ("daily:volume_up", " ", "--reason"),
        ("daily:silent", "Closed.", "Open: daily:volume_up."),
        ("daily", "Closed.", "Open: daily:volume_up."),
    ],
)
def test_only_an_open_break_is_accepted_with_a_reason(
    broken: Lake, name: str, reason: str, message: str
) -> None:
    """Another name or an empty reason changes nothing, and the message says what to write."""
    with pytest.raises(UserError, match=message):
        accept_break(broken, name, reason)
    with open_lake(broken, read_only=True) as con:
        assert len(read_breaks(con)) == 1
        assert con.execute("from ops.accepted_breaks").fetchall() == []
