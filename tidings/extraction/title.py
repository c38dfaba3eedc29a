"""Read the title, the standfirst and the section of a page."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter

from tidings.base.urls import host_of
from tidings.base.writing import width
from tidings.extraction.noise import WORDS, is_beside
from tidings.extraction.page_metadata import Declared, strings_of
from tidings.extraction.parse import Element, name_test, names_of, plain, squeeze, text_of
from tidings.extraction.text import Block

_PARTED = re.compile(r"\s+[|–—·•»«:~/\\-]+\s+|\s*[|｜_»]+\s*|\s*--+\s*|\s+::\s+")
_is_title = name_test(
    r"(entry|post|article|page|news|story|head)[-_]?(title|headline|heading)|^(title|headline|headtitle)$"
)
_MAX_CHARS = 400
_MAX_DECLARED_LENGTH = 2_000  # characters of a declared title that are processed
_ENOUGH = 12  # letters; a heading that begins with as many letters of a title is the same title
# names that blogs put before a title
_ARCHIVE = {"blogarchiv", "blogarchive", "archive", "archiv", "blog"}


def read_title(tree: Element, declared: Declared, hint: str | None, url: str) -> str:
    """Return the title: a heading that equals a declared title or is part of it, else the only
    heading, else the declared title without the site's name, else an empty text.
    """
    site, headline = site_names(declared, url), declared.headline
    page_title = squeeze(tree.findtext(".//title", ""))
    shared = _cut_names(declared.first("og:title", "twitter:title"), site)
    stated = [*filter(None, (headline, shared, squeeze(hint or "")))]
    known = (*stated, _cut_tail(_cut_names(page_title, site), page_title))
    heads = _texts(tree.iter("h1"), site)
    if title := _confirmed(heads, known, _same) or _among_longer(heads, stated):
        return title
    lesser = [*_texts(_titled(tree), site)[:5], *_texts(tree.iter("h2"), site)[:3]]
    if title := _confirmed(lesser, known, _same):
        return title
    if _same(headline, shared):
        return stated[0]  # JSON-LD and og:title agree, and the heading omits or adds a kicker
    title = _confirmed([*heads, *lesser], (*stated, page_title), _contains)
    only = heads if len(heads) == 1 and not headline else []
    return next(filter(None, (title, *only, *known, *heads)), "")


def _confirmed(
    heads: list[str], stated: Iterable[str], confirms: Callable[[str, str], bool]
) -> str | None:
    """Return the first heading that a stated title confirms."""
    return next((head for head in heads if any(confirms(title, head) for title in stated)), None)


def _texts(elements: Iterable[Element], site: set[str]) -> list[str]:
    """Return the distinct texts of the length of a headline, without the site's names."""
    texts = dict.fromkeys(map(text_of, elements))
    return [text for text in texts if 1 < len(text) <= _MAX_CHARS and plain(text) not in site]


def _titled(tree: Element) -> Iterator[Element]:
    for element in tree.iter("h2", "h3", "h4", "div", "p", "span"):
        if len(element) < 4 and _is_title(element.get("class", "")):
            yield element


def _same(a: str, b: str) -> bool:
    return plain(a) == plain(b) != ""


def _among_longer(heads: list[str], stated: list[str]) -> str | None:
    """Return a declared title without the kicker before it in a heading, or the heading that
    continues it.
    """
    for head in heads:
        for other in stated:
            is_end = head.endswith(other) and 0.4 * len(head) <= len(other) < len(head)
            if is_end and not head[-len(other) - 1].isalnum():
                return other
            a, b = plain(head), plain(other)
            if width(b) >= _ENOUGH and a.startswith(b) and len(a) <= 2.5 * len(b):
                return head
    return None


def _contains(longer: str, shorter: str) -> bool:
    """Return whether a title is the headline with a site's name before or after it."""
    a, b = plain(longer), plain(shorter)
    is_part = len(b) * 3 >= len(a) or shorter in _PARTED.split(longer)
    return width(b) >= 4 and (a.startswith(b) or a.endswith(b)) and is_part


