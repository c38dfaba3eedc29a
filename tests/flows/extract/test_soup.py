"""Soups made from the tree."""

from lxml.html import fragment_fromstring, tostring

from tidings.flows.extract.soup import soup_of


def element(html):
    """Return a fragment as an element, and a list of the elements named beside in it."""
    root = fragment_fromstring(html)
    return root, root.xpath("//*[@class='beside']")


def test_a_soup_holds_the_text_of_its_element_and_no_more():
    """Text before, between and behind tags is kept in order; what is never text, or beside, goes with all that it holds."""
    root, beside = element(
        "<div>A <b>bold</b> word, <a href='/x'>a link</a> and<script>never()</script> more."
        "<div class='beside'>Gone <p>wholly</p></div> Its tail stays.<p>Two<br>lines</p></div>"
    )
    soup = soup_of(root, beside)
    assert soup.get_text() == "A bold word, a link and more.\n Its tail stays.Twolines"
    assert [tag.name for tag in soup.select("*")] == ["div", "a", "p", "br"]


def test_a_tag_without_text_is_left_out_unless_it_parts_or_counts():
    """Wrappers of pictures and white space go; an empty block between words, an empty cell and a break stay."""
    root, _ = element("<div> <div><img src='x.png'> <span class='y'></span></div><p>One<span class='z'> </span>two</p>\n</div>")
    assert str(soup_of(root)) == '<div><p>One<span class="z"> </span>two</p></div>'
    root, _ = element("<div>One<div></div>two<table><tr><td></td><td>3</td></tr></table>four<br></div>")
    assert str(soup_of(root)) == "<div>One<div/>two<table><tr><td/><td>3</td></tr></table>four<br/></div>"


def test_what_a_selector_may_ask_for_is_there_unless_bare():
    """A publisher's selectors see emphases and every attribute; the general way only what tells of noise."""
    root, _ = element("<div class='text' data-kind='x'><em id='note'>Aside</em><span>plain</span></div>")
    assert soup_of(root, bare=False).select("[data-kind=x] > em#note")[0].get_text() == "Aside"
    bare = soup_of(root)
    assert str(bare) == '<div class="text">Asideplain</div>'


def test_the_tree_is_left_as_it_was():
    """A soup is a reading: nothing of the page is changed or taken."""
    root, beside = element("<div><p class='beside'>One</p><svg></svg>Two</div>")
    before = tostring(root)
    soup_of(root, beside)
    assert tostring(root) == before
