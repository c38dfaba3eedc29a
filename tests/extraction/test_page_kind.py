"""The kind of a page, and the text that belongs to it."""

from __future__ import annotations

import dataclasses

import pytest

from tests.extraction.read import article_of, page_of
from tidings.extraction.records import Hint

SENTENCE = (
    "The canal board repaired lock number {} last week and will open it to barges before"
    " the autumn rains begin. "
)
ITEMS = [f"Lock {number} opens to barges again" for number in range(1, 13)]
MENU = "".join(f"<a href='/{name}'>{name}</a> " for name in ("news", "boats", "rules", "jobs"))


def html(main: str, head: str = "") -> str:
    """Return a page with a title, a menu and a footer around its main part."""
    frame = (
        f"<body><header><nav>{MENU}</nav></header><main>{main}</main><footer>{MENU}Canal"
        f" board</footer></body>"
    )
    return f"<html><head><title>Canal board</title>{head}</head>{frame}</html>"


def prose(*numbers: int) -> str:
    """Return a paragraph for each number."""
    return "".join(f"<p>{SENTENCE.format(number) * 2}</p>" for number in numbers)


def test_a_listing_keeps_its_items_and_is_excluded() -> None:
    """Titles and teasers of all items are the text of a listing, which no denominator includes."""
    cards = "".join(
        f"<div class='teaser'><h3><a href='/n/{number}'>{item}</a></h3><span class='date'>{number}"
        f" May 2024</span>"
        f"<p>{SENTENCE.format(number)}</p></div>"
        for number, item in enumerate(ITEMS, 1)
    )
    cleaned = article_of(
        page_of(html(f"<h1>Locks</h1>{cards}"), "https://canals.example/category/locks/")
    )
    assert (cleaned.page_kind, cleaned.excluded_reason) == ("listing", "index")
    assert all(
        item in cleaned.paragraphs and SENTENCE.format(at).strip() in cleaned.paragraphs
        for at, item in enumerate(ITEMS, 1)
    )
    assert not cleaned.is_truncated


@pytest.mark.parametrize("separator", ["</p><p>", "<br><br>"])
def test_prose_under_one_heading_is_an_article(separator: str) -> None:
    """A page with a passage is an article, however many links and table cells are beside it, unless
    its URL names a listing.
    """
    links = "".join(f"<li><a href='/n/{at}'>{item}</a></li>" for at, item in enumerate(ITEMS))
    rates = "".join(f"<tr><td>Toll {at}</td><td>{at}.50 crowns</td></tr>" for at in range(80))
    text = separator.join(SENTENCE.format(number) * 2 for number in range(4))
    page = html(f"<h1>Lock repaired</h1><div><p>{text}</p></div><ul>{links}</ul>")
    cleaned = article_of(page_of(page, "http://canals.example/a/5f0d2.html"))
    assert (cleaned.page_kind, cleaned.excluded_reason) == ("article", None)
    page = html(f"<h1>Lock repaired</h1><div><p>{text}</p></div><table>{rates}</table>")
    assert article_of(page_of(page, "http://canals.example/a/5f0d3.html")).page_kind == "article"


def test_a_listing_that_a_feed_announces_is_counted() -> None:
    """A page that a feed lists as an entry is only left out of the counts if it declares itself a
    list.
    """
    cards = "".join(
        f"<div><h3><a href='/n/{at}'>{item}</a></h3><p>{SENTENCE.format(at)}</p></div>"
        for at, item in enumerate(ITEMS)
    )
    declared = '<script type="application/ld+json">{"@type": "CollectionPage"}</script>'
    for head, reason in (("", None), (declared, "index")):
        page = page_of(
            html(f"<h1>Locks</h1>{cards}", head), "https://canals.example/category/locks/"
        )
        announced = dataclasses.replace(page, hint=Hint(title="Locks"))
        assert article_of(announced).excluded_reason == reason


def test_menus_that_nothing_marks_are_no_text() -> None:
    """On a page without a nav, lists of short links above the heading and below the text are menus;
    those between are text.
    """
    cards = "".join(
        f"<div><h3><a href='/n/{at}'>{item}</a></h3><p>{SENTENCE.format(at)}</p></div>"
        for at, item in enumerate(ITEMS)
    )
    topics = "".join(
        f"<li><a href='/t/{name}'>{name}</a></li>"
        for name in ("Tolls", "Fish", "Ice", "Bridges", "Towpaths")
    )
    body = f"<div>{MENU}</div><h1>Locks</h1><ul>{topics}</ul>{cards}<div>{MENU}</div>"
    cleaned = article_of(
        page_of(f"<html><body>{body}</body></html>", "https://canals.example/category/locks/")
    )
    assert cleaned.page_kind == "listing"
    assert "boats" not in cleaned.body_text
    assert {"Tolls", *ITEMS} <= {*cleaned.paragraphs}


