"""The visible dates and the headlines of a listing's items."""

import pytest

from tests.cases import cases
from tests.fetch.loopback import NOW, feed_row
from tidings.fetch.feed.entry import ParsedFeed
from tidings.fetch.sources.listing import read_listing

FIRST, SECOND = "<a href='/1'>The first headline</a>", "<a href='/2'>The second headline</a>"
OTHER = "<a href='/2'>2nd</a>"
PROSE = "<p>On 28 May 2026 the council met for the first time in the new hall and agreed.</p>"
ITEMS = [
    f"<li>{{date}} {FIRST}</li><li>1 May 2026 {SECOND}</li>",
    "<li><a href='/1'><b>The first headline</b> <i>{date}</i></a></li><li><a href='/2'>2</a></li>",
    f"<li><span>Unit</span><span class='date'>{{date}}</span>{FIRST}</li><li>{OTHER}</li>",
    f"<dt>{{date}}</dt><dd>{FIRST}</dd><dt>1 May 2026</dt><dd>{SECOND}</dd>",
    f"<p>{FIRST}</p><p>{{date}}</p><p>{SECOND}</p><p>1 May 2026</p>",
    f"<h3>{{date}}</h3><ul><li><a href='/0'>Another headline</a></li><li>{FIRST}</li></ul>",
]


def read(body: str) -> ParsedFeed:
    page = f"<html><body><div>{body}</div></body></html>".encode()
    feed = feed_row("listing", item_selector="a")
    parsed = read_listing(page, None, "https://a.example/news", "UTC", NOW, feed)
    assert isinstance(parsed, ParsedFeed)
    return parsed


@pytest.mark.parametrize("form", ITEMS)
@pytest.mark.parametrize(
    "date",
    "28.05.2026|28 May 2026|2026-05-28|2026年5月28日|28 мая 2026 г., 15:20|٢٨ مايو ٢٠٢٦".split("|"),
)
def test_the_date_of_an_item_is_read(form: str, date: str) -> None:
    """A date in, beside or above an item is its date, and not part of its headline."""
    entry = next(
        entry
        for entry in read(form.format(date=date)).entries
        if entry.link == "https://a.example/1"
    )
    found = (entry.title, f"{entry.published_at:%Y-%m-%d}", entry.date_quality.is_read)
    assert found == ("The first headline", "2026-05-28", True)


@cases(
    "date",
    "05-28",
    "28 May",
    "5月28日",
    "28.05.26",
    "令和8年5月28日",
    "R8.5.28",
    "28 tháng 5 năm 2026",
)
def test_short_forms_are_read(date: str) -> None:
    """Dates without a year are of the last year; short years, eras and numbers are read."""
    (entry,) = read(f'<p><span>{date}</span><a href="/1">A headline</a></p>').entries
    assert f"{entry.published_at:%Y-%m-%d}" == "2026-05-28"


@cases(
    "body",
    "<p>28 May 2031 <a href='/1'>A coming event</a></p>",
    f"<p>{FIRST}</p>{PROSE}",
    "<li><a href='/1'><img></a><h3><a href='/1'>Statement of 3 March 2026</a></h3></li>",
    "<p><a href='/1'>Regulation 2026/1123 of the council</a></p>",
    f"<p>{FIRST}</p><div><a href='/other'>Other</a> 28 May 2026</div><p>{SECOND}</p>",
)
def test_other_dates_are_not_the_items_date(body: str) -> None:
    """Dates of events, in prose, in numbers of laws and of other items do not count."""
    entry = next(entry for entry in read(body).entries if entry.link == "https://a.example/1")
    assert not entry.date_quality.is_read


def test_a_link_without_a_headline_takes_the_heading() -> None:
    """Links with one text have their heading as headline; the title completes a cut text."""
    items = "".join(
        f"<div><h3>Headline {n}</h3><a href='/{n}'>Read more</a></div>" for n in range(4)
    )
    assert [entry.title for entry in read(items).entries] == [f"Headline {n}" for n in range(4)]
    assert read("<p><a href='/1' title='A long headline with an end'>A long head…</a></p>").entries[
        0
    ].title == ("A long headline with an end")
