"""Recognise boilerplate by tag, by class and id, and by the words of short lines."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter

from tidings.base.languages.words import by_first_letter, read_patterns
from tidings.extraction.parse import Element, names_of

# Tags that never contain text of the article.
DROPPED_TAGS = frozenset([
    "script", "style", "noscript", "template", "nav", "footer", "button", "select", "option",
    "textarea", "input", "iframe", "object", "embed", "svg", "canvas", "video", "audio", "map",
    "dialog", "figcaption", "menu", "label", "head", "link", "meta", "title", "math", "fencedframe",
    "amp-ad", "amp-sidebar", "amp-social-share", "gcse", "rt", "rp",
])  # fmt: skip
# Those that contain the article on some pages, by mistake or until a script moves it.
WRAPPERS = frozenset(["nav", "footer", "dialog", "menu", "noscript"])
# Class names and ids of certain boilerplate, however much text it contains.
_SURE = (
    r"licen[cs]e|komentarze?|opinie|comment(?:s|list|area|section|form|body|content)?|"
    r"kommentare?|disqus|respond|related(?:posts?)?|recirc\w*|recommend\w*|outbrain|taboola|"
    r"newsletter|side-?bar|footer|sitefooter|navigation|navbar|breadcrumbs?|crumbs?|cookies?|consent|gdpr|"
    r"most-?(?:read|popular|viewed)|trending|share|sharing|sharedaddy|addtoany|social|pagination|"
    r"mw-editsection|navbox|"
    r"lang(?:uages?)?[-_]?(?:switch\w*|select\w*|menu|list|nav\w*|picker|chooser|dropdown|toggle|links)|"
    r"catlinks|printfooter|screen-?reader|sr-only|visually-?hidden"
)
# Class names and ids of likely boilerplate, which much text overrules.
_LIKELY = (
    r"shar(?:e|ing)\w*|social\w*|facebook|twitter|whatsapp|subscri(?:be|ption)|sign-?up|"
    r"promo(?:s|tion)??|sponsored?|advert\w*|ad(?:s|slot|container|wrapper|box|unit)??|"
    r"adsbygoogle|banner|discussion|pager|paging|nav|navi|"
    r"menu|submenu|widgets?|foot|copyright|disclaimer|legal|tag(?:s|list|cloud|links)??|"
    r"keywords?|taxonomy|captions?|bildunterschrift|bildnachweis|credits?|by-?line|"
    r"author(?:s|box|bio|info|card|profile|description|name)??|bio|ratings?|print|toolbar|"
    r"tools|popup|modal|overlay|paywall|teaser(?:s|list|box)??|popular|read-?more|"
    r"more-?(?:news|articles|stories|on|links)|see-?also|also-?read|weitere|pull-?quote|"
    r"info-?box|toc|table-of-contents|player|video-?player|audio-?player|gallery|slideshow|"
    r"carousel|slider|skip-?links?|invisible|login|register|search(?:form)??|meta-?data|meta|"
    r"post-?(?:meta|info)|article-?info|contacts?|masthead|noprint|donat(?:e|ion)|"
    r"spenden|feedback|vote|poll|survey|quiz|bookmark|affiliate|timestamp|date|datum|dateline|"
    r"published|pub-?date|navlinks|next-?prev|prev-?next|noexcerpt|topics?|themen|read-?next|"
    r"up-?next|kicker|eyebrow|overline|rubrik|dachzeile|categor(?:y|ies)|abo|anzeige|werbung|"
    r"publicidad|reklam|lightbox|tooltip|hint|alert|notice|messages?|premium|profile|reactions?|"
    r"likes?|follow|embed|audio|podcast|video|link-?list|linkbox|downloads?|attachments?|"
    r"service-?box|fact-?box|sources?"
)
_STATE = re.compile(
    r"^(?:tag|cat(?:egory)?|has|not?|with(?:out)?|is|overflow|supports|type|status|format|postid|"
    r"page-template|wp-image|author|js|max|min|single|theme|layout|template|lang(?=[-_][a-z]{2}\b)|"
    r"parent|elementor|page-id)[-_]|:|[-_](?:and|with|has)[-_]|"
    r"content[-_]side-?bar",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"(?:^|[-_])(?:article|post|entry|story|content|main|page|text|body)[-_]?_?(?:body|content|"
    r"text|main|inner|wrap(?:per)?|container|article|page)?$|"
    r"^(?:hentry|wrapper|container|sidebar-(?:left|right)-?layout)$",
    re.IGNORECASE,
)
# hyphens, underscores or capitals separate words in a name
_EDGE = r"(?:^|[_-]|(?-i:(?<=[a-z])(?=[A-Z])))"
_END = r"(?:$|[_-]|(?-i:(?<=[a-z])(?=[A-Z]))|(?=\d))"


_ALTERNATIVE = re.compile(r"(?:\([^)]*\)|[^|(])+")
_SURE_NAME, _LIKELY_NAME = (
    re.compile(f"{_EDGE}(?:{by_first_letter(_ALTERNATIVE.findall(words))}){_END}", re.IGNORECASE)
    for words in (_SURE, _LIKELY)
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_ROLES = {
    "navigation", "contentinfo", "complementary", "search", "dialog", "menu", "toolbar", "tooltip",
    "alert",
}  # fmt: skip
_PROTECTED = {"body", "html", "main"}
# Words of lines that are no text, by kind and in all languages; all are in lower case.
WORDS = read_patterns()
_NETWORKS = (
    r"facebook|twitter|x|linkedin|whatsapp|telegram|xing|pinterest|reddit|instagram|bluesky|"
    r"mastodon|threads|e?-?mail|print|link"
)
_LABEL = re.compile(
    rf"^\W*(?:(?:{WORDS['share']})?\W*(?:\b(?:{_NETWORKS})\b\W*)+|{WORDS['labels']})\W*$"
)
SURE, LIKELY = 2, 1
# noise levels of tags if names are ignored
_TRUSTED = dict.fromkeys(DROPPED_TAGS, 3) | dict.fromkeys(WRAPPERS, SURE)
_BARE = {"aside": SURE, "form": LIKELY}  # noise levels of tags without attributes
# shares of the surrounding text; an element of the noise level with more is no boilerplate
_SPARED = {3: 1.0, SURE: 0.7, LIKELY: 0.35}


def is_state(name: str) -> bool:
    """Return whether a class describes layout or filing (with-sidebar, tag-politics)."""
    return bool(_STATE.search(name))


@lru_cache(maxsize=65_536)
def noise_word(names: str) -> tuple[int, str]:
    """Return the noise level of class and id, with the word if the level is LIKELY."""
    return max(map(_noise_of_name, names.split()), key=itemgetter(0), default=(0, ""))


@lru_cache(maxsize=65_536)
def _noise_of_name(name: str) -> tuple[int, str]:
    """Return the noise level of one class or id, with the word if the level is LIKELY."""
    if is_state(name):
        return 0, ""
    if _SURE_NAME.search(name):
        return SURE, ""
    found = _LIKELY_NAME.search(name)
    return (LIKELY, found[0].lower().strip("-_")) if found and not _WHOLE.search(name) else (0, "")


def noise_of_element(element: Element, *, trusting: bool = False) -> int:
    """Return an element's noise level: 3 (never text), SURE, LIKELY, or 0."""
    tag = element.tag
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
    """Return the noise level of a tag with attributes."""
    if tag in _PROTECTED:
        return 0
    attributes = dict(items)
    if tag == "aside" or attributes.get("role") in _ROLES:
        return SURE
    return noise_word(names)[0] or LIKELY * (tag == "form" or is_hidden(attributes))


