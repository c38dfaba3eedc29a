"""Find the main region of a page that is not an article, and read every section, item, row and
hidden panel of it, or the author, date and text of each post of a forum.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice, takewhile
from operator import itemgetter, mul, sub
from typing import Any

from lxml.etree import XPath

from tidings.base.writing import width
from tidings.extraction.candidates import sums
from tidings.extraction.noise import DROPPED_TAGS, SURE, is_hidden, noise_word
from tidings.extraction.parse import HEADINGS, Element, name_test, names_of, raw_text, text_of
from tidings.extraction.text import Block, blocks_of, soup_of


class Sizes:
    """The elements below one in document order, without those in ``beside`` and those that never
    contain text, and the positions of their parents.

    ``chars`` counts characters (a Chinese, Japanese or Korean one as two) in an element and below,
    ``linked`` those in links, ``links`` the links; ``own`` has the three without those below.
    """

    def __init__(self, root: Element, beside: Collection[Element] = ()) -> None:
        places = {root.getparent(): -1}
        self.elements: list[Element] = []
        self.above, chars, inside = list[int](), list[int](), list[bool]()
        for element in root.iter():
            if (up := places.get(element.getparent())) is None:
                continue
            if up >= 0:
                chars[up] += _width(element.tail)
            if not is_never(element) and element not in beside:
                places[element] = len(self.elements)
                self.elements.append(element)
                self.above.append(up)
                inside.append(element.tag == "a" or (up >= 0 and inside[up]))
                chars.append(_width(element.text))
        links = (int(element.tag == "a") for element in self.elements)
        self.own = [*zip(chars, map(mul, chars, inside), links, strict=True)]
        parts = zip(*self.own, strict=True)
        self.chars, self.linked, self.links = (sums(self.above, part) for part in parts)

    @cached_property
    def names(self) -> list[str]:
        """Return class and id of each element."""
        return [*map(names_of, self.elements)]


def _width(text: str | None) -> int:
    return width(text.strip()) if text else 0


def is_never(element: Element) -> bool:
    """Return whether an element never contains text; the button of a heading does."""
    tag = element.tag
    is_panel = tag in {"button", "label"} and element.getparent().tag in HEADINGS
    return tag in DROPPED_TAGS and not is_panel


_CHROME_ROLES = frozenset(
    ["navigation", "contentinfo", "search", "dialog", "menu", "toolbar", "tooltip"]
)
# Names of controls; on these pages, other names of boilerplate mark sections or parts of items.
_CONTROL = re.compile(
    r"nav|menu|lang|banner|rating|search|modal|overlay|newsletter|sign-?up|subscri|log-?in|regist|"
    r"tools|social|shar|tags?\b|\bads?\b|cookie|consent|lightbox|popup|print|pag(?:er|ing|ination)|"
    r"comment|sr-only|screen-?reader|visually-?hidden|crumb|meta|embed|caption",
    re.IGNORECASE,
)
_CONSENT = re.compile(r"cookie|consent|gdpr", re.IGNORECASE)
_CONSENT_SHARE = 0.9
_ITEM = 80  # characters; a repeated element with as many is an item, whatever its name
_MAIN = 0.25  # share of the text outside links from which a main element is the region
_SURE_SHARE = 0.3  # share of the region; a larger element is not boilerplate, whatever its name
# the same of an element with links alone, such as the latest headlines in a sidebar
_LINKS_SHARE = 0.7
_LIKELY_SHARE = 0.05
_LINK = 40  # characters of a link; hidden lists of shorter ones are menus
# characters of an entry and number of entries of a menu that nothing marks as one
_ENTRY, _ENTRIES = 25, 4
_SENTENCE = 80  # characters outside links of an element that is text
_MARKS_NAVIGATION: Any = XPath("boolean(//nav | //*[@role='navigation'])")
_REPEATED = 4  # a link that occurs as often is a control
_LINKED = 0.9  # share of a block in links from which it is only a link


@dataclass(frozen=True, slots=True)
class Region:
    """The main part of a page and the elements in it that are not its text."""

    root: Element
    beside: frozenset[Element]
    sizes: Sizes  # of the elements in the region
    share: float  # of the page's text


def find_region(body: Element) -> Region:
    """Return the largest main element if it contains enough prose, else the body."""
    sizes = Sizes(body)
    prose = [*map(sub, sizes.chars, sizes.linked)]
    mains = [
        at
        for at, element in enumerate(sizes.elements)
        if element.tag == "main" or element.get("role") == "main"
    ]
    top = max(mains, key=prose.__getitem__, default=0)
    top = top if prose[top] >= _MAIN * prose[0] else 0
    beside = frozenset(sizes.elements[at] for at in _beside(sizes, top))
    inner = Sizes(sizes.elements[top], beside)
    return Region(sizes.elements[top], beside, inner, inner.chars[0] / max(1, sizes.chars[0]))


def _beside(sizes: Sizes, top: int) -> Iterator[int]:
    """Yield the positions of boilerplate in the region: by name, role or links."""
    whole = max(1, sizes.chars[top])
    start, end = _text_bounds(sizes)
    keys = [*map(_without_numbers, sizes.names)]
    counts = Counter(keys)
    inside = {top}
    for at in range(top + 1, len(sizes.elements)):
        chars = sizes.chars[at]
        if not chars or sizes.above[at] not in inside:
            continue
        links, linked = sizes.links[at], sizes.linked[at]
        # hardly more than several links of one to three words
        is_menu = links >= _ENTRIES and _LINKED * chars <= linked < _ENTRY * links
        is_menu = is_menu and not start <= at <= end
        limit = _LINKS_SHARE if is_menu else _limit(sizes, at, top, counts[keys[at]])
        if chars < limit * whole:
            yield at
        else:
            inside.add(at)


def _text_bounds(sizes: Sizes) -> tuple[int, int]:
    """Return the positions of the first h1 and the last text; of the whole page if it marks its
    navigation.
    """
    last = len(sizes.elements)
    if _MARKS_NAVIGATION(sizes.elements[0].getroottree()):
        return 0, last
    start = next(
        (at for at in range(last) if sizes.elements[at].tag == "h1" and sizes.chars[at]), 0
    )
    texts = (at for at in reversed(range(last)) if sizes.own[at][0] - sizes.own[at][1] >= _SENTENCE)
    return start, next(texts, last)


def _is_chrome(sizes: Sizes, at: int, top: int) -> bool:
    """Return whether an element is surely no text: an aside, a page's header, a hidden menu."""
    element, chars, linked = sizes.elements[at], sizes.chars[at], sizes.linked[at]
    is_header = element.tag == "header" and top == 0
    if is_header and next(element.iterancestors("main", "article", "section", "li"), None) is None:
        return True
    if element.tag == "aside" or element.get("role") in _CHROME_ROLES:
        return True
    is_linked = 2 * linked > chars and linked < _LINK * sizes.links[at]
    # panels of tabs are text
    return is_linked and element.get("role") != "tabpanel" and is_hidden(element.attrib)


