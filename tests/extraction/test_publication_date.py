"""Dates of publication."""

import datetime as dt
from typing import Any

import pytest

from tests.cases import cases, table
from tests.extraction.read import article_of, page_of
from tidings.extraction import ExtractionRule, Hint

HEAD = "<h1>The council widens the canal</h1>"
TEXT = """<p>The council decided on Saturday to widen the northern canal before winter, and to pay
for it from dues.</p>
<p>Work begins in October. Boats are to use the southern lock until the spring, the harbour master
said in a notice.</p>"""
META = "<meta property='article:published_time' content='{}'>"
JSON_LD = '<script type="application/ld+json">{{"@type":"{}","{}":"{}"}}</script>'
SITE, CHINA = "https://www.inland.example", "Asia/Shanghai"


def dated(
    head: str = "",
    shown: str = "",
    feed: str | None = None,
    above: str = "",
    below: str = "",
    **more: Any,
) -> tuple[str | None, str]:
    """Return the date of publication as ISO text, without an unknown time, and its quality."""
    article = f"<article>{HEAD}{shown}{TEXT}</article>"
    html = f"<html><head>{head}</head><body>{above}{article}{below}</body></html>"
    hint = Hint(published_at=dt.datetime.fromisoformat(feed) if feed else None)
    page = page_of(html, more.pop("url", f"{SITE}/canal"), hint=hint, **more)
    found = article_of(page)
    at, quality = found.published_at, found.date_quality
    value = at.date() if at and quality == "day_only" else at
    return value.isoformat() if value else None, quality


def date_in(shown: str) -> str:
    """Return an element named after dates."""
    return f"<div class='date'>{shown}</div>"


@cases(
    "shown, expected",
    # a forum
    ("<p class='author'>by <b>r23</b> &raquo; 21.01.2019, 05:42</p>", "2019-01-21T05:42"),
    ("<em class='date'>Tuesday, 2 November 2021</em>", "2021-11-02"),
    # a blog's day heading
    ("<h2 class='date-header'><span>Freitag, 22. November 2013</span></h2>", "2013-11-22"),
    ("<dl><dt>Published:</dt><dd>12 March 2020</dd></dl>", "2020-03-12"),
    ("<span class='articleDateBlock'>Datum: 19.11.2021 <br> Autor: Jo</span>", "2021-11-19"),
    (
        "<div class='lineinfo'>Do 25.04.24 | 14:07 Uhr | Von <b>Eva</b></div>",
        "2024-04-25T14:07",
    ),
    ("<p>21. Jan 2022 // Dominik Beispiel</p>", "2022-01-21"),
    ("<div>发布时间：2023-09-25 21:33 来源：示例社</div>", "2023-09-25T21:33"),
    (
        "<div property='dc:date dc:created' content='2010-10-12T12:00:00+00:00'>By Jo</div>",
        "2010-10-12T12:00",
    ),
    ("<p>Julkaistu 12. tammikuuta 2020</p>", "2020-01-12"),
    ("<p>Дата публикации: 5 ноября 2020</p>", "2020-11-05"),
    ("<p>2020. január 12.</p>", "2020-01-12"),
    (
        "<meta itemprop='datePublished' content='Fri Feb 18 10:27:00 2022'>",
        "2022-02-18T10:27",
    ),
    ("<p>Updated: 3 March 2021</p><p>Published: 1 March 2021</p>", "2021-03-01"),
    ("<p>Current time: 14 October 2023, 12:18</p>", None),  # the time of the visit
    # "public on" in a long sentence is no label
    (
        (
            "<time datetime='2022-11-17T15:06:00Z'>17 November</time><p>The hall of the council"
            " closed to the public on 12 March 2020 after the flood, and has been empty for most of"
            " the time since.</p>"
        ),
        "2022-11-17T15:06",
    ),
    # a short sentence with a date is no date line
    (
        "<p>市议会决定新运河将于2023年12月2日在河口市开放并免费使用</p><p>2023-09-23 19:11</p>",
        "2023-09-23T19:11",
    ),
)
def test_a_visible_date_of_each_kind_of_site(shown: str, expected: str | None) -> None:
    """Forums, blogs, press rooms and papers show the day in a line, label or element."""
    found = dated(shown=shown)[0]
    assert (found and found.removesuffix(":00+00:00")) == expected


TEASERS = "".join(
    f"<div class='info'><em class='date'>0{i}.10.2021</em><h2>Other news</h2></div>"
    for i in range(1, 9)
)
OTHERS = "".join(
    f"<li><a href='/{i}'>Another text</a> <i>{i} June 2011</i></li>" for i in range(1, 9)
)
POSTED = "<p class='footer'>This entry was posted on 19 May 2010 at 23:03 by Jo.</p>"
ONE_SCRIPT = '<script>window.page={"cmsPublishingDate":"2022-01-25","topics":"a"}</script>'
TWO_SCRIPTS = ONE_SCRIPT + '<script>var next={"publishedAt":"2022-01-29"}</script>'