def test_a_forum_keeps_every_post_once() -> None:
    """The text contains author, day and text of each post, but no signature and no quote of an
    earlier post.
    """
    posts = "".join(
        f"<div class='post' id='post{number}'><div"
        f" class='username'>Skipper{number}</div><time>{number} May 2024</time>"
        f"<div"
        " class='post-content'>"
        f"{f'<blockquote>{SENTENCE.format(1) * 2}</blockquote>' if number == 3 else ''}"
        f"<p>{SENTENCE.format(number) * 2}</p><div class='signature'>Sails on Sundays"
        f" only</div></div></div>"
        for number in range(1, 6)
    )
    cleaned = article_of(
        page_of(
            html(f"<h1>Is lock 4 open?</h1>{posts}"),
            "https://canals.example/forum/t/is-lock-4-open/77",
        )
    )
    assert cleaned.page_kind == "forum"
    for number in range(1, 6):
        assert (
            f"Skipper{number}" in cleaned.paragraphs,
            f"{number} May 2024" in cleaned.paragraphs,
        ) == (True, True)
        assert cleaned.paragraphs.count((SENTENCE.format(number) * 2).strip()) == 1
    assert "Sails on Sundays only" not in cleaned.body_text


def test_a_service_page_keeps_its_hidden_panels() -> None:
    """All sections of a service page are its text, also those in panels that open on request;
    hidden menus are not.
    """
    sections = "".join(
        f"<section><h2><button>Question {number}</button></h2><div class='panel'"
        f" style='display:none'>{prose(number)}</div>"
        "</section>"
        for number in range(1, 7)
    )
    menu = f"<div style='display:none' class='drawer'>{MENU}</div>"
    page = page_of(
        html(f"<h1>Apply for a mooring permit</h1>{menu}{sections}"),
        "https://canals.example/services/mooring-permit",
    )
    cleaned = article_of(page)
    assert (cleaned.page_kind, cleaned.excluded_reason) == ("service", None)
    for number in range(1, 7):
        assert f"Question {number}" in cleaned.paragraphs
        assert SENTENCE.format(number).strip() in cleaned.body_text
    assert "jobs" not in cleaned.body_text


def test_documentation_keeps_its_code() -> None:
    """Examples belong to a page of documentation."""
    code = "".join(
        f"<h2>Command {number}</h2>{prose(number)}<pre>lock open --number {number}</pre>"
        for number in range(1, 6)
    )
    head = "<meta name='generator' content='Docusaurus v3'>"
    cleaned = article_of(
        page_of(
            html(f"<h1>Lock commands</h1>{code}", head),
            "https://docs.canals.example/reference/commands",
        )
    )
    assert cleaned.page_kind == "documentation"
    assert all(f"lock open --number {number}" in cleaned.paragraphs for number in range(1, 6))


def test_a_table_keeps_its_rows() -> None:
    """A page whose text is mostly values in cells is a table, and rows with links remain."""
    rows = "".join(
        f"<tr><td><a href='/l/{at}'>{item}</a></td><td>{at * 7} barges</td></tr>"
        for at, item in enumerate(ITEMS * 2, 1)
    )
    cleaned = article_of(
        page_of(
            html(f"<h1>Barges by lock</h1><table>{rows}</table>"),
            "https://canals.example/barges-by-lock-2024",
        )
    )
    assert cleaned.page_kind == "table"
    assert "Lock 3 opens to barges again | 21 barges" in cleaned.paragraphs


def test_a_product_page() -> None:
    """Prices, a basket and the declared type make a page a product, and its properties are its
    text.
    """
    head = "<meta property='og:type' content='product'>"
    main = (
        f"<h1>Boat hook</h1><span class='price'>€ 39.00</span><button>Add to"
        f" cart</button>{prose(1)}<ul><li>Length: 2 m</li></ul>"
    )
    cleaned = article_of(
        page_of(html(main, head), "https://shop.canals.example/products/boat-hook")
    )
    assert cleaned.page_kind == "product"
    assert "Length: 2 m" in cleaned.paragraphs


def test_an_article_with_comments_and_links_is_an_article() -> None:
    """Neither comments below a text nor lists of bare links beside it change its kind, and both
    remain outside the text.
    """
    links = "".join(
        f"<li><a href='/n/{number}'>{item} and more news of the week</a></li>"
        for number, item in enumerate(ITEMS)
    )
    comments = "".join(
        f"<div class='comment-body'><p>{SENTENCE.format(number)}</p></div>"
        for number in range(90, 96)
    )
    main = (
        f"<ul>{links}</ul><article><h1>Lock repaired</h1>{prose(1, 2, 3)}</article><div"
        f" id='comments'>{comments}</div>"
    )
    cleaned = article_of(
        page_of(html(main), "https://canals.example/2024/05/lock-repaired-before-autumn")
    )
    assert (cleaned.page_kind, cleaned.excluded_reason) == ("article", None)
    assert "lock number 2" in cleaned.body_text
    assert "lock number 91" not in cleaned.body_text
    assert ITEMS[0] not in cleaned.body_text


def test_a_small_page_without_signs_is_an_article() -> None:
    """Without a sign of another kind, a page is an article."""
    cleaned = article_of(
        page_of(
            f"<html><body><h1>Lock repaired</h1>{prose(1, 2)}</body></html>",
            "https://canals.example/lock",
        )
    )
    assert cleaned.page_kind == "article"
