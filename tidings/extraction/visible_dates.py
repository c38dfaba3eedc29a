"""Read the dates that a page shows, ranked by how likely each is the date of publication."""

from __future__ import annotations

import re
from itertools import islice, takewhile
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from lxml import etree

from tidings.base.dates import YEARISH, find_dates, read_instant
from tidings.base.writing import ends_sentence, width
from tidings.extraction.candidates import INLINE
from tidings.extraction.noise import is_beside
from tidings.extraction.parse import HEADINGS, name_test, names_of, plain, text_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from tidings.base.dates import Moment, Written
    from tidings.extraction.parse import Element

# Ranks of a date, from the most to the least likely date of publication.
MARKED, NAMED, MARKED_BESIDE, CHANGED, LINE, BESIDE, PROSE = 0, 1, 2, 3, 4, 6, 20

# characters other than letters, or capitals, separate words in a name
_EDGE = r"(?:(?<![a-z])|(?-i:(?<=[a-z])(?=[A-Z])))"
_END = r"(?:(?![a-z])|(?-i:(?=[A-Z])))"
_is_dated = name_test(
    rf"{_EDGE}(?:(?:publi\w+|posts?|news|article|entry|create|creation|issue|pub|start|display|release)?-?_?(?:date|datum)|"
    r"published|publish|posted|time-?stamp|entry-meta|post-meta|meta|byline|dateline|time|pubtime|"
    r"publishtime|head-?infos?|article-?(?:info|meta)s?|source|fecha|data|datetime|created|infos?|"
    r"line-?info|erstellt|submitted|updated|"
    rf"docinfo|date-?(?:header|text)|veröffentlicht|lastmod){_END}"
)
_PUBLISHED = re.compile(
    r"(?:publi(?:sh|é|c|k)|pubbl|posted|veröffentlicht|erschienen|erstellt am|eingestellt|"
    r"geschrieben|verfasst|gepostet|(?:erscheinungs|veröffentlichungs|publikations)?datum\b|"
    r"\bdate\b|\bfecha\b|released?\b|issued|created|submitted|first seen|opublikowano|gepubliceerd|"
    r"geplaatst|publicerad|julkaistu|megjelent|zveřejněno|objavljeno|yayın|опубликован|дата"
    r" публикации|ngày đăng|发布|發布|发表|發表|日期|公開|投稿|掲載|配信|作成|등록|입력|"
    r"게시)\w*[^\d]{0,24}$",
    re.IGNORECASE,
)
_POSTED = re.compile(
    r"^[^\n.]{0,36}\b(?:gepostet|geschrieben|veröffentlicht|verfasst|eingestellt|abgelegt|erstellt|"
    r"publiziert|posted|published|publié|publicado|pubblicato)\b",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"(?:updat|modif|chang|edited|revised|reviewed|aktualisier|geändert|änderung|bearbeite|"
    r"überarbeitet|stand|mis(?:e)? à jour|actualiz|aggiorna|atualiz|bijgewerkt|aktualizov|"
    r"zmieniono|güncelle|обновлен|更新|改定|수정)\w*[^\d]{0,24}$",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"(?:current time|now|today|aktuelle zeit|heute|last visit|letzter besuch|zuletzt besucht|"
    r"registrier|regist|joined|mitglied|dabei seit|member since|copyright|©|retrieved|abgerufen|"
    r"accessed|born|geboren|event|termin|until|bis|expires?|deadline|valid|gültig)\w*[^\d]{0,24}$",
    re.IGNORECASE,
)
_PUBLICATION = re.compile(r"datePublished|dateCreated")
# a tag, a space and properties that declare a date
_DECLARED = re.compile(r"(?:time|abbr) |\S* .*date", re.IGNORECASE | re.DOTALL)
_MODIFIED_NAME = re.compile(r"modified|updated|changed|lastmod", re.IGNORECASE)
_SLASHED = re.compile(r"(?<![\d/])(\d\d?)/(\d\d?)/(?:19|20)\d\d(?!\d)")
_MAY_CONTAIN_DATE: Any = etree.XPath(
    "descendant::*[self::time or self::abbr or @itemprop or @property or @pubdate]"
)
_READ = 50_000  # characters searched for the page's order of day and month
# elements that are never the line of a date
_NO_LINE = {"script", "style", "option", "body", "html", "title", "head"}
_ENOUGH = 60  # dates per page; a page with more of them lists other articles
_BLOCK = 400  # characters; a longer block is text that mentions a date
_LABEL = 40  # characters before a date that may contain its label
_CLOSE = 12  # elements from the headline; a nearer date line ranks as NAMED
_LONG_LINE = 120  # characters beside the date in a line whose parts are separated by a mark
_SET_OFF = re.compile(r"\s*(?:[|·•–—:]|-\s|,?\s*\d\d?[:.]\d\d\b)")
_PROSE = 200  # characters; a longer text may contain dates of other things
_NEAR = 200  # elements from the headline; a date line farther away belongs to another article
_ALONE = 40  # characters beside the date in a date line
# the same in a heading or a line with a full stop; with more it is a sentence about an event
_LABELLED = 16
_FULL_STOP = re.compile("[。！？]")  # date lines in Chinese and Japanese have none


