"""Recognise cut-off texts and pages that are not articles: round-ups, indexes and videos without text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tidings.flows.extract.page_metadata import is_list, is_video
from tidings.flows.extract.parse import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.flows.extract.page_metadata import Declared
    from tidings.flows.extract.parse import Element
    from tidings.flows.extract.text import Block

_CUT = re.compile(
    r"(?:\.\.\.|…|\[\s*(?:…|\.\.\.)\s*\]|[…\.]{1,3}\s*(?:read more|continue reading|weiterlesen|lire la suite|leer más)\W*)\s*$",
    re.IGNORECASE,
)
_PAYWALL = (
    "subscribe to continue", "subscribe to read", "subscribe to keep reading", "to continue reading", "already a subscriber",
    "this article is for subscribers", "log in to read", "weiterlesen mit", "jetzt weiterlesen", "nur für abonnenten",
    "als abonnent", "artikel freischalten", "réservé aux abonnés", "réservé à nos abonnés", "la suite est réservée",
    "contenido exclusivo para suscriptores", "riservato agli abbonati", "この記事は有料", "続きを読むには", "会員限定",
    "订阅后继续阅读",
)  # fmt: skip
_NUMBER = re.compile(r"(?:^|(?<=[\s；;。:：]))(\d{1,2})\s?[.、．)）](?=\s?[^\s\d])", re.MULTILINE)
_ITEMS = 5  # numbered items; fewer are a list within an article
_OPENING = 40  # characters allowed before the first item
_ITEM_CHARS = 160  # maximum mean length of an item in characters, including sub-items
_LINKS = 4  # minimum number of links on an index page
_THIN = 80  # characters; a video page with less text has no article


def is_truncated(declared: Declared, blocks: Sequence[Block], tree: Element) -> bool:
    """Return whether the text is cut off: the page declares it as paid, shows a paywall, or the text ends with an ellipsis."""
    free = declared.article.get("isAccessibleForFree")
    text = "".join(block.text for block in blocks)
    if str(free).lower() == "false" and len(text) < 1_500:
        return True
    if len(text) < 3_000 and _asks_for_payment(tree):
        return True
    return bool(blocks) and bool(_CUT.search(blocks[-1].text)) and len(text) < 2_000


def _asks_for_payment(tree: Element) -> bool:
    """Return whether the last part of the page contains the words of a paywall."""
    end = text_of(tree)[-20_000:].lower()
    return any(words in end for words in _PAYWALL)


def excluded_reason(declared: Declared, blocks: Sequence[Block], untrimmed: Sequence[Block] = ()) -> str | None:
    """Return the reason why a page is not an article (round_up, index, video_without_text, no_text), or None.

    ``untrimmed`` is the text before trimming.
    """
    text = [block for block in blocks if block.kind[0] != "h"]
    chars = sum(len(block.text) for block in text)
    if not chars:
        return "video_without_text" if is_video(declared) else "index" if _is_index(untrimmed) else "no_text"
    if _is_index(text):
        return "index"
    if _is_contents([block.text for block in text]):
        return "round_up"
    if is_list(declared) and _linked(text) > 0.3 * chars:
        return "index"
    if chars < _THIN and is_video(declared):
        return "video_without_text"
    return None


def _is_index(blocks: Sequence[Block]) -> bool:
    """Return whether a text consists mostly of links to other pages."""
    return len(blocks) >= _LINKS and _linked(blocks) > 0.6 * sum(len(block.text) for block in blocks)


def _linked(blocks: Sequence[Block]) -> float:
    """Return the number of characters in links."""
    return sum(block.linked * len(block.text) for block in blocks)


def _is_contents(paragraphs: Sequence[str]) -> bool:
    """Return whether a text is the table of contents of a programme or issue: short numbered items with hardly any other text.

    A text with a sentence before the items is an article that contains a list.
    """
    text = "\n".join(paragraphs)
    numbers = list(_NUMBER.finditer(text))
    run = [match for match in numbers if int(match[1]) == 1][:1]
    for match in numbers:
        # The pattern misses an item that begins with a digit, so one number may be missing.
        if run and match.start() > run[-1].start() and 1 <= int(match[1]) - int(run[-1][1]) <= 2:
            run.append(match)
    if len(run) < _ITEMS:
        return False
    opening = text[: run[0].start()]
    return (
        len(opening) <= _OPENING
        and not re.search(r"[。.!?！？]\s*$", opening.strip())
        and (len(text) - len(opening)) / len(run) <= _ITEM_CHARS
    )
