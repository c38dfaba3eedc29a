"""Recognise the kind of a page, and read the text of the pages that are not articles."""

import csv
import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from operator import attrgetter, itemgetter
from pathlib import Path
from urllib.parse import urlsplit

from tidings.extraction.candidates import INLINE
from tidings.extraction.page_metadata import Declared
from tidings.extraction.parse import Element, body_of, name_test
from tidings.extraction.region import (
    Region,
    Sizes,
    Thread,
    find_region,
    find_thread,
    read_region,
    read_thread,
)
from tidings.extraction.text import Block

ARTICLE = "article"
KINDS = (ARTICLE, "listing", "service", "documentation", "forum", "product")
WEIGHTS = Path(__file__).with_name("page_kind_weights.csv")
_POSTS = 0.4  # share of the text in posts
_TABLE = 0.5  # share of the text in short cells

_DOC_SOFTWARE = re.compile(
    r"sphinx|docutils|mkdocs|docusaurus|mediawiki|vitepress|vuepress|gitbook|doxygen|antora|starlight|hugo",
    re.IGNORECASE,
)
_URL = {
    "url_forum": (
        r"forum|thread|/topics?/\d|/t/|viewtopic|boards?\.|community\.|discuss|/questions?/|"
        r"/comments/|topic="
    ),
    "url_documentation": (
        r"docs?[./]|documentation|wiki\.|readthedocs|"
        r"/(?:wiki/|reference|manual|guide|api/|glossary|help)"
    ),
    "url_product": r"/(?:products?|items?|(?:p?d)?p|app|listing|shop/[^/]+|buy)/",
    "url_listing": (
        r"/(?:categor(?:y|ies)|collections?|topics?|tags?|sections?|c|cat|list|browse|"
        r"product-category|news|archives?|shop|store|blog|latest|search)/?[^/]*/?(?:[?#]|$)"
    ),
    "url_service": (
        r"service|program|department|solution|admission|tuition|certificat|pricing|/about|degree|"
        r"courses?/|/care/|help|training|apply|permit|licen[cs]|benefit|grant|assist"
    ),
    "url_date": r"/(?:19|20)\d\d[/-]\d|(?:19|20)\d{6}",
}
_URL_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _URL.items()}
_TYPES = {
    "type_product": {"Product", "ProductGroup"},
    "type_listing": {"ItemList", "CollectionPage", "SearchResultsPage"},
    "type_service": {
        "Service", "Course", "GovernmentService", "LocalBusiness", "SoftwareApplication",
        "FAQPage", "ProfessionalService",
    },
}  # fmt: skip
# The URL or a declared type that names a kind. Without one, a passage makes a page an article.
_NAMED = {
    "listing": ("url_listing", "url_home", "type_listing"),
    "service": ("url_service", "url_home", "type_service"),
    "table": (),
}
# Signs of which a page of the kind has at least one, apart from the weights.
_SIGNS = {
    "listing": ("items", *_NAMED["listing"]),
    "service": ("sections", "subsections", *_NAMED["service"]),
    "documentation": ("code", "software_documentation", "url_documentation"),
    "forum": ("posts",),
    "product": ("prices", "url_product", "type_product", "og_product"),
}
_PRICE = re.compile(r"[$€£¥]\s?\d|\d\s?(?:€|USD|EUR|GBP)\b")
_is_date = name_test(r"(?:^|[\s_-])(?:date|time|timestamp|published|posted)")
_SHORT = 40  # characters of a price
_LONG = 80  # characters outside links of a paragraph
# characters, and their share of a page's text, of paragraphs beside each other
_PASSAGE, _PASSAGE_SHARE = 300, 0.05
# tags whose lines may be paragraphs that line breaks separate
_COLUMNS = frozenset(["div", "td", "section", "article", "main", "body", "center"])
_CELLS = 24  # cells from which a table may be the page's content
# characters of a cell with a value; cells of tables that only arrange the page are larger
_CELL = 80
_CELL_TAGS = frozenset(["td", "th"])
_CARD_TAGS = frozenset(["div", "li", "article", "section", "a", "tr"])
_CARD = 25  # characters of an item with a link


