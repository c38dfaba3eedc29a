"""Add to the package what is beside it in a checkout, and Vega's JavaScript, whose compiler is in
neither git nor the program.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import vl_convert
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LICENCES = "/* Vega, Vega-Lite, Vega-Embed (BSD-3-Clause) and D3 (ISC): see vega.licences.txt */\n"
# Pages call vega-embed. Vega alone would be 320 kB smaller, but the bundler of vl-convert 1.9
# exports ``vega`` as null.
SNIPPET = "window.drawVega = vegaEmbed;"


OUTSIDE = (
    "flows/*.py",
    "flows/*.yaml",
    "seeds/*.csv",
    "transforms/*.yml",
    "transforms/macros/*",
    "transforms/models/**/*.*",
    "transforms/release_tests/*",
    "warehouse/migrations/*.sql",
)


class CustomBuildHook(BuildHookInterface[Any]):
    """Write ``tidings/analysis/report/static/vega.js`` before a wheel or an editable installation
    is built.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the script as one file without imports, and list the files outside the package for
        a wheel.
        """
        if version != "editable":
            files = (path for pattern in OUTSIDE for path in Path(self.root).glob(pattern))
            build_data["force_include"] |= {
                str(path): f"tidings/{path.relative_to(self.root)}" for path in files
            }
        path = Path(self.root) / "tidings" / "analysis" / "report" / "static" / "vega.js"
        script = f"{LICENCES}{vl_convert.javascript_bundle(SNIPPET)}\n"
        # a running report may read it
        if not path.is_file() or path.read_text(encoding="utf-8") != script:
            path.write_text(script, encoding="utf-8")