def is_hidden(attributes: Mapping[str, str]) -> bool:
    """Return whether an element with these attributes is not shown."""
    is_stated = "hidden" in attributes or attributes.get("aria-hidden") == "true"
    return is_stated or bool(_HIDDEN.search(attributes.get("style", "")))


def find_boilerplate(
    elements: Sequence[Element], above: Sequence[int], noises: Sequence[int], sizes: Sequence[float]
) -> list[bool]:
    """Return for each element whether its noise level outweighs its share of the text.

    Elements with the same likely word are judged together: with much of the text, the word
    describes the article's parts. ``above`` are positions of parents, ``sizes`` characters.
    """
    noisy = [at for at, noise in enumerate(noises) if noise]
    together: dict[int, float] = {}
    if sum(sizes[at] for at in noisy) > _SPARED[LIKELY] * sizes[0]:
        found = {at: noise_word(names_of(elements[at])) for at in noisy}
        words = {at: word for at, (level, word) in found.items() if level == LIKELY}
        together = _add_by_word(words, above, sizes)
    result = [False] * len(elements)
    for at in noisy:
        result[at] = max(sizes[at], together.get(at, 0)) <= _SPARED[noises[at]] * sizes[0]
    return result


def _add_by_word(
    words: Mapping[int, str], above: Sequence[int], sizes: Sequence[float]
) -> dict[int, float]:
    """Return for each element the characters of all elements with its word, nested ones once."""
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
    """Return whether one of the elements has one of these tags or is surely boilerplate."""
    return any(element.tag in tags or noise_of_element(element) >= SURE for element in elements)


def is_invitation(line: str) -> bool:
    """Return whether a short line is a label of the page (share, read also) and not text."""
    return len(line) <= 200 and bool(_LABEL.match(line.lower()))
