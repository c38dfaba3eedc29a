"""Times in which an outlet's data differ from its own past."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.transforms.conftest import TinyLake

START, CHANGE, END = dt.date(2023, 7, 3), dt.date(2023, 8, 28), dt.date(2023, 9, 3)
Article = dict[str, Any]
Change = Callable[[dt.date, int], Article | None]


def publish(lake: TinyLake, outlets: dict[str, Change]) -> None:
    """Add the articles of each outlet: five on working days and two on others, and from CHANGE on
    what its function returns.
    """
    lake.as_of = dt.datetime(2023, 9, 4, 1, tzinfo=dt.UTC)
    with lake.at_once():
        for outlet, change in outlets.items():
            lake.add_poll(outlet, outlet, "2023-09-03 23:30:00+00", "2023-07-02 12:00:00+00")
            for offset in range((END - START).days + 1):
                day = START + dt.timedelta(offset)
                for number in range(10):
                    row = (change if day >= CHANGE else BEFORE.get(change, usual))(day, number)
                    if row:
                        seen = {"first_seen_at": f"{day} 22:00:00+00"}
                        lake.add_article(f"{outlet}{day}{number}", outlet, str(day), **(seen | row))


def breaks(lake: TinyLake) -> dict[object, Any]:
    """Return (kind, first and last day, state) of each outlet's breaks."""
    lake.build(select="+outlet_breaks", reads_texts=False)
    rows = lake.rows(
        "select publisher_id, list((kind, first_on::varchar, last_on::varchar, state)"
        " order by kind) from marts.outlet_breaks group by all"
    )
    return {row[0]: row[1] for row in rows}


def usual(day: dt.date, number: int) -> Article | None:
    """Return an ordinary article."""
    return {"word_count": 160} if number < (5 if day.isoweekday() < 6 else 2) else None


