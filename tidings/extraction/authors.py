"""Read the authors of a page."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, filterfalse, islice
from operator import attrgetter
from typing import Any

from lxml import etree

from tidings.base.languages.months import MONTH
from tidings.base.languages.words import read_tables
from tidings.base.urls import host_of
from tidings.base.writing import HAN, estimate_words, width
from tidings.extraction.noise import WORDS, is_state
from tidings.extraction.page_metadata import Declared, strings_of
from tidings.extraction.parse import Element, name_test, names_of, plain, squeeze, text_of
from tidings.extraction.records import Page
from tidings.extraction.text import Block
from tidings.extraction.title import site_names

_HAN = re.compile(f"[{HAN}]")
_BYLINES = read_tables("bylines.toml")


def _words(kind: str) -> str:
    """Return words of bylines as alternatives of a pattern."""
    words = {word for table in _BYLINES.values() for word in table.get(kind, "").split()}
    return "|".join(re.escape(word.replace("_", " ")) for word in sorted(words))


_BY, _ROLES, _OTHER_ROLES = map(_words, ("by", "roles", "other_roles"))
_WRITTEN, _KINDS = map(_words, ("written", "kinds"))
_LABEL = 4  # letters; a shorter first label of a host may occur in any name
_META = (
    "author", "article:author", "dc.creator", "parsely-author", "sailthru.author",
    "citation_author", "byl", "dcterms.creator", "cxenseparse:author", "twitter:creator:name",
    "byline",
)  # fmt: skip


def read_authors(
    page: Page,
    tree: Element,
    declared: Declared,
    by_rule: Iterable[str],
    blocks: Sequence[Block],
) -> tuple[str, ...]:
    """Return the names of the first source that has people, else the publisher's own name, else
    none. A single first name is completed.
    """
    publisher = site_names(declared, page.final_url)
    label = plain(host_of(page.final_url).removeprefix("www.").split(".")[0])
    fallback: tuple[str, ...] = ()
    sources: tuple[Callable[[], Iterable[str]], ...] = (
        lambda: by_rule,
        lambda: _declared(declared),
        lambda: _reporters_in(tree, blocks),
        lambda: chain.from_iterable(declared.meta.get(name, ()) for name in _META),
        lambda: shown_authors(tree),
        lambda: page.hint.authors,
    )
    for source in sources:
        names = names_in(source())
        people = tuple(name for name in names if not _is_publisher(plain(name), publisher, label))
        if len(people) == 1 and " " not in people[0]:
            return (full_name(people[0], tree) or people[0],)
        if people:
            return people
        fallback = fallback or names
    return fallback


def _is_publisher(name: str, publisher: set[str], label: str) -> bool:
    """Return whether a name is one of the site or contains the first label of its host."""
    return name in publisher or (len(label) >= _LABEL and label in name)


def _declared(declared: Declared) -> list[str]:
    """Return the article's authors in JSON-LD; ``@id`` refers to the node with the name."""
    article = declared.article
    value = article.get("author") or (declared.is_article and article.get("creator"))
    names = []
    for author in value if isinstance(value, list) else [value]:
        node: Any = author
        if isinstance(author, dict) and "name" not in author:
            node = declared.nodes.get(str(author.get("@id")))
        names += strings_of(node)
    return names


