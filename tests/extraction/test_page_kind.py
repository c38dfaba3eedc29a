"""The kind of a page, and the text that belongs to it."""

from tests.cases import cases
from tests.extraction.read import article_of, page_of
from tidings.extraction import Cleaned
from tidings.extraction.records import Hint

SENTENCE = (
    "The canal board repaired lock number {} last week and will open it to barges before"
    " the autumn rains begin. "
)
ITEMS = [f"Lock {number} opens to barges again" for number in range(1, 13)]
MENU = "".join(f"<a href='/{name}'>{name}</a> " for name in ("news", "boats", "rules", "jobs"))
LINKS = "".join(f"<li><a href='/n/{at}'>{item}</a></li>" for at, item in enumerate(ITEMS))
CARDS = "".join(
    f"<div class='teaser'><h3><a href='/n/{at}'>{item}</a></h3><span class='date'>{at} May"
    f" 2024</span><p>{SENTENCE.format(at)}</p></div>"
    for at, item in enumerate(ITEMS, 1)
)
SITE = "https://canals.example"
LISTING = f"{SITE}/category/locks/"


def html(main: str, head: str = "") -> str:
    """Return a page with a title, a menu and a footer around its main part."""
    return (
        f"<html><head><title>Canal board</title>{head}</head><body><header><nav>{MENU}</nav>"
        f"</header><main>{main}</main><footer>{MENU}Canal board</footer></body></html>"
    )


def read(main: str, path: str, head: str = "") -> Cleaned:
    """Return the result of a page of the site."""
    return article_of(page_of(html(main, head), f"{SITE}/{path}"))


def prose(*numbers: int) -> str:
    """Return a paragraph for each number."""
    return "".join(f"<p>{SENTENCE.format(number) * 2}</p>" for number in numbers)


def test_a_listing_keeps_its_items_and_is_excluded() -> None:
    """Titles and teasers of all items are the text of a listing, which no denominator includes."""
    cleaned = article_of(page_of(html(f"<h1>Locks</h1>{CARDS}"), LISTING))
    assert (cleaned.page_kind, cleaned.excluded_reason) == ("listing", "index")
    teasers = {SENTENCE.format(at).strip() for at in range(1, 13)}
    assert {*ITEMS, *teasers} <= {*cleaned.paragraphs}
    assert not cleaned.is_truncated


@cases("separator", "</p><p>", "<br><br>")
def test_prose_under_one_heading_is_an_article(separator: str) -> None:
    """A passage makes an article beside any links and cells, unless the URL names a listing."""
    rates = "".join(f"<tr><td>Toll {at}</td><td>{at}.50 crowns</td></tr>" for at in range(80))
    text = separator.join(SENTENCE.format(number) * 2 for number in range(4))
    for beside in (f"<ul>{LINKS}</ul>", f"<table>{rates}</table>"):
        cleaned = read(f"<h1>Lock repaired</h1><div><p>{text}</p></div>{beside}", "a/5f0d2.html")
        assert (cleaned.page_kind, cleaned.excluded_reason) == ("article", None)


@cases("declared, reason", ("WebPage", None), ("CollectionPage", "index"))
def test_a_listing_that_a_feed_announces_is_counted(declared: str, reason: str | None) -> None:
    """A page that a feed lists is only left out if it declares itself a list."""
    head = f'<script type="application/ld+json">{{"@type": "{declared}"}}</script>'
    page = page_of(html(f"<h1>Locks</h1>{CARDS}", head), LISTING, hint=Hint(title="Locks"))
    assert article_of(page).excluded_reason == reason


def test_menus_that_nothing_marks_are_no_text() -> None:
    """Without a nav, short links above the heading and below the text are menus."""
    topics = "".join(f"<li><a href='/t'>{name}</a></li>" for name in "Tolls Fish Ice Tows".split())
    body = f"<div>{MENU}</div><h1>Locks</h1><ul>{topics}</ul>{CARDS}<div>{MENU}</div>"
    cleaned = article_of(page_of(f"<html><body>{body}</body></html>", LISTING))
    assert cleaned.page_kind == "listing"
    assert "boats" not in cleaned.body_text
    assert {"Tolls", *ITEMS} <= {*cleaned.paragraphs}