@dataclass(frozen=True, slots=True)
class Recognised:
    """The kind of a page, and its parts."""

    kind: str
    region: Region
    thread: Thread | None

    def read(self) -> list[Block]:
        """Return the text: of a forum all posts, of other pages the main region."""
        thread = self.thread if self.kind == "forum" else None
        return read_thread(thread) if thread else read_region(self.region)


def recognise(tree: Element, declared: Declared, url: str) -> Recognised:
    """Return the kind of a page, table or one of KINDS, and its parts."""
    region = find_region(body_of(tree))
    thread = find_thread(tree) if _is_forum_page(declared, url) else None
    return Recognised(kind_of(signals_of(region, declared, url, thread)), region, thread)


def is_declared_article(declared: Declared, url: str) -> bool:
    """Return whether JSON-LD and og:type declare an article; all 292 such labelled pages are."""
    is_stated = declared.is_article and declared.is_shared_as_article
    return is_stated and not _is_forum_page(declared, url)


def _is_forum_page(declared: Declared, url: str) -> bool:
    """Return whether URL or declared type name a forum; only then posts are searched."""
    is_declared = {"DiscussionForumPosting", "QAPage"} & declared.kinds
    return bool(is_declared or _URL_PATTERNS["url_forum"].search(url[:1000]))


def kind_of(signals: dict[str, float], weights: dict[str, dict[str, float]] | None = None) -> str:
    """Return the kind for a page's signals: forum or table by the share of posts or short cells,
    else by the weights, which ``benchmarks/page_kinds.py`` fits. A page without a sign of the kind
    is an article, and so is one with a passage unless its URL or declared type names the kind.
    """
    if signals["post_share"] >= _POSTS:
        return "forum"
    kind = "table" if signals["table"] >= _TABLE else _most_probable(signals, weights or _weights())
    named = _NAMED if signals["passage"] >= _PASSAGE_SHARE else {}
    signs = (_SIGNS | named).get(kind, ("table",))
    return kind if any(signals[name] for name in signs) else ARTICLE


def signals_of(
    region: Region, declared: Declared, url: str, thread: Thread | None
) -> dict[str, float]:
    """Return a page's signals, most from 0 to 1: its URL, its declarations, its structure."""
    parts = [*filter(None, urlsplit(url).path.split("/"))]
    last = "".join(parts[-1:])
    type_ = declared.first("og:type").lower()
    signs: dict[str, object] = {
        **{name: pattern.search(url[:1000]) for name, pattern in _URL_PATTERNS.items()},
        **{name: types & declared.kinds for name, types in _TYPES.items()},
        "url_home": not parts,
        "type_article": declared.is_article,
        "og_article": declared.is_shared_as_article,
        "og_product": "product" in type_,
        "og_website": type_ == "website",
        "dated": declared.is_dated,
        "signed": any("author" in name for name in (*declared.meta, *declared.article)),
        "software_documentation": _DOC_SOFTWARE.search(declared.first("generator")),
    }
    return {
        **{name: float(bool(sign)) for name, sign in signs.items()},
        "url_depth": min(len(parts), 5) / 5,
        "url_words": min(last.count("-") + last.count("_"), 10) / 10,
        **_structure_signals(region, thread),
    }


