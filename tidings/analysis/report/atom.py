"""Build an Atom feed (RFC 4287) of bursts and new phrases for feed readers."""

from __future__ import annotations

import re
import uuid
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from lxml import etree

from tidings.analysis.report.render import render

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from tidings.analysis.report.release import Facts

ATOM = "http://www.w3.org/2005/Atom"
MAX_ENTRIES = 100
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://tidings.invalid/report")
# Characters that XML 1.0 forbids, even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_feed(
    facts: Facts,
    bursts: Sequence[dict[str, Any]],
    new_phrases: Sequence[dict[str, Any]],
    themes: dict[str, str],
) -> str:
    """Return the feed with one entry per burst and new phrase, the newest first, at most 100.

    ``themes`` maps each theme to its page. An entry's ID is a UUID of its burst or phrase, so a
    feed reader shows it only once; a running burst is updated. Links are relative to the feed.
    """
    entries = [
        entry(row, themes.get(row["theme_id"], "index.html"))
        for entry, rows in ((_burst_entry, bursts), (_phrase_entry, new_phrases))
        for row in rows
    ]
    entries.sort(key=newest_first, reverse=True)
    last = _instant(facts.last_on or facts.released_at.date())
    return write_entries(
        entries,
        identity=f"urn:uuid:{NAMESPACE}",
        title="Tidings: bursts and new phrases",
        updated=entries[0]["updated"] if entries else last,
        path="feed.xml",
        page="index.html",
        subtitle="Bursts of policy themes and phrases, and phrases that appeared for the first"
        " time.",
        invented=facts.invented,
    )


def write_entries(entries: Sequence[dict[str, str]], *, subtitle: str = "", **values: Any) -> str:
    """Return a feed as XML with at most 100 entries of ``make_entry``, the newest first.

    ``values`` are its ID (``identity``), ``title``, time of the last change (``updated``, RFC
    3339), file name (``path``), ``page`` of the same content, and the ``Invented`` state.
    """
    shown = entries[:MAX_ENTRIES]
    return _FORBIDDEN.sub("\ufffd", render("feed.xml", entries=shown, subtitle=subtitle, **values))


def entry_ids(path: Path) -> set[str] | None:
    """Return the IDs of a feed's entries, or None if there is no readable feed."""
    try:
        return {
            str(element.text)
            for element in etree.parse(path).iterfind(f"{{{ATOM}}}entry/{{{ATOM}}}id")
        }
    except (OSError, etree.XMLSyntaxError):
        return None


def identity(key: str) -> str:
    """Return the ID of a feed or an entry."""
    return f"urn:uuid:{uuid.uuid5(NAMESPACE, key)}"


newest_first = itemgetter("updated", "id")


def make_entry(  # noqa: PLR0917
    key: str,
    day: dt.date,
    title: str,
    summary: str,
    category: str,
    href: str,
    updated: dt.date | None = None,
) -> dict[str, str]:
    """Return an entry that was published on a day, for ``write_entries``."""
    return {
        "id": identity(key),
        "title": title,
        "updated": _instant(updated or day),
        "published": _instant(day),
        "summary": summary,
        "category": category,
        "href": href,
    }


def _instant(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _burst_entry(burst: dict[str, Any], href: str) -> dict[str, str]:
    key = "|".join(("burst", burst["series"], burst["series_id"], str(burst["start_on"])))
    label = burst["label"].strip("“”")
    start, end = burst["start_on"], burst["end_on"]
    period = f"since {start} (still running)" if burst["is_running"] else f"from {start} to {end}"
    articles, total = burst["article_count"], burst["total_count"]
    counts = f" {articles:,} of {total:,} articles." if articles and total else ""
    summary = f"Burst of the {burst['series']} “{label}” {period}. Strength"
    summary += f" {burst['strength'] or 0:.1f}.{counts}"
    return make_entry(key, start, f"Burst: {burst['label']}", summary, "burst", href, end)


def _phrase_entry(phrase: dict[str, Any], href: str) -> dict[str, str]:
    name, day = phrase["phrase"], phrase["first_seen_on"]
    is_first = phrase["novelty"] == "certain"
    appeared = "first appeared" if is_first else "appeared, perhaps not for the first time,"
    summary = f"“{name}” (theme: {phrase['label_en']}) {appeared} on {day}"
    summary += f" in {phrase['first_outlet']}: {phrase['title'] or 'untitled'}"
    key = f"phrase|{phrase['phrase_id']}"
    return make_entry(key, day, f"New phrase: {name}", summary, "new formulation", href)
