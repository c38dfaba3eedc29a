"""The byline that a page shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lxml import etree

from tidings.flows.extract.names import names_in
from tidings.flows.extract.noise import is_state
from tidings.flows.extract.parse import is_named, names_of, squeeze, text_of
from tidings.flows.extract.title import plain

if TYPE_CHECKING:
    from tidings.flows.extract.parse import Element

_BYLINE_CLASS = re.compile(
    r"(?<![a-z])(author(?:[-_]?(?:name|link|s))?|byline(?:[-_]?(?:name|author|text))?|autor(?:en|"
    r"in)?|vcard|fn|writer|redakteur|post-author|entry-author|article-author|posted-by|meta-author|"
    r"auteur|username)(?![a-z])|(?-i:[a-z]Author(?:Name|List|s|Link)?(?![a-zA-Z]))",
    re.IGNORECASE,
)
_MARKED: tuple[Any, ...] = (
    etree.XPath("descendant::*[@itemprop='author']"),
    etree.XPath("descendant::a[contains(concat(' ', @rel, ' '), ' author ')]"),
)
_SIDE = re.compile(
    r"comment|kommentar|related|side-?bar|(?<![a-z])(?<!post-)(?<!entry-)(?<!article-)footer|widget|teaser|recent|(?<![a-z])bio(?![a-z])",
    re.IGNORECASE,
)
_LEVELS = 5
_LONGEST_LABEL = 40
_MOST = 5  # names in a visible byline: more are a list of something else
# What stands before a name as an element or a text of its own.
_LABELLED = re.compile(
    r"(?:^|\b(?:ein |eine )?(?:beitrag|artikel|text|story|article|posted|written|words|"
    r"verfasst|geschrieben|erstellt|eingestellt) )"
    r"(?:by|von|par|por|autor(?:in|en)?|author(?:s|\(s\))?|verfasser(?:in)?|text|reporter|redakteur(?:in)?|auteur|作者|记者|責任編輯)\s*[:：]?$",
    re.IGNORECASE,
)
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|in|es)?|auteurs?|writers?|redakteure?|journalists?|journalistes?|reporters?|columnists?|staff|"
    r"contributors?|kolumnist(?:en)?|author/\w+)/[^/?#]+/?(?:[?#].*)?$",
    re.IGNORECASE,
)
_TAGS = ("span", "div", "p", "a", "li", "cite", "address", "strong", "h3", "h4", "h5", "em", "small", "td", "b", "i", "font")
# A line that says by itself who wrote: "By" and two to five words that begin with capitals.
_SPOKEN = re.compile(
    r"^(?i:(?:ein|eine) \w+ von|by|von|par|por|autor(?:in)?:|author:|text:|(?:eingestellt|verfasst|"
    r"geschrieben|gepostet|veröffentlicht|erstellt) von|posted by|written by)\s*"
    r"((?:(?:Dr\.|Prof\.|de|von|van|del|la|di|da|und|and|et|y|&|[^\W\d_a-zß-ÿ][\w.'’-]*),?\s*){2,6})(?:[|•·–-].*|\d.*)?$",
)
_SPOKEN_START = re.compile(
    r"\s*(?i:ein|eine|by|von|par|por|autor|author|text|eingestellt|verfasst|geschrieben|gepostet|erstellt|posted|written)\b"
)
_PLACE = re.compile(r"(?<=\w), [A-ZÄÖÜ][^\W\d_]+$")


def shown_authors(tree: Element, title: str = "") -> list[str]:
    """Return the texts of the visible byline: what is marked as author, what its class or a label calls so, what begins "By"."""
    around = _around(tree, plain(title))
    if marked := _marked_up(tree, around):
        return marked
    spoken = linked = ""
    for element in tree.iter(*_TAGS):
        names, begin = names_of(element), element.text
        is_marked = bool(names) and is_named(names, _BYLINE_CLASS)
        if not is_marked and (spoken or not begin or not _SPOKEN_START.match(begin)):
            if not linked and element.tag == "a" and _AUTHOR_PAGE.search(element.get("href") or ""):
                linked = _linked(element, around)
            continue
        if len(element) > 8:
            continue
        text = text_of(element)
        if 2 <= len(text) <= 120 and not _is_aside(element, around):
            if is_marked and 0 < len(names_in([text])) <= _MOST:
                return [_PLACE.sub("", text)]
            if not spoken and len(text) <= 70 and (said := _SPOKEN.match(text)) and names_in([said[1]]):
                spoken = _PLACE.sub("", said[1].strip())
            if not spoken and len(element.text or "") <= _LONGEST_LABEL and _LABELLED.search((element.text or "").strip()):
                spoken = _after_label(element)
    found_last = spoken or linked
    return [found_last] if found_last else []


def _marked_up(tree: Element, around: set[Element]) -> list[str]:
    """Return the names of what an attribute marks as the author, those that stand together with the first."""
    for path in _MARKED:
        found = [element for element in path(tree) if not _is_aside(element, around)]
        near = [
            element for element in found if element.getparent() in (found[0].getparent(), *found[0].iterancestors())
        ] or found[:1]
        if names := [text for text in dict.fromkeys(map(text_of, near)) if text and len(text) <= 80 and names_in([text])]:
            return names[:_MOST]
    return []


def _linked(element: Element, around: set[Element]) -> str:
    """Return the text of a link to an author's page, if it is a name and no other article's; else an empty text."""
    text = text_of(element)
    return text if 2 <= len(text) <= 60 and names_in([text]) and not _is_aside(element, around) else ""


def _after_label(element: Element) -> str:
    """Return the name that stands after an element or text that only says "Author:", or an empty text."""
    if len(element) and element.text and element.text.strip():
        candidates = [text_of(element[0])]
    else:
        candidates = [squeeze(element.tail or "")]
        node = element
        for _ in range(3):  # up from a label that fills its wrapper to what stands beside that
            if (beside := node.getnext()) is not None:
                candidates.append(text_of(beside))
                break
            if (node := node.getparent()) is None:
                break
    return next((text for text in candidates if 2 <= len(text) <= 60 and names_in([text])), "")


def full_name(first: str, tree: Element, title: str) -> str | None:
    """Return the full name of whom the page declares by a first name only: from the byline, else from a line that begins so."""
    in_byline = next((name for name in names_in(shown_authors(tree, title)) if name.startswith(f"{first} ")), None)
    if in_byline or not first[:1].isupper():
        return in_byline
    line = re.compile(rf"\s*({re.escape(first)}(?: [A-ZÀ-Þ][\w'’.-]+){{1,3}})(?=\s*(?:$|[-–|,(]))")
    found = (line.match(element.text) for element in tree.iter(*_TAGS) if element.text and first in element.text)
    return next((squeeze(match[1]) for match in found if match), None)


def _around(tree: Element, title: str) -> set[Element]:
    """Return what holds the headline, itself too: that is not beside the article, whatever it is called."""
    heads = [head for head in tree.iter("h1", "h2") if title and plain(text_of(head)) == title]
    return {heads[0], *heads[0].iterancestors()} if heads else set()


def _is_aside(element: Element, around: set[Element]) -> bool:
    """Tell whether an element stands among comments, teasers or other side matter, a few levels up."""
    for _, above in zip(range(_LEVELS), (element, *element.iterancestors()), strict=False):
        if above in around:
            return False
        names = f"{above.get('class', '')} {above.get('id', '')}".split()
        if above.tag in {"footer", "nav"} or any(_SIDE.search(name) and not is_state(name) for name in names):
            return above.tag not in {"body", "html"}
    return False
