"""Recognise pages that only lead to a document: a title, little text and exactly one link to a PDF
or Word file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from tidings.base.urls import normalise_url
from tidings.extraction.noise import SURE, noise_of_element

if TYPE_CHECKING:
    from tidings.extraction.parse import Element

MAX_WORDS = 100  # words of a page that only leads to a document
_DOCUMENT = re.compile(r"\.(?:pdf|docx)(?=$|[?#])", re.IGNORECASE)
_TYPE = re.compile(r"application/(?:pdf|vnd\.openxmlformats-officedocument\.wordprocessingml)")
_OUTSIDE = {"nav", "header", "footer", "aside"}
_ATTRIBUTES = {"a": "href", "embed": "src", "object": "data", "iframe": "src"}


def find_documents(tree: Element, url: str) -> list[str]:
    """Return the URLs of the documents that a page links outside its navigation, each once, in
    order.

    Call this before ``strip`` removes frames.
    """
    links: dict[str, None] = {}
    for element in tree.iter(*_ATTRIBUTES):
        target = element.get(_ATTRIBUTES[element.tag]) or ""
        kind = element.get("type")
        is_document = _DOCUMENT.search(target) or (kind and _TYPE.match(kind))
        if (
            is_document
            and not _is_outside(element)
            and (link := normalise_url(urljoin(url, target)))
        ):
            links[link] = None
    return list(links)


def _is_outside(element: Element) -> bool:
    return any(
        above.tag in _OUTSIDE or noise_of_element(above) >= SURE
        for above in element.iterancestors()
    )
