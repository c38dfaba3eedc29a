"""Any bytes give an article or a named outcome."""

from __future__ import annotations

import datetime as dt
import pickle
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.flows.extract import Cleaned, ExtractionRule, Hint, Page, Unclean, clean

NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
TEXT = "The town will plant four hundred limes along the canal before the end of the year, the gardener in charge said."
SNIPPETS = st.sampled_from(
    [
        b"<p>",
        b"</p>",
        b"<div class='article-body'>",
        b"<script type='application/ld+json'>",
        b'{"@type":"NewsArticle","author":[{}],"datePublished":["x"]}',
        b"</script>",
        b"<h1>",
        b"<table><tr><td>",
        b"<time datetime='",
        b"9999-99-99'>",
        b"<meta property='og:title' content='",
        b"'>",
        b"<a rel=author>",
        b"<link rel=canonical href='http://[::1'>",
        b"<link rel=alternate hreflang=en href='//'>",
        b"&#x0;",
        b"&#xd800;",
        b"\xff\xfe",
        b"\x00",
        b"<!--",
        b"<![CDATA[",
        TEXT.encode(),
        "新华社5月6日电".encode("gb18030"),
        b"1.a; 2.b; 3.c; 4.d; 5.e;",
        b"<br>",
        b"\xe2\x80\x8b",
    ]
)


def page(body: bytes, **more) -> Page:
    """Return a page of these bytes."""
    return Page("https://town.example/a", "https://town.example/a", body, None, NOW, **more)


@settings(deadline=None, max_examples=150)
@given(st.lists(SNIPPETS | st.binary(max_size=30), max_size=25).map(b"".join))
def test_any_bytes_give_an_article_or_a_named_outcome(body):
    """Cleaning never raises and never fails for an unforeseen reason, whatever the bytes."""
    found = clean(page(body))
    assert isinstance(found, (Cleaned, Unclean))
    assert not isinstance(found, Unclean) or found.outcome in {"empty", "unparsable", "not_html"}, found
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 # our own


def test_what_is_no_page_is_named():
    """A document, a picture and nothing at all each have a name."""
    assert [clean(page(body)).outcome for body in (b"%PDF-1.7 ...", b"\x89PNG\r\n", b" \n ")] == ["not_html", "not_html", "empty"]


def test_a_publishers_rule_comes_first_while_it_is_valid():
    """A rule's selectors win over the general way on the days of its validity, and not after."""
    byline = "<span class=w>Ann Lee</span><i class=d>03/04/2024</i>"
    html = f"<h1>Notice</h1><div class=odd><p>{TEXT}</p><p class=x>drop me, I am no part of this</p></div>{byline}"
    rule = ExtractionRule(
        "r1",
        "town",
        "/a$",
        body=".odd",
        drop=".x",
        author=".w",
        date=".d",
        date_format="%d/%m/%Y",
        valid_to=dt.date(2024, 12, 31),
    )
    found = clean(page(html.encode(), rules=(rule,), zone="Europe/Zurich"))
    assert (found.paragraphs, found.authors, found.extractor) == ((TEXT,), ("Ann Lee",), "rule:r1")
    assert (found.published_at.date(), found.date_quality) == (dt.date(2024, 4, 3), "day_only")
    assert clean(page(html.encode(), rules=(replace(rule, valid_to=dt.date(2023, 1, 1)),))).extractor != "rule:r1"


def test_the_feed_speaks_where_the_page_is_silent():
    """Title, authors and date of the feed entry stand in for what a fragment of full text does not tell."""
    hint = Hint("Limes for the canal", NOW, ("Ann Lee",), "en", None)
    found = clean(page(f"<p>{TEXT}</p><p>{TEXT[::-1]}.</p>".encode(), hint=hint, kind="entry"))
    assert (found.title, found.authors, found.published_at, found.date_quality) == (
        "Limes for the canal",
        ("Ann Lee",),
        NOW,
        "feed",
    )
    assert found.paragraphs[0] == TEXT


def test_a_page_whose_wrappers_are_all_called_side_matter_keeps_its_text():
    """Where everything is named sidebar or comments, names say nothing: the text is found all the same."""
    text = "".join(
        f"<p>Paragraph {i} of the report tells at some length how the canal was dug and by whom.</p>" for i in range(12)
    )
    url = "https://www.inland.example/canal"
    page = (
        f"<html><body><div class='sidebar'><h1>The canal</h1><div class='comments'>{text}</div></div><p>Imprint</p></body></html>"
    )
    found = clean(Page(url, url, page.encode(), "text/html; charset=utf-8", dt.datetime(2024, 6, 1, tzinfo=dt.UTC)))
    assert isinstance(found, Cleaned)
    assert [len(found.paragraphs), found.paragraphs[-1][:12]] == [12, "Paragraph 11"]
