"""Extract a page that a test expects to be an article."""

import datetime as dt
from typing import Any

from tidings.extraction import Cleaned, Page, clean

NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)


def article_of(page: Page) -> Cleaned:
    """Return the article on a page; fail if it has none."""
    outcome = clean(page)
    assert isinstance(outcome, Cleaned), outcome
    return outcome


def page_of(html: str, url: str = "https://www.inland.example/canal", **more: Any) -> Page:
    """Return a page with this HTML, captured on 1 June 2024 unless ``fetched_at`` differs."""
    return Page(
        url, url, html.encode(), "text/html; charset=utf-8", more.pop("fetched_at", NOW), **more
    )
