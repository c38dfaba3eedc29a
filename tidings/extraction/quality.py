"""Recognise cut-off texts, and pages that are not articles."""

import re
from collections.abc import Sequence
from functools import cache
from unicodedata import numeric

from tidings.base.languages.words import read_tables
from tidings.base.writing import HAN, width
from tidings.extraction.noise import WORDS
from tidings.extraction.page_metadata import Declared, is_list, is_video
from tidings.extraction.parse import Element, text_of
from tidings.extraction.text import Block, chars_of, linked_of
from tidings.extraction.trim import is_prose

# Dots in brackets, before a link to the rest, or at the end of a long sentence.
_CUT = re.compile(
    rf"(?:\[\s*(?:…|\.\.\.)\s*\]|[…\.]{{1,3}}\s*(?:{WORDS['continued']})\W*|"
    r"(?:[^.!?。！？]{40}|[^.!?。！？\x00-\u2e7f]{16})(?:\.\.\.|…+))\s*$",
    re.IGNORECASE,
)
_INVITED = 500  # characters after a text within which an invitation belongs to it
_TEASER = 600  # width of a text that is a teaser if the page declares that the article is paid for
_ANNOUNCED = 4  # least number of pieces of a title that can show which text belongs to it
_HAN_TEXT = re.compile(f"[{HAN}]{{2}}")
_PIECE = re.compile(f"[{HAN}]{{2}}|[^\\W\\d_]{{4}}")
# The words that introduce a programme's contents, before a colon or the end of their line.
_INTRODUCTION = re.compile(
    rf"(?:{WORDS['introductions']}|\b(?:{WORDS['contents']})\b|\b(?:{WORDS['within']})\s"
    rf"(?:[\w'’]+\s){{0,2}}(?:{WORDS['programmes']})\b)"
    r"[^\n:：。.；;]{0,40}(?:[:：\n]|(?<=[容要点點闻聞])\s)",
    re.IGNORECASE,
)
_INTRODUCED_WITHIN = 200  # characters within which an introduction ends
_NUMBER = re.compile(
    r"(?:^|(?<=[\s；;。:：]))[（(]?(?:(\d{1,2})\s?[.、．)）]|([①-⑳]|[一二三四五六七八九十](?=、)))",
    re.MULTILINE,
)
_SEMICOLON = re.compile(r"[;；]")
# Sentences in an introduced list. Headlines have no commas in Chinese, no full stop in Japanese.
_PROSE = re.compile(
    r"，.*[，。]|[\u3041-\u3096].*。|。\s*[^\s。]|\w{3}[.।۔]\s+\S|(?<=.{80})[.!।۔]\W*$"
)
_SENTENCE = re.compile(
    rf"{_PROSE.pattern}|，|[\u3040-\u9fff],|[^\W\d\u3040-\u9fff]{{2}}[.!।۔]\W*$|^.{{160}}."
)
# A word or the end of the text before a list within an article.
_ANNOUNCEMENT = re.compile(rf"{WORDS['announcements']}|[!?！？]\s*$", re.IGNORECASE)
_ITEMS = 5  # items without an introduction; fewer are a list within an article
_OPENING = 40  # characters allowed before the first number
_HEADLINE = 160  # usual maximum length of a headline in characters
_LINKS = 4  # minimum number of links on an index page
_TEASER_LINK = 0.5  # share of a block in links from which it leads to another page
# characters, and their share of a text; the labelled listings have at most .12
_PASSAGE, _PASSAGE_SHARE = 400, 0.25
_THIN = 80  # characters; a video page with less text has no article


def is_truncated(declared: Declared, blocks: Sequence[Block], tree: Element) -> bool:
    """Return whether a text ends with an ellipsis or an invitation to pay or log in, or is short
    and declared as paid.
    """
    if not blocks:
        return False
    chars, last = chars_of(blocks), blocks[-1].text
    if (chars < 2_000 and _CUT.search(last)) or (chars < 1_500 and _is_paid(declared)):
        return True
    if chars >= 3_000:
        return False
    # the last paragraph, or the page right after it
    page, known = text_of(tree), last[-60:]
    start = page.rfind(known) + len(known) if known in page else len(page)
    end = f"{last} {page[start : start + _INVITED]}".lower()
    return all(words.search(end) for words in _invitation_words())


def _is_paid(declared: Declared) -> bool:
    return str(declared.article.get("isAccessibleForFree")).lower() == "false"


