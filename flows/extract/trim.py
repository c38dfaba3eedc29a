"""Remove lines above the first and below the last paragraph that do not belong to the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tidings.flows.extract.parse import is_named, names_of, plain, text_of
from tidings.flows.extract.text import is_heading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidings.flows.extract.parse import Element
    from tidings.flows.extract.text import Block

_ABOVE = 300  # characters allowed above a repeated title
_TOP = 10  # number of blocks checked at the top
_SENTENCE = re.compile(r"[.!?…。！？”\"»)）][^\w]*$")
_DATE_LINE = re.compile(
    r"\d{1,2}[:h]\d{2}\b|\b\d{1,2}\.\s?\d{1,2}\.|\b\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|\b(?:19|20)\d\d-\d\d(?!\d)|"
    r"\d+月\d+日|\b\d{1,2}(?:st|nd|rd|th|\.)? [^\W\d]{3,10}\.? (?:19|20)\d\d|"
    r"[^\W\d]{3,10}\.? \d{1,2},? (?:19|20)\d\d|\b\d+ (?:hours?|days?|minutes?|min) (?:ago|read)\b|\blesezeit\b",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"(?:ab|bis|seit|vom|from|until|since|as of|dès|depuis|dal|fino)\b", re.IGNORECASE
)  # begins a subheading, not a date line
_WORD = re.compile(r"[^\W\d_]{2,}")
_BY = re.compile(
    r"^\W*(?:by|von|par|por|di|av|af|text|foto|photo|bild|kommentar von|ein (?:kommentar|gastbeitrag|"
    r"beitrag) von|autor(?:in)?|author|words)\b",
    re.IGNORECASE,
)
# Short lines that end the text: contacts, authors' biographies, further reading.
_CLOSING = re.compile(
    r"^\W*(?:ansprechpartner\w*(?: zum thema)?|"
    r"zusatzinformationen|(?:weitere|mehr) (?:informationen|infos|links)"
    r"(?: zum thema)?|further (?:information|reading)|more (?:information|about|on)\b.{0,30}|notes? (?:to|"
    r"for) editors|about (?:the )?(?:author|us)\b.{0,30}|über (?:den autor|die autor\w+|uns)\b.{0,30}|"
    r"zum autor|zur (?:autorin|person)|redakteur(?:in)?|mehr (?:zum thema|zu|aus|von)\b.{0,30}|auch interessant|"
    r"schon gelesen|das könnte (?:sie|dich).*|themen|schlagworte|tags|"
    r"related\b.{0,30}|read (?:more|next)|recommended|nos vidéos|à lire aussi|sur le même sujet|lea también|"
    r"te puede interesar|más sobre\b.{0,30}|leggi anche|published under\b.*|filed under\b.*|"
    r"solidarität jetzt|unterstütze(?:n sie)? uns|support (?:us|our)\b.{0,40}|share this\b.{0,30}|"
    r"comments?|kommentare?|leave a (?:reply|comment)|newsletter|follow us\b.{0,30}|相关(?:新闻|阅读|链接)|"
    r"延伸阅读|"
    r"関連記事|あわせて読みたい|관련기사|einzelnachweise|weblinks)\W*$",
    re.IGNORECASE,
)
_CONTACT = re.compile(r"^\W*(?:kontakt|presse-?kontakt|(?:press |media )?contacts?|contact presse)\W*$", re.IGNORECASE)
_CONTACT_NAME = re.compile(r"(?<![a-z])(?:contacts?|kontakte?)(?![a-z])", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.-]+@[\w-]+\.\w|\+?\d[\d ()/-]{6,}\d")  # an e-mail address or a telephone number
# Requests of a publisher to its readers, anywhere in the text.
_APPEAL = re.compile(
    r"\b(?:create (?:an|a free) account|sign in (?:or|to|with)|log in (?:for|to)|regist(?:er|ration) (?:is|"
    r"to|now|for)|sign up (?:here|for|to)|subscribe (?:to|now|here|for)|already a subscriber|"
    r"free to read|unlock (?:this|more)|bookmark (?:our|\w+\.com)|newsletters?\b.{0,40}(?:sign|subscri|"
    r"anmelden|abonnieren|bestellen)|(?:anmelden|abonnieren)\b.{0,40}newsletter|"
    r"follow \w+(?: \w+)? on (?:twitter|facebook|instagram|google|x)\b|preferred source|download (?:the|"
    r"our) .{0,30}apps?\b|canal de (?:telegram|whatsapp)|all rights reserved|copyrighted property|"
    r"advertise with|support our journalism|offres premium|je découvre les offres|view more offers|"
    r"get email updates|jetzt (?:abonnieren|spenden)|ein klick für den datenschutz|"
    r"datenschutzeinstellungen|link zum \w+-inhalt|externer inhalt|empfohlener (?:redaktioneller|externer) inhalt)\b",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"^\W*(?:©.{0,80}|(?:getty images|afp|epa|reuters|dpa|ap|imago|shutterstock|istock|pa|es|pixabay|"
    r"unsplash)(?:\s?[/|©-].{0,40})?|(?:quelle|source|bild(?:quelle|nachweis)?|foto|photo|beitragsbild|"
    r"fotocredit|titelbild)\s*:.{0,100})$",
    re.IGNORECASE,
)
_ALL_LINK = 0.75  # share of a block in links from which it is not text
_LABEL = 25  # characters; a longer line that ends with a colon introduces a list
_CLOSING_PART = 0.35  # share of the text at its end; a closing line before it counts as a heading


def trim(blocks: Sequence[Block], title: str, known: Iterable[str], tree: Element | None = None) -> list[Block]:
    """Return the blocks of the text itself.

    Removed at the top: the repeated title and the blocks above it, bylines and date lines (``known`` contains lines and names
    that were read elsewhere). Removed at the end: headings without text, links to other pages, short lines that are not
    sentences, and contact details unless the page (``tree``) shows contacts outside the text.
    """
    inner = [block for block in _trim_top(list(blocks), plain(title), {plain(text) for text in known}) if not _is_appeal(block)]
    return _trim_end(_cut(inner, tree))


def without_title(blocks: Sequence[Block], title: str) -> list[Block]:
    """Return the blocks of a page without the first one that repeats the title."""
    at = next((at for at, block in enumerate(blocks[:_TOP]) if plain(block.text) == plain(title)), None)
    return [block for place, block in enumerate(blocks) if place != at]


def without_contacts(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks of a text without contact details, also if the page shows contacts outside the text."""
    return _trim_end(_cut(list(blocks), None))


