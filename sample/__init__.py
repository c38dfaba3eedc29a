"""The sample newsroom: five invented outlets over loopback HTTP, and the truth that was planted in them.

`start()` runs it, `truth()` tells what a reader should find, `feeds_csv()` is its feed list; README.md has the rest.
"""

from __future__ import annotations

from tidings.sample.feeds import write_feed_list as feeds_csv
from tidings.sample.serve import Newsroom, start
from tidings.sample.truth import truth

__all__ = ["Newsroom", "feeds_csv", "start", "truth"]
