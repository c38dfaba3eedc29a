"""The addresses that a page declares: its canonical one, and the versions in other languages."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tidings.flows.urls import normalise_url

if TYPE_CHECKING:
    from tidings.flows.extract.page_metadata import Declared


def canonical_of(declared: Declared, url: str) -> str | None:
    """Return the canonical address that the page declares (link, og:url, JSON-LD), absolute, or None.

    A canonical address that is the site's front page is a publisher's mistake and is not taken.
    """
    page_id = declared.article.get("mainEntityOfPage")
    page_id = page_id.get("@id") if isinstance(page_id, dict) else page_id
    for told in (declared.canonical, declared.first("og:url"), page_id if isinstance(page_id, str) else None):
        found = _absolute(told, declared.base or url)
        if found and not (
            urlsplit(found).path in {"", "/"} and not urlsplit(found).query and urlsplit(url).path not in {"", "/"}
        ):
            return found
    return None


def translation_key_of(declared: Declared, url: str) -> str | None:
    """Return the smallest address of the page's versions in other languages, the same for each of them, or None.

    A single version, or one address for all languages, declares nothing.
    """
    told = {_absolute(href, declared.base or url) for lang, href in declared.alternates if lang.lower() != "x-default"} - {None}
    languages = {lang.lower() for lang, _ in declared.alternates if lang.lower() != "x-default"}
    fronts = all(urlsplit(address or "").path in {"", "/"} for address in told)
    return min(address for address in told if address) if len(told) > 1 and len(languages) > 1 and not fronts else None


def _absolute(href: str | None, base: str) -> str | None:
    return normalise_url(href, base) if href else None