def _is_appeal(block: Block) -> bool:
    """Return whether a block is a request to the reader, a picture credit or only a link."""
    text = block.text
    if len(text) <= 300 and _APPEAL.search(text):
        return True
    return bool(_CREDIT.match(text)) or (block.linked >= _ALL_LINK and len(text) < 400 and block.kind != "tr")


def _cut(blocks: list[Block], tree: Element | None) -> list[Block]:
    """Return the blocks above the first closing line in the last part of the text."""
    whole = sum(len(block.text) for block in blocks)
    read = 0
    for i, block in enumerate(blocks):
        if read > (1 - _CLOSING_PART) * whole and len(block.text) <= 60:
            is_contact = bool(_CONTACT.match(block.text)) and not (tree is not None and _keeps_contacts(tree))
            if is_contact or _CLOSING.match(block.text):
                return blocks[:i]
        read += len(block.text)
    return blocks


def _keeps_contacts(tree: Element) -> bool:
    """Return whether a page has an element for contacts; contacts within the text then belong to it."""
    return any(
        is_named(names, _CONTACT_NAME) and _ADDRESS.search(text_of(element))
        for element in tree.iter("div", "section", "aside", "address")
        if (names := names_of(element))
    )


def _trim_top(blocks: list[Block], title: str, known: set[str]) -> list[Block]:
    """Return the blocks without the repeated title, blocks above it, bylines and date lines."""
    at, above = -1, 0
    for i, block in enumerate(blocks[:_TOP]):
        if above <= _ABOVE and block.linked < _ALL_LINK and _is_title(plain(block.text), title):
            at = i
        above += len(block.text)
    kept = [
        block
        for i, block in enumerate(blocks[:_TOP])
        if i > at or (len(block.text) > 80 and not _is_title(plain(block.text), title))
    ]
    result: list[Block] = []
    for block in kept:
        if sum(len(b.text) for b in result) >= 700 or not _is_credit(block, known):
            result.append(block)
    return [*result, *blocks[_TOP:]]


def _is_title(key: str, title: str) -> bool:
    return (
        bool(title)
        and len(key) >= 6
        and (key == title or (title in key and len(key) < 1.6 * len(title)) or (key in title and len(key) > 0.6 * len(title)))
    )


def _is_credit(block: Block, known: set[str]) -> bool:
    """Return whether a block at the top contains only authors and a date."""
    text = block.text
    key = plain(text)
    if key in known:
        return True
    if len(text) > 120 or block.kind not in {"p", "strong"}:
        return False
    names = sum(len(name) for name in known if name and name in key)
    if names and names >= 0.3 * len(key):
        return True
    if len(text) >= 80 or _SENTENCE.search(text) or (len(text) > _LABEL and text.endswith(":")):
        return False
    return bool(_BY.match(text)) or (bool(_DATE_LINE.search(text)) and not _FROM.match(text) and len(_WORD.findall(text)) <= 5)


def _trim_end(blocks: list[Block]) -> list[Block]:
    """Return the blocks without headings, links and loose lines at the end."""
    while blocks:
        last = blocks[-1]
        loose = (
            len(last.text) < 25
            and len(last.text.split()) < 4
            and ":" not in last.text
            and not _SENTENCE.search(last.text)
            and last.kind in {"p", "strong", "h2", "h3", "h4", "h5", "h6"}
        )
        linked = last.linked > 0.9 and len(last.text) < 400 and last.kind != "tr"
        if not ((is_heading(last) and len(last.text) < 150) or linked or (loose and len(blocks) > 3 and _is_text(blocks[-2]))):
            break
        blocks = blocks[:-1]
    return blocks


def _is_text(block: Block) -> bool:
    return len(block.text) > 100 or bool(_SENTENCE.search(block.text)) or is_heading(block) or block.linked > 0.5
