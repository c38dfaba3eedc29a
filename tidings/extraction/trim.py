"""Remove what is no text of an article: lines at both ends, requests to the reader, captions, links
to other pages, and doubtful paragraphs that a second extractor, trafilatura, does not confirm. Add
prose that only trafilatura finds.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, groupby, pairwise, takewhile
from operator import attrgetter

from tidings.base.writing import HAN, ends_sentence, estimate_words, names_speaker, width
from tidings.extraction.noise import WORDS
from tidings.extraction.parse import plain
from tidings.extraction.text import Block, chars_of, is_heading, linked_of

# Requests to the reader in a paragraph, and the most characters of such a paragraph.
_REQUESTS = (
    (re.compile(rf"\b(?:{WORDS['appeals']})\b"), 300),
    (re.compile(WORDS["rights"]), 300),
    (re.compile(rf"\b(?:{WORDS['consent']})\b"), 600),
    (re.compile(rf"\b(?:{WORDS['offers']})\b"), 150),
)
_AGENCIES = r"getty images|afp|epa|reuters|dpa|ap|imago|shutterstock|istock|pa|es|pixabay|unsplash"
_CREDIT = re.compile(
    rf"^\W*(?:©.{{0,80}}|(?:{_AGENCIES})(?:\s?[/|©-].{{0,40}})?|(?:{WORDS['credits']})\s*:.{{0,100}})$"
)
# A caption ends with the name of the picture's author.
_CREDITED = re.compile(rf"(?:©|\(c\)|\b(?:{WORDS['credits']})\s?:)\s?[^.!?]{{2,60}}$")


@lru_cache(maxsize=1_024)
def is_appeal(text: str) -> bool:
    """Return whether a paragraph is a request to the reader, such as for consent."""
    line = text.lower()
    return any(len(text) <= limit and pattern.search(line) for pattern, limit in _REQUESTS)


def is_caption(text: str) -> bool:
    """Return whether a line is a picture credit, or a caption that ends with one."""
    line = text.lower()
    return bool(_CREDIT.match(line) or (len(line) <= 150 and _CREDITED.search(line)))


# The heading of readers' comments; three dates with a time of day show that comments follow.
_COMMENTS = re.compile(rf"\W*(?:\d+\W*)?(?:{WORDS['comments']})(?:\W*\d*\W*|\s.{{0,60}})$")
_STAMP = re.compile(
    r"\d{1,4}[./年-]\s?\d{1,2}[./月-].{0,12}\d{1,2}[:：]\d\d|\d{1,2}[:：]\d\d.{0,12}\d{4}|"
    r"\d{1,2}\.? [^\W\d]{3,10},? \d{4}.{0,6}\d{1,2}:\d\d"
)
_STAMPS, _STAMPED = 3, 80  # dates below the heading, and the most characters of their lines
_COMMENTED = 300  # characters of a text above comments; a thread begins with less
_LETTERS = re.compile(r"[^\W\d]{2}")
_SIGNED, _SPAN = 5, 14  # names with dates that show comments, and the blocks in which they are
# the end of a teaser of another article: its date
_DATED = re.compile(
    r"[(（\[]\d[\d/:.,\s-]{3,18}(?:[ap]m)?[)）\]]$|\d[./-]\d{1,2}.{0,12}[:：]\d\d$", re.IGNORECASE
)
_ABOVE = 300  # characters allowed above a repeated title
_TOP = 10  # number of blocks checked at the top
_CREDITED_WITHIN = 700  # characters of text above which no author or date is removed
_DATE_LINE = re.compile(
    r"\d[:h]\d{2}\b|\b\d{1,2}\.\s?\d{1,2}\.|\b\d{1,2}[/-]\d{1,2}[/-]\d\d|"
    r"\b(?:19|20)\d\d-\d\d(?!\d)|\d月\d+日|"
    r"\b\d{1,2}(?:st|nd|rd|th|er|[.°])? [^\W\d]{3,10}\.? (?:19|20)\d\d|"
    r"[^\W\d]{3}\.? \d{1,2},? (?:19|20)\d\d|\b\d+ (?:hours?|days?|min(?:utes?)?) (?:ago|read)\b|"
    r"\blesezeit\b",
    re.IGNORECASE,
)
# source, author or time of publication
_HAN_LABEL = re.compile(f"[{HAN}]{{2}}[:：]")
_BY = re.compile(rf"^\W*(?:{WORDS['signatures']})\b", re.IGNORECASE)
# the end of a time, not of a sentence
_ABBREVIATED = re.compile(r"\b(?:[ap]\.m|min|std|hrs?)\.$", re.IGNORECASE)
_MIXED = 0.5  # share of a list in links, below which they are not a list of other pages
# headings, and characters of a heading and its section
_SECTIONS, _SHORT_HEADING, _SECTION_TEXT = 3, 60, 100
_ALL_LINK = 0.75  # share of a block in links from which it is not text
_DATED_LINK = 0.4  # the same of a block with a date at its end
_FEW_WORDS = 5
_LABEL = 25  # characters; a longer line that ends with a colon introduces a list
# lines that end the text: the share of the text above them, and their most characters
_ENDS = tuple(
    (re.compile(rf"^\W*(?:{WORDS[kind]}){end}"), share, most)
    for kind, end, share, most in (
        ("comment_prompts", "", 0.2, 160),
        ("endings", r"\W*$", 0.35, 60),
        ("closings", r"\W*$", 0.65, 60),
    )
)


def trim(blocks: Sequence[Block], title: str, known: Iterable[str]) -> list[Block]:
    """Return the blocks of the text itself: without the repeated title and what is above it,
    bylines and date lines (``known`` are lines and names that were read elsewhere), headings at the
    end, and what follows a closing line.
    """
    above, names = _without_comments([*blocks]), set(map(plain, known))
    inner: list[Block] = []
    for block in _below_title(above[:_TOP], plain(title)):
        if chars_of(inner) >= _CREDITED_WITHIN or not _is_credit(block, names):
            inner.append(block)
    kept = _cut(_without_appeals([*inner, *above[_TOP:]]))
    while kept:
        last = kept[-1]
        is_label = last.kind != "tr" and len(last.text) <= _LABEL and last.text[-1] in ":："
        if not (is_label or (is_heading(last) and len(last.text) < 150)):
            break
        kept.pop()
    return kept


def _without_comments(blocks: list[Block]) -> list[Block]:
    """Return the blocks above the heading of dated comments, or above many names with dates."""
    lines = [block.text if len(block.text) <= _STAMPED else "" for block in blocks]
    stamped = [at for at, line in enumerate(lines) if _STAMP.search(line)]
    above = reversed(range(1, [0, *stamped][-_STAMPS:][0]))
    heading = next((at for at in above if _COMMENTS.match(lines[at].lower())), len(blocks))
    return blocks[: min(heading, _first_signed(blocks, lines, stamped))]


def _first_signed(blocks: list[Block], lines: list[str], stamped: list[int]) -> int:
    """Return the place of the first of many names with dates, or the number of blocks."""
    # lines with words beside their date, but no rows of a table
    signed = [
        at for at in stamped if "|" not in lines[at] and _LETTERS.search(_STAMP.sub("", lines[at]))
    ]
    pairs = zip(signed, signed[_SIGNED - 1 :], strict=False)
    near = (first for first, last in pairs if last - first <= _SPAN)
    return next((at for at in near if chars_of(blocks[:at]) >= _COMMENTED), len(blocks))


def without_title(blocks: Sequence[Block], title: str) -> list[Block]:
    """Return the blocks of a page without the first one that repeats the title."""
    at = next(
        (at for at, block in enumerate(blocks[:_TOP]) if plain(block.text) == plain(title)), None
    )
    return [block for place, block in enumerate(blocks) if place != at]


def _without_appeals(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks without requests to the reader, lists of what an account offers, captions,
    links alone and copies.
    """
    kept: list[Block] = []
    belonging = _linked_parts(blocks)
    is_offer = False
    for block in blocks:
        is_offer = is_appeal(block.text) or (is_offer and block.kind == "li")
        is_link = _is_link(block) and id(block) not in belonging
        if not (is_offer or is_link or _is_copy(block, kept) or is_caption(block.text)):
            kept.append(block)
    return kept


