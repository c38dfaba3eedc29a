"""Who wrote it and which agencies are credited: names as a list, without "By", job titles and addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flows.steps.clean.declared import strings_of
from flows.steps.clean.noise import is_state
from flows.steps.clean.parse import is_named, names_of, squeeze, text_of
from flows.steps.clean.title import plain, site_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flows.steps.clean.declared import Declared
    from flows.steps.clean.parse import Element

_BY = re.compile(
    r"^(?:(?:zeige )?alle (?:beiträge|artikel) von\s|view all posts by\s|(?:veröffentlicht|geschrieben|"
    r"eingestellt|erstellt) von)|^(?:(?:written|posted|published|reported|story|text|report|words|"
    r"article|foto|von|ein (?:beitrag|kommentar|gastbeitrag|artikel) von|"
    r"eine (?:analyse|kolumne|reportage) von|ein interview von)\s*:?\s*)?"
    r"(?:by|von|vom|par|por|di|da|de|av|af|door|przez|oleh|autor(?:in|en)?|author|author name|auteur|"
    r"redakteur(?:in)?|redazione|text|"
    r"geschrieben von|verfasst von|veröffentlicht von|gepostet von|erstellt von|verfasser|editor|"
    r"reporter|posted by|journalist|记者|作者|责任编辑|编辑|來源|文)"
    r"(?:\s*[:：]\s*|\s+|$)|^(?:text|autor(?:in)?|author|记者|作者)\s*[:：]\s*", re.IGNORECASE,
)  # fmt: skip
_ROLE = re.compile(
    r"\s*[,(/–|-]\s*(?:(?:[\w-]+\s+)?(?:senior|staff|chief|political|foreign|special|contributing|"
    r"deputy|managing|executive|news|sports?|business|"
    r"science|health)?\s*(?:editor|reporter|writer|correspondent|journalist|columnist|contributor|"
    r"redakteur(?:in)?|redaktion|korrespondent(?:in)?|"
    r"journaliste|rédact\w+|redactor\w*|giornalista|volontär(?:in)?|producer|analyst|author|autor(?:in)?))\b.*$", re.IGNORECASE,
)  # fmt: skip
_PARTS = re.compile(
    r"\s*(?:;|\||•|·|、|\s/\s|\band\b|\bund\b|\bet\b|&|\by\b(?=\s+[A-ZÁÉÍÓÚÑ])|,(?!\s*(?:jr|sr|ph\.?d|m\.?d|dr)\b)|\n)\s*",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"https?:|www\.|@|\d{3}|^(?:source|quelle|fonte|from|来源|來源)\b|^(?:来源|來源)|^(?:admin(?:istrator)?|editor(?:ial)?|staff|user|webmaster|unknown|"
    r"anonymous|gast|guest|null|none|undefined|author|autor|read more|comments?|share|von|by|updated|"
    r"published|posted|details|about|kommentare?)$|"
    r"\b(?:read|views|minutes?|uhr|comments?|kommentare?|facebook|twitter)\b", re.IGNORECASE,
)  # fmt: skip
_DATE = re.compile(
    r"\b(?:am|on|le|el)\s+\d{1,2}\b.*$|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}.*$|\d{1,2}:\d{2}.*$|"
    r"\b\d{1,2}(?:\.|st|nd|rd|th)?\s+\w{3,9},?\s+\d{4}.*$|"
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\s+\d{1,2}.*$|"
    r"\b(?:19|20)\d\d\b.*$|"
    r"\s+in\s+[A-ZÄÖÜ][\w-]+(?:\s*[/,]\s*[A-ZÄÖÜ]\w+)*$", re.IGNORECASE,
)  # fmt: skip
_BYLINE_CLASS = re.compile(
    r"(?<![a-z])(author(?:[-_]?(?:name|link|s))?|byline(?:[-_]?(?:name|author|text))?|autor(?:en|"
    r"in)?|vcard|fn|writer|redakteur|post-author|entry-author|article-author|posted-by|meta-author|"
    r"auteur|username)(?![a-z])",
    re.IGNORECASE,
)
_SIDE = re.compile(
    r"comment|kommentar|related|side-?bar|(?<![a-z])footer|widget|teaser|recent|(?<![a-z])bio(?![a-z])", re.IGNORECASE
)
_LEVELS = 5
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
_POSTED = re.compile(r"^(?:posted|published|veröffentlicht|erstellt|geschrieben)\b.{0,40}?\b(?:by|von)\s*(?=\S)", re.IGNORECASE)
_ASIDES = re.compile(r"\s*[(（\[][^()（）\[\]]{0,60}[)）\]]|\s@\w+")
_DAY = re.compile(r",?\s+(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so)\.?,?$", re.IGNORECASE)
_META = (
    "author", "article:author", "dc.creator", "parsely-author", "sailthru.author", "citation_author", "byl", "dcterms.creator",
    "cxenseparse:author", "twitter:creator:name", "byline",
)  # fmt: skip


def read_authors(
    tree: Element, declared: Declared, by_rule: Iterable[str], hint: Iterable[str], url: str = ""
) -> tuple[str, ...]:
    """Return the authors' names in the page's order; empty when it names none.

    In this order: the publisher's rule, JSON-LD, meta elements, the visible byline, the feed entry. The house's own name
    counts only where nobody else is named.
    """
    house = site_names(declared, url)
    fallback: tuple[str, ...] = ()
    sources: tuple[Callable[[], Iterable[str]], ...] = (
        lambda: by_rule,
        lambda: _declared(declared),
        lambda: _in_meta(declared),
        lambda: _visible(tree),
        lambda: hint,
    )
    for source in sources:
        names = names_in(source())
        people = tuple(name for name in names if plain(name) not in house)
        if len(people) == 1 and " " not in people[0] and (full := _full_name(people[0], tree)):
            return (full,)
        if people:
            return people
        fallback = fallback or names
    return fallback


def names_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the people and bodies named in bylines, each once, without "By", job titles, dates and addresses."""
    names: dict[str, str] = {}
    for text in texts:
        line = _POSTED.sub("", _ASIDES.sub("", squeeze(text)[:300]))
        for part in _PARTS.split(_ROLE.sub("", _BY.sub("", line))):
            name = _DAY.sub("", _ROLE.sub("", _DATE.sub("", _BY.sub("", part)))).strip(" .,:;-–|()[]")
            if 2 <= len(name) <= 60 and len(name.split()) <= 6 and not _NO_NAME.search(name) and re.search(r"[^\W\d_]", name):
                names.setdefault(name.casefold(), name)
    return tuple(names.values())


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


