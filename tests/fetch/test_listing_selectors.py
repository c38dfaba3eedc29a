"""Selectors that are proposed for listings, measured with the reader of nightly runs."""

import pytest

from tests.fetch.listing_pages import Page
from tests.fetch.listing_templates import DEVELOPED, HELD_OUT
from tests.fetch.loopback import NOW, feed_row
from tidings.base.urls import normalise_url
from tidings.fetch.feed.entry import ParsedFeed
from tidings.fetch.listing_selectors import Proposal, dated_share
from tidings.fetch.source_search import study_page
from tidings.fetch.sources.listing import read_listing

ORIGIN = "https://ministry.example"


def read(page: str, url: str, best: Proposal, next_selector: str | None = None) -> ParsedFeed:
    """Return a listing as a nightly run reads it with a proposed selector."""
    row = feed_row("listing", item_selector=best.item_selector, next_selector=next_selector)
    parsed = read_listing(page.encode(), "text/html; charset=utf-8", url, "UTC", NOW, row)
    assert isinstance(parsed, ParsedFeed)
    return parsed


def study(page: str, url: str = ORIGIN) -> list[Proposal]:
    """Return the proposals for a page."""
    return study_page(page.encode(), "text/html; charset=utf-8", url, "UTC", NOW).proposals


@pytest.mark.parametrize(
    "page", [*DEVELOPED, *HELD_OUT], ids=lambda page: f"{page.name} {page.language}"
)
def test_a_proposed_selector_matches_the_items(page: Page) -> None:
    """The best proposal selects exactly the items, with headlines, dates and next link."""
    url = ORIGIN + page.path
    best = study(page.html, url)[0]
    parsed = read(page.html, url, best, best.next_selector)
    days = {
        entry.link: entry.published_at.date() if entry.date_quality.is_read else None
        for entry in parsed.entries
    }
    wanted = {
        normalise_url(item.path, url): item.day if page.has_dates else None for item in page.items
    }
    assert (page.name, days) == (page.name, wanted)
    assert {entry.title for entry in parsed.entries} == {item.title for item in page.items}
    assert parsed.next_link == (normalise_url(page.next_path, url) if page.next_path else None)
    assert best.is_certain == (len(page.items) > 3)


@pytest.mark.parametrize("page", HELD_OUT, ids=lambda page: page.name)
def test_a_selector_matches_the_next_days_items(page: Page) -> None:
    """A selector also selects the items of later days, after the first two are gone."""
    url = ORIGIN + page.path
    best = study(page.html, url)[0]
    later = page.html
    for item in page.items[:2]:
        later = later.replace(item.path, f"{item.path}x")
    assert len(read(later, url, best).entries) == len(page.items)


def test_a_menu_is_no_certain_listing() -> None:
    """Short links in a menu yield no proposal that would be added without a question."""
    names = ("About", "Contact", "Services", "Careers", "Privacy")
    links = "".join(f'<li><a href="/{name}">{name}</a></li>' for name in names)
    proposals = study(f"<html><body><nav><ul>{links}</ul></nav></body>")
    assert not any(proposal.is_certain or proposal.score >= 0.5 for proposal in proposals)
    assert study("<html><body><p>No link.</p></body></html>") == []


def test_generated_names_and_deep_pages() -> None:
    """Class names that a build of the site generates are not part of a selector. A page with
    thousands of nested elements yields an answer and no error.
    """
    page = next(page for page in HELD_OUT if page.name == "generated classes")
    for proposal in study(page.html):
        names = set(proposal.item_selector.replace(".", " ").split())
        assert not {"kYpQwz", "sc-bdVaJa", "css-0", "x7Kq2"} & names
    deep = "<div>" * 3_000 + '<a href="/a">A headline of usual length for this test</a>' * 3
    assert isinstance(study(deep), list)


def test_rows_of_which_some_have_names_are_one_listing() -> None:
    """A class that only every second row has does not divide the rows."""
    rows = "".join(
        f"<tr{' class=alternating' * (n % 2)}><td>{link(n)}</td><td>{n + 1}.05.2026</td></tr>"
        for n in range(8)
    )
    best = study(f"<html><body><table>{rows}</table></body></html>")[0]
    assert (len(best.items), dated_share(best.items), best.is_certain) == (8, 1.0, True)


def link(number: int) -> str:
    return f'<a href="/n/{number}">Headline number {number} of this page</a>'


def items_of(body: str) -> tuple[str, list[str], bool]:
    """Return a page's best selector, the paths that a nightly run finds, and its certainty."""
    page = f"<html><body>{body}</body></html>"
    best = study(page, f"{ORIGIN}/news")[0]
    entries = read(page, f"{ORIGIN}/news", best).entries
    paths = [(entry.link or "").removeprefix(ORIGIN) for entry in entries]
    return best.item_selector, paths, best.is_certain


def test_a_topic_of_several_cards_is_not_their_main_link() -> None:
    """A card leads to the link of no other card, although its topic is named first."""
    cards = "".join(
        f'<div class="card"><a href="/n/{n}"><img src="/i.png"></a><div><a'
        f' href="/topic/{n % 2}">Topic {n % 2}</a>'
        f"<h3>Headline number {n} of this page</h3><small>{n + 1} May 2026</small><a"
        f' href="/n/{n}">Read more</a></div></div>'
        for n in range(8)
    )
    assert items_of(cards) == ("div.card", [f"/n/{n}" for n in range(8)], True)


def test_dated_items_outweigh_a_longer_menu() -> None:
    """Six dated items precede a hundred undated links of the same length, with a question."""
    menu = "".join(
        f"<li><a href='/m/{n}'>Permits and procedures, part {n}</a></li>" for n in range(100)
    )
    items = "".join(f"<li>{link(n)} {n + 1}.05.2026</li>" for n in range(6))
    found = items_of(f"<div><ul class='a'>{menu}</ul></div><ul class='b'>{items}</ul>")[:2]
    assert found == (".b li", [f"/n/{n}" for n in range(6)])


def test_a_list_without_names_is_selected_by_its_place() -> None:
    """If no name distinguishes the items from a menu, the places of the elements above them do."""
    menu = "".join(f'<li><a href="/m/{n}">Menu {n}</a></li>' for n in range(20))
    items = "".join(f"<li>{link(n)} {n + 1}.05.2026</li>" for n in range(8))
    expected = ("body > ul:nth-of-type(1) > li", [f"/n/{n}" for n in range(8)], True)
    assert items_of(f"<nav><ul>{menu}</ul></nav><ul>{items}</ul>") == expected


def test_lists_without_names_in_several_parts_are_one_listing() -> None:
    """The number of an element is part of a selector only if all items share the element."""
    items = [f"<li>{n + 1}.05.2026 {link(n)}</li>" for n in range(10)]
    menu = "".join(f'<li><a href="/m/{n}">Menu {n}</a></li>' for n in range(20))
    body = f"<nav><ul>{menu}</ul></nav>" + "".join(
        f"<details><summary>Part</summary><ul>{''.join(part)}</ul></details>"
        for part in (items[:5], items[5:])
    )
    expected = ("body > details > ul:nth-of-type(1) > li", [f"/n/{n}" for n in range(10)], True)
    assert items_of(body) == expected