def case(expected: str | None, **page: Any) -> tuple[dict[str, Any], str | None]:
    """Return a page and its date of publication."""
    return page, expected


STAMPED = date_in("23 September 2023 19:11")
MIDNIGHT = META.format("2022-11-06T23:00:00.000Z")
DAY = "<time datetime='2022-03-09'>09.03.2022</time>"
BEFORE = META.replace("published", "modified").format("2022-11-16T10:32:18Z")
AFTER = BEFORE.replace("16T", "18T")
MARCH = f"{SITE}/20220302/a"
CASES = [
    # A visible time without a zone is in the publisher's zone; if that is unknown, a feed's time
    # within half a day counts, and its seconds if the minute is the same.
    case("2023-09-23T11:11:05+00:00", shown=STAMPED, feed="2023-09-23T11:11:05+00:00"),
    case("2023-09-23T19:11:00+00:00", shown=STAMPED, feed="2023-09-20T11:11:05+00:00"),
    case("2023-09-23T19:11:00+08:00", shown=STAMPED, feed="2023-09-23T09:00:00+00:00", zone=CHINA),
    case("2023-09-23T19:11:05+08:00", shown=STAMPED, feed="2023-09-23T11:11:05+00:00", zone=CHINA),
    # "was posted on" below the text counts, the days of other articles and the year of a copyright
    # notice do not, nor does that of the last change; a date in scripts counts if it is the only
    # one.
    case("2010-05-19T23:03:00+00:00", below=f"{POSTED}<div class='sidebar'>{OTHERS}</div>"),
    case("2021-11-02", shown=date_in("02.11.2021"), above=TEASERS),
    case("2022-01-25", head=ONE_SCRIPT),
    case(None, head=TWO_SCRIPTS),
    case(None, below="<p>© 2013 The Inland Gazette</p>"),
    case(None, head=BEFORE),
    # A system that stores only a day writes its midnight, 23:00 UTC of the previous day; the later
    # day counts in the site's country.
    case("2022-11-07T00:00:00+01:00", head=MIDNIGHT, url="https://kanal.example.de/1"),
    case("2022-11-07T00:00:00+01:00", head=MIDNIGHT, url="https://kanal.example.ng/1"),
    case("2022-11-06T23:00:00+00:00", head=MIDNIGHT, url="https://kanal.example.org/1"),
    case("2022-11-07T00:00:00+01:00", head=MIDNIGHT, url="https://kanal.example.org/1",
         zone="Europe/Vienna"),
    # A meta date of publication after the last change is a new time stamp; the visible day counts.
    case("2022-03-09", head=META.format("2022-11-17T10:33:13Z") + BEFORE, shown=DAY),
    case("2022-11-17T10:33:13+00:00", head=META.format("2022-11-17T10:33:13Z") + AFTER, shown=DAY),
    # A UTC time gets the smallest offset, up to six hours, that moves it to the day in the URL.
    *(
        case(expected, head=META.format(stamp), url=f"{SITE}/{day}/a")
        for stamp, day, expected in (
            ("2022-11-06T20:30:00Z", "2022/11/07", "2022-11-07T00:30:00+04:00"),
            ("2022-11-07T01:30:00Z", "2022/11/06", "2022-11-06T23:30:00-02:00"),
            ("2022-11-07T03:00:00Z", "2022/11/07", "2022-11-07T03:00:00+00:00"),
            ("2022-11-09T03:00:00Z", "2022/11/07", "2022-11-09T03:00:00+00:00"),
        )
    ),
    # A visible date or the feed's replaces the day in the URL if they differ by at most a day; the
    # feed adds the time of day.
    case("2022-03-01", shown=date_in("1 March 2022"), url=MARCH),
    case("2022-03-02", shown=date_in("4 March 2022"), url=MARCH),
    case("2022-03-03T05:00:00+00:00", feed="2022-03-03T05:00:00+00:00", url=MARCH),
    case("2022-03-02", feed="2022-03-04T05:00:00+00:00", url=MARCH),
    case("2022-03-02T08:15:00+00:00", feed="2022-03-02T08:15:00+00:00", url=MARCH),
]  # fmt: skip


@pytest.mark.parametrize(("page", "expected"), CASES)
def test_which_date_is_the_articles(page: dict[str, Any], expected: str | None) -> None:
    """Visible times, scripts, declared dates, URLs and the feed decide, as comments state."""
    assert dated(**page)[0] == expected


