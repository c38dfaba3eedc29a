"""Collect the declarations of a page: JSON-LD, meta elements and links."""

import json
import re
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any
from urllib.parse import urlsplit

from lxml.etree import XPath

from tidings.base.decode import unescape
from tidings.base.urls import is_home_page, normalise_url
from tidings.extraction.parse import Element, squeeze

# Types of https://schema.org/CreativeWork that publishers use for articles.
_ARTICLE_KINDS = re.compile(
    r"(Article|Posting|Report|Review|Recipe|LiveBlog|Opinion|Analysis|ClaimReview)$", re.IGNORECASE
)
_VIDEO_KINDS = re.compile(r"^(Video|Audio|Media|Podcast|Radio|TV)", re.IGNORECASE)
_LIST_KINDS = {"CollectionPage", "ItemList", "SearchResultsPage", "ProfilePage"}
_PAGE_KINDS = re.compile(
    r"^(?:WebPage|ItemPage|AboutPage|FAQPage|QAPage|Product|Event|CreativeWork|Book|Course)$"
)
_NAMES = {"headline", "name", "datePublished"}  # an article's node has one of these
_FIELDS = {"headline", "datePublished", "author", "articleBody"}
_NODES = 2_000  # JSON-LD nodes processed per page
_SCRIPTED = re.compile(r"""["']((?:19|20)\d\d-?[01]\d-?[0-3]\d[^"'\\]{0,24})\\?["']""")
_SCRIPTED_AS = re.compile(  # the name before a date in a script
    r"""\b(?:datePublished|publish(?:ed|ing)?_?(?:date|at|on|time)|pub_?date|first_?published\w*|publication_?date|\w{2,12}PublishingDate)["']?"""
    r"""\s*[:=]\s*\\?$""",
    re.IGNORECASE,
)
_NAME = 60  # characters of the name before a date
# a text that a page's scripts put into it, as a JSON string
_SCRIPTED_BODY = re.compile(r'"(?:articleBody|body|content)\w*"\s*:\s*("(?:[^"\\]|\\.){600,}")')
_PARAGRAPH = 80  # characters; a page with one paragraph as long contains its text


@dataclass(frozen=True, slots=True)
class Declared:
    """The declarations of a page.

    ``article`` is the JSON-LD node of the article, or of the page. ``kinds`` are all JSON-LD types,
    ``nodes`` those with an ``@id``. ``meta`` maps each name, property or itemprop, in lower case,
    to its values.
    """

    article: dict[str, Any] = field(default_factory=dict)
    is_article: bool = False
    kinds: frozenset[str] = frozenset()
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    breadcrumbs: tuple[str, ...] = ()
    meta: dict[str, list[str]] = field(default_factory=dict)
    canonical: str | None = None
    base: str | None = None
    alternates: tuple[tuple[str, str], ...] = ()  # hreflang, URL
    scripted: str | None = None  # the date of publication in scripts, if the page declares no other

    @property
    def is_dated(self) -> bool:
        """Return whether JSON-LD or a meta element states a date."""
        return "datePublished" in self.article or any(
            "publi" in name or "date" in name for name in self.meta
        )

    @property
    def is_shared_as_article(self) -> bool:
        """Return whether og:type declares the page an article."""
        return self.first("og:type").lower() in {"article", "blog", "news"}

    @property
    def headline(self) -> str:
        """Return the article's headline in JSON-LD, or an empty text."""
        return next(iter(strings_of(self.article.get("headline"))), "") if self.is_article else ""

    def first(self, *names: str) -> str:
        """Return the first value of the meta elements with these names, or an empty text."""
        return next((value for name in names for value in self.meta.get(name, ()) if value), "")


_SCRIPTS: Any = XPath("//script[contains(@type, 'ld+json')]/text()", smart_strings=False)
_LINKS: Any = XPath("//link[@href != '']")
_BASES: Any = XPath("//base/@href[. != '']", smart_strings=False)


def read_declared(tree: Element) -> Declared:
    """Return the declarations of a page; unreadable parts are skipped."""
    nodes = [*chain.from_iterable(map(_nodes, _SCRIPTS(tree)))]
    article = {"articleBody": _scripted_body(tree), **_choose(nodes)}
    trail = next((node for node in nodes if "BreadcrumbList" in kinds_of(node)), {})
    links = [
        (link.get("rel", "").lower().split(), link.get("href").strip(), link.get("hreflang"))
        for link in _LINKS(tree)
    ]
    declared = Declared(
        article=article,
        is_article=_is_kind(article, _ARTICLE_KINDS),
        kinds=frozenset(chain.from_iterable(map(kinds_of, nodes))),
        nodes=_by_id(nodes),
        breadcrumbs=tuple(strings_of(trail.get("itemListElement"))[:12]),
        meta=_read_meta(tree),
        canonical=next((href for rel, href, _ in links if "canonical" in rel), None),
        base=next(iter(_BASES(tree)), None),
        alternates=tuple((lang.strip(), href) for _, href, lang in links if lang),
    )
    return declared if declared.is_dated else replace(declared, scripted=_scripted(tree))


