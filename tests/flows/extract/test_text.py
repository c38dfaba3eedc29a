"""Soups built from an lxml tree."""

from lxml.html import fragment_fromstring, tostring

from tidings.flows.extract.parse import Element
from tidings.flows.extract.text import soup_of


def element(html: str) -> tuple[Element, list[Element]]:
    """Return a fragment as an element, and its elements with the class ``beside``."""
    root: Element = fragment_fromstring(html)
    return root, root.xpath("//*[@class='beside']")


def test_a_soup_contains_exactly_the_text_of_its_element() -> None:
    """Text before, between and after tags remains in order; boilerplate is omitted with its contents."""
    root, beside = element(
        "<div>A <b>bold</b> word, <a href='/x'>a link</a> and<script>never()</script> more."
        "<div class='beside'>Gone <p>wholly</p></div> Its tail stays.<p>Two<br>lines</p></div>"
    )
    soup = soup_of(root, beside)
    assert soup.get_text() == "A bold word, a link and more.\n Its tail stays.Twolines"
    assert [tag.name for tag in soup.select("*")] == ["div", "a", "p", "br"]


def test_a_tag_without_text_is_omitted_unless_it_separates_or_counts() -> None:
    """Wrappers of pictures and white space are omitted; an empty block between words, an empty cell and a break remain."""
    root, _ = element("<div> <div><img src='x.png'> <span class='y'></span></div><p>One<span class='z'> </span>two</p>\n</div>")
    assert str(soup_of(root)) == '<div><p>One<span class="z"> </span>two</p></div>'
    root, _ = element("<div>One<div></div>two<table><tr><td></td><td>3</td></tr></table>four<br></div>")
    assert str(soup_of(root)) == "<div>One<div/>two<table><tr><td/><td>3</td></tr></table>four<br/></div>"


def test_a_soup_that_is_not_bare_supports_selectors() -> None:
    """A publisher's selectors have emphases and all attributes; a bare soup has only attributes that identify boilerplate."""
    root, _ = element("<div class='text' data-kind='x'><em id='note'>Aside</em><span>plain</span></div>")
    assert soup_of(root, bare=False).select("[data-kind=x] > em#note")[0].get_text() == "Aside"
    bare = soup_of(root)
    assert str(bare) == '<div class="text">Asideplain</div>'


def test_the_tree_is_not_changed() -> None:
    """Building a soup does not change the tree."""
    root, beside = element("<div><p class='beside'>One</p><svg></svg>Two</div>")
    before = tostring(root)
    soup_of(root, beside)
    assert tostring(root) == before