@cases(
    "language, below, expected",
    ("en-GB", "", "2021-04-03"),
    ("en-US", "", "2021-03-04"),
    ("en", "", "2021-04-03"),
    ("en", "<p>Next meeting 03/24/2021</p>", "2021-03-04"),
)
def test_the_order_of_day_and_month_in_dates_with_slashes(
    language: str, below: str, expected: str
) -> None:
    """03/04/2021 is in April, or in March if the page's language or another date decides so."""
    html = f"<html lang='{language}'>{HEAD}{date_in('03/04/2021')}{TEXT}{below}</html>"
    at = article_of(page_of(html)).published_at
    assert at
    assert at.date().isoformat() == expected


@cases(
    "text, date_format, expected",
    ("03/04/2021 19:11", "%d/%m/%Y %H:%M", ("2021-04-03T19:11:00+02:00", "rule")),
    ("03/04/2021 19:11 -0300", "%d/%m/%Y %H:%M %z", ("2021-04-03T19:11:00-03:00", "rule")),
    ("03/04/2021", "%m/%d/%Y", ("2021-03-04", "day_only")),
    ("2021-04-03T19:11", None, ("2021-04-03T19:11:00+02:00", "rule")),
    ("yesterday", "%d/%m/%Y", ("2022-11-08T03:00:00+00:00", "page_meta")),
)
def test_a_rule_names_the_date_and_its_format(
    text: str, date_format: str | None, expected: tuple[str, str]
) -> None:
    """A rule's date has priority, in the page's zone by default; other formats are ignored."""
    rules = (ExtractionRule("r", "p", date=".stamp", date_format=date_format),)
    head, shown = META.format("2022-11-08T03:00:00Z"), f"<p class='stamp'>{text}</p>"
    assert dated(head, shown, rules=rules, zone="Europe/Zurich") == expected


NEWS = JSON_LD.format("NewsArticle", "datePublished", "2022-11-05T07:00:00Z")


@cases(
    "head, expected",
    (NEWS, ("2022-11-05T07:00:00+00:00", "page_jsonld")),
    (NEWS.replace("NewsArticle", "WebPage"), ("2022-11-05T07:00:00+00:00", "page_jsonld")),
    (
        JSON_LD.format("WebPage", "dateCreated", "2022-11-05T07:00:00Z"),
        ("2022-03-04", "day_only"),
    ),
    (NEWS + META.format("2022-11-08T03:00Z"), ("2022-11-08T03:00:00+00:00", "page_meta")),
    (NEWS + META.format("2022-11-05T03:00Z"), ("2022-11-05T07:00:00+00:00", "page_jsonld")),
    (META.format("2024-07-08T03:00:00Z"), ("2022-03-04", "day_only")),
)
def test_priority_of_declared_dates(head: str, expected: tuple[str, str]) -> None:
    """JSON-LD comes first unless a meta element differs; creation and future dates never do."""
    assert dated(head, date_in("4 March 2022")) == expected


@table("""
    shown | feed | expected
    2 November 2021 | 2021-11-02T08:15+00:00 | 2021-11-02T09:15:00+01:00
    2 November 2021 | 2021-11-01T08:15+00:00 | 2021-11-02
    2 November 2021</div><div class='date'>2 November 2021, 14:07 | None | 2021-11-02T14:07:00+01:00
    2 November 2021</div><div class='date'>3 November 2021, 14:07 | None | 2021-11-02
""")
def test_the_time_of_a_visible_day(shown: str, feed: str | None, expected: str) -> None:
    """A visible day has the time of another mention of it, or the feed's on that day."""
    found, quality = dated(shown=date_in(shown), feed=feed, zone="Europe/Zurich")
    assert (found, quality == "day_only") == (expected, len(expected) == 10)


@cases(
    "feed, expected",
    (None, ("2021-03-03", "day_only")),
    ("2021-03-01T05:00:00+00:00", ("2021-03-01T05:00:00+00:00", "feed")),
)
def test_the_date_of_the_last_change(feed: str | None, expected: tuple[str, str]) -> None:
    """If a page shows only its last change, that day counts unless the feed has a date."""
    assert dated(shown="<p>Updated: 3 March 2021</p>", feed=feed) == expected


@cases(
    "text",
    "<p>新桥于2022年10月16日开通。</p>",
    "<p>市政府2022年10月16日发布新规，运河下月开工。</p>",
    "<h2>运河扩建计划 2022年10月16日 通过</h2>",
    "<p>The canal law was passed on 16 October 2022.</p>",
)
def test_a_date_in_a_short_text_is_not_the_day_of_publication(text: str) -> None:
    """A sentence or heading that mentions a date is no date line; the listing's day counts."""
    day = "2024-05-18T08:00:00+00:00"
    assert dated(shown=text, feed=day) == (day, "feed")
