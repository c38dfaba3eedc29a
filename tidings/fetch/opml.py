"""Import and export the feeds of the registry as OPML 2.0 (http://opml.org/spec2.opml)."""

from collections.abc import Iterable, Mapping

from lxml import etree

from tidings.fetch.feed.text import SAFE, storable


class OpmlError(ValueError):
    """The file is not valid OPML. The message is one sentence."""


def write_opml(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return an OPML document with an outline for each row of the registry."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Tidings"
    body = etree.SubElement(root, "body")
    for row in rows:
        text = storable(row.get("title")) or row["feed_id"]
        etree.SubElement(body, "outline", text=text, type="rss", xmlUrl=row["url"])
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def read_opml(body: bytes) -> list[dict[str, str]]:
    """Return the rows of an OPML document: ``url`` (xmlUrl), ``title`` (text) and ``topics`` (the
    folders).

    Other attributes are ignored: no stranger decides a feed's publisher and trust. Raises
    OpmlError.
    """
    try:
        root = etree.fromstring(body, etree.XMLParser(**SAFE, remove_comments=True))
    except etree.XMLSyntaxError as error:
        raise OpmlError(f"The OPML file cannot be read: {error}") from error
    if etree.QName(root).localname.lower() != "opml":
        raise OpmlError("The file is not OPML: its root element has another name.")
    rows = []
    for outline in filter(_feed_url, root.iter("outline")):
        title = outline.get("text") or outline.get("title", "")
        rows.append({"url": _feed_url(outline), "title": title})
        if folders := [parent.get("text") for parent in outline.iterancestors("outline")]:
            rows[-1]["topics"] = "|".join(reversed([*filter(None, folders)]))
    return rows


def _feed_url(outline: etree._Element) -> str:
    """Return the feed URL of an outline. Some programs write ``feed:`` for http."""
    named = {str(name).lower(): str(value) for name, value in outline.attrib.items()}
    url = named.get("xmlurl", "").strip()
    if not url.lower().startswith("feed:"):
        return url
    rest = url[5:].lstrip("/")
    return rest if rest.lower().startswith(("http://", "https://")) else f"http://{rest}"
