"""An Atom feed (RFC 4287) of bursts and new formulations, for an analyst's feed reader."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from lxml import etree

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from tidings.flows.report.release import Facts

ATOM = "http://www.w3.org/2005/Atom"
MOST = 100
_NAMES: Any = {None: ATOM}  # lxml's stubs know no default namespace
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://tidings.invalid/report")
# What XML 1.0 cannot hold, escaped or not.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_feed(
    facts: Facts, bursts: Sequence[dict[str, Any]], new_phrases: Sequence[dict[str, Any]], themes: dict[str, str]
) -> bytes:
    """Return the feed as UTF-8 XML: an entry a burst and a phrase first seen, the newest first, at most a hundred.

    ``themes`` maps a theme to its page. Ids are UUIDs of what an entry is about, so that a reader shows it once; the entry of a
    running burst is updated as the burst grows. Links are relative to the feed.
    """
    entries = [_burst(one, themes) for one in bursts] + [_phrase(one, themes) for one in new_phrases]
    entries.sort(key=lambda entry: (entry["updated"], entry["id"]), reverse=True)
    taken = entries[:MOST]
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap=_NAMES, attrib={"{http://www.w3.org/XML/1998/namespace}lang": "en"})
    _add(feed, "id", f"urn:uuid:{_SPACE}")
    _add(feed, "title", "Tidings: bursts and new formulations")
    _add(feed, "subtitle", "Policy themes and phrases that burst or were seen for the first time.")
    _add(feed, "updated", taken[0]["updated"] if taken else _instant(facts.last_on or facts.released_at.date()))
    _add(_add(feed, "author", None), "name", "Tidings")
    _add(feed, "generator", "Tidings")
    _add(feed, "link", None, rel="self", type="application/atom+xml", href="feed.xml")
    _add(feed, "link", None, rel="alternate", type="text/html", href="index.html")
    for one in taken:
        entry = _add(feed, "entry", None)
        for name in ("id", "title", "updated", "published", "summary"):
            _add(entry, name, one[name])
        _add(entry, "category", None, term=one["category"])
        _add(entry, "link", None, rel="alternate", type="text/html", href=one["href"])
    return bytes(etree.tostring(feed, xml_declaration=True, encoding="utf-8", pretty_print=True))


def _add(parent: Any, name: str, text: str | None, **attributes: str) -> Any:
    child = etree.SubElement(parent, f"{{{ATOM}}}{name}", attrib=attributes)
    child.text = _FORBIDDEN.sub("\ufffd", text) if text is not None else None
    return child


def _instant(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _burst(one: dict[str, Any], themes: dict[str, str]) -> dict[str, str]:
    running = "still running" if one["is_running"] else f"until {one['end_on'].isoformat()}"
    counts = (
        f" {one['article_count']:,} of {one['total_count']:,} articles." if one["article_count"] and one["total_count"] else ""
    )
    return {
        "id": f"urn:uuid:{uuid.uuid5(_SPACE, '|'.join(('burst', one['series'], one['series_id'], str(one['start_on']))))}",
        "title": f"Burst: {one['label']}",
        "updated": _instant(one["end_on"]),
        "published": _instant(one["start_on"]),
        "summary": f"The {one['series']} “{one['label'].strip('“”')}” bursts from {one['start_on'].isoformat()}, {running}; "
        f"strength {one['strength'] or 0:.1f}.{counts}",
        "category": "burst",
        "href": themes.get(one["theme_id"], "index.html"),
    }


def _phrase(one: dict[str, Any], themes: dict[str, str]) -> dict[str, str]:
    return {
        "id": f"urn:uuid:{uuid.uuid5(_SPACE, 'phrase|' + one['phrase_id'])}",
        "title": f"New: {one['phrase']}",
        "updated": _instant(one["first_seen_on"]),
        "published": _instant(one["first_seen_on"]),
        "summary": f"“{one['phrase']}” ({one['label_en']}) was first seen on {one['first_seen_on'].isoformat()}"
        f" in {one['first_outlet']}: {one['title'] or 'untitled'}",
        "category": "new formulation",
        "href": themes.get(one["theme_id"], "index.html"),
    }
