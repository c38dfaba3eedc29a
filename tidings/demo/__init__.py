"""The sample newsroom: five invented outlets on loopback HTTP, and the planted truth about their
items.

`start()` runs the newsroom, `truth()` returns the expected results, and `feeds_csv()` returns its
feed list. See README.md.
"""

from __future__ import annotations

from tidings.demo.feeds import write_feed_list as feeds_csv
from tidings.demo.serve import Newsroom, start
from tidings.demo.truth import truth

__all__ = ["Newsroom", "feeds_csv", "start", "truth"]
