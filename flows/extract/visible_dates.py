"""The dates that a page shows: each with how surely it tells of the publication."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from lxml import etree

from tidings.flows.extract.candidates import noise_of_element
from tidings.flows.extract.dates import YEARISH, find_dates, read_instant
from tidings.flows.extract.noise import SURE
from tidings.flows.extract.parse import is_named, names_of, text_of
from tidings.flows.extract.title import plain

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from tidings.flows.extract.dates import Written
    from tidings.flows.extract.parse import Element

# How surely a date tells when a page was published, from the surest.
MARKED, NAMED, TOLD_BESIDE, CHANGED, LINE, BESIDE, PROSE = 0, 1, 2, 3, 4, 6, 20

_EDGE = r"(?:(?<![a-z])|(?-i:(?<=[a-z])(?=[A-Z])))"  # words in a name are parted by what is no letter, or by capitals
_END = r"(?:(?![a-z])|(?-i:(?=[A-Z])))"
_DATED = re.compile(
    rf"{_EDGE}(?:(?:publi\w+|posts?|news|article|entry|create|creation|issue|pub|start|display|release)?-?_?(?:date|datum)|"
    r"published|publish|posted|time-?stamp|entry-meta|post-meta|meta|byline|dateline|time|pubtime|publishtime|"
    r"head-?infos?|article-?(?:info|meta)s?|source|fecha|data|datetime|created|infos?|line-?info|erstellt|submitted|updated|"
    rf"docinfo|date-?(?:header|text)|veröffentlicht|lastmod){_END}",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"(?:publi(?:sh|é|c|k)|pubbl|posted|veröffentlicht|erschienen|erstellt am|eingestellt|geschrieben|verfasst|gepostet|"
    r"(?:erscheinungs|veröffentlichungs|publikations)?datum\b|\bdate\b|\bfecha\b|released?\b|issued|created|submitted|"
    r"first seen|opublikowano|gepubliceerd|geplaatst|publicerad|julkaistu|megjelent|zveřejněno|objavljeno|yayın|опубликован|"
    r"дата публикации|ngày đăng|发布|發布|发表|發表|日期|公開|投稿|掲載|配信|作成|등록|입력|게시)\w*[^\d]{0,24}$",
    re.IGNORECASE,
)
_POSTED = re.compile(
    r"^[^\n.]{0,36}\b(?:gepostet|geschrieben|veröffentlicht|verfasst|eingestellt|abgelegt|erstellt|publiziert|posted|published|"
    r"publié|publicado|pubblicato)\b",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"(?:updat|modif|chang|edited|revised|reviewed|aktualisier|geändert|änderung|bearbeite|überarbeitet|stand|mis(?:e)? à jour|"
    r"actualiz|aggiorna|atualiz|bijgewerkt|aktualizov|zmieniono|güncelle|обновлен|更新|改定|수정)\w*[^\d]{0,24}$",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"(?:current time|now|today|aktuelle zeit|heute|last visit|letzter besuch|zuletzt besucht|registrier|regist|joined|"
    r"mitglied|dabei seit|member since|copyright|©|retrieved|abgerufen|accessed|born|geboren|event|termin|until|bis|"
    r"expires?|deadline|valid|gültig)\w*[^\d]{0,24}$",
    re.IGNORECASE,
)
_MODIFIED_NAME = re.compile(r"modified|updated|changed|lastmod", re.IGNORECASE)
_SLASHED = re.compile(r"(?<![\d/])(\d\d?)/(\d\d?)/(?:19|20)\d\d(?!\d)")
_MAY_TELL: Any = etree.XPath("descendant::*[self::time or self::abbr or @itemprop or @property or @pubdate]")
_READ = 50_000  # characters looked through for how a page writes its dates
_INLINE = {"span", "a", "b", "strong", "em", "i", "font", "small", "time", "abbr", "u", "nobr", "bdi", "sup", "cite", "br", "img"}
_ENOUGH = 60  # dates in a page: what follows is a list of other articles
_BLOCK = 400  # characters: a longer block is text that mentions a date, not a date line
_LABEL = 40  # characters before a date in which a word says what it is the date of
_CLOSE = 12  # elements from the headline within which such a date is as good as one in an element named after dates
_PARTED = 120  # and a line whose parts are set off from each other
_SET_OFF = re.compile(r"\s*(?:[|·•–—:]|-\s|,?\s*\d\d?[:.]\d\d\b)")
_PROSE = 200  # characters from which a text tells of other things' dates too
_NEAR = 200  # elements from the headline beyond which a date in a line of no name is not the article's
_ALONE = 40  # characters that a line of no name may hold beside its date


class Shown(NamedTuple):
    """A date that a page shows; ``distance`` is how many elements lie between it and the headline."""

    rank: int
    distance: int
    told: tuple[dt.datetime, bool]


def shown_dates(tree: Element, zone: dt.tzinfo, title: str, url: str = "") -> list[Shown]:
    """Return the dates that a page shows, those that most surely tell of its publication first.

    First come those that mark-up or words call the publication, then those in elements named after dates, those that tell of
    a change, lines with little but a date; last what stands beside the article. Of the same kind the nearest to the headline.
    """
    elements = [element for element in tree.iter() if element.tag not in {"meta", "link"}]
    heading = _headline(elements, plain(title))
    month_first = _is_month_first(tree, url)
    around = {elements[heading], *elements[heading].iterancestors()} if elements else set()
    found: list[Shown] = []
    seen: set[Element] = set()
    dated = _dated(tree, elements)
    for at, element in enumerate(elements):
        if element not in dated:
            continue
        for rank, told in _in_element(element, zone, seen, month_first=month_first):
            distance = at - heading if at >= heading else 2 * (heading - at)
            is_beside = (rank == LINE and distance > _NEAR) or _is_beside(element, around)
            close = NAMED if rank == LINE and distance <= _CLOSE else rank
            found.append(Shown(_beside(rank) if is_beside else close, distance, told))
        if len(found) >= _ENOUGH:
            break
    return sorted(found, key=lambda hit: hit[:2])


def _dated(tree: Element, elements: list[Element]) -> set[Element]:
    """Return the elements that may tell a date: what holds a text with a year in it, and what an attribute may tell."""
    dated = set(_MAY_TELL(tree))
    holding: set[Element] = set()
    for element in elements:
        in_tail = element.tail and YEARISH.search(element.tail)
        if in_tail:
            dated.add(element)
        node = element if element.text and YEARISH.search(element.text) else element.getparent() if in_tail else None
        while node is not None and node not in holding:
            holding.add(node)
            node = node.getparent()
    return dated | holding


def _beside(rank: int) -> int:
    return TOLD_BESIDE if rank == MARKED else BESIDE + rank


def _headline(elements: list[Element], title: str) -> int:
    """Return the place of the headline that says the title, else of the first one, else 0."""
    heads = [at for at, element in enumerate(elements) if element.tag in {"h1", "h2", "h3"}]
    for tag in ("h1", "h2", "h3"):
        for at in heads:
            if title and elements[at].tag == tag and title in plain(text_of(elements[at])):
                return at
    return next((at for at in heads if elements[at].tag == "h1" and text_of(elements[at])), 0)


def _in_element(
    element: Element, zone: dt.tzinfo, seen: set[Element], *, month_first: bool
) -> Iterator[tuple[int, tuple[dt.datetime, bool]]]:
    """Yield the dates that an element itself tells, by attributes, by its name, or as a line of text."""
    tag, attributes = element.tag, dict(element.items())
    names = names_of(element) if attributes else ""
    told_as = f"{attributes.get('itemprop', '')} {attributes.get('property', '')}"
    is_marked = "datePublished" in told_as or "dateCreated" in told_as or "pubdate" in attributes
    if tag in {"time", "abbr"} or is_marked or "date" in told_as.lower():
        stated = attributes.get("datetime") or attributes.get("content") or attributes.get("title") or ""
        if told := read_instant(stated or text_of(element)[:80], zone) or read_instant(text_of(element)[:80], zone):
            seen.add(element)
            label = _label(element)
            is_changed = _MODIFIED_NAME.search(f"{names} {told_as}") or (not is_marked and _CHANGED.search(label))
            yield CHANGED if is_changed else MARKED if is_marked or "published" in names else NAMED, told
            return
    if names and tag != "body" and is_named(names, _DATED) and len(text := text_of(element)) <= _BLOCK:
        dates = list(islice(find_dates(text, zone, month_first=month_first), 4))
        if dates and element not in seen:
            seen.update(element.iter())
            yield from _ranked(element, text, dates, MARKED if "published" in names else NAMED)
            return
    if (element.text and YEARISH.search(element.text)) or (element.tail and YEARISH.search(element.tail)):
        yield from _in_line(element, zone, seen, month_first=month_first)


def _in_line(
    element: Element, zone: dt.tzinfo, seen: set[Element], *, month_first: bool
) -> Iterator[tuple[int, tuple[dt.datetime, bool]]]:
    """Yield the dates of the line that an element's text stands in: those that words name, or one that stands alone."""
    for owner in {element if element.text and YEARISH.search(element.text) else None, element.getparent()} - {None}:
        line = owner
        while line.tag in _INLINE and line.getparent() is not None:
            line = line.getparent()
        if line in seen or line.tag in {"script", "style", "option", "body", "html", "title", "head"}:
            continue
        seen.add(line)
        text = text_of(line)
        if len(text) > 20 * _BLOCK:
            continue
        dates = list(islice(find_dates(text, zone, month_first=month_first), 6))
        is_short = len(dates) == 1 and _is_date_line(text, dates[0])
        yield from _ranked(line, text, dates, LINE if is_short else PROSE)