class Shown(NamedTuple):
    """A visible date; ``distance`` is the number of elements between it and the headline."""

    rank: int
    distance: int
    value: Moment


def shown_dates(tree: Element, zone: dt.tzinfo, title: str, url: str = "") -> list[Shown]:
    """Return the visible dates of a page, the most likely date of publication first.

    The order is: dates that markup or words call the publication, dates in elements named after
    dates, dates of a change, date lines, and dates outside the article. Dates of the same rank are
    ordered by their distance from the headline.
    """
    elements = [element for element in tree.iter() if element.tag not in {"meta", "link"}]
    heading = _headline(elements, plain(title))
    around = {elements[heading], *elements[heading].iterancestors()}
    reader = _Reader(zone, is_month_first=_is_month_first(tree, url))
    dates: list[Shown] = []
    dated = _dated(tree, elements)
    for at, element in enumerate(elements):
        for found, value in reader.read(element) if element in dated else ():
            distance = max(at - heading, 2 * (heading - at))
            # an ancestor of the headline is never boilerplate, whatever its name
            above = takewhile(lambda outer: outer not in around, element.iterancestors())
            is_aside = is_beside(above, {"aside", "nav", "footer"})
            rank = found
            if is_aside or (found == LINE and distance > _NEAR):
                rank = MARKED_BESIDE if found == MARKED else BESIDE + found
            elif found == LINE and distance <= _CLOSE:
                rank = NAMED
            dates.append(Shown(rank, distance, value))
        if len(dates) >= _ENOUGH:
            break
    return sorted(dates, key=itemgetter(0, 1))


def _dated(tree: Element, elements: list[Element]) -> set[Element]:
    """Return the elements that may contain a date: in a text with a year or in an attribute."""
    dated = set(_MAY_CONTAIN_DATE(tree))
    holding: set[Element] = set()
    for element in elements:
        in_tail = _has_year(element.tail)
        if in_tail:
            dated.add(element)
        node = element if _has_year(element.text) else element.getparent() if in_tail else None
        while node is not None and node not in holding:
            holding.add(node)
            node = node.getparent()
    return dated | holding


def _has_year(text: str | None) -> bool:
    """Return whether a text may contain a date."""
    return bool(text and YEARISH.search(text))


def _headline(elements: list[Element], title: str) -> int:
    """Return the position of the heading that contains the title, else of the first h1, else 0."""
    heads = [at for at, element in enumerate(elements) if element.tag in {"h1", "h2", "h3"}]
    for at in sorted(heads, key=lambda at: str(elements[at].tag)) if title else ():
        if title in plain(text_of(elements[at])):
            return at
    return next((at for at in heads if elements[at].tag == "h1" and text_of(elements[at])), 0)