def _full_name(first: str, tree: Element) -> str | None:
    """Return the full name from the visible byline that begins with a lone first name, or None."""
    return next((name for name in names_in(_visible(tree)) if name.startswith(f"{first} ")), None)


def _visible(tree: Element) -> list[str]:
    """Return the texts of the visible byline: what is marked as author, what its class calls so, what begins with "By"."""
    for path in ("//*[@itemprop='author']", "//a[contains(concat(' ', @rel, ' '), ' author ')]"):
        found = [element for element in tree.xpath(path) if not _is_aside(element)]
        near = [
            element for element in found if element.getparent() in (found[0].getparent(), *found[0].iterancestors())
        ] or found[:1]
        if names := [text for text in dict.fromkeys(map(text_of, near)) if text and len(text) <= 80 and names_in([text])]:
            return names[:5]
    spoken = ""
    for element in tree.iter(*_TAGS):
        if len(element) > 8:
            continue
        is_marked = is_named(names_of(element), _BYLINE_CLASS)
        if not is_marked and (spoken or not _SPOKEN_START.match(element.text or "")):
            continue
        text = text_of(element)
        if 2 <= len(text) <= 120 and not _is_aside(element):
            if is_marked and names_in([text]):
                return [_PLACE.sub("", text)]
            if not spoken and len(text) <= 70 and (said := _SPOKEN.match(text)) and names_in([said[1]]):
                spoken = _PLACE.sub("", said[1].strip())
    return [spoken] if spoken else []


def _is_aside(element: Element) -> bool:
    """Tell whether an element stands among comments, teasers or other side matter, a few levels up."""
    for _, above in zip(range(_LEVELS), (element, *element.iterancestors()), strict=False):
        names = f"{above.get('class', '')} {above.get('id', '')}".split()
        if above.tag in {"footer", "nav"} or any(_SIDE.search(name) and not is_state(name) for name in names):
            return above.tag not in {"body", "html"}
    return False
