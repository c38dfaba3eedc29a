"""Dates of publication."""

import datetime as dt
from typing import Any

import pytest

from tests.extraction.read import article_of, page_of
from tidings.extraction import ExtractionRule, Hint

SHOWN = """<html><body><article><h1>The council widens the canal</h1>
<div class="date">23 September 2023 19:11</div>
<p>The council decided on Saturday to widen the northern canal before winter, and to pay for it from
the harbour's dues.</p>
<p>Work begins in October. Boats are to use the southern lock until the spring, the harbour master
said in a notice.</p>
</article></body></html>"""


@pytest.mark.parametrize(
    ("zone", "feed", "expected"),
    [
        # unknown zone: the feed has it
        ("UTC", "2023-09-23T11:11:05+00:00", "2023-09-23T11:11:05+00:00"),
        # another day: the feed means something else
        ("UTC", "2023-09-20T11:11:05+00:00", "2023-09-23T19:11:00+00:00"),
        # the publisher's zone is known
        ("Asia/Shanghai", "2023-09-23T09:00:00+00:00", "2023-09-23T11:11:00+00:00"),
        # the same minute: the feed is more precise
        ("Asia/Shanghai", "2023-09-23T11:11:05+00:00", "2023-09-23T11:11:05+00:00"),
    ],
)
def test_a_time_without_a_zone(zone: str, feed: str, expected: str) -> None:
    """A visible time without a zone is in the publisher's zone; if that is unknown, a feed's time
    within half a day counts.
    """
    page = page_of(
        SHOWN,
        "http://example.org/1",
        fetched_at=dt.datetime(2023, 9, 24, tzinfo=dt.UTC),
        zone=zone,
        hint=Hint(published_at=dt.datetime.fromisoformat(feed)),
    )
    assert article_of(page).published_at == dt.datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("feed", "expected"),
    [("2023-09-23T08:15", "2023-09-23T08:15"), ("2023-09-20T08:15", "2023-09-23T00:00")],
)
def test_the_feed_adds_the_time_to_the_day_in_a_url(feed: str, expected: str) -> None:
    """A day in the URL has no time of day; the feed adds it if its time is on that day."""
    page = page_of(
        f"<html><body><article>{HEAD}{TEXT}</article></body></html>",
        "http://example.org/artikel/20230923-07",
        fetched_at=dt.datetime(2023, 9, 25, tzinfo=dt.UTC),
        hint=Hint(published_at=dt.datetime.fromisoformat(f"{feed}:00+00:00")),
    )
    assert article_of(page).published_at == dt.datetime.fromisoformat(f"{expected}:00+00:00")


def published(
    html: str, url: str = "https://www.inland.example/canal", zone: str = "UTC"
) -> str | None:
    """Return the day or time of publication of a page as ISO text."""
    article = article_of(page_of(html, url, zone=zone))
    at = article.published_at
    return (
        None
        if at is None
        else at.date().isoformat()
        if article.date_quality == "day_only"
        else at.isoformat()
    )


TEXT = """<p>The council decided on Saturday to widen the northern canal before winter, and to pay
for it from dues.</p>
<p>Work begins in October. Boats are to use the southern lock until the spring, the harbour master
said in a notice.</p>"""
HEAD = "<h1>The council widens the canal</h1>"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        # a forum
        (
            "<p class='author'>by <b>r23</b> &raquo; 21.01.2019, 05:42</p>",
            "2019-01-21T05:42:00+00:00",
        ),
        ("<em class='date'>Tuesday, 2 November 2021</em>", "2021-11-02"),
        # a blog's day heading
        ("<h2 class='date-header'><span>Freitag, 22. November 2013</span></h2>", "2013-11-22"),
        ("<dl><dt>Published:</dt><dd>12 March 2020</dd></dl>", "2020-03-12"),
        (
            "<span class='articleDateBlock'>Datum: 19.11.2021 <br> Autor: Fritz Beispiel</span>",
            "2021-11-19",
        ),
        (
            "<div class='lineinfo'>Do 25.04.24 | 14:07 Uhr | Von <b>Eva Beispiel</b></div>",
            "2024-04-25T14:07:00+00:00",
        ),
        ("<p>21. Jan 2022 // Dominik Beispiel</p>", "2022-01-21"),
        ("<div>发布时间：2023-09-25 21:33 来源：示例社</div>", "2023-09-25T21:33:00+00:00"),
        (
            (
                "<div property='dc:date dc:created' content='2010-10-12T12:00:00+02:00'>Submitted "
                "by"
                " Jo</div>"
            ),
            "2010-10-12T12:00:00+02:00",
        ),
        ("<p>Julkaistu 12. tammikuuta 2020</p>", "2020-01-12"),
        ("<p>Дата публикации: 5 ноября 2020</p>", "2020-11-05"),
        ("<p>2020. január 12.</p>", "2020-01-12"),
        (
            "<meta itemprop='datePublished' content='Fri Feb 18 10:27:24 2022'>",
            "2022-02-18T10:27:24+00:00",
        ),
        ("<p>Updated: 3 March 2021</p><p>Published: 1 March 2021</p>", "2021-03-01"),
        ("<p>Current time: 14 October 2023, 12:18</p>", None),  # the time of the visit
    ],
)
def test_a_visible_date_of_each_kind_of_site(shown: str, expected: str | None) -> None:
    """Forums, blogs, press rooms and newspapers show the day in a line, after a label or in its own
    element.
    """
    assert (
        published(f"<html><body><article>{HEAD}{shown}{TEXT}</article></body></html>") == expected
    )


