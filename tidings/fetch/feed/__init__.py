"""Reading feeds: from bytes to entries. ``fetch.feed_reader`` does so in worker processes,
``fetch.sources`` for every kind.
"""

from __future__ import annotations

from tidings.fetch.feed.entry import DateQuality, ParsedEntry, ParsedFeed, Unreadable
from tidings.fetch.feed.read import read_feed

__all__ = ["DateQuality", "ParsedEntry", "ParsedFeed", "Unreadable", "read_feed"]