def _is_link(block: Block) -> bool:
    """Return whether a block is only a link to another page, perhaps with its date."""
    least = _DATED_LINK if _DATED.search(block.text[-24:]) else _ALL_LINK
    return block.linked >= least and len(block.text) < 400 and block.kind != "tr"


def _is_copy(block: Block, above: Sequence[Block]) -> bool:
    """Return whether a block repeats both paragraphs above it, as a hidden copy of a text does."""
    if len(block.text) <= max(2 * _PROSE, chars_of(above[-2:])):
        return False
    keys = {plain(part.text)[:_PROSE] for part in above[-2:]}
    return len(keys) == 2 and all(len(key) == _PROSE and key in plain(block.text) for key in keys)


def _linked_parts(blocks: Sequence[Block]) -> set[int]:
    """Return the identities of linked blocks that are parts of the text: items of lists that links
    do not fill, headings of at least three sections of a level, speakers in minutes.
    """
    parts = set[int]()
    for kind, items in groupby(blocks, attrgetter("kind")):
        run = [*items]
        if kind == "li" and linked_of(run) < _MIXED * chars_of(run):
            parts.update(map(id, run))
    sections = defaultdict[str, set[int]](set)
    for i, (block, after) in enumerate(pairwise(blocks)):
        is_above = block.linked and after.linked < _MIXED
        if is_above and _heads_section(blocks, i):
            sections[block.kind].add(id(block))
        elif is_above and names_speaker(block.text):
            parts.add(id(block))
    return parts.union(*filter(lambda level: len(level) >= _SECTIONS, sections.values()))