def _structure_signals(region: Region, thread: Thread | None) -> dict[str, float]:
    """Return signals of the structure."""
    sizes = region.sizes
    whole = max(1, sizes.chars[0])
    counts = Counter[str](map(attrgetter("tag"), sizes.elements))
    shares: Counter[str] = Counter()
    columns: Counter[int] = Counter()
    for at, element in enumerate(sizes.elements):
        tag, size = element.tag, sizes.chars[at]
        _count(counts, element, sizes.names[at])
        if tag == "p" and size - sizes.linked[at] >= _LONG:
            counts["paragraph"] += 1
            columns[sizes.above[at]] += size
        elif tag in _CELL_TAGS and 0 < size <= _CELL:
            shares["table"] += size
            counts["cell"] += 1
        elif tag in _SHARED:
            shares[_SHARED[tag]] += size
    column = max(columns.values(), default=0)
    passage = _longest_passage(sizes)
    item_count, item_chars = _items(sizes)
    logs = {name: math.log1p(counts[tag]) / 4 for name, tag in _COUNTED.items()}
    posts, post_chars = (len(thread.bodies), thread.chars) if thread else (0, 0)
    return logs | {
        "size": math.log10(whole) / 5,
        "region": region.share,
        "links": sizes.linked[0] / whole,
        "column": column / whole,
        "passage": passage / whole,
        "column_size": math.log10(1 + column) / 4,
        "column_or_items": column / (column + item_chars + 1),
        "code": min(1.0, shares["code"] / whole),
        "table": min(1.0, shares["table"] / whole) if counts["cell"] >= _CELLS else 0.0,
        "headings": min(1.0, shares["headings"] / whole),
        "items": min(1.0, item_chars / whole),
        "item_count": math.log1p(item_count) / 4,
        "one_article": float(counts["article"] == 1),
        "posts": math.log1p(posts) / 4,
        "post_share": min(1.0, post_chars / whole),
    }


def _longest_passage(sizes: Sizes) -> int:
    """Return the most characters of paragraphs beside each other; 0 for fewer than _PASSAGE."""
    texts = [chars - linked for chars, linked, _ in sizes.own]
    passages: Counter[int] = Counter()
    for at in range(len(texts) - 1, 0, -1):
        tag, above = sizes.elements[at].tag, sizes.above[at]
        if tag in INLINE:
            texts[above] += texts[at]
        elif texts[at] >= _LONG:
            passages[at if tag in _COLUMNS else above] += texts[at]
    most = max(passages.values(), default=0)
    return most if most >= _PASSAGE else 0


def _items(sizes: Sizes) -> tuple[int, int]:
    """Return the number of items of the largest group, and their characters."""
    groups: defaultdict[tuple[int, str, str], list[int]] = defaultdict(list)
    for at, element in enumerate(sizes.elements):
        size, linked = sizes.chars[at], sizes.linked[at]
        if at and size >= _CARD and linked >= 10 and element.tag in _CARD_TAGS:
            key = sizes.above[at], element.tag, element.get("class", "").split(" ")[0]
            groups[key].append(size)
    lists = ((len(group), sum(group)) for group in groups.values() if len(group) >= 4)
    return max(lists, key=itemgetter(1), default=(0, 0))


def _count(counts: Counter[str], element: Element, names: str) -> None:
    """Count an element with a price, or with the name of a date."""
    text = element.text or ""
    counts["price"] += 0 < len(text) < _SHORT and bool(_PRICE.search(text))
    counts["date"] += bool(names) and element.tag != "time" and _is_date(names)


_SHARED = {"pre": "code", "h1": "headings", "h2": "headings", "h3": "headings", "h4": "headings"}
_COUNTED = {
    "paragraphs": "paragraph", "prices": "price", "dates": "date", "sections": "h2",
    "subsections": "h3", "buttons": "button",
}  # fmt: skip


@cache
def _weights() -> dict[str, dict[str, float]]:
    with WEIGHTS.open(encoding="utf-8", newline="") as rows:
        table = {
            row.pop("signal"): {kind: float(weight) for kind, weight in row.items()}
            for row in csv.DictReader(rows)
        }
    return {kind: {signal: weights[kind] for signal, weights in table.items()} for kind in KINDS}


def _most_probable(signals: dict[str, float], table: dict[str, dict[str, float]]) -> str:
    """Return the most probable kind; article unless all others together are more probable."""
    odds = {
        kind: weights["intercept"] + sum(weights.get(n, 0.0) * v for n, v in signals.items())
        for kind, weights in table.items()
        if kind != "forum" or signals["posts"]
    }
    most = max(odds.values())
    powers = {kind: math.exp(value - most) for kind, value in odds.items()}
    article = powers.pop(ARTICLE)
    return ARTICLE if article >= sum(powers.values()) else max(powers, key=powers.__getitem__)
