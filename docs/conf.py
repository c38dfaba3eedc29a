"""Configure Sphinx: Markdown through MyST, the theme Furo. ``make docs`` builds the site, which
needs no network.
"""

from __future__ import annotations

project = "Tidings"
author = "The Tidings contributors"
copyright = "The Tidings contributors; Apache 2.0"  # noqa: A001 - Sphinx requires this name
extensions = ["myst_parser"]
exclude_patterns = ["images"]
source_suffix = {".md": "markdown"}
master_doc = "index"

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3  # anchors as on GitHub; a broken link fails the build
suppress_warnings = ["myst.strikethrough"]

html_theme = "furo"
html_title = "Tidings"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"top_of_page_buttons": []}
pygments_style = "friendly"
pygments_dark_style = "monokai"