def _by_id(nodes: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the first node of each identity that has other fields."""
    return {
        node["@id"]: node
        for node in reversed(nodes)
        if isinstance(node.get("@id"), str) and len(node) > 1
    }


def _read_meta(tree: Element) -> dict[str, list[str]]:
    meta: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = element.get("content")
        for name in filter(None, map(element.get, ("name", "property", "itemprop"))):
            if content:
                meta.setdefault(name.strip().lower(), []).append(squeeze(unescape(content)))
    return meta


def kinds_of(node: dict[str, Any]) -> list[str]:
    """Return the JSON-LD types of a node without their namespace."""
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return [kind.rsplit("/", 1)[-1] for kind in kinds if isinstance(kind, str)]


def strings_of(value: Any) -> list[str]:
    """Return the texts in a JSON-LD value: a string, a node's name or item, or a list of these."""
    if isinstance(value, str):
        return [text] if (text := squeeze(unescape(value))) else []
    if isinstance(value, dict):
        return strings_of(value.get("name") or value.get("item"))
    if isinstance(value, list):
        return [text for part in value[:100] for text in strings_of(part)]
    return []


def _nodes(text: str) -> Iterator[dict[str, Any]]:
    """Yield the nodes of a JSON-LD text, outer ones first; none if it is invalid."""
    data = None
    with suppress(ValueError, RecursionError):
        data = json.loads(text, strict=False)
    waiting, seen = deque([data]), 0
    while waiting and seen < _NODES:
        value = waiting.popleft()
        seen += 1
        if isinstance(value, list):
            waiting.extendleft(reversed(value[:_NODES]))
        elif isinstance(value, dict):
            if "@type" in value or "@id" in value:
                yield value
            waiting += [
                v
                for k, v in value.items()
                if isinstance(v, (dict, list)) and k not in {"comment", "review", "hasPart"}
            ]


def _scripted(tree: Element) -> str | None:
    """Return the date of publication in scripts if they contain only one day, or None."""
    dates = [
        date[1]
        for text in _scripts(tree)
        for date in _SCRIPTED.finditer(text)
        if _SCRIPTED_AS.search(text[max(0, date.start() - _NAME) : date.start()])
    ]
    return dates[0] if len({date.replace("-", "")[:8] for date in dates}) == 1 else None


def _scripted_body(tree: Element) -> str:
    """Return the longest text of a body in scripts; an empty text if the page shows one."""
    if any(len(part.text or "") >= _PARAGRAPH for part in tree.iter("p", "div")):
        return ""
    bodies = [""]
    for script in _scripts(tree):
        for match in _SCRIPTED_BODY.finditer(script):
            with suppress(ValueError):
                bodies.append(json.loads(match[1], strict=False))
    return max(bodies, key=len)


def _scripts(tree: Element) -> Iterator[str]:
    return (script.text or "" for script in tree.iter("script"))


def _choose(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the most complete node of an article, else of a page, else of a video; or {}."""
    for kind in (_ARTICLE_KINDS, _PAGE_KINDS, _VIDEO_KINDS):
        named = (node for node in nodes if _is_kind(node, kind) and _NAMES & node.keys())
        if candidates := [*islice(named, 20)]:
            return max(candidates, key=lambda node: len(_FIELDS & node.keys()))
    return {}


def _is_kind(node: dict[str, Any], kind: re.Pattern[str]) -> bool:
    return any(map(kind.search, kinds_of(node)))


def is_list(declared: Declared) -> bool:
    """Return whether the page declares itself a list of pages."""
    return bool(_LIST_KINDS & declared.kinds) and not declared.is_article


def is_video(declared: Declared) -> bool:
    """Return whether the page declares itself a video or audio and not an article."""
    return any(map(_VIDEO_KINDS.search, declared.kinds)) and not declared.is_article


def canonical_of(declared: Declared, url: str) -> str | None:
    """Return the declared canonical URL (link, og:url, JSON-LD), absolute, or None; another page's
    may not be the site's home page.
    """
    page_id = declared.article.get("mainEntityOfPage")
    page_id = page_id.get("@id") if isinstance(page_id, dict) else page_id
    for href in (declared.canonical, declared.first("og:url"), page_id):
        canonical = _absolute(href, declared.base or url)
        if canonical and (_is_home(url) or not is_home_page(canonical)):
            return canonical
    return None


def translation_key_of(declared: Declared, url: str) -> str | None:
    """Return the smallest URL of the page's language versions, or None."""
    versions = [
        (lang.lower(), _absolute(href, declared.base or url))
        for lang, href in declared.alternates
        if lang.lower() != "x-default"
    ]
    languages, urls = {lang for lang, _ in versions}, {link for _, link in versions if link}
    is_translated = min(len(urls), len(languages)) > 1
    return min(urls) if is_translated and not all(map(_is_home, urls)) else None


def _is_home(url: str) -> bool:
    return urlsplit(url).path in {"", "/"}


def _absolute(href: Any, base: str) -> str | None:
    return normalise_url(href, base) if isinstance(href, str) else None