_is_byline = name_test(
    r"(?<![a-z])(author(?:name|link|s)?|byline(?:name|author|text)?|autor(?:en|in)?|vcard|fn|"
    r"writer|redakteur|posted-by|auteur|username)(?![a-z])|(?-i:[a-z]Author(?:Name|List|s|Link)?(?![a-zA-Z]))"
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
_MAX_LABEL_LENGTH = 40
_MAX_BYLINE_NAMES = 5  # names in a visible byline; a longer list is not a byline
# A label before a name, in its own element or text.
_LABELLED = re.compile(
    rf"(?:^|\b(?:{_KINDS}|{_WRITTEN}) )(?:{_BY}|{_ROLES}|{_OTHER_ROLES})\s*[:：]?$",
    re.IGNORECASE,
)
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|in|es)?|auteurs?|writers?|redakteure?|journalists?|journalistes?|"
    r"reporters?|columnists?|staff|contributors?|kolumnist(?:en)?|author/\w+)/[^/?#]+/?(?:[?#]"
    r".*)?$",
    re.IGNORECASE,
)
_TAGS = (
    "span", "div", "p", "a", "li", "cite", "address", "strong", "h3", "h4", "h5", "em", "small",
    "td", "b", "i", "font",
)  # fmt: skip
# A line that contains the author: "By" and two to six capitalised words.
_BYLINE = re.compile(
    rf"^(?i:(?:(?:eine? \w+|{_WRITTEN}) )?(?:{_BY})|(?:{_ROLES}):)\s*((?:(?:Dr\.|Prof\.|"
    r"de|von|van|del|la|di|da|und|and|et|y|&|[^\W\d_a-zß-ÿ][\w.'’-]*),?\s*){2,6})(?:[|•·–-].*|"
    r"\d.*)?$",
)
_BYLINE_START = re.compile(rf"\s*(?i:eine?|{_BY}|{_ROLES}|{_WRITTEN})\b")
_PLACE = re.compile(r"(?<=\w), [A-ZÄÖÜ][^\W\d_]+$")


def shown_authors(tree: Element) -> list[str]:
    """Return the texts of the visible byline: by markup, class, label, "By" or a link."""
    if marked := _marked_up(tree):
        return marked
    labelled = ""
    for element, text, is_marked in _byline_elements(tree):
        if is_marked and 0 < len(names_in([text])) <= _MAX_BYLINE_NAMES:
            return [_PLACE.sub("", text)]
        labelled = labelled or _labelled(element, text)
    return [labelled] if labelled else [*islice(filter(None, _linked(tree)), 1)]


def _byline_elements(tree: Element) -> Iterator[tuple[Element, str, bool]]:
    """Yield short elements with the class (True) or the first word of a byline, and their texts."""
    for element in tree.iter(*_TAGS):
        is_marked = _is_byline(names_of(element))
        if len(element) <= 8 and (is_marked or _BYLINE_START.match(element.text or "")):
            text = text_of(element)
            if 2 <= len(text) <= 120 and not _is_aside(element):
                yield element, text, is_marked


def _labelled(element: Element, text: str) -> str:
    """Return the name after the word "By" or after a label; else an empty text."""
    begin = element.text or ""
    if line := _BYLINE.match(text) if len(text) <= 70 else None:
        return _PLACE.sub("", line[1].strip())
    is_label = len(begin) <= _MAX_LABEL_LENGTH and _LABELLED.search(begin.strip())
    return _after_label(element) if is_label else ""


def _marked_up(tree: Element) -> list[str]:
    """Return the names in the first element with author markup, and in those beside it."""
    for path in _MARKED:
        elements = [*filterfalse(_is_aside, path(tree))]
        above = {*next(iter(elements), tree).iterancestors()}
        texts = dict.fromkeys(text_of(near) for near in elements if near.getparent() in above)
        if names := [text for text in texts if len(text) <= 80 and names_in([text])]:
            return names[:_MAX_BYLINE_NAMES]
    return []


def _linked(tree: Element) -> Iterator[str]:
    """Yield the names of links to the page of an author."""
    for link in tree.iter("a"):
        if _AUTHOR_PAGE.search(link.get("href", "")) and not _is_aside(link):
            yield _name_in(text_of(link))


def _name_in(text: str) -> str:
    """Return a text if it is a name; else an empty text."""
    return text if 2 <= len(text) <= _MAX_NAME_LENGTH and names_in([text]) else ""


def _after_label(element: Element) -> str:
    """Return the name after a label: in the element, in the text after it, or beside it; else an
    empty text.
    """
    if len(element):
        return _name_in(text_of(element[0]))
    # a label may fill its wrapper, so that the name is beside the wrapper
    nodes = islice((element, *element.iterancestors()), 3)
    beside = (after for node in nodes if (after := node.getnext()) is not None)
    parts = squeeze(element.tail or ""), *map(text_of, islice(beside, 1))
    return next(filter(None, map(_name_in, parts)), "")


