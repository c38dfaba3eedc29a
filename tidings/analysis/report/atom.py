"""Build an Atom feed (RFC 4287) of bursts and new phrases for feed readers."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from lxml import etree

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from tidings.analysis.report.invented import Invented
    from tidings.analysis.report.release import Facts

ATOM = "http://www.w3.org/2005/Atom"
MAX_ENTRIES = 100
_NSMAP: Any = {None: ATOM}  # Any, because lxml's stubs do not allow a default namespace
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://tidings.invalid/report")
# Characters that XML 1.0 forbids, even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_feed(
    facts: Facts,
    bursts: Sequence[dict[str, Any]],
    new_phrases: Sequence[dict[str, Any]],
    themes: dict[str, str],
) -> bytes:
    """Return the feed as UTF-8 XML with one entry per burst and new phrase, the newest first, at
    most 100.

    ``themes`` maps each theme to its page. An entry's ID is a UUID of its burst or phrase, so a
    feed reader shows it only once. The entry of a running burst is updated as the burst grows.
    Links are relative to the feed.
    """
    entries = [_burst_entry(burst, themes) for burst in bursts] + [
        _phrase_entry(phrase, themes) for phrase in new_phrases
    ]
    entries.sort(key=lambda entry: (entry["updated"], entry["id"]), reverse=True)
    updated = (
        entries[0]["updated"] if entries else _instant(facts.last_on or facts.released_at.date())
    )
    subtitle = "Bursts of policy themes and phrases, and phrases that appeared for the first time."
    return write_entries(
        entries,
        identity=f"urn:uuid:{NAMESPACE}",
        title="Tidings: bursts and new phrases",
        updated=updated,
        path="feed.xml",
        page="index.html",
        subtitle=subtitle,
        invented=facts.invented,
    )


def write_entries(
    entries: Sequence[dict[str, str]],
    *,
    identity: str,
    title: str,
    updated: str,
    path: str,
    page: str,
    subtitle: str = "",
    invented: Invented,
) -> bytes:
    """Return a feed as UTF-8 XML with at most 100 entries.

    Args:
        entries: Texts with id, title, updated, published, summary, category and href, the newest
            first.
        identity: ID of the feed.
        title: Title of the feed.
        updated: Time of the last change (RFC 3339).
        path: File name of the feed.
        page: Page of the same content, relative to the feed.
        subtitle: Description, or empty.
        invented: Statement that the data are invented, which the titles repeat.
    """
    feed = etree.Element(
        f"{{{ATOM}}}feed", nsmap=_NSMAP, attrib={"{http://www.w3.org/XML/1998/namespace}lang": "en"}
    )
    _add(feed, "id", identity)
    _add(feed, "title", invented.mark(title))
    if about := " ".join(filter(None, (invented.notice, subtitle))):
        _add(feed, "subtitle", about)
    _add(feed, "updated", updated)
    _add(_add(feed, "author", None), "name", "Tidings")
    _add(feed, "generator", "Tidings")
    _add(feed, "link", None, rel="self", type="application/atom+xml", href=path)
    _add(feed, "link", None, rel="alternate", type="text/html", href=page)
    for values in entries[:MAX_ENTRIES]:
        entry = _add(feed, "entry", None)
        _add(entry, "title", invented.mark(values["title"]))
        for name in ("id", "updated", "published", "summary"):
            _add(entry, name, values[name])
        _add(entry, "category", None, term=values["category"])
        _add(entry, "link", None, rel="alternate", type="text/html", href=values["href"])
    return bytes(etree.tostring(feed, xml_declaration=True, encoding="utf-8", pretty_print=True))


def entry_ids(path: Path) -> set[str] | None:
    """Return the IDs of a feed's entries, or None if there is no readable feed."""
    try:
        return {
            str(element.text)
            for element in etree.parse(path).iterfind(f"{{{ATOM}}}entry/{{{ATOM}}}id")
        }
    except (OSError, etree.XMLSyntaxError):
        return None


def _add(parent: Any, name: str, text: str | None, **attributes: str) -> Any:
    child = etree.SubElement(parent, f"{{{ATOM}}}{name}", attrib=attributes)
    child.text = _FORBIDDEN.sub("\ufffd", text) if text is not None else None
    return child


def _instant(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _burst_entry(burst: dict[str, Any], themes: dict[str, str]) -> dict[str, str]:
    key = "|".join(("burst", burst["series"], burst["series_id"], str(burst["start_on"])))
    label = burst["label"].strip("“”")
    start, end = burst["start_on"].isoformat(), burst["end_on"].isoformat()
    period = f"since {start} (still running)" if burst["is_running"] else f"from {start} to {end}"
    articles, total = burst["article_count"], burst["total_count"]
    counts = f" {articles:,} of {total:,} articles." if articles and total else ""
    return {
        "id": f"urn:uuid:{uuid.uuid5(NAMESPACE, key)}",
        "title": f"Burst: {burst['label']}",
        "updated": _instant(burst["end_on"]),
        "published": _instant(burst["start_on"]),
        "summary": f"Burst of the {burst['series']} “{label}” {period}. Strength"
        f" {burst['strength'] or 0:.1f}.{counts}",
        "category": "burst",
        "href": themes.get(burst["theme_id"], "index.html"),
    }


def _phrase_entry(phrase: dict[str, Any], themes: dict[str, str]) -> dict[str, str]:
    appeared = (
        "first appeared"
        if phrase["first_seen_is_certain"]
        else ("appeared, perhaps not for the first time,")
    )
    return {
        "id": f"urn:uuid:{uuid.uuid5(NAMESPACE, 'phrase|' + phrase['phrase_id'])}",
        "title": f"New phrase: {phrase['phrase']}",
        "updated": _instant(phrase["first_seen_on"]),
        "published": _instant(phrase["first_seen_on"]),
        "summary": f"“{phrase['phrase']}” (theme: {phrase['label_en']}) {appeared} on"
        f" {phrase['first_seen_on'].isoformat()}"
        f" in {phrase['first_outlet']}: {phrase['title'] or 'untitled'}",
        "category": "new formulation",
        "href": themes.get(phrase["theme_id"], "index.html"),
    }
