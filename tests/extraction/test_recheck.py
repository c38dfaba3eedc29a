"""A text that is only a part of the page's prose is checked and completed."""

import json

from tests.extraction.read import article_of, page_of
from tidings.extraction import Cleaned

WORDS = (
    "harbour council ferry budget winter mayor bridge tariff village engineer report season"
    " water lantern museum"
).split()


def paragraph(number: int, sentences: int = 4) -> str:
    """Return prose that differs with each number."""
    lines = []
    for line in range(sentences):
        some = [
            WORDS[(number * 7 + line * 5 + step * (number % 4 + 1)) % len(WORDS)]
            for step in range(6)
        ]
        lines.append(
            f"In year {number * 10 + line} the {some[0]} and the {some[1]} asked the"
            f" {some[2]} for a new {some[3]}"
        )
    return ". ".join(lines) + "."


def section(number: int, attributes: str = "") -> str:
    """Return a section with two paragraphs."""
    return (
        f"<div {attributes}><h2>Part"
        f" {number}</h2><p>{paragraph(number)}</p><p>{paragraph(number + 50)}</p></div>"
    )


def missing(article: Cleaned, numbers: range) -> list[int]:
    """Return the numbers of the paragraphs that an article lacks."""
    return [number for number in numbers if paragraph(number) not in article.paragraphs]


def test_all_parts_of_an_article_in_separate_wrappers_are_kept() -> None:
    """The first of several wrappers with an article's name is not the whole article."""
    parts = "".join(f"<div class='band{n}'>{section(n)}</div>" for n in range(2, 9))
    html = (
        f"<body><h1>Harbour</h1><div"
        f" class='article-content'>{section(1)}</div><div>{parts}</div></body>"
    )
    article = article_of(page_of(html))
    assert missing(article, range(1, 9)) == []
    assert article.extractor == "whole"


def test_parts_with_the_same_name_of_boilerplate_are_judged_together() -> None:
    """If all elements with a likely word contain most of the text, the word describes parts of the
    article on this page.
    """
    parts = "".join(section(n, f"class='block-embed embed-{n}'") for n in range(2, 9))
    html = (
        f"<body><article class='post'><h1>Harbour</h1><p>{paragraph(1)}</p>{parts}</article></body>"
    )
    assert missing(article_of(page_of(html)), range(1, 9)) == []


def test_a_single_embedded_post_remains_boilerplate() -> None:
    """A likely word with little of the text is boilerplate as before."""
    text = "".join(f"<p>{paragraph(n)}</p>" for n in range(1, 9))
    html = (
        f"<body><article class='post'><h1>Harbour</h1>{text}<div"
        f" class='embed'><p>{paragraph(99, 2)}</p></div></article></body>"
    )
    assert paragraph(99, 2) not in article_of(page_of(html)).paragraphs


def test_a_class_that_names_a_layout_is_no_sidebar() -> None:
    """The text wins over a hidden list, although the class of its wrapper contains the word
    sidebar.
    """
    items = "".join(f"<li>Story {n}</li>" for n in range(30))
    text = "".join(f"<p>{paragraph(n)}</p>" for n in range(1, 6))
    html = (
        f"<body><div id='main'><ul hidden>{items}</ul><section"
        f" class='page-with-sidebar'>{text}</section></div></body>"
    )
    article = article_of(page_of(html))
    assert missing(article, range(1, 6)) == []
    assert "Story 3" not in article.body_text


def test_an_article_in_a_nav_that_was_never_closed_is_read() -> None:
    """A wrapper that never contains text is read if the page has no other text; a navigation in it
    is not.
    """
    text = "".join(f"<p>{paragraph(n)}</p>" for n in range(1, 6))
    links = "".join(f"<li><a href='/{n}'>Topic {n}</a></li>" for n in range(9))
    article = article_of(
        page_of(
            f"<body><nav class='navbar'><nav><ul>{links}</ul></nav><div>{text}</div></nav></body>"
        )
    )
    assert missing(article, range(1, 6)) == []
    assert "Topic 3" not in article.body_text


def test_parts_that_are_sent_later_are_read_in_their_place() -> None:
    """React's hidden parts at the end of a page replace their templates."""
    html = (
        f"<body><article class='article-body'><p>{paragraph(1)}</p><template"
        f" id='P:1'></template><p>{paragraph(3)}</p></article>"
        f"<div hidden id='S:1'><p>{paragraph(2)}</p></div></body>"
    )
    assert [*article_of(page_of(html)).paragraphs] == [paragraph(1), paragraph(2), paragraph(3)]


def test_a_much_longer_declared_text_replaces_its_beginning() -> None:
    """The page shows one paragraph and declares all of them in its JSON-LD, as HTML."""
    declared = "".join(f"<p>{paragraph(n)}</p>" for n in range(1, 7))
    data = json.dumps(
        {"@type": "NewsArticle", "headline": "Harbour", "articleBody": declared}
    ).replace("<", "\\u003c")
    html = (
        f"<head><script type='application/ld+json'>{data}</script></head>"
        f"<body><article"
        f" class='article-body'><h1>Harbour</h1><p>{paragraph(1)}</p></article></body>"
    )
    article = article_of(page_of(html))
    assert missing(article, range(1, 7)) == []
    assert article.extractor == "stated"


def test_rows_of_a_table_that_contain_links_are_kept() -> None:
    """A table with header cells is content even if links contain most of its text."""
    rows = "".join(
        f"<tr><td><a href='/{n}'>Tariff notice of the harbour number {n}</a></td><td>{n}</td></tr>"
        for n in range(9)
    )
    table = f"<table><tr><th>Notice</th><th>No.</th></tr>{rows}</table>"
    html = (
        f"<body><article"
        f" class='article-body'><p>{paragraph(1)}</p><p>{paragraph(2)}</p>{table}</article></body>"
    )
    assert "Tariff notice of the harbour number 8 | 8" in article_of(page_of(html)).paragraphs
