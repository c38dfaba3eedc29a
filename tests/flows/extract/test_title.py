"""Titles without kickers and site names."""

import pytest

from tests.flows.extract.read import article_of, page_of

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
def test_the_title_is_common_to_heading_and_meta(page_title: str, shared: str | None, heading: str, expected: str) -> None:
    """Kickers, shortened titles, and the names of site and archive are recognised."""
    meta = f"<meta property='og:title' content='{shared}'>" if shared else ""
    html = f"<html><head><title>{page_title}</title>{meta}</head><body><article><h1>{heading}</h1>{TEXT}</article></body></html>"
    assert article_of(page_of(html)).title == expected
