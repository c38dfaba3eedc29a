"""Recognise boilerplate by tag, by class and id, and by the words of short lines."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from tidings.extraction.parse import names_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from tidings.extraction.parse import Element

# Tags that never contain text of the article.
DROPPED_TAGS = frozenset([
    "script", "style", "noscript", "template", "nav", "footer", "button", "select", "option",
    "textarea", "input", "iframe", "object", "embed", "svg", "canvas", "video", "audio", "map",
    "dialog", "figcaption", "menu", "label", "head", "link", "meta", "title", "math", "amp-ad",
    "amp-sidebar", "amp-social-share", "gcse",
])  # fmt: skip
# Of these tags, those that contain the article on some pages, by mistake or until a script moves
# it.
WRAPPERS = frozenset(["nav", "footer", "dialog", "menu", "noscript"])
# Class names and ids of certain boilerplate, however much text it contains.
_SURE = (
    r"comments?|comment(?:list|area|form)|kommentare?|disqus|respond|related|relatedposts|"
    r"recirc\w*|recommend\w*|outbrain|taboola|newsletter|side-?bar|footer|site-?footer|"
    r"navigation|navbar|breadcrumbs?|crumbs?|cookies?|consent|gdpr|most-?(?:read|popular|viewed)|"
    r"trending|share|sharing|sharedaddy|addtoany|social|pagination|mw-editsection|navbox|"
    r"lang(?:uages?)?[-_]?(?:switch\w*|select\w*|menu|list|nav\w*|dropdown|toggle|links)|"
    r"catlinks|printfooter|screen-?reader|sr-only|visually-?hidden"
)
# Class names and ids of likely boilerplate; wrappers of the article have them too, so that much
# text overrules them.
_LIKELY = (
    r"shar(?:e|ing)-?\w*|social-?\w*|facebook|twitter|whatsapp|subscribe|subscription|signup|"
    r"promo|promotion|sponsored?|advert\w*|ads?|ad-?(?:slot|container|wrapper|box|unit)|"
    r"adsbygoogle|banner|discussion|pager|paging|nav|navi|menu|submenu|widgets?|foot|copyright|"
    r"disclaimer|legal|tags?|tag-?(?:list|cloud)|keywords?|taxonomy|captions?|credits?|byline|"
    r"authors?|author-?profile|bio|ratings?|print|toolbar|tools|popup|modal|overlay|paywall|"
    r"teasers?|teaser-?list|popular|read-?more|more-?(?:news|articles|stories|on|links)|"
    r"also-?read|pullquote|info-?box|toc|player|video-?player|gallery|slideshow|carousel|slider|"
    r"skip-?links?|invisible|login|register|search|search-?form|meta|metadata|post-?(?:meta|"
    r"info)|article-?info|contact|masthead|noprint|donate|donation|feedback|vote|poll|survey|"
    r"bookmark|timestamp|date|datum|dateline|published|nav-?links|next-?prev|prev-?next|"
    r"noexcerpt|topics?|themen|read-?next|up-?next|kicker|eyebrow|overline|rubrik|dachzeile|"
    r"category|categories|abo|anzeige|werbung|publicidad|lightbox|tooltip|hint|alert|notice|"
    r"messages?|premium|profile|reactions?|likes?|follow|embed|audio|podcast|video|link-?list|"
    r"linkbox|downloads?|attachments?|factbox|sources?"
)
_STATE = re.compile(
    r"^(?:tag|category|cat|has|no|not|with|is|overflow|type|status|format|postid|wp-image|author|"
    r"js|max|min|single|theme|layout|template|lang(?=[-_][a-z]{2}\b)|parent|elementor)[-_]|:|"
    r"[-_](?:and|with|has)[-_]|content[-_]side-?bar",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"(?:^|[-_])(?:article|post|entry|story|content|main|page|text|body)[-_]?_?(?:body|content|"
    r"text|main|inner|wrapper|wrap|container|article|page)?$",
    re.IGNORECASE,
)
# hyphens, underscores or capitals separate words in a name
_EDGE = r"(?:^|[_-]|(?-i:(?<=[a-z])(?=[A-Z])))"
_END = r"(?:$|[_-]|(?-i:(?<=[a-z])(?=[A-Z]))|(?=\d))"


def _by_letter(words: str) -> str:
    """Return alternatives grouped by their first letter, which makes the pattern five times as
    fast.
    """
    groups: dict[str, list[str]] = {}
    for word in re.findall(r"(?:\([^)]*\)|[^|(])+", words):
        groups.setdefault(word[0], []).append(word[1:])
    return "|".join(f"{letter}(?:{'|'.join(rest)})" for letter, rest in groups.items())


_SURE_NAME = re.compile(f"{_EDGE}(?:{_by_letter(_SURE)}){_END}", re.IGNORECASE)
_LIKELY_NAME = re.compile(f"{_EDGE}(?:{_by_letter(_LIKELY)}){_END}", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_ROLES = {
    "navigation", "contentinfo", "complementary", "search", "dialog", "menu", "toolbar", "tooltip",
    "alert",
}  # fmt: skip
_PROTECTED = {"body", "html", "main"}
# Short lines that prompt the reader to do something.
_LINE = re.compile(
    r"^\W*(?:(?:share)?\W*(?:\b(?:facebook|twitter|x|linkedin|whatsapp|instagram|e-?mail)\b\W*)+|"
    r"share(?:\s+(?:this|on|article))*|drucken|teilen|merken|advertisement|anzeige|werbung|"
    r"publicité|(?:read|see|learn)\s+(?:more|also|next)\b.*|(?:mehr|more)\s+(?:zum thema|from|"
    r"aus)\b.*|lesen sie (?:auch|dazu|mehr).*|das könnte (?:sie|dich) auch.*|auch interessant.*|"
    r"weiter ?lesen|continue reading|seguir leyendo|related(?:\s+\w+)?|(?:à )?lire aussi.*|"
    r"te puede interesar.*|czytaj też.*|(?:sign up|subscribe|join|follow us|folgen sie uns|"
    r"abonnieren)\b.{0,160}|skip to (?:content|main).*|(?:©|\(c\)|copyright\b).{0,120}|(?:zur|"
    r"back to) (?:startseite|top).*|(?:comments?|kommentare?|leave a (?:comment|"
    r"reply))(?:\W*\d*\W*)?|(?:tags?|schlagw[oö]rter|kategorien?|categories)\s*:.*|(?:was|"
    r"is) this (?:page|article)\b.{0,20}\b(?:helpful|useful)\b.{0,40}|war dieser? (?:seite|"
    r"artikel)\b.{0,20}\bhilfreich\b.{0,40}|thanks for your feedback|(?:previous|"
    r"next) (?:article|page)|(?:page )?last (?:updated|modified)\b.{0,60}|lorem ipsum\b.*|"
    r"zuletzt geändert\b.{0,40}|loading\W*|(?:image|photo|bild|foto|credit)\s*(?:credit|source|:|"
    r"©).{0,120}|click here\b.*|(?:责任)?编辑[:：].{0,20})\W*$",
    re.IGNORECASE,
)
SURE, LIKELY = 2, 1
# noise levels of tags if names are ignored
_TRUSTED = dict.fromkeys(DROPPED_TAGS, 3) | dict.fromkeys(WRAPPERS, SURE)
_BARE = {"aside": SURE, "form": LIKELY}  # noise levels of tags without attributes
_MUCH = 0.35  # share of the surrounding text; an element with more is not only likely boilerplate


def is_state(name: str) -> bool:
    """Return whether a class describes layout or filing (with-sidebar, tag-politics) and not the
    element's content.
    """
    return bool(_STATE.search(name))


@lru_cache(maxsize=65_536)
def noise_word(names: str) -> tuple[int, str]:
    """Return the noise level of class and id, and the word that gives it: (SURE or LIKELY, the
    word) or (0, "").
    """
    worst = (0, "")
    for name in names.split():
        if (noise := _noise_of_name(name))[0] > worst[0]:
            worst = noise
    return worst


@lru_cache(maxsize=65_536)
def _noise_of_name(name: str) -> tuple[int, str]:
    """Return the noise level and word of one class or id; cached because sites share most of
    them.
    """
    if is_state(name):
        return 0, ""
    if found := _SURE_NAME.search(name):
        return SURE, found[0].lower().strip("-_")
    found = _LIKELY_NAME.search(name)
    return (LIKELY, found[0].lower().strip("-_")) if found and not _WHOLE.search(name) else (0, "")


def noise_of_element(element: Element, *, trusting: bool = False) -> int:
    """Return the noise level of an lxml element: 3 (never text), SURE, LIKELY, or 0 (no
    boilerplate).

    An element that contains nearly all of the surrounding text is spared despite SURE, and an
    element that contains much of it despite LIKELY, see ``is_spared``. ``trusting`` ignores names.
    """
    tag = element.tag
    if not isinstance(tag, str):
        return 3
    if trusting:
        return _TRUSTED.get(tag, 0)
    if tag in DROPPED_TAGS:
        return 3
    if tag == "a":
        return noise_word(names_of(element))[0]
    items = element.items()
    return _noise(tag, names_of(element), tuple(items)) if items else _BARE.get(tag, 0)


@lru_cache(maxsize=8_192)
def _noise(tag: str, names: str, items: tuple[tuple[str, str], ...]) -> int:
    """Return the noise level of a tag with attributes; cached because pages repeat them."""
    if tag in _PROTECTED:
        return 0
    attributes = dict(items)
    is_sure = tag == "aside" or attributes.get("role") in _ROLES
    is_hidden = (
        tag == "form"
        or "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or bool(_HIDDEN.search(attributes.get("style", "")))
    )
    return SURE if is_sure else noise_word(names)[0] or LIKELY * is_hidden


def find_boilerplate(
    elements: Sequence[Element], above: Sequence[int], noises: Sequence[int], sizes: Sequence[float]
) -> list[bool]:
    """Return for each element whether its noise level makes it boilerplate, despite its share of
    the text.

    Elements with the same likely word are judged together: if they contain much of the text, the
    word describes the article's parts on this page, such as its embedded places or the sections of
    its table of contents.

    Args:
        elements: The elements in document order; the first contains all others.
        above: Position of each element's parent.
        noises: Noise level of each element, see ``noise_of``.
        sizes: Characters in each element and below.
    """
    noisy = [at for at, noise in enumerate(noises) if noise]
    together: dict[int, float] = {}
    if sum(sizes[at] for at in noisy) > _MUCH * sizes[0]:
        found = {at: noise_word(names_of(elements[at])) for at in noisy}
        words = {at: word for at, (level, word) in found.items() if level == LIKELY}
        together = _add_by_word(words, above, sizes)
    result = [False] * len(elements)
    for at in noisy:
        result[at] = not is_spared(noises[at], max(sizes[at], together.get(at, 0)), sizes[0])
    return result


def _add_by_word(
    words: Mapping[int, str], above: Sequence[int], sizes: Sequence[float]
) -> dict[int, float]:
    """Return the characters in all elements with the same word, for each of these elements; nested
    ones count once.
    """
    together: dict[str, float] = {}
    around: list[frozenset[str]] = []  # the words of each element and its ancestors
    for at, place in enumerate(above):
        outer, word = around[place] if at else frozenset[str](), words.get(at)
        if word and word not in outer:
            together[word] = together.get(word, 0) + sizes[at]
            outer |= {word}
        around.append(outer)
    return {at: together.get(word, 0) for at, word in words.items()}


def is_beside(elements: Iterable[Element], tags: Collection[str]) -> bool:
    """Return whether one of the elements has one of these tags or certainly the names of
    boilerplate.
    """
    return any(element.tag in tags or noise_of_element(element) >= SURE for element in elements)


def is_spared(noise: int, mass: float, around: float) -> bool:
    """Return whether an element contains too much of the surrounding text to be boilerplate."""
    return noise < 3 and mass > (0.7 if noise == SURE else _MUCH) * around


def is_invitation(line: str) -> bool:
    """Return whether a short line is a label of the page (share, read also, advertisement) and not
    text.
    """
    return len(line) <= 200 and bool(_LINE.match(line))
