"""The link from a listing to its page of older items."""

from bs4 import BeautifulSoup

from tests.cases import cases, table
from tidings.fetch.listing_selectors import find_next

URL = "https://ministry.example/news/"


@table("""
    body | selector | path
    <link rel="next" href="?p=2"><a href="/about">Next</a> | link[rel~="next"] | ?p=2
    <div class="pager"><a class="to-next" href="?p=2">»</a></div> | a.to-next | ?p=2
    <ul class="pages"><li>1</li><li class="next"><a href="?p=2">&gt;</a></li></ul> | .next a | ?p=2
    <a aria-label="Página siguiente" href="?p=2"><svg></svg></a> | a[aria-label="Página siguiente"]
        | ?p=2
    <div class="fenye"><a href="index_1.html">下一页</a></div> | .fenye a:-soup-contains("下一页") |
        index_1.html
    <p class="paging"><span class="on">1</span><a href="?p=2">2</a><a href="?p=3">3</a></p> |
        .paging span.on + a | ?p=2
""")
def test_the_next_page_is_found(body: str, selector: str, path: str) -> None:
    """Relations, names, words and numbers lead to the next page, with a durable selector."""
    page = BeautifulSoup(body, "lxml")
    assert find_next(page, URL, URL) == selector
    assert page.select(selector)[0]["href"] == path


@cases(
    "body",
    # another part of the site
    '<div class="carousel"><a class="next" href="/offers/summer">Next</a></div>',
    '<div class="pager"><a class="next" href="#">Next</a></div>',
    '<div class="pager"><a class="next" href="https://other.example/news/?p=2">Next</a></div>',
    '<a href="/news/next-generation-of-trains">Next generation of trains presented</a>',
)
def test_other_links_are_no_next_page(body: str) -> None:
    """Carousels, scripts, other hosts and headlines with the word "next" are not the next page."""
    assert find_next(BeautifulSoup(body, "lxml"), URL, URL) is None