def _heads_section(blocks: Sequence[Block], place: int) -> bool:
    """Return whether a block is a short link with enough text before the next heading or link."""
    block = blocks[place]
    is_short = 2 < width(block.text) <= _SHORT_HEADING
    if block.kind not in {"h2", "h3", "strong"} or block.linked < _ALL_LINK or not is_short:
        return False
    text = takewhile(lambda b: not is_heading(b) and b.linked < _ALL_LINK, blocks[place + 1 :])
    return any(chars >= _SECTION_TEXT for chars in accumulate(width(b.text) for b in text))


def _cut(blocks: list[Block]) -> list[Block]:
    """Return the blocks above the first line that ends the text."""
    whole, read = chars_of(blocks), 0
    for i, block in enumerate(blocks):
        text, size = block.text.lower(), len(block.text)
        if any(size <= most and read > share * whole and end.match(text)
               for end, share, most in _ENDS):  # fmt: skip
            return blocks[:i]
        read += size
    return blocks


def _below_title(top: list[Block], title: str) -> list[Block]:
    """Return the blocks without the repeated title and short ones above it."""
    is_title = [_is_title(plain(block.text), title) for block in top]
    at, above = -1, 0
    for i, block in enumerate(top):
        if is_title[i] and above <= _ABOVE and block.linked < _ALL_LINK:
            at = i
        above += width(block.text)
    return [
        block
        for i, block in enumerate(top)
        if i > at or (width(block.text) > 80 and not is_title[i])
    ]


def _is_title(key: str, title: str) -> bool:
    is_longer = title in key and len(key) < 1.6 * len(title)
    is_part = key in title and len(key) > 0.6 * len(title)
    return bool(title) and width(key) >= 6 and (is_longer or is_part)


def _is_credit(block: Block, known: set[str]) -> bool:
    """Return whether a block at the top is only a byline or a date."""
    text, size, key = block.text, width(block.text), plain(block.text)
    if key in known:
        return True
    if size > 120 or block.kind not in {"p", "strong"}:
        return False
    if sum(map(len, filter(key.__contains__, known))) >= 0.3 * len(key) > 0:
        return True
    if size >= 80 or _is_statement(text, size):
        return False
    # a date with a few words, such as the source
    is_short = estimate_words(text) <= _FEW_WORDS or _HAN_LABEL.search(text)
    return bool(_BY.match(text) or (is_short and _DATE_LINE.search(text)))


def _is_statement(text: str, size: int) -> bool:
    """Return whether a line is a sentence or introduces something."""
    is_sentence = ends_sentence(text) and not _ABBREVIATED.search(text)
    return is_sentence or (size > _LABEL and text.endswith((":", "：")))


