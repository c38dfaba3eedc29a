"""When a page was published."""

import datetime as dt

import pytest

from flows.steps.clean import Hint, Page, clean

SHOWN = """<html><body><article><h1>The council widens the canal</h1><div class="date">23 September 2023 19:11</div>
<p>The council decided on Saturday to widen the northern canal before winter, and to pay for it from the harbour's dues.</p>
<p>Work begins in October. Boats are to use the southern lock until the spring, the harbour master said in a notice.</p>
</article></body></html>"""


@pytest.mark.parametrize(
    ("zone", "feed", "expected"),
    [
        ("UTC", "2023-09-23T11:11:05+00:00", "2023-09-23T11:11:05+00:00"),  # nobody knows the zone: the feed tells it
        ("UTC", "2023-09-20T11:11:05+00:00", "2023-09-23T19:11:00+00:00"),  # another day: the feed tells of something else
        ("Asia/Shanghai", "2023-09-23T09:00:00+00:00", "2023-09-23T11:11:00+00:00"),  # the publisher's own zone is believed
        ("Asia/Shanghai", "2023-09-23T11:11:05+00:00", "2023-09-23T11:11:05+00:00"),  # the same minute: the feed is finer
    ],
)
def test_a_time_without_a_zone_is_told_by_what_is_known(zone, feed, expected):
    """A shown time without a zone is in the publisher's; where nobody knows that, a feed's instant within half a day stands."""
    page = Page(
        url="http://example.org/1",
        final_url="http://example.org/1",
        body=SHOWN.encode(),
        content_type="text/html; charset=utf-8",
        fetched_at=dt.datetime(2023, 9, 24, tzinfo=dt.UTC),
        zone=zone,
        hint=Hint(published_at=dt.datetime.fromisoformat(feed)),
    )
    assert clean(page).published_at == dt.datetime.fromisoformat(expected)
