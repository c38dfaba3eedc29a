"""OPML 2.0 (http://opml.org/spec2.opml): the registry's exchange with other readers, without loss.

What OPML has no attribute for, the registry's other columns, is written under their own names, which other readers skip.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from tidings.flows.fetch.feed.text import storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_READ = frozenset({"xmlurl", "text", "title", "type", "htmlurl"})
_OF_READERS = frozenset({"description", "version", "category", "created"})  # attributes of other feed readers, not columns


class OpmlError(ValueError):
    """A file that is no OPML; the message is one sentence."""


def write_opml(rows: Iterable[Mapping[str, str]], title: str) -> bytes:
    """Return an OPML document of registry rows, an outline a row; ``title`` is the document's."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for row in rows:
        outline = etree.SubElement(body, "outline", text=row.get("title") or row["feed_id"], type="rss")
        outline.set("xmlUrl", row["url"])
        for name, value in row.items():
            told = storable(value)
            if told and name not in ("url", "title"):
                outline.set(name, told)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def read_opml(body: bytes, *, is_trusted: bool) -> tuple[list[dict[str, str]], int]:
    """Return the rows of an OPML document, and how many outlines set columns that were ignored.

    A row has ``url`` (xmlUrl), ``title`` (text) and ``topics`` (the folders). A row of a trusted document also has every
    other attribute, and its ``topics`` replace the folders. These attributes decide which publisher a feed belongs to, whether
    its texts are trusted and whether robots files are obeyed. Raises OpmlError if the document cannot be read. Nothing
    outside the document is read or expanded.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise OpmlError(f"This is no OPML that can be read: {error}") from error
    if etree.QName(root).localname.lower() != "opml":
        raise OpmlError("This is no OPML: its root element has another name.")
    outlines = [outline for outline in root.iter("outline") if _address(outline)]
    if is_trusted:
        return [_read_outline(outline) | _columns(outline) for outline in outlines], 0
    return [_read_outline(outline) for outline in outlines], sum(bool(_columns(one).keys() - _OF_READERS) for one in outlines)


def _read_outline(outline: etree._Element) -> dict[str, str]:
    row = {"url": _address(outline), "title": outline.get("text") or outline.get("title") or ""}
    folders = [parent.get("text") or "" for parent in outline.iterancestors("outline")]
    if folders:
        row["topics"] = "|".join(reversed([folder for folder in folders if folder]))
    return row


def _columns(outline: etree._Element) -> dict[str, str]:
    """Return the other attributes: the registry's columns, if Tidings wrote the document."""
    return {str(name): str(value) for name, value in outline.attrib.items() if str(name).lower() not in _READ}


def _address(outline: etree._Element) -> str:
    """Return where a feed is, whatever the case of the attribute; ``feed:`` is how some programs write http."""
    found = next((str(value) for name, value in outline.attrib.items() if str(name).lower() == "xmlurl"), "").strip()
    if not found.lower().startswith("feed:"):
        return found
    rest = found[5:].lstrip("/")
    return rest if rest.lower().startswith(("http://", "https://")) else f"http://{rest}"