def site_names(declared: Declared, url: str) -> set[str]:
    """Return the names that a site may add to a title, as ``plain`` texts."""
    host = host_of(url).removeprefix("www.")
    labels = host.split(".")
    names = (
        *map(declared.first, _SITE_META),
        *strings_of(declared.article.get("publisher")),
        *strings_of(declared.article.get("isPartOf")),
        *declared.breadcrumbs[:-1],
        host,
        *labels[:-1],
        ".".join(labels[-2:]),
    )
    return {*map(plain, filter(None, names))} - {""}


def _cut_names(title: str, site: set[str]) -> str:
    """Return a title without the site's names at both ends."""
    start, end = 0, min(len(title), _MAX_DECLARED_LENGTH)
    while cuts := [*_PARTED.finditer(title, start, end)]:
        if plain(title[cuts[-1].end() : end]) in site:
            end = cuts[-1].start()
        elif plain(title[start : cuts[0].start()]) in site | _ARCHIVE:
            start = cuts[0].end()
        else:
            break
    return squeeze(title[start:end])


def _cut_tail(cut: str, page_title: str) -> str:
    """Return a page's title without a last part that looks like the site's name."""
    cuts = [*_PARTED.finditer(cut)]
    if cut != page_title or not cuts or not re.search(r"[|｜_»]|--|\s[–—-]\s", cuts[-1][0]):
        return cut
    start, tail = cuts[-1].start(), cut[cuts[-1].end() :]
    return squeeze(cut[:start]) if width(tail) <= 40 and len(tail) < start else cut


_LEAD_CLASS = re.compile(
    r"(?<![a-z])(?:lead|lede|teaser(?:text)?|intro(?:duction|text)?|stand-?first|"
    r"sub-?(?:title|head(?:ing|line)?)|(?:sub)?deck|dek|summary|abstract|excerpt|description|"
    r"vorspann|anrei[sß]+er|chapo|chapeau|sous-?titre|bajada|copete|entradilla|sommario|occhiello|"
    r"ingress|sapo|short-?(?:info|text|desc(?:ription)?)|"
    r"article(?:lead|intro|summary|description|subtitle|teaser))(?![a-z])",
    re.IGNORECASE,
)
_LEAD_TAGS = ("p", "div", "h2", "h3", "span", "strong", "section", "b", "em")
_MIN_LEAD_LENGTH, _MAX_LEAD_LENGTH = 40, 700
_COMPARED = 2_000  # characters of an element, which may begin with the text
_NEAR_HEADLINE = 100
_BEGINNING = 40  # letters of a description
_BESIDE = {"a", "aside", "nav", "footer"}


def read_lead(
    tree: Element, declared: Declared, blocks: Sequence[Block], title: str
) -> list[Block]:
    """Return the visible standfirst above the text as a block, unless the text contains it."""
    texts = (block.text for block in blocks if block.kind[0] != "h" and width(block.text) > 30)
    first = plain(next(texts, ""))[:60]
    beginning = "".join(map(plain, map(attrgetter("text"), blocks[:12])))
    stated, heading = _descriptions(declared), plain(title)
    for element, text, key in _above_text(tree, heading, stated, first) if first else ():
        is_new = key not in beginning and (heading or "\n") not in key
        if is_new and _is_lead(element, text, key, stated):
            return [Block("p", text, 0.0)]
    return []


def _descriptions(declared: Declared) -> list[str]:
    texts = (
        *strings_of(declared.article.get("description")),
        *map(declared.first, ("og:description", "description", "twitter:description")),
    )
    return [text for text in map(plain, filter(None, texts)) if width(text) >= 30]


def _is_lead(element: Element, text: str, key: str, stated: list[str]) -> bool:
    """Return whether an element is a standfirst by its length, and its class or a description."""
    if len(text) < _MIN_LEAD_LENGTH or width(text) > _MAX_LEAD_LENGTH:
        return False
    names = " ".join(element.get(name, "") for name in ("class", "itemprop", "id"))
    is_long = width(key) >= 60
    is_stated = any(key[:80] == other[:80] or (is_long and key in other) for other in stated)
    above = element, *element.iterancestors()
    return bool(is_stated or _LEAD_CLASS.search(names)) and not is_beside(above, _BESIDE)


