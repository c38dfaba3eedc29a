"""Any bytes yield an article or a named outcome."""

from __future__ import annotations

import datetime as dt
import pickle
import random
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.extraction.read import NOW, article_of, page_of
from tidings.extraction import Cleaned, ExtractionRule, Hint, Page, Unclean, clean

TEXT = (
    "The town will plant four hundred limes along the canal before the end of the year, the"
    " gardener in charge said."
)
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


def page(body: bytes, **more: Any) -> Page:
    """Return a page with these bytes."""
    return Page("https://town.example/a", "https://town.example/a", body, None, NOW, **more)


@settings(deadline=None, max_examples=150)
@given(st.lists(SNIPPETS | st.binary(max_size=30), max_size=25).map(b"".join))
def test_any_bytes_yield_an_article_or_a_named_outcome(body: bytes) -> None:
    """Extraction never raises and never fails for an unexpected reason."""
    found = clean(page(body))
    assert isinstance(found, (Cleaned, Unclean))
    assert not isinstance(found, Unclean) or found.outcome in {"empty", "unparsable", "not_html"}, (
        found
    )
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 # our own


def test_files_that_are_not_pages_have_a_named_outcome() -> None:
    """An archive, random bytes and an empty page have named outcomes."""
    results = [
        clean(page(body))
        for body in (b"PK\x03\x04 ...", random.Random(1).randbytes(4_000), b" \n ")
    ]
    assert [result.outcome for result in results if isinstance(result, Unclean)] == [
        "not_html",
        "not_html",
        "empty",
    ]


def test_a_publishers_rule_has_priority_while_it_is_valid() -> None:
    """A rule's selectors replace the general extraction while the rule is valid, and not
    afterwards.
    """
    byline = "<span class=w>Ann Lee</span><i class=d>03/04/2024</i>"
    html = (
        f"<h1>Notice</h1><div class=odd><p>{TEXT}</p><p class=x>drop me, I am no part of"
        f" this</p></div>{byline}"
    )
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
    found = article_of(page(html.encode(), rules=(rule,), zone="Europe/Zurich"))
    assert (found.paragraphs, found.authors, found.extractor) == ((TEXT,), ("Ann Lee",), "rule:r1")
    assert found.published_at
    assert (found.published_at.date(), found.date_quality) == (dt.date(2024, 4, 3), "day_only")
    assert (
        article_of(
            page(html.encode(), rules=(replace(rule, valid_to=dt.date(2023, 1, 1)),))
        ).extractor
        != "rule:r1"
    )


def test_the_feed_entry_supplies_missing_facts() -> None:
    """Title, authors and date come from the feed entry if its full text lacks them."""
    hint = Hint("Limes for the canal", NOW, ("Ann Lee",), "en", None)
    found = article_of(page(f"<p>{TEXT}</p><p>{TEXT[::-1]}.</p>".encode(), hint=hint, kind="entry"))
    assert (found.title, found.authors, found.published_at, found.date_quality) == (
        "Limes for the canal",
        ("Ann Lee",),
        NOW,
        "feed",
    )
    assert found.paragraphs[0] == TEXT


def test_text_within_wrappers_with_boilerplate_names_is_found() -> None:
    """The text is found although all its wrappers are named sidebar or comments."""
    text = "".join(
        f"<p>Paragraph {i} of the report tells at some length how the canal was dug and by"
        f" whom.</p>"
        for i in range(12)
    )
    html = (
        f"<html><body><div class='sidebar'><h1>The canal</h1><div"
        f" class='comments'>{text}</div></div><p>Imprint</p></body></html>"
    )
    found = article_of(page_of(html))
    assert [len(found.paragraphs), found.paragraphs[-1][:12]] == [12, "Paragraph 11"]


def test_an_interview_and_its_lists_remain() -> None:
    """Short bold questions, short answers and items of a list remain, also where the page contains
    much that is not its text.
    """
    questions = [
        f"<p><b>And in year {n}?</b></p><p>{'No.' if n == 3 else TEXT}</p>" for n in range(1, 6)
    ]
    items = "".join(f"<li>{item}</li>" for item in ("Limes", "Oaks", "Four hundred new benches"))
    labels = "".join(f"<p>Label {n}</p>" for n in range(20))
    html = (
        f"<h1>Limes</h1><div class='article-body'>{''.join(questions)}<p>The plan"
        f" has:</p><ul>{items}</ul><p>{TEXT}</p></div>"
    )
    paragraphs = article_of(
        page(f"<html><body>{html}<div>{labels}</div></body></html>".encode())
    ).paragraphs
    assert [text for text in paragraphs if text != TEXT] == [
        *(
            text
            for n in range(1, 6)
            for text in (f"And in year {n}?", *(["No."] if n == 3 else []))
        ),
        *("The plan has:", "Limes", "Oaks", "Four hundred new benches"),
    ]
