"""Names of runs."""

import datetime as dt
from typing import Any

import pytest

from tidings.flows.tasks import name_run

DAY = dt.date(2026, 6, 8)
AT = dt.datetime(2026, 11, 26, 5, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))


@pytest.mark.parametrize(
    ("flow", "parameters", "name"),
    [
        ("nightly", {}, "nightly 2026-11-26 04:30 UTC"),
        ("nightly", {"now": "2026-08-30T00:00:00Z"}, "nightly as of 2026-08-30T00:00:00Z"),
        ("maintain", {}, "maintain 2026-11-26 04:30 UTC"),
        ("backfill", {"start": "2026-06-08", "end": "2026-06-12"},
         "refetch 2026-06-08 to 2026-06-12"),
        ("backfill", {"start": DAY, "end": DAY, "mode": "reprocess"}, "reprocess 2026-06-08"),
        ("backfill", {"mode": "retag", "start": "", "dry_run": True}, "dry run: retag all days"),
        ("backfill", {"end": "2026-06-12", "feeds": ["a", "b\x1b"]},
         "refetch … to 2026-06-12, a, b\\u001b"),
        ("backfill", {"mode": "retag", "publishers": list("abcde")},
         "retag all days, a, b, c and 2 more"),
    ],
)  # fmt: skip
def test_a_name_describes_the_work(flow: str, parameters: dict[str, Any], name: str) -> None:
    """The name states a dry run, the mode, the days and the sources, or the time of the run."""
    assert name_run(flow, parameters, AT) == name