class _Reader:
    """Reads the dates of a page's elements, with their ranks, and each line only once."""

    def __init__(self, zone: dt.tzinfo, *, is_month_first: bool) -> None:
        self._zone, self._is_month_first = zone, is_month_first
        self._seen: set[Element] = set()

    def read(self, element: Element) -> Iterator[tuple[int, Moment]]:
        """Yield the dates in an element's attributes, in an element named after dates, or in a line
        of text.
        """
        names = names_of(element)
        if stated := self._stated(element, names):
            self._seen.add(element)
            yield stated
            return
        is_named = element.tag != "body" and _is_dated(names)
        text = text_of(element) if is_named and element not in self._seen else ""
        if width(text) <= _BLOCK and (dates := self._find(text, 4)):
            self._seen.update(element.iter())
            yield from _ranked(element, text, dates, _named_rank(names))
            return
        if _has_year(element.text):
            yield from self._in_line(element)
        if _has_year(element.tail):
            yield from self._in_line(element.getparent())

    def _stated(self, element: Element, names: str) -> tuple[int, Moment] | None:
        """Return the date of an element that its tag or attributes declare a date, or None."""
        properties = f"{element.get('itemprop', '')} {element.get('property', '')}"
        is_marked = element.get("pubdate") is not None or bool(_PUBLICATION.search(properties))
        if not (is_marked or _DECLARED.match(f"{element.tag} {properties}")):
            return None
        stated = map(element.get, ("datetime", "content", "title"))
        value = read_instant(next(filter(None, stated), ""), self._zone) or read_instant(
            text_of(element)[:80], self._zone
        )
        if value is None:
            return None
        label = "" if is_marked else _label(element)
        if _MODIFIED_NAME.search(f"{names} {properties}") or _CHANGED.search(label):
            return CHANGED, value
        return MARKED if is_marked else _named_rank(names), value

    def _in_line(self, line: Element) -> Iterator[tuple[int, Moment]]:
        """Yield the dates in the line that contains a text of an element: labelled dates, or the
        only date of a date line.
        """
        while line.tag in INLINE and line.getparent() is not None:
            line = line.getparent()
        if line in self._seen or line.tag in _NO_LINE:
            return
        self._seen.add(line)
        text = text_of(line)
        if len(text) <= 20 * _BLOCK:
            dates = self._find(text, 6)
            is_short = len(dates) == 1 and _is_date_line(line, text, dates[0])
            yield from _ranked(line, text, dates, LINE if is_short else PROSE)

    def _find(self, text: str, count: int) -> list[Written]:
        return list(islice(find_dates(text, self._zone, month_first=self._is_month_first), count))


def _named_rank(names: str) -> int:
    return MARKED if "published" in names else NAMED


def _is_date_line(line: Element, text: str, date: Written) -> bool:
    """Return whether a line contains hardly more than a date, or separates the date from its other
    parts by a mark; a sentence or heading that mentions a date does not.
    """
    rest = width(text) - (date.end - date.start)
    if rest > _LABELLED and (line.tag in HEADINGS or ends_sentence(text)):
        return False
    if rest <= _ALONE:
        return True
    return (rest <= _LONG_LINE or date.start == 0) and bool(_SET_OFF.match(text[date.end :]))


def _ranked(
    element: Element, text: str, dates: list[Written], otherwise: int
) -> Iterator[tuple[int, Moment]]:
    """Yield the dates in a text, ranked by the words around them; a date without a label has the
    rank ``otherwise``.
    """
    may_be_labelled = width(text) <= _PROSE and not _FULL_STOP.search(text)
    otherwise = _rank_without_label(element, text, otherwise)
    before = 0
    for date in dates:
        start = max(before, date.start - _LABEL)
        label = text[start : date.start] if date.start else _label(element)
        before = date.end
        if _NOW.search(label):
            continue
        if _CHANGED.search(label):
            yield CHANGED, date.value
        elif (may_be_labelled and _PUBLISHED.search(label)) or _POSTED.search(
            text[date.end : date.end + 60]
        ):
            yield MARKED, date.value
        else:
            yield otherwise, date.value


def _rank_without_label(element: Element, text: str, otherwise: int) -> int:
    """Return the rank of a date without a label: in a sentence, in an element of changes, or as
    given.
    """
    if _FULL_STOP.search(text):
        return PROSE
    return CHANGED if otherwise and _MODIFIED_NAME.search(names_of(element)) else otherwise


def _label(element: Element) -> str:
    """Return the end of the text right before an element: a label, or the beginning of its line."""
    before = element.getprevious()
    if before is not None:
        return (before.tail or "").strip()[-_LABEL:] or text_of(before)[-_LABEL:]
    above = element.getparent()
    return (above.text or "").strip()[-_LABEL:] if above is not None else ""


def _is_month_first(tree: Element, url: str) -> bool:
    """Return whether dates with slashes have the month first, by the page's language, its domain,
    or an unambiguous date.
    """
    language = tree.get("lang", "").lower().replace("_", "-")
    if language.startswith("en-us"):
        return True
    if language[:2] not in {"en", ""} or language[3:]:
        return False
    if (urlsplit(url).hostname or "").rsplit(".", 1)[-1] in {"gov", "mil", "edu", "us"}:
        return True
    pairs = [(int(a), int(b)) for a, b in _SLASHED.findall(text_of(tree)[:_READ])]
    return any(b > 12 for _, b in pairs) and not any(a > 12 for a, _ in pairs)
