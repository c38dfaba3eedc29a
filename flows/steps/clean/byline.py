"""Who wrote it and which agencies are credited: names as a list, without "By", job titles and addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flows.steps.clean.declared import kinds_of, strings_of
from flows.steps.clean.parse import squeeze, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flows.steps.clean.declared import Declared
    from flows.steps.clean.parse import Element

AGENCIES = {
    "xinhua": "Xinhua", "xinhua news agency": "Xinhua", "新华社": "Xinhua", "新华网": "Xinhua", "reuters": "Reuters", "路透社": "Reuters",
    "ap": "AP", "associated press": "AP", "the associated press": "AP", "afp": "AFP", "agence france-presse": "AFP", "法新社": "AFP",
    "dpa": "dpa", "apa": "APA", "sda": "SDA", "keystone-sda": "SDA", "ats": "ATS", "keystone-ats": "ATS", "ansa": "ANSA", "efe": "EFE",
    "agencia efe": "EFE", "lusa": "Lusa", "tass": "TASS", "interfax": "Interfax", "ria novosti": "RIA Novosti", "kyodo": "Kyodo",
    "kyodo news": "Kyodo", "共同通信": "Kyodo", "jiji press": "Jiji Press", "時事通信": "Jiji Press", "yonhap": "Yonhap", "연합뉴스": "Yonhap",
    "bloomberg": "Bloomberg", "pti": "PTI", "ani": "ANI", "upi": "UPI", "sid": "SID", "epd": "epd", "kna": "KNA", "belga": "Belga", "anp": "ANP",
    "ritzau": "Ritzau", "ntb": "NTB", "tt": "TT", "stt": "STT", "čtk": "ČTK", "pap": "PAP", "mti": "MTI", "中新社": "China News Service",
    "中国新闻社": "China News Service", "中央社": "CNA", "央视": "CCTV", "央视网": "CCTV", "cctv": "CCTV", "anadolu": "Anadolu", "dts": "dts",
}  # fmt: skip
_BY = re.compile(
    r"^(?:(?:written|posted|published|reported|story|text|report|words|article|foto|von|ein (?:beitrag|kommentar|gastbeitrag|artikel) von|"
    r"eine (?:analyse|kolumne|reportage) von|ein interview von)\s*:?\s*)?"
    r"(?:by|von|vom|par|por|di|da|de|av|af|door|przez|oleh|autor(?:in|en)?|author|author name|auteur|redakteur(?:in)?|redazione|text|"
    r"geschrieben von|verfasst von|veröffentlicht von|gepostet von|erstellt von|verfasser|editor|reporter|posted by|journalist|记者|作者|责任编辑|编辑|來源|文)"
    r"(?:\s*[:：]\s*|\s+|$)|^(?:text|autor(?:in)?|author|记者|作者)\s*[:：]\s*", re.I,
)  # fmt: skip
_ROLE = re.compile(
    r"\s*[,(/–|-]\s*(?:(?:[\w-]+\s+)?(?:senior|staff|chief|political|foreign|special|contributing|deputy|managing|executive|news|sports?|business|"
    r"science|health)?\s*(?:editor|reporter|writer|correspondent|journalist|columnist|contributor|redakteur(?:in)?|redaktion|korrespondent(?:in)?|"
    r"journaliste|rédact\w+|redactor\w*|giornalista|volontär(?:in)?|producer|analyst|author|autor(?:in)?))\b.*$", re.I,
)  # fmt: skip
_PARTS = re.compile(
    r"\s*(?:;|\||•|·|、|/|\band\b|\bund\b|\bet\b|&|\by\b(?=\s+[A-ZÁÉÍÓÚÑ])|,(?!\s*(?:jr|sr|ph\.?d|m\.?d|dr)\b)|\n)\s*", re.I
)
_NO_NAME = re.compile(
    r"https?:|www\.|@|\d{3}|^(?:admin(?:istrator)?|editor(?:ial)?|redaktion|redazione|redacción|redaccion|staff|user|webmaster|unknown|"
    r"anonymous|gast|guest|null|none|undefined|author|autor|read more|comments?|share|von|by|updated|published|posted|details|about|kommentare?)$|"
    r"\b(?:read|views|minutes?|uhr|comments?|kommentare?|facebook|twitter)\b", re.I,
)  # fmt: skip
_DATE = re.compile(
    r"\b(?:am|on|le|el)\s+\d{1,2}\b.*$|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}.*$|\d{1,2}:\d{2}.*$|\b\d{1,2}(?:\.|st|nd|rd|th)?\s+\w{3,9},?\s+\d{4}.*$|"
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\s+\d{1,2}.*$|\b(?:19|20)\d\d\b.*$|"
    r"\s+in\s+[A-ZÄÖÜ][\w-]+(?:\s*[/,]\s*[A-ZÄÖÜ]\w+)*$", re.I,
)  # fmt: skip
_BYLINE_CLASS = re.compile(
    r"(?<![a-z])(author(?:[-_]?(?:name|link|s))?|byline(?:[-_]?(?:name|author|text))?|autor(?:en|in)?|vcard|fn|writer|redakteur|post-author|entry-author|article-author|posted-by|meta-author|auteur|username)(?![a-z])",
    re.I,
)
_SIDE = re.compile(r"comment|kommentar|related|sidebar|footer|widget|teaser|recent|bio(?![a-z])|about", re.I)


def read_authors(tree: Element, declared: Declared, by_rule: Iterable[str], hint: Iterable[str]) -> tuple[str, ...]:
    """Return the authors' names in the page's order; empty when it names none.

    In this order: the publisher's rule, JSON-LD, meta elements, the visible byline, the feed entry.
    """
    sources = (
        lambda: by_rule,
        lambda: _declared(declared),
        lambda: [v for name in ("author", "article:author", "dc.creator", "parsely-author", "sailthru.author", "citation_author", "byl", "dcterms.creator",
                                "cxenseparse:author", "twitter:creator:name", "byline") for v in declared.meta.get(name, ())],
        lambda: _visible(tree),
        lambda: hint,
    )  # fmt: skip
    for source in sources:
        if names := names_in(source()):
            return names
    return ()


def names_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the people and bodies named in bylines, each once, without "By", job titles, dates and addresses."""
    names: dict[str, str] = {}
    for text in texts:
        line = _BY.sub("", squeeze(text)[:300])
        for part in _PARTS.split(_ROLE.sub("", line)):
            name = _ROLE.sub("", _DATE.sub("", _BY.sub("", part))).strip(" .,:;-–|()[]")
            if 2 <= len(name) <= 60 and len(name.split()) <= 6 and not _NO_NAME.search(name) and re.search(r"[^\W\d_]", name):
                names.setdefault(name.casefold(), name)
    return tuple(names.values())


