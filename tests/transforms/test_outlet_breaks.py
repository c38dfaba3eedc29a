"""Times in which an outlet's data differ from its own past."""

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.transforms.conftest import TinyLake

START, CHANGED_ON, END = dt.date(2023, 7, 3), dt.date(2023, 8, 28), dt.date(2023, 9, 3)
Article = dict[str, Any]
# of a day's article by its number, or no article
Columns = Callable[[dt.date, int], Article | None]


class Change(NamedTuple):
    """What changes in an outlet: its articles' columns, their multiple, and the columns before."""

    columns: Columns = lambda *_: {}
    times: int = 1
    before: Columns = lambda *_: {}


def in_section(_: dt.date, number: int) -> Article:
    """Return a section; the first, fourth, … article of a day is about health."""
    return {"section": "law" if number % 3 else "health"}


def always(**columns: Any) -> Change:
    """Return the change of these columns in every article."""
    return Change(lambda *_: columns)


def every_second(**columns: Any) -> Columns:
    """Return columns of every second article."""
    return lambda _, number: columns if number % 2 else {}


USUAL = Change()
DOUBLE = Change(times=2)
CHANGES = {
    "volume_up": DOUBLE,
    "texts_shorter": always(word_count=20),
    "language_changed": Change(every_second(language="de")),
    "late_arrivals": Change(lambda day, _: seen_on(day + dt.timedelta(21))),
    "texts_republished": Change(every_second(excluded_reason="republished"), times=2),
    "dates_doubtful": always(date_quality="first_seen"),
    "texts_doubtful": always(extraction_doubt="text_unconfirmed"),
    "moved": Change(lambda day, number: {"url": f"https://new.example/{day}/{number}"}),
    "paragraphs_repeated": always(repeated_paragraphs=[2]),
    "section_missing": Change(lambda *at: in_section(*at) if at[1] % 3 else None, 1, in_section),
    "no_articles": Change(every_second(excluded_reason="teaser"), times=2),
}
AT_REQUEST = Change(lambda day, _: {"published_at": f"{day} 22:00:03+00"})


def seen_on(day: dt.date) -> Article:
    return {"first_seen_at": f"{day} 22:00:00+00"}


def publish(lake: TinyLake, outlets: dict[str, Change]) -> None:
    """Add five articles on working days and two on others, changed ones from CHANGED_ON on."""
    lake.as_of = dt.datetime(2023, 9, 4, 1, tzinfo=dt.UTC)
    with lake.at_once():
        for outlet, change in outlets.items():
            lake.add_poll(outlet, outlet, "2023-09-03 23:30:00+00", "2023-07-02 12:00:00+00")
            for day in (START + dt.timedelta(offset) for offset in range((END - START).days + 1)):
                present = change if day >= CHANGED_ON else Change(change.before)
                for number in range(present.times * (5 if day.isoweekday() < 6 else 2)):
                    columns = present.columns(day, number)
                    if columns is not None:
                        row: Article = {"word_count": 160} | seen_on(day) | columns
                        lake.add_article(f"{outlet}{day}{number}", outlet, str(day), **row)


def breaks(lake: TinyLake) -> dict[object, Any]:
    """Return (kind, first and last day, state) of each outlet's breaks."""
    lake.build(select="+outlet_breaks", reads_texts=False)
    rows = lake.rows(
        "select publisher_id, list((kind, first_on::varchar, last_on::varchar, state)"
        " order by kind) from marts.outlet_breaks group by all"
    )
    return {row[0]: row[1] for row in rows}


@pytest.mark.slow
def test_a_week_that_differs_from_the_past_is_a_break(lake: TinyLake) -> None:
    """The break names its kind and days, an ordinary week has none, and an outlet that joins late
    changes what a total is made of. A later night closes all but the late arrivals, which changed
    figures of older months.
    """
    publish(lake, {"usual": USUAL, "dated_now": AT_REQUEST, **CHANGES})
    lake.add_poll("new", "new", "2023-09-03 23:30:00+00", "2023-08-19 12:00:00+00")
    lake.add_poll("usual", "usual", "2023-09-03 23:40:00+00", None)
    lake.con.execute(
        "update raw.captures set final_url = 'https://new.example/feed' where feed_id = 'usual'"
        " and fetched_at = '2023-09-03 23:40:00+00'"
    )
    assert breaks(lake) == {
        "new": [("joined", "2023-08-20", "2023-09-04", "open")],
        "dated_now": [("dates_doubtful", "2023-08-28", "2023-09-03", "open")],
        "usual": [("moved", "2023-09-03", "2023-09-04", "open")],
        **{kind: [(kind, "2023-08-28", "2023-09-03", "open")] for kind in CHANGES},
    }
    lake.as_of = dt.datetime(2023, 10, 10, 1, tzinfo=dt.UTC)
    still_open = {name for name, found in breaks(lake).items() if found[0][-1] == "open"}
    assert still_open == {"late_arrivals"}


def test_a_few_articles_more_are_no_change_of_volume(lake: TinyLake) -> None:
    """Three articles in a week instead of one in eight weeks differ by less than five."""
    few = Change(lambda day, number: {} if not number and day.weekday() in (0, 2, 4) else None)
    publish(
        lake, {"rare": few._replace(before=lambda day, n: {} if day == START and not n else None)}
    )
    assert "volume_up" not in [kind for kind, *_ in breaks(lake).get("rare", [])]


def test_an_accepted_break_remains_with_its_reason(lake: TinyLake) -> None:
    """A person who accepts a break states a reason."""
    publish(lake, {"daily": DOUBLE})
    accepted = {"publisher_id": "daily", "kind": "volume_up", "first_on": "2023-08-28"}
    accepted |= {"reason": "Elections.", "accepted_at": "2023-09-04 01:00:00+00"}
    lake.insert("ops.accepted_breaks", **accepted)
    assert breaks(lake) == {"daily": [("volume_up", "2023-08-28", "2023-09-03", "accepted")]}
    found = lake.rows(
        "select accepted_reason, observed_value > 1.9 * expected_value from marts.outlet_breaks"
    )
    assert found == [("Elections.", True)]


def test_a_reservation_of_rights_is_a_break_of_28_days(lake: TinyLake) -> None:
    """Title and summary count from then on. An outlet that reserved from the beginning, and one
    whose reservation is only recorded, have no break.
    """
    publish(lake, dict.fromkeys(("daily", "always", "recorded"), USUAL))
    for name, first_on in (("daily", CHANGED_ON), ("always", START), ("recorded", CHANGED_ON)):
        row: Article = {"feed_id": name, "publisher_id": name, "first_on": str(first_on)}
        row |= {"last_on": str(END), "applies": True, "is_obeyed": name != "recorded"}
        lake.insert("ops.source_rights", row)
    assert breaks(lake) == {"daily": [("texts_reserved", "2023-08-28", "2023-09-04", "open")]}
