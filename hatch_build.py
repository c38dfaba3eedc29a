"""Add Vega's JavaScript to the package while it is built, so that neither git nor the installed program contains its compiler."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import vl_convert
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LICENCES = "/* Vega, Vega-Lite, Vega-Embed (BSD-3-Clause) and D3 (ISC): see vega.licences.txt */\n"
# Pages call vega-embed. Vega alone would be 320 kB smaller, but the bundler of vl-convert 1.9 exports ``vega`` as null.
SNIPPET = "window.drawVega = vegaEmbed;"


class CustomBuildHook(BuildHookInterface[Any]):
    """Write ``flows/report/static/vega.js`` before a wheel or an editable installation is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Write the script as one file without imports."""
        path = Path(self.root) / "tidings" / "flows" / "report" / "static" / "vega.js"
        script = f"{LICENCES}{vl_convert.javascript_bundle(SNIPPET)}\n"
        if not path.is_file() or path.read_text(encoding="utf-8") != script:  # a running report may read it
            path.write_text(script, encoding="utf-8")