def test_a_sentence_after_the_text_contains_the_date() -> None:
    """'was posted on' below the text is the date of publication; a list of other articles' days is
    not.
    """
    below = "<p class='footer'>This entry was posted on 19 May 2010 at 23:03 by Jo.</p>"
    others = "".join(
        f"<li><a href='/{i}'>Another text</a> <i>{i} June 2011</i></li>" for i in range(1, 9)
    )
    page = f"<body>{HEAD}{TEXT}{below}<div class='sidebar'><ul>{others}</ul></div></body>"
    assert published(page) == "2010-05-19T23:03:00+00:00"


def test_the_day_nearest_to_the_headline_has_priority_over_teasers() -> None:
    """If teasers have dates in the same markup, the date nearest to the headline is the
    article's.
    """
    teasers = "".join(
        f"<div class='info'><em class='date'>0{i}.10.2021</em><h2>Other news</h2></div>"
        for i in range(1, 9)
    )
    page = (
        f"<body><div class='list'>{teasers}</div>{HEAD}<div><em"
        f" class='date'>02.11.2021</em></div>{TEXT}</body>"
    )
    assert published(page) == "2021-11-02"


def test_a_midnight_in_utc_is_the_day_in_the_sites_country() -> None:
    """A system that stores only a day writes its midnight, 23:00 UTC of the previous day; the later
    day counts.
    """
    meta = "<meta property='article:published_time' content='2022-11-06T23:00:00.000Z'>"
    page = f"<html><head>{meta}</head><body>{HEAD}{TEXT}</body></html>"
    assert published(page, "https://kanal.example.de/1") == "2022-11-07T00:00:00+01:00"
    assert published(page, "https://kanal.example.org/1") == "2022-11-06T23:00:00+00:00"
    assert (
        published(page, "https://kanal.example.org/1", "Europe/Vienna")
        == "2022-11-07T00:00:00+01:00"
    )


def test_the_visible_day_replaces_a_date_later_than_the_last_change() -> None:
    """A meta date of publication after the last change is a new time stamp; the visible day
    counts.
    """
    meta = (
        "<meta property='article:published_time' content='2022-11-17T10:33:13Z'>"
        "<meta property='article:modified_time' content='2022-11-16T10:32:18Z'>"
    )
    page = (
        "<html><head>{}</head><body>{}<time datetime='2022-03-09'>09.03.2022</time>{}</body></html>"
    )
    assert published(page.format(meta, HEAD, TEXT)) == "2022-03-09"
    assert (
        published(page.format(meta.replace("11-16", "11-18"), HEAD, TEXT))
        == "2022-11-17T10:33:13+00:00"
    )


def test_a_date_in_scripts_counts_if_it_is_the_only_one() -> None:
    """A date in a script counts if it is the only one; several days belong to other articles."""
    one = '<script>window.page={"cmsPublishingDate":"2022-01-25","topics":"a"}</script>'
    two = one + '<script>var next={"publishedAt":"2022-01-29"}</script>'
    assert published(f"<html><body>{one}{HEAD}{TEXT}</body></html>") == "2022-01-25"
    assert published(f"<html><body>{two}{HEAD}{TEXT}</body></html>") is None


def test_the_year_of_a_copyright_notice_is_not_a_date() -> None:
    """If a page shows only a year, the day is unknown and not 1 January."""
    assert (
        published(f"<html><body>{HEAD}{TEXT}<p>© 2013 The Inland Gazette</p></body></html>") is None
    )