def double(day: dt.date, number: int) -> Article | None:
    """Return twice as many articles as usual."""
    return usual(day, number // 2)


def short(day: dt.date, number: int) -> Article | None:
    """Return an article whose text is short."""
    return usual(day, number) and {"word_count": 20}


def foreign(day: dt.date, number: int) -> Article | None:
    """Return every second article in German."""
    return usual(day, number) and {"word_count": 160, "language": "de" if number % 2 else "en"}


def late(day: dt.date, number: int) -> Article | None:
    """Return an article that was first seen three weeks later."""
    return usual(day, number) and {
        "word_count": 160,
        "first_seen_at": f"{day + dt.timedelta(21)} 22:00:00+00",
    }


def copied(day: dt.date, number: int) -> Article | None:
    """Return each article twice; the second is known as republished."""
    article = usual(day, number // 2)
    return article and article | ({"excluded_reason": "republished"} if number % 2 else {})


def undated(day: dt.date, number: int) -> Article | None:
    """Return an article without a date of its own."""
    return usual(day, number) and {"word_count": 160, "date_quality": "first_seen"}


def doubtful(day: dt.date, number: int) -> Article | None:
    """Return an article whose text is probably wrong."""
    return usual(day, number) and {"word_count": 160, "extraction_doubt": "text_unconfirmed"}


def dated_now(day: dt.date, number: int) -> Article | None:
    """Return an article dated with the time of the request."""
    return usual(day, number) and {"word_count": 160, "published_at": f"{day} 22:00:03+00"}


def moved(day: dt.date, number: int) -> Article | None:
    """Return an article at a new host."""
    return usual(day, number) and {"word_count": 160, "url": f"https://new.example/{day}/{number}"}


def repeated(day: dt.date, number: int) -> Article | None:
    """Return an article with a paragraph of many pages."""
    return usual(day, number) and {"word_count": 160, "repeated_paragraphs": [2]}


def without_section(day: dt.date, number: int) -> Article | None:
    """Return an article, unless it is in the section of every third article."""
    return in_section(day, number) if number % 3 else None


def in_section(day: dt.date, number: int) -> Article | None:
    """Return an article with a section; the first, third, … of a day are about health."""
    return usual(day, number) and {"word_count": 160, "section": "law" if number % 3 else "health"}


def teaser(day: dt.date, number: int) -> Article | None:
    """Return an article and the first paragraph of another."""
    article = usual(day, number // 2)
    return article and article | ({"excluded_reason": "teaser"} if number % 2 else {})


BEFORE: dict[Change, Change] = {without_section: in_section}


@pytest.mark.slow
def test_a_week_that_differs_from_the_past_is_a_break(lake: TinyLake) -> None:
    """The break names its kind and days, an ordinary week has none, and an outlet that joins late
    changes what a total is made of. A later night closes all but the late arrivals, which changed
    figures of older months.
    """
    kinds = {
        "volume_up": double,
        "texts_shorter": short,
        "language_changed": foreign,
        "late_arrivals": late,
        "texts_republished": copied,
        "dates_doubtful": undated,
        "texts_doubtful": doubtful,
        "moved": moved,
        "paragraphs_repeated": repeated,
        "section_missing": without_section,
        "no_articles": teaser,
    }
    publish(lake, {"usual": usual, "dated_now": dated_now, **kinds})
    lake.add_poll("new", "new", "2023-09-03 23:30:00+00", "2023-08-19 12:00:00+00")
    lake.insert(
        "raw.captures",
        {
            "capture_id": str(uuid.uuid4()),
            "url": "fed",
            "final_url": "https://new.example/feed",
            "kind": "feed",
            "feed_id": "usual",
            "publisher_id": "usual",
            "fetched_at": "2023-09-03 23:40:00+00",
            "outcome": "ok",
        },
    )
    assert breaks(lake) == {
        "new": [("joined", "2023-08-20", "2023-09-04", "open")],
        "dated_now": [("dates_doubtful", "2023-08-28", "2023-09-03", "open")],
        "usual": [("moved", "2023-09-03", "2023-09-04", "open")],
        **{kind: [(kind, "2023-08-28", "2023-09-03", "open")] for kind in kinds},
    }
    lake.as_of = dt.datetime(2023, 10, 10, 1, tzinfo=dt.UTC)
    still_open = {name for name, found in breaks(lake).items() if found[0][-1] == "open"}
    assert still_open == {"late_arrivals"}


def test_an_accepted_break_remains_with_its_reason(lake: TinyLake) -> None:
    """A person who accepts a break states a reason."""
    publish(lake, {"daily": double})
    lake.insert(
        "ops.accepted_breaks",
        {
            "publisher_id": "daily",
            "kind": "volume_up",
            "first_on": "2023-08-28",
            "reason": "Elections.",
            "accepted_at": "2023-09-04 01:00:00+00",
        },
    )
    assert breaks(lake) == {"daily": [("volume_up", "2023-08-28", "2023-09-03", "accepted")]}
    found = lake.rows(
        "select accepted_reason, observed_value > 1.9 * expected_value from marts.outlet_breaks"
    )
    assert found == [("Elections.", True)]


def test_a_reservation_of_rights_is_a_break_of_28_days(lake: TinyLake) -> None:
    """Title and summary count from then on. An outlet that reserved from the beginning, and one
    whose reservation is only recorded, have no break.
    """
    publish(lake, dict.fromkeys(("daily", "always", "recorded"), usual))
    for name, first_on in (("daily", CHANGE), ("always", START), ("recorded", CHANGE)):
        lake.insert(
            "ops.source_rights",
            {
                "feed_id": name,
                "publisher_id": name,
                "first_on": str(first_on),
                "last_on": str(END),
                "applies": True,
                "is_obeyed": name != "recorded",
            },
        )
    assert breaks(lake) == {"daily": [("texts_reserved", "2023-08-28", "2023-09-04", "open")]}
