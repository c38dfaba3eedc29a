"""Write the static HTML report and the Atom feed of a release; browsers open both from disk,
without a network.

``write_report`` is the entry point. It reads a release file, renders the pages, and replaces
each file whose content changed by rename.

- ``write``, ``manifest``: decide which files have changed, and write them.
- ``pages``, ``overview_page``, ``theme_page``, ``outlet_pages``: compose the pages and their
  figures.
- ``release``, ``trends``, ``theme_data``, ``phrase_data``, ``outlet_data``: query the release. Each
  table shows the SQL that returned its rows (``tidings.analysis.answers``).
- ``figure``, ``charts``, ``render``: describe figures, draw charts, and fill templates.
- ``atom``: build the feed.
- ``export``: write all tables as data to publish; ``bundle`` and
  ``release_readme`` describe them.
"""

from __future__ import annotations

from tidings.analysis.report.manifest import Manifest, read_manifest
from tidings.analysis.report.write import ReportResult, write_report

__all__ = ["Manifest", "ReportResult", "read_manifest", "write_report"]