def test_the_order_of_day_and_month_in_dates_with_slashes() -> None:
    """03/04/2021 is in April in Britain, and in March if the page's language or another date has
    the month first.
    """
    page = "<html lang='{}'><body>{}<p class='date'>03/04/2021</p>{}{}</body></html>"
    assert published(page.format("en-GB", HEAD, TEXT, "")) == "2021-04-03"
    assert published(page.format("en-US", HEAD, TEXT, "")) == "2021-03-04"
    assert published(page.format("en", HEAD, TEXT, "")) == "2021-04-03"
    assert (
        published(page.format("en", HEAD, TEXT, "<p>Next meeting 03/24/2021</p>")) == "2021-03-04"
    )


META = "<meta property='article:published_time' content='{}'>"
JSON_LD = '<script type="application/ld+json">{{"@type":"{}","{}":"{}"}}</script>'


def dated(head: str = "", shown: str = "", **changes: Any) -> tuple[str | None, str]:
    """Return the date of publication of a page as ISO text, without the time if the page has none,
    and its quality.
    """
    url = changes.pop("url", "https://www.inland.example/canal")
    html = f"<html><head>{head}</head><body><article>{HEAD}{shown}{TEXT}</article></body></html>"
    article = article_of(page_of(html, url, **changes))
    at = article.published_at
    if at is None:
        return None, article.date_quality
    return (
        at.date() if article.date_quality == "day_only" else at
    ).isoformat(), article.date_quality


@pytest.mark.parametrize(
    ("text", "date_format", "expected"),
    [
        ("03/04/2021 19:11", "%d/%m/%Y %H:%M", ("2021-04-03T19:11:00+02:00", "rule")),
        ("03/04/2021 19:11 -0300", "%d/%m/%Y %H:%M %z", ("2021-04-03T19:11:00-03:00", "rule")),
        ("03/04/2021", "%m/%d/%Y", ("2021-03-04", "day_only")),
        ("2021-04-03T19:11", None, ("2021-04-03T19:11:00+02:00", "rule")),
        ("yesterday", "%d/%m/%Y", ("2022-11-08T03:00:00+00:00", "page_meta")),
    ],
)
def test_a_rule_names_the_date_and_its_format(
    text: str, date_format: str | None, expected: tuple[str, str]
) -> None:
    """A rule's date has priority, in the page's zone if it has no offset; text in another format is
    ignored.
    """
    rule = ExtractionRule("r", "p", date=".stamp", date_format=date_format)
    found = dated(
        META.format("2022-11-08T03:00:00Z"),
        f"<p class='stamp'>{text}</p>",
        rules=(rule,),
        zone="Europe/Zurich",
    )
    assert found == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            JSON_LD.format("NewsArticle", "datePublished", "2022-11-05T07:00:00Z"),
            ("2022-11-05T07:00:00+00:00", "page_jsonld"),
        ),
        (
            JSON_LD.format("WebPage", "datePublished", "2022-11-05T07:00:00Z"),
            ("2022-11-05T07:00:00+00:00", "page_jsonld"),
        ),
        (
            JSON_LD.format("WebPage", "dateCreated", "2022-11-05T07:00:00Z"),
            ("2022-03-04", "day_only"),
        ),
        (
            JSON_LD.format("NewsArticle", "datePublished", "2022-11-05T07:00:00Z")
            + META.format("2022-11-08T03:00:00Z"),
            ("2022-11-08T03:00:00+00:00", "page_meta"),
        ),
        (
            JSON_LD.format("NewsArticle", "datePublished", "2022-11-05T07:00:00Z")
            + META.format("2022-11-05T03:00:00Z"),
            ("2022-11-05T07:00:00+00:00", "page_jsonld"),
        ),
        (META.format("2024-07-08T03:00:00Z"), ("2022-03-04", "day_only")),
    ],
)
def test_priority_of_declared_dates(head: str, expected: tuple[str, str]) -> None:
    """JSON-LD has priority unless a meta element has another day; a page's creation date and future
    dates are ignored.
    """
    assert dated(head, "<div class='date'>4 March 2022</div>") == expected


@pytest.mark.parametrize(
    ("stamp", "day", "expected"),
    [
        ("2022-11-06T20:30:00Z", "2022/11/07", "2022-11-07T00:30:00+04:00"),
        ("2022-11-07T01:30:00Z", "2022/11/06", "2022-11-06T23:30:00-02:00"),
        ("2022-11-07T03:00:00Z", "2022/11/07", "2022-11-07T03:00:00+00:00"),
        ("2022-11-09T03:00:00Z", "2022/11/07", "2022-11-09T03:00:00+00:00"),
    ],
)
def test_the_day_in_a_url_gives_the_offset(stamp: str, day: str, expected: str) -> None:
    """A UTC time gets the smallest offset, up to six hours, that moves it to the day in the URL."""
    assert dated(META.format(stamp), url=f"https://www.inland.example/{day}/a")[0] == expected


