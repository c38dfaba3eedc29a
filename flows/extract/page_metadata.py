"""What a page declares about itself: JSON-LD, meta elements, links. Collected once, judged elsewhere."""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tidings.flows.decode import unescape
from tidings.flows.extract.parse import squeeze

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tidings.flows.extract.parse import Element

# https://schema.org/CreativeWork and the kinds of it that publishers put their articles under
_ARTICLE_KINDS = re.compile(r"(Article|Posting|Report|Review|Recipe|LiveBlog|Opinion|Analysis|ClaimReview)$", re.IGNORECASE)
_VIDEO_KINDS = re.compile(r"^(Video|Audio|Media|Podcast|Radio|TV)", re.IGNORECASE)
_LIST_KINDS = {"CollectionPage", "ItemList", "SearchResultsPage", "ProfilePage"}
_PAGE_KINDS = {"WebPage", "ItemPage", "AboutPage", "FAQPage", "QAPage", "Product", "Event", "CreativeWork", "Book", "Course"}
_NODES = 2_000  # JSON-LD nodes looked at in a page
_SCRIPTED = re.compile(r"""["']((?:19|20)\d\d-?[01]\d-?[0-3]\d[^"'\\]{0,24})\\?["']""")
_SCRIPTED_AS = re.compile(  # what stands before such a date
    r"""\b(?:datePublished|publish(?:ed|ing)?_?(?:date|at|on|time)|pub_?date|first_?published\w*|publication_?date|\w{2,12}PublishingDate)["']?"""
    r"""\s*[:=]\s*\\?$""",
    re.IGNORECASE,
)
_NAME = 60  # characters that the name of a date takes
_STRAY = re.compile(r"[\x00-\x1f]+")
_FENCE = re.compile(r"\s*+(?:<!--|/?/?\s*+<!\[CDATA\[)")
_TRAILING_COMMA = re.compile(r",\s*([}\]])")


@dataclass(frozen=True, slots=True)
class Declared:
    """A page's word for itself.

    ``article`` is the JSON-LD node of the article (or of the page, when it has none), ``kinds`` every JSON-LD type met,
    ``nodes`` those with an ``@id``. ``meta`` holds values by lower-case name, property or itemprop, in page order.
    """

    article: dict[str, Any] = field(default_factory=dict)
    is_article: bool = False
    kinds: frozenset[str] = frozenset()
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    breadcrumbs: tuple[str, ...] = ()
    meta: dict[str, list[str]] = field(default_factory=dict)
    canonical: str | None = None
    base: str | None = None
    alternates: tuple[tuple[str, str], ...] = ()  # hreflang, address
    scripted: str | None = None  # a date of publication that only scripts tell

    def first(self, *names: str) -> str | None:
        """Return the first value that is not empty among meta elements of these names, or None."""
        return next((value for name in names for value in self.meta.get(name, ()) if value), None)


def read_declared(tree: Element) -> Declared:
    """Return what the page declares about itself; what cannot be read is left out."""
    nodes = [
        node for script in tree.iter("script") if "ld+json" in (script.get("type") or "") for node in _nodes(script.text or "")
    ]
    article = _choose(nodes)
    meta: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = element.get("content")
        names = [element.get(key) for key in ("name", "property", "itemprop")]
        for name in (n for n in names if n and content):
            meta.setdefault(name.strip().lower(), []).append(squeeze(unescape(content)))
    links = [link for link in tree.iter("link") if link.get("href")]
    rels = [((link.get("rel") or "").lower().split(), link) for link in links]
    is_dated = bool(article and "datePublished" in article) or any("publi" in name or "date" in name for name in meta)
    return Declared(
        article=article or {},
        is_article=article is not None and _is_kind(article, _ARTICLE_KINDS),
        kinds=frozenset(kind for node in nodes for kind in kinds_of(node)),
        nodes={node["@id"]: node for node in reversed(nodes) if isinstance(node.get("@id"), str) and len(node) > 1},
        breadcrumbs=_breadcrumbs(nodes),
        meta=meta,
        canonical=next((link.get("href").strip() for rel, link in rels if "canonical" in rel), None),
        base=next((base.get("href") for base in tree.iter("base") if base.get("href")), None),
        alternates=tuple(
            (lk.get("hreflang").strip(), lk.get("href").strip()) for rel, lk in rels if "alternate" in rel and lk.get("hreflang")
        ),
        scripted=None if is_dated else _scripted(tree),
    )


