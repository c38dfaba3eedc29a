"""The sample's feed list, as `--feeds` reads it, with its publishers in columns of its own."""

from __future__ import annotations

import csv
import io

from tidings.sample.outlets import OUTLETS

COLUMNS = (
    "feed_id",
    "url",
    "publisher_id",
    "kind",
    "language",
    "topics",
    "has_full_text",
    "item_selector",
    "next_selector",
    "day_url",
    "publisher_name",
    "country",
    "publisher_type",
    "time_zone",
)

SOURCES = (  # feed_id, outlet, path, kind, language
    ("gazette_en", "gazette", "/en/rss.xml", "feed", "en"),
    ("gazette_zh", "gazette", "/zh/rss.xml", "feed", "zh"),
    ("gazette_de", "gazette", "/de/rss.xml", "feed", "de"),
    ("gazette_sitemap", "gazette", "/sitemap.xml", "sitemap", ""),
    ("agency_en", "agency", "/feeds/en.atom", "feed", "en"),
    ("agency_zh", "agency", "/feeds/zh.xml", "feed", "zh"),
    ("daily_en", "daily", "/en/feed.xml", "feed", "en"),
    ("daily_zh", "daily", "/zh/feed.xml", "feed", "zh"),
    ("ministry_list", "ministry", "/list.html", "listing", "zh"),
    ("bulletin_de", "bulletin", "/feed/volltext.xml", "feed", "de"),
)
LISTING = {"item_selector": "ul.list a", "next_selector": "a.next"}


def write_feed_list(port: int) -> str:
    """Return the feed list as CSV; the country stays empty, for there is no code of an invented one."""
    text = io.StringIO()
    rows = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    rows.writeheader()
    for feed_id, name, path, kind, language in SOURCES:
        outlet = OUTLETS[name]
        home = f"http://{outlet.address}:{port}"
        row = {
            "feed_id": f"sample_{feed_id}",
            "url": home + path,
            "publisher_id": outlet.publisher_id,
            "kind": kind,
            "language": language,
            "topics": "sample",
            "has_full_text": "true" if name == "bulletin" else "false",
            "publisher_name": outlet.title,
            "publisher_type": outlet.publisher_type,
            "time_zone": outlet.time_zone,
        }
        if kind == "listing":
            row |= LISTING | {"day_url": home + "/day/{yyyy}{mm}{dd}.html"}
        rows.writerow(row)
    return text.getvalue()