@pytest.mark.parametrize(
    ("shown", "feed", "expected"),
    [
        ("<div class='date'>1 March 2022</div>", None, "2022-03-01"),
        ("<div class='date'>4 March 2022</div>", None, "2022-03-02"),
        ("", "2022-03-03T05:00:00+00:00", "2022-03-03T05:00:00+00:00"),
        ("", "2022-03-04T05:00:00+00:00", "2022-03-02"),
    ],
)
def test_a_date_near_the_day_in_a_url(shown: str, feed: str | None, expected: str) -> None:
    """A visible date or the feed's date replaces the day in the URL if they differ by at most one
    day.
    """
    hint = Hint(published_at=dt.datetime.fromisoformat(feed) if feed else None)
    assert dated(shown=shown, hint=hint, url="https://www.inland.example/20220302/a")[0] == expected


@pytest.mark.parametrize(
    ("shown", "feed", "expected"),
    [
        (
            "2 November 2021",
            "2021-11-02T08:15:00+00:00",
            ("2021-11-02T09:15:00+01:00", "page_text"),
        ),
        ("2 November 2021", "2021-11-01T08:15:00+00:00", ("2021-11-02", "day_only")),
        (
            "2 November 2021</div><div class='date'>2 November 2021, 14:07",
            None,
            ("2021-11-02T14:07:00+01:00", "page_text"),
        ),
        (
            "2 November 2021</div><div class='date'>3 November 2021, 14:07",
            None,
            ("2021-11-02", "day_only"),
        ),
    ],
)
def test_the_time_of_a_visible_day(shown: str, feed: str | None, expected: tuple[str, str]) -> None:
    """A visible day gets its time from another mention of that day, or from the feed's time on that
    day.
    """
    hint = Hint(published_at=dt.datetime.fromisoformat(feed) if feed else None)
    assert (
        dated(shown=f"<div class='date'>{shown}</div>", hint=hint, zone="Europe/Zurich") == expected
    )


def test_a_new_stamp_on_the_day_of_the_capture() -> None:
    """The visible day counts if the page's time stamps are shortly before its capture."""
    head = META.format("2022-11-08T03:00:00Z") + META.replace("published", "modified").format(
        "2022-11-08T01:00:00Z"
    )
    fetched_at = dt.datetime(2022, 11, 8, 4, tzinfo=dt.UTC)
    assert dated(head, "<time datetime='2022-03-09'>09.03.2022</time>", fetched_at=fetched_at) == (
        "2022-03-09",
        "day_only",
    )


def test_the_date_of_the_last_change() -> None:
    """If a page shows only its last change, that day counts unless the feed has a date."""
    shown, feed = "<p>Updated: 3 March 2021</p>", "2021-03-01T05:00:00+00:00"
    assert dated(shown=shown) == ("2021-03-03", "day_only")
    assert dated(shown=shown, hint=Hint(published_at=dt.datetime.fromisoformat(feed))) == (
        feed,
        "feed",
    )


def test_a_sentence_with_a_date_is_not_a_date_line_in_any_script() -> None:
    """A short Chinese sentence with a date does not count as the line with the date of
    publication.
    """
    shown = (
        "<p>市议会决定新运河将于2023年12月2日在河口市开放并免费使用一年</p><p>2023-09-23 19:11</p>"
    )
    assert (
        published(f"<article><h1>新运河</h1>{shown}{TEXT}</article>") == "2023-09-23T19:11:00+00:00"
    )


@pytest.mark.parametrize(
    "text",
    [
        "新桥于2022年10月16日开通。",
        "市政府2022年10月16日发布新规，运河下月开工。",
        "<h2>运河扩建计划 2022年10月16日 通过</h2>",
        "The canal law was passed on 16 October 2022.",
    ],
)
def test_a_date_in_a_short_text_is_not_the_day_of_publication(text: str) -> None:
    """A sentence or heading that mentions a date is no date line; the listing's day counts."""
    page = page_of(
        f"<html><body><article><h1>New bridge opened</h1><p>{text}</p></article></body></html>",
        "http://example.org/bridge",
        fetched_at=dt.datetime(2024, 7, 20, tzinfo=dt.UTC),
        hint=Hint(published_at=dt.datetime(2024, 7, 18, 8, tzinfo=dt.UTC)),
    )
    assert article_of(page).published_at == dt.datetime(2024, 7, 18, 8, tzinfo=dt.UTC)
