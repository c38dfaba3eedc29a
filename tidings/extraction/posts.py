"""Read a thread of a forum: the author, date and text of each post."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from tidings.extraction.parse import name_test, names_of, raw_text, text_of
from tidings.extraction.region import read_part
from tidings.extraction.text import Block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidings.extraction.parse import Element

# Names of the element with a post's text, in all common forum programs.
_is_body = name_test(
    r"(?:^|[\s_-])(?:(?:post|message|comment|reply|answer)[_-]{0,2}(?:body|content|text|message|"
    r"entry)\w*|bbwrapper|cooked|usertext-body|(?:post|comment|reply|message)-?content\w*|"
    r"\w*board-message|richtext)(?:$|[\s_-]|\d)|(?:^|\s)content(?:$|\s)"
)
_is_post = name_test(
    r"(?:^|[\s_-])(?:post|message|comment|reply|answer|crawler-post)(?:$|[\s_-]|\d)"
)
_BODY_PROPERTIES = frozenset(["text", "articlebody", "commenttext"])
_AUTHOR_PROPERTIES = {"author", "creator", "name"}
_is_author = name_test(
    r"(?:^|[\s_-])(?:user-?name\w*|nick-?name|poster|author\w*|creator|by|byline|message-name|user|member-?name)(?:$|[\s_-]|\d)"
)
_is_date = name_test(
    r"(?:^|[\s_-])(?:date\w*|time\w*|posted\w*|post-?time|published)(?:$|[\s_-]|\d)"
)
_DAY = re.compile(
    r"\d{1,2}\D{1,12}(?:19|20)\d\d|(?:19|20)\d\d-\d\d|\b\d{1,2}:\d\d\b|\bago\b|\byesterday\b",
    re.IGNORECASE,
)
_NOISE = re.compile(r"re: |click to expand|\(?edited\b|last edited|attachments$", re.IGNORECASE)
_is_signature = name_test(r"(?:^|[\s_-])(?:signature|sig)(?:$|[\s_-]|\d)")
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
    """The elements with the texts of posts in page order, and the element of each post with its
    author and date.
    """

    bodies: tuple[Element, ...]
    holders: tuple[Element, ...]
    chars: int


def find_thread(tree: Element) -> Thread | None:
    """Return the posts of a page: the most text in at least two elements with the same name of a
    post; None: no posts.
    """
    rows: list[tuple[bool, int, list[Element]]] = []
    largest = sorted(_groups(tree).items(), key=lambda item: -len(item[1]))[:_GROUPS]
    for (is_text, _), group in largest:
        bodies = _outermost(group)
        if len(bodies) >= _POSTS:
            rows.append((is_text, sum(len(raw_text(body).strip()) for body in bodies), bodies))
    least = _NAMED * _most(rows)
    rows = [row for row in rows if row[0] * row[1] >= least] or rows
    most = _most(rows)
    if not most:
        return None
    _, size, bodies = min((row for row in rows if row[1] >= _SAME * most), key=itemgetter(1))
    return Thread(tuple(bodies), tuple(_holders(bodies)), size)


def _groups(tree: Element) -> dict[tuple[bool, str], list[Element]]:
    """Return the elements with the name of a post, by whether it is that of a text and by name."""
    groups: dict[tuple[bool, str], list[Element]] = {}
    for element in tree.iter("div", "section", "article", "td", "li", "blockquote", "span"):
        names, prop = names_of(element), element.get("itemprop", "").lower()
        is_marked = prop in _BODY_PROPERTIES or element.get("data-role") == "commentContent"
        is_text = is_marked or _is_body(names)
        if is_text or _is_post(names):
            groups.setdefault((is_text, _signature(element, names, prop)), []).append(element)
    return groups


def _most(rows: list[tuple[bool, int, list[Element]]]) -> int:
    """Return the number of characters in the largest group."""
    return max(map(itemgetter(1), rows), default=0)


def _signature(element: Element, names: str, prop: str) -> str:
    """Return an element's tag and names without digits, which are the same for all posts of a
    page.
    """
    classes = " ".join(
        name for name in (element.get("class") or "").split()[:2] if not any(map(str.isdigit, name))
    )
    return f"{element.tag} {classes or re.sub(r'[0-9]+', '', names)} {prop}"


def _outermost(group: list[Element]) -> list[Element]:
    """Return the elements of a group that are not within another one."""
    members = set(group)
    return [
        element
        for element in group
        if not any(above in members for above in element.iterancestors())
    ]


def _holders(bodies: list[Element]) -> Iterator[Element]:
    """Yield for each body its outermost ancestor without another body."""
    counts: dict[Element, int] = {}
    for body in bodies:
        for above in body.iterancestors():
            counts[above] = counts.get(above, 0) + 1
    for body in bodies:
        holder = body
        for above in body.iterancestors():
            if counts[above] > 1:
                break
            holder = above
        yield holder


def read_thread(thread: Thread) -> list[Block]:
    """Return the blocks of all posts without quotes of earlier posts, each after a block with its
    author and one with its day.
    """
    blocks: list[Block] = []
    seen: set[int] = set()
    for body, holder in zip(thread.bodies, thread.holders, strict=True):
        blocks += [Block("strong", text, 0.0) for text in filter(None, _heading(holder, body))]
        beside = frozenset(
            part
            for part in body.iter("div", "p", "td", "span", "aside")
            if _is_signature(names_of(part))
        )
        for block in read_part(body, beside):
            if _NOISE.match(block.text):
                continue
            words = block.text.lower().split()
            sequences = {
                hash(tuple(words[at : at + _WORDS])) for at in range(len(words) - _WORDS + 1)
            }
            if not sequences or len(sequences & seen) < _QUOTED * len(sequences):
                blocks.append(block)
            seen |= sequences
    return blocks


def _heading(holder: Element, body: Element) -> tuple[str, str]:
    """Return the author and the date of a post; an empty text if its element contains none."""
    inside = set(body.iter())
    around = [element for element in holder.iter("*") if element not in inside]
    authors = (_short(element, _NAME, is_date=False) for element in around if _has_author(element))
    dates = (_short(element, _WHEN, is_date=True) for element in around if _has_date(element))
    return next(filter(None, authors), ""), next(filter(None, dates), "")


def _has_author(element: Element) -> bool:
    return element.get("itemprop") in _AUTHOR_PROPERTIES or _is_author(names_of(element))


def _has_date(element: Element) -> bool:
    is_dated = element.tag == "time" or element.get("itemprop", "").startswith("date")
    return is_dated or _is_date(names_of(element))


def _short(element: Element, limit: int, *, is_date: bool) -> str:
    """Return an element's text if it is short and contains a date or not, as required; else an
    empty text.
    """
    text = text_of(element)
    return text if 1 < len(text) <= limit and bool(_DAY.search(text)) == is_date else ""