@cache
def _invitation_words() -> tuple[re.Pattern[str], ...]:
    """Return the patterns of both parts of an invitation."""
    patterns = []
    for texts in read_tables("invitations.toml").values():
        phrases = [" ".join(p.split()) for text in texts.values() for p in text.split("|")]
        forms = (re.escape(phrase).replace(r"\*", r"\w{0,12}") for phrase in phrases)
        patterns.append(re.compile("|".join(rf"(?<![a-zà-ÿ]){form}(?![a-zà-ÿ])" for form in forms)))
    return tuple(patterns)


def is_other_page(announced: str, shown: str) -> bool:
    """Return whether ``shown``, the page's text and titles, lacks each piece of the announced
    title: four letters, or two Chinese characters.
    """
    pieces = set(_PIECE.findall(announced.lower()))
    is_sign = {piece[:1] > "\u2e80" for piece in pieces}
    written = shown.lower()
    return (
        len(pieces) >= _ANNOUNCED
        and is_sign == {bool(_HAN_TEXT.search(written))}
        and not any(piece in written for piece in pieces)
    )


def excluded_reason(
    declared: Declared, blocks: Sequence[Block], untrimmed: Sequence[Block]
) -> str | None:
    """Return why a page is not an article (round_up, index, video_without_text, paywall, no_text),
    or None. ``untrimmed`` is the text before trimming.
    """
    text = [block for block in blocks if block.kind[0] != "h"]
    size = sum(width(block.text) for block in text)
    reasons = [
        ("index", _is_index(text)),
        ("round_up", _is_contents(blocks)),
        ("index", is_list(declared) and linked_of(text) > 0.3 * chars_of(text)),
        ("video_without_text", is_video(declared) and size < _THIN),
        ("paywall", _is_paid(declared) and size < _TEASER),
    ]
    if not chars_of(text):
        reasons = [reasons[3], ("index", _is_index(untrimmed)), ("no_text", True)]
    return next((reason for reason, holds in reasons if holds), None)


def _is_index(blocks: Sequence[Block]) -> bool:
    """Return whether a text is mostly links."""
    return len(blocks) >= _LINKS and linked_of(blocks) > 0.6 * chars_of(blocks)


def has_passage(blocks: Sequence[Block]) -> bool:
    """Return whether a listing contains an article: much prose without a link between it."""
    longest = current = 0
    for block in blocks:
        current += width(block.text) * is_prose(block)
        current *= block.linked < _TEASER_LINK
        longest = max(longest, current)
    return longest >= max(_PASSAGE, _PASSAGE_SHARE * sum(width(block.text) for block in blocks))


def _is_contents(blocks: Sequence[Block]) -> bool:
    """Return whether a text is the contents of a programme or issue: hardly more than headlines,
    after an introduction such as "In today's programme:", or as a list without a sentence before.
    """
    text = "\n".join(block.text for block in blocks)
    if introduction := _INTRODUCTION.search(text, 0, _INTRODUCED_WITHIN):
        start, end = introduction.span()
        is_short = start <= len(text) - end
        return is_short and _are_headlines(text[end:], r"[\n;；]|(?<=。)", _PROSE, 1)
    start = _list_start(text)
    if start < 0 or _SENTENCE.search(text, 0, start + 1) or _ANNOUNCEMENT.search(text, 0, start):
        return False
    return _are_headlines(text, r"[\n;；]", _SENTENCE, _ITEMS)


def _list_start(text: str) -> int:
    """Return the length of the text before a list's first number, else first semicolon, or -1."""
    start, count = -1, 0
    for match in _NUMBER.finditer(text):
        number = int(match[1] or numeric(match[2]))
        if number == count + 1 or 0 < count == number - 2:  # one number may be missing
            start, count = match.start() if number == 1 else start, number
    if count >= _ITEMS and start <= _OPENING:
        return start
    semicolon = _SEMICOLON.search(text, 0, _HEADLINE)
    return semicolon.start() if semicolon and len(_SEMICOLON.findall(text)) >= _ITEMS - 1 else -1


def _are_headlines(text: str, between: str, prose: re.Pattern[str], minimum: int) -> bool:
    """Return whether headlines make up most of a text; an item counts as at most 160 characters."""
    items = [*filter(None, map(str.strip, re.split(between, _NUMBER.sub("\n", text))))]
    headlines = [item for item in items if not prose.search(item[-2 * _HEADLINE :])]
    some, whole = (sum(min(len(item), _HEADLINE) for item in part) for part in (headlines, items))
    return len(headlines) >= minimum and some >= 0.7 * whole