def _limit(sizes: Sizes, at: int, top: int, count: int) -> float:
    """Return the share of the region below which an element is boilerplate; 0: it is text.

    ``count`` elements have the same names: repeated ones are items of a page or parts of them.
    """
    element = sizes.elements[at]
    if element.tag not in {"aside", "header"} and not element.keys():
        return 0.0
    chars = sizes.chars[at]
    is_chrome = _is_chrome(sizes, at, top)
    limit = _SURE_SHARE if is_chrome else _limit_by_name(sizes.names[at], chars, count)
    is_linked = sizes.linked[at] >= _LINKED * chars
    return _LINKS_SHARE if limit == _SURE_SHARE and is_linked else limit


def _limit_by_name(names: str, chars: int, count: int) -> float:
    """Return the share of the region below which these names mean boilerplate."""
    noise = noise_word(names)[0]
    if not noise:
        return 0.0
    if _CONSENT.search(names):
        return _CONSENT_SHARE
    is_control = bool(_CONTROL.search(names))
    if count >= _REPEATED and (not is_control or chars >= _ITEM):
        return 0.0
    return _SURE_SHARE if noise == SURE else _LIKELY_SHARE * is_control


@lru_cache(maxsize=65_536)
def _without_numbers(names: str) -> str:
    """Return class and id without parts that number the items of a list."""
    return " ".join(name for name in names.split() if not any(map(str.isdigit, name)))


def read_region(region: Region) -> list[Block]:
    """Return a region's blocks without links that occur four times, and without copies except of
    rows and code.
    """
    blocks = read_part(region.root, region.beside)
    counts = Counter(block.text for block in blocks)
    seen: set[str] = set()
    kept = []
    for block in blocks:
        text = block.text
        is_link = block.linked > _LINKED and not any(map(str.isdigit, text))
        is_repeated = text in seen and block.kind not in {"pre", "tr"}
        if not (is_repeated or (is_link and counts[text] >= _REPEATED)):
            kept.append(block)
        seen.add(text)
    return kept


def read_part(root: Element, beside: Collection[Element]) -> list[Block]:
    """Return the blocks of an element without those in ``beside``."""
    return blocks_of(soup_of(root, {*beside, *filter(is_never, root.iterdescendants())}))