def test_a_forum_keeps_every_post_once() -> None:
    """The text contains author, day and text of each post, but no quote of an earlier post."""
    quote = f"<blockquote>{SENTENCE.format(1) * 2}</blockquote>"
    posts = "".join(
        f"<div class='post' id='post{number}'><div class='username'>Skipper{number}</div>"
        f"<time>{number} May 2024</time><div class='post-content'>{quote * (number == 3)}"
        f"{prose(number)}</div></div>"
        for number in range(1, 6)
    )
    cleaned = read(f"<h1>Is lock 4 open?</h1>{posts}", "forum/t/is-lock-4-open/77")
    assert cleaned.page_kind == "forum"
    for number in range(1, 6):
        assert {f"Skipper{number}", f"{number} May 2024"} <= {*cleaned.paragraphs}
        assert cleaned.paragraphs.count((SENTENCE.format(number) * 2).strip()) == 1


def test_a_service_page_keeps_its_hidden_panels() -> None:
    """All sections of a service page are text, also panels that open; hidden menus are not."""
    hidden = "style='display:none'"
    sections = "".join(
        f"<section><h2><button>Question {number}</button></h2>"
        f"<div class='panel' {hidden}>{prose(number)}</div></section>"
        for number in range(1, 7)
    )
    main = f"<h1>Apply for a mooring permit</h1><div {hidden} class='drawer'>{MENU}</div>{sections}"
    cleaned = read(main, "services/mooring-permit")
    assert (cleaned.page_kind, cleaned.excluded_reason) == ("service", None)
    for number in range(1, 7):
        assert f"Question {number}" in cleaned.paragraphs
        assert SENTENCE.format(number).strip() in cleaned.body_text
    assert "jobs" not in cleaned.body_text


CODE = "".join(
    f"<h2>Command {number}</h2>{prose(number)}<pre>lock open --number {number}</pre>"
    for number in range(1, 6)
)
ROWS = "".join(
    f"<tr><td><a href='/l/{at}'>{item}</a></td><td>{at * 7} barges</td></tr>"
    for at, item in enumerate(ITEMS * 2, 1)
)
PRODUCT = (
    "<h1>Boat hook</h1><span class='price'>€ 39.00</span><button>Add to cart</button>"
    f"{prose(1)}<ul><li>Length: 2 m</li></ul>"
)


@cases(
    "kind, main, head, path, part",
    ("documentation", CODE, "<meta name='generator' content='Docusaurus v3'>",
     "docs/reference/commands", "lock open --number 5"),
    ("table", f"<h1>Barges by lock</h1><table>{ROWS}</table>", "", "barges-by-lock-2024",
     "Lock 3 opens to barges again | 21 barges"),
    ("product", PRODUCT, "<meta property='og:type' content='product'>", "products/boat-hook",
     "Length: 2 m"),
    ("article", f"<h1>Lock repaired</h1>{prose(1, 2)}", "", "lock",
     (SENTENCE.format(1) * 2).strip()),
)  # fmt: skip
def test_each_kind_keeps_its_parts(kind: str, main: str, head: str, path: str, part: str) -> None:
    """Examples are text of a documentation, rows with links of a table, properties of a product;
    without a sign of another kind, a page is an article.
    """
    cleaned = read(main, path, head)
    assert cleaned.page_kind == kind
    assert part in cleaned.paragraphs


def test_an_article_with_comments_and_links_is_an_article() -> None:
    """Comments below and lists of links beside a text are neither its kind nor its text."""
    comments = f"<div class='comment-body'>{prose(*range(90, 96))}</div>"
    article = f"<article><h1>Lock repaired</h1>{prose(1, 2, 3)}</article>"
    main = f"<ul>{LINKS}</ul>{article}<div id='comments'>{comments}</div>"
    cleaned = read(main, "2024/05/lock-repaired-before-autumn")
    assert (cleaned.page_kind, cleaned.excluded_reason) == ("article", None)
    assert "lock number 2" in cleaned.body_text
    assert "lock number 91" not in cleaned.body_text
    assert ITEMS[0] not in cleaned.body_text
