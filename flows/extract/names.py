"""Names in a byline: people and bodies, without "By", job titles, dates and addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tidings.flows.extract.parse import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable

_BY = re.compile(
    r"^(?:(?:zeige )?alle (?:beiträge|artikel) von\s|view all posts by\s|(?:veröffentlicht|geschrieben|"
    r"eingestellt|erstellt) von)|^(?:(?:written|posted|published|reported|story|text|report|words|"
    r"article|foto|von|ein (?:beitrag|kommentar|gastbeitrag|artikel) von|"
    r"eine (?:analyse|kolumne|reportage) von|ein interview von)\s*:?\s*)?"
    r"(?:by|von|vom|par|por|di|da|de|av|af|door|przez|oleh|autor(?:in|en)?|author|author name|auteur|"
    r"redakteur(?:in)?|redazione|text|"
    r"geschrieben von|verfasst von|veröffentlicht von|gepostet von|erstellt von|verfasser|editor|"
    r"reporter|posted by|journalist|记者|作者|责任编辑|编辑|來源|文)"
    r"(?:\s*[:：]\s*|\s+|$)|^(?:text|autor(?:in)?|author|记者|作者)\s*[:：]\s*", re.IGNORECASE,
)  # fmt: skip
_ROLE = re.compile(
    r"\s*[,(/–|-]\s*(?:(?:[\w-]+\s+)?(?:senior|staff|chief|political|foreign|special|contributing|"
    r"deputy|managing|executive|news|sports?|business|"
    r"science|health)?\s*(?:editor|reporter|writer|correspondent|journalist|columnist|contributor|"
    r"redakteur(?:in)?|redaktion|korrespondent(?:in)?|"
    r"journaliste|rédact\w+|redactor\w*|giornalista|volontär(?:in)?|producer|analyst|author|autor(?:in)?))\b"
    r"(?:(?!,?\s(?:and|und|et|y)\s|;|\||&).)*", re.IGNORECASE,
)  # fmt: skip
_PARTS = re.compile(
    r"\s*(?:;|\||•|·|、|\s/\s|\band\b|\bund\b|\bet\b|&|\by\b(?=\s+[A-ZÁÉÍÓÚÑ])|,(?!\s*(?:jr|sr|ph\.?d|m\.?d|dr)\b)|\n)\s*",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"https?:|www\.|@|\d{3}|^(?:source|quelle|fonte|from|来源|來源)\b|^(?:来源|來源)|^(?:admin(?:istrator)?|editor(?:ial)?|staff|user|webmaster|unknown|"
    r"anonymous|gast|guest|null|none|undefined|author|autor|read more|comments?|share|von|by|updated|"
    r"published|posted|details|about|kommentare?)$|"
    r"\b(?:read|views|minutes?|uhr|comments?|kommentare?|facebook|twitter)\b", re.IGNORECASE,
)  # fmt: skip
_DATE = re.compile(
    r"\b(?:am|on|le|el)\s+\d{1,2}\b.*$|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}.*$|\d{1,2}:\d{2}.*$|"
    r"\b\d{1,2}(?:\.|st|nd|rd|th)?\s+\w{3,9},?\s+\d{4}.*$|"
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\s+\d{1,2}.*$|"
    r"\b(?:19|20)\d\d\b.*$|"
    r"\s+in\s+[A-ZÄÖÜ][\w-]+(?:\s*[/,]\s*[A-ZÄÖÜ]\w+)*$", re.IGNORECASE,
)  # fmt: skip
_POSTED = re.compile(r"^(?:posted|published|veröffentlicht|erstellt|geschrieben)\b.{0,40}?\b(?:by|von)\s*(?=\S)", re.IGNORECASE)
_ASIDES = re.compile(r"\s*[(（\[][^()（）\[\]]{0,60}[)）\]]|\s@\w+")
_DAY = re.compile(r",?\s+(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so)\.?,?$", re.IGNORECASE)


def names_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the people and bodies named in bylines, each once, without "By", job titles, dates and addresses."""
    names: dict[str, str] = {}
    for text in texts:
        line = _POSTED.sub("", _ASIDES.sub("", squeeze(text)[:300]))
        for part in _PARTS.split(_ROLE.sub("", _BY.sub("", line))):
            name = _DAY.sub("", _ROLE.sub("", _DATE.sub("", _BY.sub("", part)))).strip(" .,:;-–|()[]")
            if 2 <= len(name) <= 60 and len(name.split()) <= 6 and not _NO_NAME.search(name) and re.search(r"[^\W\d_]", name):
                names.setdefault(name.casefold(), name)
    return tuple(names.values())