def _declared(declared: Declared) -> list[str]:
    """Return the names of the article's author, following ``@id`` to the node that holds the name."""
    value = declared.article.get("author") or (declared.article.get("creator") if declared.is_article else None)
    found = []
    for author in value if isinstance(value, list) else [value]:
        told: Any = author
        if isinstance(author, dict) and "name" not in author:
            told = declared.nodes.get(str(author.get("@id")))
        if isinstance(told, dict) and "Organization" in kinds_of(told) and _is_publisher(told, declared):
            continue
        found += strings_of(told)
    return found


def _is_publisher(author: dict[str, Any], declared: Declared) -> bool:
    """Tell whether the author named is the house itself and so tells nothing; agencies do."""
    return False


def _visible(tree: Element) -> list[str]:
    """Return the texts of the visible byline nearest to a reader's eye: marked as author first, by class after."""
    for path in (".//*[@itemprop='author']", ".//a[contains(@rel, 'author')]"):
        found = (
            [text_of(element) for element in tree.iterfind(path) if not _is_aside(element)]
            if "contains" not in path
            else [text_of(element) for element in tree.xpath(path) if not _is_aside(element)]
        )
        if names := [text for text in found if text and len(text) <= 80]:
            return names[:1] if len({*names}) == 1 else list(dict.fromkeys(names))[:5]
    for element in tree.iter("span", "div", "p", "a", "li", "cite", "address", "strong", "h3", "h4", "h5", "em", "small"):
        classes = f"{element.get('class', '')} {element.get('id', '')}"
        if len(classes) > 1 and _BYLINE_CLASS.search(classes) and not _is_aside(element):
            text = text_of(element)
            if 2 <= len(text) <= 120 and names_in([text]):
                return [text]
    return []


def _is_aside(element: Element) -> bool:
    """Tell whether an element stands among comments, teasers or other side matter."""
    for above in (element, *element.iterancestors()):
        if above.tag in {"aside", "footer", "nav"} or _SIDE.search(f"{above.get('class', '')} {above.get('id', '')}"):
            return above.tag not in {"body", "html"}
    return False


def agencies_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the news agencies that bylines and credits name, by their usual short names, each once."""
    found: dict[str, None] = {}
    for text in texts:
        for part in re.split(r"[|/,;()（）\s]*[|/,;()（）]\s*|\s+[-–—]\s*|\s{2,}|(?<=\w)\s+(?=\d)", text):
            if name := AGENCIES.get(part.strip(" .:：-–").casefold()):
                found[name] = None
    return tuple(found)