def kinds_of(node: dict[str, Any]) -> list[str]:
    """Return the JSON-LD types of a node, without their name space."""
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return [kind.rsplit("/", 1)[-1] for kind in kinds if isinstance(kind, str)]


def strings_of(value: Any) -> list[str]:
    """Return the texts in a JSON-LD value: a string, a node with a name or value, or a list of such."""
    if isinstance(value, str):
        return [text] if (text := squeeze(unescape(value))) else []
    if isinstance(value, dict):
        return strings_of(value.get("name") or value.get("@value") or value.get("text"))
    if isinstance(value, list):
        return [text for part in value[:100] for text in strings_of(part)]
    return []


def _nodes(text: str) -> Iterator[dict[str, Any]]:
    """Yield every node of a JSON-LD text, outer ones first, without recursion; a text that is not JSON yields none."""
    data = _load(text)
    waiting, seen = deque([data]), 0
    while waiting and seen < _NODES:
        value = waiting.popleft()
        seen += 1
        if isinstance(value, list):
            waiting.extendleft(reversed(value[:_NODES]))
        elif isinstance(value, dict):
            if "@type" in value or "@id" in value:
                yield value
            waiting += [v for k, v in value.items() if isinstance(v, (dict, list)) and k not in {"comment", "review", "hasPart"}]


def _load(text: str) -> Any:
    """Return what a JSON text says, mended as browsers and search engines forgive it, or None."""
    for mend in (
        str,
        _unfenced,
        lambda text: _TRAILING_COMMA.sub(r"\1", _unfenced(text)),
        lambda text: unescape(_unfenced(text)),
    ):
        try:
            return json.loads(mend(text), strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _unfenced(text: str) -> str:
    """Return a script's text without the comment or CDATA marks around it, and without a trailing semicolon."""
    opened = _FENCE.match(text)
    text = text[opened.end() if opened else 0 :].rstrip()
    closed = text.removesuffix(";")
    inner = closed.rstrip()
    if inner.endswith("-->"):
        closed = inner[:-3]
    elif inner.endswith("]]>"):
        closed = inner[:-3].rstrip().removesuffix("/").removesuffix("/")
    return _STRAY.sub(" ", closed)


def _scripted(tree: Element) -> str | None:
    """Return the date of publication that scripts tell, if they tell of one day only, or None."""
    told = [
        date[1]
        for script in tree.iter("script")
        for text in (script.text or "",)
        for date in _SCRIPTED.finditer(text)
        if _SCRIPTED_AS.search(text[max(0, date.start() - _NAME) : date.start()])
    ]
    return told[0] if len({date.replace("-", "")[:8] for date in told}) == 1 else None


def _choose(nodes: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the node that speaks of the article: of article kinds the one that tells most, else a page or video."""
    tests: tuple[Callable[[dict[str, Any]], bool], ...] = (
        lambda n: _is_kind(n, _ARTICLE_KINDS),
        lambda n: bool(_PAGE_KINDS & {*kinds_of(n)}),
        lambda n: _is_kind(n, _VIDEO_KINDS),
    )
    for fits in tests:
        found = [node for node in nodes if fits(node) and ("headline" in node or "name" in node or "datePublished" in node)]
        if found:
            return max(found[:20], key=lambda n: sum(k in n for k in ("headline", "datePublished", "author", "articleBody")))
    return None


def _is_kind(node: dict[str, Any], kind: re.Pattern[str]) -> bool:
    return any(kind.search(name) for name in kinds_of(node))


def is_list(declared: Declared) -> bool:
    """Tell whether the page declares itself a list of others."""
    return bool(_LIST_KINDS & declared.kinds) and not declared.is_article


def is_video(declared: Declared) -> bool:
    """Tell whether the page declares itself a video or a sound and no article."""
    return any(_VIDEO_KINDS.search(kind) for kind in declared.kinds) and not declared.is_article


def _breadcrumbs(nodes: list[dict[str, Any]]) -> tuple[str, ...]:
    for node in nodes:
        items = node.get("itemListElement")
        if "BreadcrumbList" in kinds_of(node) and isinstance(items, list):
            parts = [strings_of(i.get("name") or i.get("item")) for i in items[:12] if isinstance(i, dict)]
            return tuple(part[0] for part in parts if part)
    return ()
