"""Any bytes yield an article or a named outcome."""

import datetime as dt
import pickle
import random
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import cases
from tests.extraction.read import NOW, article_of, page_of
from tidings.extraction import Cleaned, ExtractionRule, Hint, Page, Unclean, clean

TEXT = "The town will plant four hundred limes along the canal before the end of the year, he said."
SNIPPETS = [
    b"<p>", b"</p>", b"<div class='article-body'>", b"<script type='application/ld+json'>",
    b'{"@type":"NewsArticle","author":[{}],"datePublished":["x"]}', b"</script>", b"<h1>",
    b"<table><tr><td>", b"<time datetime='", b"9999-99-99'>",
    b"<meta property='og:title' content='", b"'>", b"<a rel=author>",
    b"<link rel=canonical href='http://[::1'>", b"<link rel=alternate hreflang=en href='//'>",
    b"&#x0;", b"&#xd800;", b"\xff\xfe", b"\x00", b"<!--", b"<![CDATA[", TEXT.encode(),
    "新华社5月6日电".encode("gb18030"), b"1.a; 2.b; 3.c; 4.d; 5.e;", b"<br>", b"\xe2\x80\x8b",
]  # fmt: skip
NAMED = {"empty", "unparsable", "not_html", "old_word"}


def page(body: bytes, **more: Any) -> Page:
    """Return a page with these bytes."""
    return Page("https://town.example/a", "https://town.example/a", body, None, NOW, **more)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(SNIPPETS) | st.binary(max_size=30), max_size=25).map(b"".join))
def test_any_bytes_yield_an_article_or_a_named_outcome(body: bytes) -> None:
    """Extraction never raises and never fails for an unexpected reason."""
    found = clean(page(body))
    assert isinstance(found, Cleaned) or found.outcome in NAMED
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 # our own


@cases(
    "body, outcome",
    (b"PK\x03\x04 ...", "not_html"),
    (random.Random(1).randbytes(4_000), "not_html"),
    (b" \n ", "empty"),
    ids=["archive", "random", "empty"],
)
def test_files_that_are_not_pages_have_a_named_outcome(body: bytes, outcome: str) -> None:
    """An archive, random bytes and an empty page have named outcomes."""
    found = clean(page(body))
    assert isinstance(found, Unclean)
    assert found.outcome == outcome


def test_a_publishers_rule_has_priority_while_it_is_valid() -> None:
    """A rule's selectors replace the general extraction only while the rule is valid."""
    html = (
        f"<h1>Notice</h1><div class=odd><p>{TEXT}</p><p class=x>drop me, I am no part of this</p>"
        "</div><span class=w>Ann Lee</span><i class=d>03/04/2024</i>"
    ).encode()
    selectors: dict[str, Any] = {"body": ".odd", "drop": ".x", "author": ".w", "date": ".d"}
    rule = ExtractionRule("r1", "town", "/a$", date_format="%d/%m/%Y", **selectors)
    found = article_of(page(html, rules=(replace(rule, valid_to=dt.date(2024, 12, 31)),)))
    assert (found.paragraphs, found.authors, found.extractor) == ((TEXT,), ("Ann Lee",), "rule:r1")
    assert found.published_at
    assert (found.published_at.date(), found.date_quality) == (dt.date(2024, 4, 3), "day_only")
    past = article_of(page(html, rules=(replace(rule, valid_to=dt.date(2023, 1, 1)),)))
    assert past.extractor != "rule:r1"


def test_the_feed_entry_supplies_missing_facts() -> None:
    """Title, authors and date come from the feed entry if its full text lacks them."""
    hint = Hint("Limes for the canal", NOW, ("Ann Lee",), "en", None)
    found = article_of(page(f"<p>{TEXT}</p><p>{TEXT[::-1]}.</p>".encode(), hint=hint, kind="entry"))
    assert (found.title, found.authors) == ("Limes for the canal", ("Ann Lee",))
    assert (found.published_at, found.date_quality) == (NOW, "feed")
    assert found.paragraphs[0] == TEXT


def test_an_interview_and_its_lists_remain() -> None:
    """Short bold questions, short answers and items remain beside much that is no text."""
    questions = [
        f"<p><b>And in year {n}?</b></p><p>{'No.' if n == 3 else TEXT}</p>" for n in range(1, 6)
    ]
    names = ["Limes", "Oaks", "Four hundred new benches"]
    items = "".join(f"<li>{item}</li>" for item in names)
    labels = "".join(f"<p>Label {n}</p>" for n in range(20))
    text = f"{''.join(questions)}<p>The plan has:</p><ul>{items}</ul><p>{TEXT}</p>"
    body = f"<h1>Limes</h1><div class='article-body'>{text}</div><div>{labels}</div>"
    expected = [f"And in year {n}?" for n in range(1, 6)]
    expected[3:3] = ["No."]
    left = [text for text in article_of(page_of(body)).paragraphs if text != TEXT]
    assert left == [*expected, "The plan has:", *names]
