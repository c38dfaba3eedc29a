"""A page's title without what is not the title."""

import datetime as dt

import pytest

from tidings.flows.extract import Page, clean

TEXT = """<p>The council decided on Saturday to widen the northern canal before winter, and to pay for it from dues.</p>
<p>Work begins in October. Boats are to use the southern lock until the spring, the harbour master said in a notice.</p>"""


@pytest.mark.parametrize(
    ("page_title", "shared", "heading", "expected"),
    [
        ("The canal grows | Inland Gazette", "The canal grows", "Waterways: The canal grows", "The canal grows"),  # a kicker
        ("The canal grows wider | Gazette", "The canal grows wider", "The canal grows wider than ever before",
         "The canal grows wider than ever before"),  # shortened for search engines
        ("Inland » Blog Archive » The canal grows", None, "Inland", "The canal grows"),
        ("The canal grows - Inland Gazette", "The canal grows - Inland Gazette", "The canal grows", "The canal grows"),
    ],
)  # fmt: skip
def test_the_title_is_what_heading_and_meta_agree_on(page_title, shared, heading, expected):
    """A kicker above the title, a title cut short and the names of site and archive are told from the title."""
    meta = f"<meta property='og:title' content='{shared}'>" if shared else ""
    html = f"<html><head><title>{page_title}</title>{meta}</head><body><article><h1>{heading}</h1>{TEXT}</article></body></html>"
    url = "https://www.inland.example/canal"
    page = Page(url, url, html.encode(), "text/html; charset=utf-8", dt.datetime(2024, 6, 1, tzinfo=dt.UTC))
    assert clean(page).title == expected
