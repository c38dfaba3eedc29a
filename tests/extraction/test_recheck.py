"""A text that is only a part of the page's prose is checked and completed."""

import json

from tests.cases import cases
from tests.extraction.read import article_of, page_of

WORDS = (
    "harbour council ferry budget winter mayor bridge tariff village engineer report season"
    " water lantern museum"
).split()


def paragraph(number: int, sentences: int = 4) -> str:
    """Return prose that differs with each number."""
    lines = []
    for line in range(sentences):
        a, b, c, d = (WORDS[(number * (7 + step) + line * 5 + step) % 15] for step in range(4))
        lines.append(
            f"In year {number * 10 + line} the {a} and the {b} asked the {c} for a new {d}"
        )
    return ". ".join(lines) + "."


def prose(*numbers: int) -> str:
    """Return a paragraph for each number."""
    return "".join(f"<p>{paragraph(number)}</p>" for number in numbers)


def section(number: int, attributes: str = "") -> str:
    """Return a section with two paragraphs."""
    return f"<div {attributes}><h2>Part {number}</h2>{prose(number, number + 50)}</div>"


TEXT = prose(*range(1, 6))
LINKS = "".join(f"<li><a href='/{n}'>Topic {n}</a></li>" for n in range(9))
HIDDEN = "".join(f"<li>Topic {n}</li>" for n in range(30))
BANDS = "".join(f"<div class='band{n}'>{section(n)}</div>" for n in range(2, 6))
EMBEDS = "".join(section(n, f"class='block-embed embed-{n}'") for n in range(2, 6))
DECLARED = json.dumps({"@type": "NewsArticle", "headline": "Harbour", "articleBody": TEXT})
SCRIPT = f"<script type='application/ld+json'>{DECLARED}</script>".replace("/p>", "\\/p>")
STATE = json.dumps({"detail": {"contentHtml": TEXT, "content": paragraph(9)}})
STATE = f"<script>window.state = {STATE};</script>".replace("/p>", "\\/p>")


@cases(
    "html, extractor",
    # the first of several wrappers with an article's name is not the whole article
    (f"<h1>Harbour</h1><div class='article-content'>{section(1)}</div><div>{BANDS}</div>",
     "whole"),
    # if all elements with a likely word contain most of the text, it describes the article
    (f"<article class='post'><h1>Harbour</h1><p>{paragraph(1)}</p>{EMBEDS}</article>", None),
    # a likely word with little of the text is boilerplate
    ((f"<article class='post'>{TEXT}<div class='embed'>Topic 3. {paragraph(9, 2)}</div>"
     "</article>"), None),
    # the class of a wrapper contains the word sidebar, but means the layout
    ((f"<div id='main'><ul hidden>{HIDDEN}</ul><section class='page-with-sidebar'>{TEXT}"
     "</section></div>"), None),
    # all wrappers have names of boilerplate
    (f"<div class='sidebar'><h1>Canal</h1><div class='comments'>{TEXT}</div></div>", None),
    # a nav that was never closed contains the page
    (f"<nav class='navbar'><nav><ul>{LINKS}</ul></nav><div>{TEXT}</div></nav>", None),
    # the page shows one paragraph and declares all of them in its JSON-LD, as HTML
    (f"{SCRIPT}<article class='article-body'><h1>Harbour</h1>{prose(1)}</article>", "stated"),
    # only the data of the page's scripts contain the text
    (f"<div id='app'><h1>Harbour</h1><p>Loading</p></div>{STATE}", "stated"),
    # a page with a text of its own is not replaced by the data of another one
    (f"<h1>Harbour</h1><div>{TEXT}</div>{STATE.replace('asked the', 'denied the')}", None),
    # hidden parts at the end of a page of React replace their templates
    ((f"<article class='article-body'>{prose(1, 2)}<template id='P:1'></template>"
     f"{prose(4, 5)}</article><div hidden id='S:1'>{prose(3)}</div>"), None),
ids="wrappers embeds one_embed layout names nav declared data other_data streamed".split(),
)  # fmt: skip
def test_the_whole_article_is_read_once(html: str, extractor: str | None) -> None:
    """Paragraphs of any wrapper are read in order, and lists beside the article are not."""
    article = article_of(page_of(f"<body>{html}</body>"))
    expected = [paragraph(number) for number in range(1, 6)]
    assert [text for text in article.paragraphs if text in expected] == expected
    assert extractor in {None, article.extractor}
    assert "Topic 3" not in article.body_text


def test_rows_of_a_table_that_contain_links_are_kept() -> None:
    """A table with header cells is content even if links contain most of its text."""
    rows = "".join(
        f"<tr><td><a href='/{n}'>Tariff notice of the harbour number {n}</a></td><td>{n}</td></tr>"
        for n in range(9)
    )
    table = f"<table><tr><th>Notice</th><th>No.</th></tr>{rows}</table>"
    html = f"<body><article class='article-body'>{prose(1, 2)}{table}</article></body>"
    assert "Tariff notice of the harbour number 8 | 8" in article_of(page_of(html)).paragraphs
