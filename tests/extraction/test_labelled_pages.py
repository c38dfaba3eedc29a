"""Pages of many layouts, each with its title, text, day and authors marked in the HTML."""

import datetime as dt
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tidings.extraction import Cleaned, Page, clean

FETCHED = dt.datetime(2024, 6, 20, tzinfo=dt.UTC)
MARKED = Path(__file__).parent / "labelled_pages.txt"
PAGES = re.split(r"^=== ", MARKED.read_text("utf-8"), flags=re.MULTILINE)[1:]
WRONG = " | wrong=true"  # a page that the program is known to read wrongly


def marked(html: str, mark: str) -> list[str]:
    """Return the text of each element with a mark."""
    soup = BeautifulSoup(html.replace(f" *{mark}>", f' data-mark="{mark}">'), "lxml")
    return [" ".join(tag.get_text().split()) for tag in soup.select(f"[data-mark={mark}]")]


@pytest.mark.parametrize("page", PAGES, ids=[page.split(" ", 1)[0] for page in PAGES])
def test_labelled_page(page: str) -> None:
    """Title and text are the marked elements; kind, day, authors and reason are those of the first
    line. A page with the mark of a wrong reading must be read wrongly until the mark is removed.
    """
    if WRONG in page:
        with pytest.raises(AssertionError):
            check(page.replace(WRONG, ""))
    else:
        check(page)


def test_few_labelled_pages_are_read_wrongly() -> None:
    """At most one in five of the pages has the mark."""
    assert sum(WRONG in page for page in PAGES) <= len(PAGES) / 5


def check(page: str) -> None:
    """Compare a page with its labels."""
    head, _, html = page.partition("\n")
    name, *pairs = head.split(" | ")
    labels = dict(pair.strip().split("=") for pair in pairs)
    body = re.sub(r" \*(title|text)>", ">", html).encode(labels.pop("encoding", "utf-8"))
    url = f"https://www.inland.example/{name}"
    found = clean(Page(url, url, body, "text/html", FETCHED))
    assert isinstance(found, Cleaned), found
    published = found.published_at and found.published_at.date().isoformat()
    read = {
        "kind": found.page_kind,
        "published": published,
        "authors": "; ".join(found.authors),
        "excluded": found.excluded_reason,
    }
    assert {label: read[label] for label in labels} == labels
    if "excluded" not in labels:
        assert found.excluded_reason is None
        assert found.title == (marked(html, "title") or [found.title])[0]
        text = " ".join(" ".join(found.paragraphs).split())
        assert text == " ".join(marked(html, "text"))
