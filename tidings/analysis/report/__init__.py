"""Write the static HTML report and the Atom feed of a release, which browsers open from disk.

- ``write``: render the pages and write all files.
- ``pages``, ``overview_page``, ``theme_page``: compose the pages.
- ``release``, ``theme_questions``: query the release.
- ``figure``, ``render``: describe figures, and fill templates.
- ``export``: write all tables as data to publish, with their description.
"""

from tidings.analysis.report.write import ReportResult, read_manifest, write_report

__all__ = ["ReportResult", "read_manifest", "write_report"]
