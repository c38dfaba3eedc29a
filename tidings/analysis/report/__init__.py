"""Write the static HTML report and the Atom feed of a release; browsers open both from disk,
without a network.

``write_report`` is the entry point. It reads a release file, renders the pages, and replaces
each file by rename.

- ``write``: render the pages and write all files.
- ``pages``, ``overview_page``, ``theme_page``, ``outlet_pages``: compose the pages and their
  figures.
- ``release``, ``trends``, ``theme_questions``: query the release. Each table shows the SQL that
  returned its rows (``tidings.analysis.answers``).
- ``figure``, ``charts``, ``render``: describe figures, draw charts, and fill templates.
- ``atom``: build the feed.
- ``export``: write all tables as data to publish; ``bundle`` describes them.
"""

from __future__ import annotations

from tidings.analysis.report.write import ReportResult, read_manifest, write_report

__all__ = ["ReportResult", "read_manifest", "write_report"]