def _below_headline(tree: Element, heading: str, first: str) -> Iterator[tuple[Element, str, str]]:
    """Yield the first small elements between headline and text, with their texts."""
    elements = tree.iter("h1", *_LEAD_TAGS)
    for element in elements:
        if element.tag == "h1" and plain(text_of(element)) == heading:
            break
    small = (element for element in elements if element.tag != "h1" and len(element) <= 12)
    for element in islice(small, _NEAR_HEADLINE):
        text = text_of(element)
        key = plain(text[:_COMPARED])
        if key[:60] == first:
            return
        yield element, text, key


def _above_text(
    tree: Element, heading: str, stated: list[str], first: str
) -> Iterator[tuple[Element, str, str]]:
    """Yield the elements between headline and text with their texts; without a headline those that
    begin with a description.
    """
    near = [*_below_headline(tree, heading, first)]
    yield from near
    beginnings = {text[:_BEGINNING] for text in stated}
    for element in () if near or not stated else tree.iter(*_LEAD_TAGS):
        own = (element.text or "").strip()
        key = plain(own[: 2 * _BEGINNING])[:_BEGINNING] if len(own) >= _BEGINNING else ""
        if key and key == first[:_BEGINNING]:
            return
        if key in beginnings:
            text = text_of(element)
            yield element, text, plain(text[:_COMPARED])


_SITE_META = (
    "og:site_name", "application-name", "publisher", "apple-mobile-web-app-title", "twitter:site",
)  # fmt: skip
_SECTION_META = ("article:section", "section", "parsely-section", "cxenseparse:section")
_is_trail = name_test(
    r"(?<![a-z])(?:crumb(?:s|nav)?|bread-?_?crumb\w*|rootline|you-?are-?here|brotkrumen?|"
    r"fil-?d-?ariane|path(?:way|bar)?|position|(?:current)?location)(?![a-z])"
)
_HOME = set(WORDS["home"].split("|"))
_CRUMB_SEPARATOR = re.compile(r"\s*[>»›/|→\\]+\s*|\s+[-–]+\s*|\s*[-–]+\s+")
_CRUMB_TAGS = ("nav", "ol", "ul", "div", "p", "span", "td", "section")
_MAX_CRUMB_LENGTH, _MAX_TRAIL_LENGTH, _MAX_CRUMBS = 60, 300, 8


def read_section(tree: Element, declared: Declared, title: str) -> str | None:
    """Return the declared section, else the last breadcrumb before the article, or None."""
    stated = strings_of(declared.article.get("articleSection"))
    if section := next(iter(stated), declared.first(*_SECTION_META)):
        return section[:100]
    trail = [
        crumb
        for crumb in declared.breadcrumbs or _shown_crumbs(tree)
        if plain(crumb) not in {"", plain(title)}
        and crumb.lower() not in _HOME
        and len(crumb) <= _MAX_CRUMB_LENGTH
        and not crumb.isdigit()
    ]
    return next(reversed(trail), None)


def _shown_crumbs(tree: Element) -> list[str]:
    for element in tree.iter(*_CRUMB_TAGS):
        names = names_of(element)
        is_labelled = "breadcrumb" in element.get("aria-label", "").lower()
        text = text_of(element) if is_labelled or _is_trail(names) else ""
        if not 2 < len(text) <= _MAX_TRAIL_LENGTH:
            continue
        links = (text_of(link).strip(" >»›/|-") for link in element.iter("a"))
        crumbs = [*filter(None, links)] or [*filter(None, _CRUMB_SEPARATOR.split(text))]
        is_home = not _HOME.isdisjoint(map(str.lower, crumbs[:1]))
        signs = (is_labelled, "crumb" in names.lower(), is_home)
        if 1 < len(crumbs) <= _MAX_CRUMBS and any(signs):
            return crumbs
    return []
