"""Who wrote it and which agencies are credited: names as a list, without "By", job titles and addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tidings.flows.extract.names import names_in
from tidings.flows.extract.page_metadata import strings_of
from tidings.flows.extract.title import plain, site_names
from tidings.flows.extract.visible_byline import full_name, shown_authors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tidings.flows.extract.page_metadata import Declared
    from tidings.flows.extract.parse import Element
    from tidings.flows.extract.records import Page

_LABEL = 4  # letters below which the first label of a host may be in any name
_META = (
    "author", "article:author", "dc.creator", "parsely-author", "sailthru.author", "citation_author", "byl", "dcterms.creator",
    "cxenseparse:author", "twitter:creator:name", "byline",
)  # fmt: skip


def read_authors(page: Page, tree: Element, declared: Declared, by_rule: Iterable[str], title: str) -> tuple[str, ...]:
    """Return the authors' names in the page's order; empty when it names none.

    In this order: the publisher's rule, JSON-LD, meta elements, the visible byline, the feed entry. The house's own name
    counts only where nobody else is named.
    """
    house = site_names(declared, page.final_url)
    label = plain((urlsplit(page.final_url).hostname or "").removeprefix("www.").split(".")[0])
    fallback: tuple[str, ...] = ()
    sources: tuple[Callable[[], Iterable[str]], ...] = (
        lambda: by_rule,
        lambda: _declared(declared),
        lambda: _in_meta(declared),
        lambda: shown_authors(tree, title),
        lambda: page.hint.authors,
    )
    for source in sources:
        names = names_in(source())
        people = tuple(name for name in names if not _is_house(plain(name), house, label))
        if len(people) == 1 and " " not in people[0] and (full := full_name(people[0], tree, title)):
            return (full,)
        if people:
            return people
        fallback = fallback or names
    return fallback


def _is_house(name: str, house: set[str], label: str) -> bool:
    """Tell whether a name is the house's own: one of its declared names, or one that holds the first label of its host."""
    return name in house or (len(label) >= _LABEL and label in name and label != name)


def _declared(declared: Declared) -> list[str]:
    """Return the names of the article's author, following ``@id`` to the node that holds the name."""
    value = declared.article.get("author") or (declared.article.get("creator") if declared.is_article else None)
    found = []
    for author in value if isinstance(value, list) else [value]:
        told: Any = author
        if isinstance(author, dict) and "name" not in author:
            told = declared.nodes.get(str(author.get("@id")))
        found += strings_of(told)
    return found


def _in_meta(declared: Declared) -> list[str]:
    return [value for name in _META for value in declared.meta.get(name, ())]
