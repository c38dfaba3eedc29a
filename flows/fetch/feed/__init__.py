"""Reading feeds: bytes in, entries out.

    async with FeedReader(workers=2, timeout=5.0) as reader:
        parsed = await reader.read(answer.body, answer.content_type, answer.final_url, "Asia/Shanghai", now, feed)
        if isinstance(parsed, Unreadable): …            # parsed.reason is a sentence

``feed``, a registry row, tells listings and sitemaps from feeds; all come in one shape. ``read_source`` and ``read_feed`` do
the same in this process, without the guard against what hangs or crashes a parser.
"""

from __future__ import annotations

from tidings.flows.fetch.feed.parsed import DateQuality, ParsedEntry, ParsedFeed, Unreadable
from tidings.flows.fetch.feed.read import read_feed
from tidings.flows.fetch.feed.source import read_source
from tidings.flows.fetch.feed.workers import FeedReader

__all__ = ["DateQuality", "FeedReader", "ParsedEntry", "ParsedFeed", "Unreadable", "read_feed", "read_source"]
