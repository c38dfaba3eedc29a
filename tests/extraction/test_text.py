"""Paragraphs read from an element."""

from typing import Any

from lxml.html import fragment_fromstring, tostring

from tests.cases import cases
from tidings.extraction.noise import LIKELY, SURE, noise_word
from tidings.extraction.parse import Element
from tidings.extraction.text import read_blocks

SENTENCE = "A paragraph of the text is longer than the labels beside it, and ends with a full stop."
PROSE = " ".join([SENTENCE] * 3)


def read(html: str, **more: Any) -> list[tuple[str, str]]:
    """Return kind and text of the blocks of a fragment, without elements of the class beside."""
    root: Element = fragment_fromstring(html)
    before = tostring(root)
    blocks = read_blocks(root, beside=root.xpath("//*[@class='beside']"), **more)
    assert tostring(root) == before  # reading does not change the tree
    return [(block.kind, block.text) for block in blocks]


@cases(
    "html, expected",
    (("A <b>bold</b> word, <a href='/x'>a link</a> and<script>never()</script> more."
     "<div class='beside'>Gone <p>wholly</p></div> Its tail stays.<p>Two<br>lines</p>"),
     [("p", "A bold word, a link and more. Its tail stays."), ("p", "Two lines")]),
    (("<h2>Head</h2><p><b>Bold line</b></p><p>One<br><br>After two breaks.</p>"
     "<p><b>Bold head </b><br>Its text</p><p><b>Bold:</b><br>same line</p>"
     "<ul><li>Item</li></ul><table><tr><th>Year</th><td>2025</td></tr></table>"),
     [("h2", "Head"), ("strong", "Bold line"), ("p", "One"), ("p", "After two breaks."),
      ("strong", "Bold head"), ("p", "Its text"), ("p", "Bold: same line"),
      ("li", "Item"), ("tr", "Year | 2025")]),
    # a list of links to other pages
    ("<ul><li><a href='/a'>One page</a></li><li><a href='/b'>Another</a></li></ul>", []),
    # an ID made from a heading names no boilerplate, a shorter one does
    ((f"<section id='how-officials-respond-to-comments'><h2>\n{' ' * 50}How officials respond"
     " to comments</h2><p>They read each one.</p></section><h2 id='sources-of-law'>Sources of"
     " law</h2><section id='comments'><h2>Comments</h2><p>First!</p></section>"),
     [("h2", "How officials respond to comments"), ("p", "They read each one."),
      ("h2", "Sources of law")]),
    # prompts about the page, and languages to choose
    (("<div class='lang-switcher'>Deutsch <b>English</b></div><p>Is this page useful?</p>"
     "<p>War diese Seite hilfreich? Ja Nein</p><p>Previous article</p><p>Last updated: 3 May"
     " 2026</p><p>Like this: Loading...</p><p>WATCH | The harbour</p>"
     "<p>Teilen Sie dies mit:</p>"
     "<p>Lea también: El puerto</p><p>Читай также: Порт</p><p>Αποστολή Εκτύπωση</p>"
     "<p>Przeczytaj też: Port</p><p>The minister asked whether this page was useful.</p>"),
     [("p", "The minister asked whether this page was useful.")]),
ids="order kinds links anchors prompts".split(),
)  # fmt: skip
def test_blocks_of_an_element(html: str, expected: list[tuple[str, str]]) -> None:
    """Text before, between and after tags remains in order with its kind; boilerplate and excluded
    elements are omitted with their contents.
    """
    assert read(f"<div>{html}<p>{PROSE}</p></div>") == [*expected, ("p", PROSE)]


def test_the_share_of_a_block_in_links() -> None:
    """It counts the characters of links within the text."""
    (block,) = read_blocks(fragment_fromstring("<p>A word and <a href='/x'>a link</a></p>"))
    assert block.linked == len("a link") / len(block.text)


@cases(
    "html, selectors, expected",
    ("<div data-kind='x'>Text <em id='note'>Aside</em></div>",
     {"drop": "[data-kind=x] > em#note"}, ["Text"]),
    # of nested parts the outermost is read once, also if its boilerplate contains a part
    ((f"<main><article>{PROSE}<aside><article>Teaser</article></aside></article><p>Between</p>"
     "<article>The second part</article></main>"),
     {"body": "article:is(:first-child, :last-child)"}, [PROSE, "The second part"]),
)  # fmt: skip
def test_selectors_of_a_publisher(
    html: str, selectors: dict[str, str], expected: list[str]
) -> None:
    """A selector removes elements or chooses parts to read, with every tag and attribute."""
    assert [text for _, text in read(html, **selectors)] == expected


@cases(
    "names, level, word",
    ("AdBox", LIKELY, "ad"), ("adbox", LIKELY, "adbox"), ("box-author-card", LIKELY, "author"),
    ("searchForm", LIKELY, "search"), ("nav-links", LIKELY, "nav"), ("social-bar", SURE, ""),
    ("site-footer", SURE, ""), ("commentlist", SURE, ""), ("screen-reader-text", SURE, ""),
    ("page-content", 0, ""), ("overflow-tag", 0, ""), ("category-tags", 0, ""),
)  # fmt: skip
def test_a_name_of_several_words_has_the_word_of_its_shortest_part(
    names: str, level: int, word: str
) -> None:
    """Likely names with the same word are judged together, so AdBox belongs to ad."""
    assert noise_word(names) == (level, word)
