"""Import and export the feed registry as OPML 2.0 (http://opml.org/spec2.opml) without loss.

Columns that OPML has no attribute for are written under their own names, which other feed readers
ignore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from tidings.fetch.feed.text import storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_STANDARD_ATTRIBUTES = frozenset({"xmlurl", "text", "title", "type", "htmlurl"})
# attributes of other feed readers, not columns
_READER_ATTRIBUTES = frozenset({"description", "version", "category", "created"})


class OpmlError(ValueError):
    """The file is not valid OPML. The message is one sentence."""


def write_opml(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return an OPML document with an outline for each row of the registry."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Tidings"
    body = etree.SubElement(root, "body")
    for row in rows:
        outline = etree.SubElement(
            body, "outline", text=row.get("title") or row["feed_id"], type="rss"
        )
        outline.set("xmlUrl", row["url"])
        for name, value in row.items():
            text = storable(value)
            if text and name not in ("url", "title"):
                outline.set(name, text)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def read_opml(body: bytes, *, is_trusted: bool) -> tuple[list[dict[str, str]], int]:
    """Return the rows of an OPML document, and how many outlines set columns that were ignored.

    A row has ``url`` (xmlUrl), ``title`` (text) and ``topics`` (the folders). A row of a trusted
    document also has every other attribute, and its ``topics`` replace the folders. These
    attributes decide which publisher a feed belongs to, whether its texts are trusted and whether
    robots files are obeyed. Raises OpmlError if the document cannot be read. Nothing outside the
    document is read or expanded.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise OpmlError(f"The OPML file cannot be read: {error}") from error
    if etree.QName(root).localname.lower() != "opml":
        raise OpmlError("The file is not OPML: its root element has another name.")
    outlines = [*filter(_feed_url, root.iter("outline"))]
    if is_trusted:
        return [_read_outline(outline) | _columns(outline) for outline in outlines], 0
    return [*map(_read_outline, outlines)], sum(
        bool(_columns(item).keys() - _READER_ATTRIBUTES) for item in outlines
    )


def _read_outline(outline: etree._Element) -> dict[str, str]:
    row = {"url": _feed_url(outline), "title": outline.get("text") or outline.get("title") or ""}
    folders = [parent.get("text") or "" for parent in outline.iterancestors("outline")]
    if folders:
        row["topics"] = "|".join(reversed([*filter(None, folders)]))
    return row


def _columns(outline: etree._Element) -> dict[str, str]:
    """Return the other attributes: the registry's columns, if Tidings wrote the document."""
    return {
        str(name): str(value)
        for name, value in outline.attrib.items()
        if str(name).lower() not in _STANDARD_ATTRIBUTES
    }


def _feed_url(outline: etree._Element) -> str:
    """Return the feed URL of an outline, whatever the case of the attribute. Some programs write
    ``feed:`` for http.
    """
    url = next(
        (str(value) for name, value in outline.attrib.items() if str(name).lower() == "xmlurl"), ""
    ).strip()
    if not url.lower().startswith("feed:"):
        return url
    rest = url[5:].lstrip("/")
    return rest if rest.lower().startswith(("http://", "https://")) else f"http://{rest}"
