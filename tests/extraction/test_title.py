"""Titles without kickers and site names."""

import json
from collections.abc import Iterable
from typing import Any

from tests.cases import cases
from tests.extraction.read import article_of, page_of

TEXT = """<p>The council decided on Saturday to widen the northern canal before winter, and to pay
for it from dues.</p>
<p>Work begins in October. Boats are to use the southern lock until the spring, the harbour master
said in a notice.</p>"""


def titled(
    *,
    title: str = "",
    og: str = "",
    headings: Iterable[str] = (),
    json_ld: Iterable[dict[str, Any]] = (),
    extra: str = "",
) -> str | None:
    """Return the title of the article on a page with these declared titles and headings."""
    head = f"<title>{title}</title>" + (f"<meta property='og:title' content='{og}'>" if og else "")
    head += "".join(
        f"<script type='application/ld+json'>{json.dumps(part)}</script>" for part in json_ld
    )
    shown = "".join(f"<h1>{heading}</h1>" for heading in headings)
    html = f"<html><head>{head}</head><body><article>{shown}{extra}{TEXT}</article></body></html>"
    return article_of(page_of(html, "https://www.news.inland.example/canal")).title


LONG = "The canal grows wider than ever before, the council of the town decided on Saturday night"


CRUMBS = {
    "@type": "BreadcrumbList",
    "itemListElement": [
        {"@type": "ListItem", "position": i, "name": n}
        for i, n in enumerate(("Waterways", "Harbour", "Canal"), 1)
    ],
}


@cases(
    "page, expected",
    # a kicker
    ({"title": "The canal grows | Gazette", "og": "The canal grows",
      "headings": ["Waterways: The canal grows"]}, "The canal grows"),
    ({"title": "Inland » Blog Archive » The canal grows", "headings": ["Inland"]},
     "The canal grows"),
    ({"title": "The canal grows - Gazette", "og": "The canal grows - Gazette",
      "headings": ["The canal grows"]}, "The canal grows"),
    ({"headings": ["Water"], "json_ld": [{"@type": "NewsArticle",
                                          "headline": "The canal grows"}]}, "The canal grows"),
    ({"headings": ["Water"], "json_ld": [{"@type": "WebPage", "headline": "The canal grows"}]},
     "Water"),
    (
        {"headings": ["The canal grows"],
         "json_ld": [{"@type": "NewsArticle", "headline": "Harbour news: The canal grows"}]},
        "The canal grows",
    ),
    ({"title": "THE CANAL GROWS", "extra": "<div class='entry-title'>The canal grows</div>"},
     "The canal grows"),
    ({"og": "The canal grows - inland.example"}, "The canal grows"),
    ({"og": "The canal grows - News"}, "The canal grows"),
    ({"og": "The canal grows - North"}, "The canal grows - North"),
    ({"og": "The canal grows - Harbour - Waterways", "json_ld": [CRUMBS]}, "The canal grows"),
    ({"og": "The widening of the - Canal", "json_ld": [CRUMBS]}, "The widening of the - Canal"),
    ({"title": "Inland » Boats » The canal grows"}, "Boats » The canal grows"),
    ({"title": "The canal grows wider and wider | Gazette of the North"}, ("The canal grows"
                                                                          " wider and wider")),
    ({"title": "Canal | The canal grows wider than ever"}, ("Canal | The canal grows wider than"
                                                           " ever")),
    ({"og": "The canal grows", "headings": [LONG, "Water"]}, "The canal grows"),
    ({"og": "The canal grows wider",
      "headings": ["The canal grows wider than ever before", "Water"]},
     "The canal grows wider than ever before"),
    ({"og": "The canal grows wider", "headings": [LONG, "Water"]}, "The canal grows wider"),
    ({"og": "Canal grows", "headings": [("Waterways of the north and of the harbour: Canal "
                                         "grows")]},
     "Waterways of the north and of the harbour: Canal grows"),
    ({"og": "canal grows now", "headings": ["The subcanal grows now"]},
     "The subcanal grows now"),
    ({"headings": ["One heading", "Two headings"]}, "One heading"),
)  # fmt: skip
def test_titles_from_several_sources(page: dict[str, Any], expected: str) -> None:
    """A declared headline or a heading that repeats it is the title, without site names."""
    assert titled(**page) == expected