# Chinese bylines: "记者 张三", "作者：张三、李四", "（记者张三）", "張三／台北報導".
_SURNAMES = WORDS["surnames"]
_SHORT_NAME = rf"[{_SURNAMES}]\s?[\u4e00-\u9fff]{{1,2}}"
_HAN_NAMES = (
    rf"(?:{_SHORT_NAME}|[\u4e00-\u9fff]{{2,4}})(?!\s?[:：])(?:[\s、，,/]{{1,2}}(?:(?:实习|見習|见习|本报)?(?:记者|記者|通讯员|通訊員)\s?)?"
    rf"{_SHORT_NAME}(?!\s?[:：])){{0,4}}"
)
_HAN_BYLINE = re.compile(
    r"(?:(?:记者|記者|通讯员|通訊員|作者|撰文|(?<![\u4e00-\u9fff])文)(?:\s?[:：/／|]\s?|\s)|"
    rf"(?:^|[\W本刊报台社圖图])(?:记者|記者)(?=[{_SURNAMES}])|"
    rf"(?:^|[【〔（(])(?=[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}[／/][\u4e00-\u9fff]{{2,6}}(?:报道|報導|报导)))"
    rf"(?P<names>{_HAN_NAMES})(?=\s?(?:$|[\d)）】〕\]|/／，。；;]|发自|实习|實習|编辑|"
    r"\s?[\u4e00-\u9fff]{2,4}(?:\s?[:：]|报道|報導|报导|\d*日?[电電])|报道|報導|报导))"
)
_HAN_BETWEEN = re.compile(r"[\s、，,/]*(?:记者|記者|通讯员|通訊員)\s?|[、，,/]")
_HAN_LABEL = re.compile(r"记者|記者|作者|撰文|報導|报导|文[:：/／]|[/／]\w{2,6}报道")
_HAN_LINES = 8  # blocks at both ends of a text that may contain the byline
_HAN_ROLES = 20  # labels whose lines are read
_HAN_LINE = 120  # characters of a line at whose beginning or end a byline is


