"""Paragraphs read from an element."""

from lxml.html import fragment_fromstring, tostring

from tidings.extraction.parse import Element
from tidings.extraction.text import Block, read_blocks

PROSE = (
    "A paragraph of the text is longer than the labels beside it, and it ends with a full stop. "
) * 3


def element(html: str) -> tuple[Element, list[Element]]:
    """Return a fragment as an element, and its elements with the class ``beside``."""
    root: Element = fragment_fromstring(html)
    return root, root.xpath("//*[@class='beside']")


def test_blocks_contain_the_text_of_their_element_in_order() -> None:
    """Text before, between and after tags remains in order; excluded elements are omitted with
    their contents.
    """
    root, beside = element(
        "<div>A <b>bold</b> word, <a href='/x'>a link</a> and<script>never()</script> more."
        "<div class='beside'>Gone <p>wholly</p></div> Its tail stays.<p>Two<br>lines</p></div>"
    )
    blocks = read_blocks(root, beside=beside)
    assert [block.text for block in blocks] == [
        "A bold word, a link and more. Its tail stays.",
        "Two lines",
    ]
    assert round(blocks[0].linked * len(blocks[0].text)) == len("a link")


def test_kinds_of_blocks() -> None:
    """Headings, list items and table rows keep their tag, a bold line is strong, and two breaks end
    a paragraph.
    """
    root, _ = element(
        f"<div><h2>Head</h2><p><b>Bold line</b></p><p>{PROSE}<br><br>After two"
        f" breaks.</p><ul><li>Item</li></ul>"
        "<table><tr><th>Year</th><td>2025</td></tr></table></div>"
    )
    expected = [
        ("h2", "Head"),
        ("strong", "Bold line"),
        ("p", PROSE.strip()),
        ("p", "After two breaks."),
    ]
    expected += [("li", "Item"), ("tr", "Year | 2025")]
    assert [(block.kind, block.text) for block in read_blocks(root)] == expected


def test_a_list_of_links_is_omitted() -> None:
    """A list that consists of links to other pages is not a text; links within sentences are."""
    root, _ = element(
        f"<div><p>{PROSE}</p><ul><li><a href='/a'>One page</a></li><li><a"
        f" href='/b'>Another</a></li></ul></div>"
    )
    assert read_blocks(root) == [Block("p", PROSE.strip(), 0.0)]


def test_a_selector_of_a_publisher_removes_elements() -> None:
    """A selector may use every tag and attribute."""
    root, _ = element("<div data-kind='x'>Text <em id='note'>Aside</em></div>")
    assert [block.text for block in read_blocks(root, "[data-kind=x] > em#note")] == ["Text"]


def test_a_selector_of_a_publisher_chooses_the_parts_that_are_read() -> None:
    """Of nested parts the outermost is read once, also if its boilerplate contains a part."""
    root, _ = element(
        f"<main><article>{PROSE}<aside><article>Teaser of another text</article></aside></article>"
        "<p>Between</p><article>The second part</article></main>"
    )
    blocks = read_blocks(root, body="article:is(:first-child, :last-child)")
    assert [block.text for block in blocks] == [PROSE.strip(), "The second part"]


def test_the_tree_is_not_changed() -> None:
    """Reading does not change the tree."""
    root, beside = element("<div><p class='beside'>One</p><svg></svg>Two</div>")
    before = tostring(root)
    read_blocks(root, beside=beside)
    assert tostring(root) == before


def test_an_id_made_from_a_heading_names_no_boilerplate() -> None:
    """A section about comments is text although its id contains the word; a shorter id names the
    comments of readers.
    """
    root, _ = element(
        f"<div><p>{PROSE}</p><section id='how-officials-respond-to-comments'>"
        f"<h2>\n{' ' * 50}How officials respond to comments</h2><p>They read each"
        f" one.</p></section>"
        f"<h2 id='sources-of-law'>Sources of law</h2><p>{PROSE}</p>"
        "<section id='comments'><h2>Comments</h2><p>First!</p></section></div>"
    )
    assert [block.text for block in read_blocks(root) if block.text != PROSE.strip()] == [
        "How officials respond to comments",
        "They read each one.",
        "Sources of law",
    ]


def test_prompts_and_choices_of_a_language_are_omitted() -> None:
    """Questions about the page and lists of languages are omitted; a sentence with the same words
    is kept.
    """
    root, _ = element(
        f"<div><div class='lang-switcher'>Deutsch <b>English</b></div><p>{PROSE}</p><p>Is this"
        f" page useful?</p>"
        "<p>War diese Seite hilfreich? Ja Nein</p><p>Previous article</p><p>Last updated: 3 May"
        " 2026</p>"
        "<p>The minister asked whether this page was useful.</p></div>"
    )
    assert [block.text for block in read_blocks(root)] == [
        PROSE.strip(),
        "The minister asked whether this page was useful.",
    ]