def _is_date_line(text: str, date: Written) -> bool:
    """Tell whether a line holds little but a date, or sets the date off from its other parts."""
    rest = len(text) - (date.end - date.start)
    if rest <= _ALONE:
        return True
    return (rest <= _PARTED or date.start == 0) and bool(_SET_OFF.match(text[date.end :]))


def _ranked(
    element: Element, text: str, dates: list[Written], otherwise: int | None
) -> Iterator[tuple[int, tuple[dt.datetime, bool]]]:
    """Yield the dates of a text, each ranked by the words around it; those that no words name as ``otherwise``, if any."""
    before = 0
    for date in dates:
        label = text[max(before, date.start - _LABEL) : date.start] or (_label(element) if date.start == 0 else "")
        before = date.end
        if _NOW.search(label):
            continue
        if _CHANGED.search(label):
            yield CHANGED, date.told
        elif (len(text) <= _PROSE and _PUBLISHED.search(label)) or _POSTED.search(text[date.end : date.end + 60]):
            yield MARKED, date.told
        elif otherwise is not None:
            yield (CHANGED if _MODIFIED_NAME.search(names_of(element)) and otherwise else otherwise), date.told


def _label(element: Element) -> str:
    """Return the end of the text just before an element: a label of its own, or the beginning of its line."""
    before = element.getprevious()
    if before is not None:
        return (before.tail or "").strip()[-_LABEL:] or text_of(before)[-_LABEL:]
    above = element.getparent()
    return (above.text or "").strip()[-_LABEL:] if above is not None else ""


def _is_month_first(tree: Element, url: str) -> bool:
    """Tell whether dates parted by slashes name the month first: its language says so, its domain, or a date that cannot else."""
    language = (tree.get("lang") or "").lower().replace("_", "-")
    if language.startswith("en-us"):
        return True
    if language[:2] not in {"en", ""} or language[3:]:
        return False
    if (urlsplit(url).hostname or "").rsplit(".", 1)[-1] in {"gov", "mil", "edu", "us"}:
        return True
    found = [(int(a), int(b)) for a, b in _SLASHED.findall(text_of(tree)[:_READ])]
    return any(b > 12 for _, b in found) and not any(a > 12 for a, _ in found)


def _is_beside(element: Element, around: set[Element]) -> bool:
    """Tell whether an element stands in what is surely not the article: comments, teasers of other articles.

    What holds the headline too (``around``) is not beside it, whatever it is called.
    """
    for above in element.iterancestors():
        if above in around:
            return False
        if above.tag in {"aside", "nav", "footer"} or noise_of_element(above) >= SURE:
            return True
    return False