def _reporters_in(tree: Element, blocks: Sequence[Block]) -> list[str]:
    """Return the names of a Chinese byline at the ends of the text, else in a short line."""
    texts = [block.text for block in (*blocks[:_HAN_LINES], *blocks[_HAN_LINES:][-_HAN_LINES:])]
    lines = chain(texts, _short_lines(tree)) if _HAN.search("".join(texts)) else ()
    for line in filter(_HAN_LABEL.search, lines):
        for part in dict.fromkeys((line[:_HAN_LINE], line[-_HAN_LINE // 2 :])):
            if match := _HAN_BYLINE.search(part):
                parts = map(str.split, _HAN_BETWEEN.split(match["names"]))
                # a space separates names, or divides a name of two characters
                names = (["".join(part)] if {*map(len, part)} <= {1} else part for part in parts)
                return [*chain.from_iterable(names)]
    return []


def _short_lines(tree: Element) -> Iterator[str]:
    """Yield the short lines with a label of a Chinese byline."""
    elements = tree.iter(*_TAGS)
    labels = (near for near in elements if _HAN_LABEL.search(f"{near.text}\n{near.tail}"))
    for element in islice(labels, _HAN_ROLES):
        for near in (element, element.getparent()):
            if len(text := text_of(near)) <= _HAN_LINE and not _is_aside(near):
                yield text


def full_name(first: str, tree: Element) -> str | None:
    """Return the full name in the byline or at the beginning of a text, or None."""
    bylines = names_in(shown_authors(tree))
    in_byline = next((name for name in bylines if name.startswith(f"{first} ")), None)
    if in_byline or not first[:1].isupper():
        return in_byline
    line = re.compile(rf"\s*({re.escape(first)}(?: [A-ZÀ-Þ][\w'’.-]+){{1,3}})(?=\s*(?:$|[-–|,(]))")
    texts = filter(None, map(attrgetter("text"), tree.iter(*_TAGS)))
    matches = (line.match(text) for text in texts if first in text)
    return next((squeeze(match[1]) for match in matches if match), None)


def _is_aside(element: Element) -> bool:
    for above in islice((element, *element.iterancestors()), _LEVELS):
        names = f"{above.get('class', '')} {above.get('id', '')}".split()
        is_side = any(_SIDE.search(name) and not is_state(name) for name in names)
        if is_side or above.tag in {"footer", "nav"}:
            return True
    return False


_BEFORE_NAMES = re.compile(
    r"^(?:(?:zeige )?alle (?:beiträge|artikel) von|view all posts by)\s|"
    rf"^(?:(?:(?:eine? )?(?:{_KINDS}|{_WRITTEN})|von)\s*:?\s*)?"
    rf"(?:{_BY}|{_words('of')}|{_ROLES}|{_OTHER_ROLES})(?:\s*[:：]\s*|\s+|$)",
    re.IGNORECASE,
)
_ROLE = re.compile(
    rf"\s*[,(/–|-]\s*(?:[\w-]+\s+){{0,2}}(?:{WORDS['job_titles']})\b"
    r"(?:(?!,?\s(?:and|und|et|y)\s|;|\||&).)*",
    re.IGNORECASE,
)
_PARTS = re.compile(
    r"\s*(?:[;|•·、&]|\s/\s|\b(?:and|und|et)\b|\by\b(?=\s+[A-ZÁÉÍÓÚÑ])|"
    r",(?!\s*(?:jr|sr|ph\.?d|m\.?d|dr)\b))\s*",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"阅读|閱讀|分[钟鐘]|浏览|点击|评论|編輯|编辑|https?:|www\.|@|\d{3}|^(?:(?:source|quelle|fonte|from)\b|[来來]源)|"
    r"^(?:admin(?:istrator)?|editor(?:ial)?|staff|user|webmaster|unknown|anonymous|gast|guest|null|"
    r"none|undefined|author|autor|share|von|by|updated|published|posted|details|about)$|"
    r"\b(?:read|views|minutes?|uhr|comments?|kommentare?|facebook|twitter)\b", re.IGNORECASE,
)  # fmt: skip
_DATE = re.compile(
    r"(?:\b(?:am|on|le|el)\s+\d{1,2}\b|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d\d|\d{1,2}:\d\d|"
    rf"\b\d{{1,2}}(?:\.|st|nd|rd|th)?\s+\w{{3,9}},?\s+\d{{4}}|\b{MONTH}\s+\d|\b(?:19|20)\d\d\b).*$",
    re.IGNORECASE,
)  # fmt: skip
_POSTED = re.compile(rf"^(?:{_WRITTEN})\b.{{0,40}}?\b(?:{_BY})\s*(?=\S)", re.IGNORECASE)
_ASIDES = re.compile(r"\s*[(（\[][^()（）\[\]]{0,60}[)）\]]|\s@\w+")
_DAY = re.compile(r",?\s+(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so)\.?,?$", re.IGNORECASE)


_MAX_NAME_LENGTH, _MAX_WORDS = 60, 6


def names_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the distinct people and bodies in bylines without "By", job titles, dates and URLs."""
    names: dict[str, str] = {}
    for text in texts:
        line = _POSTED.sub("", _ASIDES.sub("", squeeze(text)[:300]))
        for part in _PARTS.split(_ROLE.sub("", line)):
            name = _DAY.sub("", _DATE.sub("", _BEFORE_NAMES.sub("", part)))
            name = name.strip(" .,:;-–|()[]")
            is_short = (
                2 <= width(name) <= _MAX_NAME_LENGTH
                and len(name.split()) <= _MAX_WORDS
                and estimate_words(name) <= 2 * _MAX_WORDS
            )
            if is_short and not _NO_NAME.search(name) and re.search(r"[^\W\d_]", name):
                names.setdefault(name.casefold(), name)
    return tuple(names.values())
