"""The search of a short selector."""

from bs4 import BeautifulSoup

from tidings.fetch.selector_search import find_selector, stable_names


def test_names_that_change_are_not_stable() -> None:
    """Names of states, positions and builds are left out; names with a meaning remain."""
    page = BeautifulSoup(
        '<p class="news-item odd is-active last css-1q2w3 kYpQwz List_item__a8Z2k'
        ' node-1234 list1">',
        "lxml",
    )
    assert page.p is not None
    assert stable_names(page.p) == ["news-item", "list1"]


def test_a_name_with_a_meaning_is_preferred() -> None:
    """Of selectors of the same links, the result has a meaningful class and no position."""
    items = "".join(
        f'<li class="col-4 press-item"><a href="/{n}">{n}</a><a href="/t">topic</a></li>'
        for n in range(3)
    )
    page = BeautifulSoup(
        f'<ul id="x"><li><a href="/menu">Menu</a></li></ul><ul>{items}</ul>', "lxml"
    )
    links = page.select(".press-item a:first-child")
    urls = {id(link): str(link["href"]) for link in page.find_all("a")}
    assert find_selector(page, page.select(".press-item"), links, urls) == ("li.press-item", 1.0)


def test_cells_without_names_are_selected_by_position() -> None:
    """If the first link of a row is not the item, the cell's number leads to the item."""
    rows = "".join(
        f'<tr><td><a href="/unit">Unit</a></td><td><a href="/{n}">A headline</a></td></tr>'
        for n in range(3)
    )
    page = BeautifulSoup(f'<table class="news">{rows}</table>', "lxml")
    links = page.select("td:nth-of-type(2) a")
    urls = {id(link): str(link["href"]) for link in page.find_all("a")}
    found = find_selector(page, page.find_all("tr"), links, urls)
    assert found == (".news tr td:nth-of-type(2) a", 1.0)
