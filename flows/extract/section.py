"""The section that a page is filed under: as it declares it, else as its breadcrumb shows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tidings.flows.extract.page_metadata import strings_of
from tidings.flows.extract.parse import is_named, names_of, text_of
from tidings.flows.extract.title import plain

if TYPE_CHECKING:
    from tidings.flows.extract.page_metadata import Declared
    from tidings.flows.extract.parse import Element

_META = ("article:section", "section", "parsely-section", "cxenseparse:section")
_CRUMBS = re.compile(
    r"(?<![a-z])(?:bread-?_?crumbs?|crumbs?|bread-?_?crumb-?_?\w*|rootline|you-?are-?here|current-?location|brotkrumen?|"
    r"fil-?d-?ariane|path(?:way|bar)?|position|location|crumb-?nav)(?![a-z])",
    re.IGNORECASE,
)
_HOME = {
    "home", "homepage", "start", "startseite", "start page", "accueil", "inicio", "início", "forside", "hem", "hjem", "首页",
    "首頁", "ホーム", "トップ", "главная", "strona główna", "frontpage", "front page", "home page", "anasayfa", "index",
}  # fmt: skip
_PARTED = re.compile(r"\s*[>»›/|→\\]+\s*|\s+[-–]+\s*|\s*[-–]+\s+")
_TAGS = ("nav", "ol", "ul", "div", "p", "span", "td", "section")
_LONGEST, _LONGEST_TRAIL, _MOST = 60, 300, 8


def read_section(tree: Element, declared: Declared, title: str) -> str | None:
    """Return the section that the page names, or None: JSON-LD, meta, else the last breadcrumb before the article.

    The way home and the article itself are no sections.
    """
    told = strings_of(declared.article.get("articleSection")) or [value for name in _META if (value := declared.first(name))]
    if told:
        return told[0][:100]
    heading = plain(title)
    trail = [crumb for crumb in declared.breadcrumbs or _shown_crumbs(tree) if plain(crumb) not in {"", heading}]
    trail = [crumb for crumb in trail if crumb.lower() not in _HOME and len(crumb) <= _LONGEST and not crumb.isdigit()]
    return trail[-1] if trail else None


def _shown_crumbs(tree: Element) -> list[str]:
    """Return the texts of the breadcrumb that the page shows, in order; none when it shows no such trail that leads home."""
    for element in tree.iter(*_TAGS):
        names = names_of(element)
        is_labelled = "breadcrumb" in (element.get("aria-label") or "").lower()
        if not (is_labelled or (names and is_named(names, _CRUMBS))):
            continue
        text = text_of(element)
        if not 2 < len(text) <= _LONGEST_TRAIL:
            continue
        links = [crumb for link in element.iter("a") if (crumb := text_of(link).strip(" >»›/|-"))]
        crumbs = links or [crumb for crumb in _PARTED.split(text) if crumb]
        if 1 < len(crumbs) <= _MOST and (is_labelled or crumbs[0].lower() in _HOME or "crumb" in names.lower()):
            return crumbs
    return []
