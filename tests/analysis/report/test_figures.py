"""Test the rows, scales and descriptions of figures."""

import datetime as dt

from tidings.analysis.report.figure import describe_shares, period_end, share_rows, shared_maximum


def test_period_end() -> None:
    """A month ends on the first day of the next month, also in December."""
    assert period_end(dt.date(2026, 12, 1), "month") == dt.date(2027, 1, 1)
    assert period_end(dt.date(2026, 12, 28), "week") == dt.date(2027, 1, 4)


def test_status_of_periods() -> None:
    """Gaps, empty and open periods have a status; unknown covered days are no gap."""
    month = dt.date(2026, 1, 1)
    series = [
        (month, 0.1, 0.1, 0.1, 1, 10, 30, True),
        (month, None, None, None, 0, 0, 0, True),
        (month, None, None, None, 0, 0, None, True),
        (month, 0.1, 0.1, 0.1, 1, 10, None, False),
    ]
    assert [row[-1] for row in share_rows(series, "month")] == [
        "complete",
        "not covered",
        "no articles",
        "not over yet",
    ]


def test_periods_that_have_just_begun() -> None:
    """A final period that is not over has a row from ten articles, or if it is not covered."""
    weeks = [dt.date(2026, 1, 5), dt.date(2026, 1, 12)]
    for total, days, count in ((1, 1, 1), (0, 1, 1), (10, 1, 2), (1, 0, 2)):
        series = [
            (weeks[0], 0.1, 0.1, 0.1, 1, 10, 7, True),
            (weeks[1], 1.0, 0.2, 1.0, 1, total, days, False),
        ]
        assert len(share_rows(series, "week")) == count
    running = [(week, 0.1, 0.0, 0.4, 1, 10, 7, week < weeks[1]) for week in weeks]
    assert "It is 10.0% (1 of 10 articles) in the week of 12 Jan 2026" in describe_shares(
        share_rows(running, "week"), "week"
    )


def test_description_of_a_chart() -> None:
    """The description has the last and the highest value and the weeks without a share."""
    series = [
        (dt.date(2026, 1, 5 + 7 * n), share, share, share, 1, 10, 7, True)
        for n, share in enumerate([0.1, None, 0.3])
    ]
    description = describe_shares(share_rows(series, "week"), "week")
    assert (
        "The share was 30.0% in the last complete week, the week of 19 Jan 2026. This is the"
        " highest value of all complete weeks." in description
    )
    assert "The share is unknown in 1 week." in description


def test_shared_maximum() -> None:
    """It fits the largest value and is at most twice that value, even for wide intervals."""
    row = ["2026-01-05", "2026-01-12", 0.2, 0.1, 0.9, 1, 5, 7, "complete"]
    assert shared_maximum([[row]]) == 0.4
    assert shared_maximum([[[*row[:2], None, None, None, 0, 0, 0, "not covered"]]]) == 1.0