# Names of the element with a post's text, in all common forum programs.
_is_body = name_test(
    r"(?:^|[\s_-])(?:(?:post|message|comment|reply|answer)[_-]{0,2}(?:body|content|text|message|"
    r"entry)\w*|bbwrapper|cooked|usertext-body|\w*board-message|richtext)(?:$|[\s_-]|\d)|(?:^|\s)content(?:$|\s)"
)
_is_post = name_test(
    r"(?:^|[\s_-])(?:post|message|comment|reply|answer|crawler-post)(?:$|[\s_-]|\d)"
)
_BODY_PROPERTIES = frozenset(["text", "articlebody", "commenttext"])
_AUTHOR_PROPERTIES = {"author", "creator", "name"}
_is_author = name_test(
    r"(?:^|[\s_-])(?:user(?:name\w*)?|nick-?name|poster|author\w*|creator|by(?:line)?|message-name|"
    r"member-?name)(?:$|[\s_-]|\d)"
)
_is_date = name_test(r"(?:^|[\s_-])(?:date\w*|time\w*|posted\w*|posttime|published)(?:$|[\s_-]|\d)")
_DAY = re.compile(
    r"\d\D{1,12}(?:19|20)\d\d|(?:19|20)\d\d-\d\d|\b\d{1,2}:\d\d\b|\b(?:ago|yesterday)\b",
    re.IGNORECASE,
)
_NAME = 40  # characters of a user's name
_WHEN = 80
_SAME = 0.4  # share of the outer elements' text from which the inner elements are the posts
_POSTS = 2
_GROUPS = 50  # groups that are measured, those with most members; nested ones contain the same text
_WORDS = 6  # words of a sequence by which a quote is recognised
_QUOTED = 0.8  # share of a block's sequences that occur in earlier posts
_NAMED = 0.3  # share of the largest group from which elements with the name of a text are the posts


@dataclass(frozen=True, slots=True)
class Thread:
    """The elements with the texts of posts in page order."""

    bodies: tuple[Element, ...]
    chars: int


def find_thread(tree: Element) -> Thread | None:
    """Return the most text in at least two elements with the same name of a post, or None."""
    rows: list[tuple[bool, int, list[Element]]] = []
    largest = sorted(_groups(tree).items(), key=lambda item: -len(item[1]))[:_GROUPS]
    for (is_text, _), group in largest:
        members = set(group)
        bodies = [body for body in group if members.isdisjoint(body.iterancestors())]
        if len(bodies) >= _POSTS:
            rows.append((is_text, sum(len(raw_text(body).strip()) for body in bodies), bodies))
    size = itemgetter(1)
    least = _NAMED * max(map(size, rows), default=0)
    rows = [row for row in rows if row[0] * row[1] >= least] or rows
    least = _SAME * max(map(size, rows), default=0)
    _, chars, bodies = min(filter(lambda row: row[1] >= least, rows), key=size, default=(0, 0, []))
    return Thread(tuple(bodies), chars) if chars else None


def _groups(tree: Element) -> dict[tuple[bool, str], list[Element]]:
    """Return the elements with the name of a post: whether it is that of a text, and tag and names
    without digits, are the key.
    """
    groups: defaultdict[tuple[bool, str], list[Element]] = defaultdict(list)
    for element in tree.iter("div", "section", "article", "td", "li", "blockquote", "span"):
        names, prop = names_of(element), element.get("itemprop", "").lower()
        is_marked = prop in _BODY_PROPERTIES or element.get("data-role") == "commentContent"
        is_text = is_marked or _is_body(names)
        if is_text or _is_post(names):
            classes = _without_numbers(" ".join(element.get("class", "").split()[:2]))
            name = classes or re.sub(r"[0-9]+", "", names)
            groups[is_text, f"{element.tag} {name} {prop}"].append(element)
    return groups


def _holders(bodies: Sequence[Element]) -> Iterator[Element]:
    """Yield for each body its outermost ancestor without another body: the whole post."""
    counts = Counter(above for body in bodies for above in body.iterancestors())
    for body in bodies:
        alone = takewhile(lambda above: counts[above] == 1, body.iterancestors())
        yield [body, *alone][-1]


def read_thread(thread: Thread) -> list[Block]:
    """Return author, date and blocks of all posts, without quotes of earlier ones."""
    blocks: list[Block] = []
    seen: set[int] = set()
    for body, holder in zip(thread.bodies, _holders(thread.bodies), strict=True):
        blocks += [Block("strong", text, 0.0) for text in _heading(holder, body)]
        for block in read_part(body, ()):
            words = block.text.lower().split()
            places = range(len(words) - _WORDS + 1)
            sequences = {hash(tuple(words[at : at + _WORDS])) for at in places}
            if not sequences or len(sequences & seen) < _QUOTED * len(sequences):
                blocks.append(block)
            seen |= sequences
    return blocks


def _heading(holder: Element, body: Element) -> Iterator[str]:
    """Yield the author and the date of a post."""
    inside = set(body.iter())
    around = [element for element in holder.iter("*") if element not in inside]
    for is_date, limit in ((False, _NAME), (True, _WHEN)):
        near = (element for element in around if _is_marked(element, is_date=is_date))
        short = (text for text in map(text_of, near) if 1 < len(text) <= limit)
        yield from islice((text for text in short if bool(_DAY.search(text)) == is_date), 1)


def _is_marked(element: Element, *, is_date: bool) -> bool:
    """Return whether the markup of an element means a post's date, or else its author."""
    names, prop = names_of(element), element.get("itemprop", "")
    if is_date:
        return element.tag == "time" or prop.startswith("date") or _is_date(names)
    return prop in _AUTHOR_PROPERTIES or _is_author(names)