_PROSE = 40  # characters
_KEPT = frozenset(["li", "pre"])  # list items and code, which the second opinion often lacks
_LINKED = 0.3  # share of a paragraph in links
# share of a text; a second opinion that would remove more has extracted something else
_MAX_REMOVED_SHARE = 0.2
_KEY = 80  # letters that identify a paragraph
_DOUBTFUL = 0.03  # share of a text in doubtful blocks; fewer made no difference on labelled pages
# share of a page's text outside the candidate from which a part of the article may be missing
_OUTSIDE = 0.3
_OPINION = 200  # letters; if trafilatura finds fewer, its result is ignored


def doubtful(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks that are neither prose nor table rows nor their headings."""
    sure = [block.kind == "tr" or is_prose(block) for block in blocks]
    return [
        block
        for i, block in enumerate(blocks)
        if not sure[i] and not (_heads(block) and sure[i + 1 : i + 2] == [True])
    ]


def _heads(block: Block) -> bool:
    """Return whether a block may head the next one, by its tag or as a bold line."""
    return (is_heading(block) or block.kind == "strong") and block.linked < _LINKED


def needs_second_opinion(blocks: Sequence[Block], outside: float) -> bool:
    """Return whether much text is doubtful, or much of the page's text is ``outside``."""
    whole = chars_of(blocks)
    return outside > _OUTSIDE or chars_of(doubtful(blocks)) > _DOUBTFUL * whole


def is_contradicted(blocks: Sequence[Block], second: Sequence[Block]) -> bool:
    """Return whether a second opinion contains no prose of the blocks."""
    text = "".join(plain(block.text) for block in second)
    return not any(plain(block.text)[:_KEY] in text for block in blocks if is_prose(block))


def reconcile(blocks: Sequence[Block], second: Sequence[Block]) -> list[Block]:
    """Return the blocks that are prose or in ``second``, and the prose that only ``second``
    contains: on labelled pages, these paragraphs were right most often.
    """
    confirmed = "".join(plain(block.text) for block in second)
    if len(confirmed) < _OPINION:
        return list(blocks)
    kept = _confirmed(blocks, confirmed)
    is_accepted = chars_of(kept) >= (1 - _MAX_REMOVED_SHARE) * chars_of(blocks)
    return _with_prose(kept if is_accepted else [*blocks], second)


def _confirmed(blocks: Sequence[Block], confirmed: str) -> list[Block]:
    """Return the blocks without doubtful ones that the text ``confirmed`` lacks."""
    kept: list[Block] = []
    is_followed = False
    doubted = set(map(id, doubtful(blocks)))
    for block in reversed(blocks):
        is_above = is_followed and (_heads(block) or names_speaker(block.text))
        is_usual = id(block) not in doubted or block.kind in _KEPT
        is_sure = is_above or is_usual or plain(block.text)[:_KEY] in confirmed
        is_followed = is_sure and not is_heading(block)
        kept += [block] * is_sure
    return kept[::-1]


def _with_prose(blocks: list[Block], second: Sequence[Block]) -> list[Block]:
    """Return the blocks with the prose that only the second opinion contains, in its order; below
    the last block, or with more text than all blocks, it belongs to other articles.
    """
    text, room = "".join(plain(block.text) for block in blocks), chars_of(blocks)
    places = {plain(block.text)[:_KEY]: place for place, block in enumerate(blocks)}
    added = defaultdict[int, list[Block]](list)
    place = -1
    for block in second:
        key = plain(block.text)[:_KEY]
        place = places.get(key, place)
        if key not in text and is_prose(block):
            added[place].append(block)
            room -= len(block.text)
    added.pop(len(blocks) - 1, None)
    if room < 0:
        return blocks
    return [*added[-1], *(b for at, block in enumerate(blocks) for b in (block, *added[at]))]


def is_prose(block: Block) -> bool:
    """Return whether a block is a sentence of some length outside links."""
    text = block.text
    is_long = width(text) > _PROSE and block.linked < _LINKED
    return is_long and ends_sentence(text) and not _DATED.search(text[-24:])
