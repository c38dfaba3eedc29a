"""What all pages share: Vega, the compiled charts, the script, the style sheet. Written when one of them changed."""

from __future__ import annotations

import json
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING

from tidings.flows.report.manifest import Manifest, digest_of, swap_in

if TYPE_CHECKING:
    from pathlib import Path

CHARTS = ("charts.py", "chart_axes.py", "chart_counts.py", "chart_grids.py", "chart_shares.py")
STATIC = ("report.css", "report.js", "take.js")


def write_assets(folder: Path, before: Manifest, after: Manifest, release_id: str) -> int:
    """Write the shared files that changed and note them in the manifest; return how many were written."""
    static = files("tidings.flows.report") / "static"
    described = [path.read_text(encoding="utf-8") for path in (files("tidings.flows.report") / name for name in CHARTS)]
    made_from = digest_of(*described, *(f"{name} {version(name)}" for name in ("altair", "vl-convert-python")))
    written = 0
    for name in STATIC:
        content = (static / name).read_text(encoding="utf-8")
        written += _write(
            folder, f"assets/{name}", content, digest=digest_of(content), manifests=(before, after), release_id=release_id
        )
    names = ("assets/vega.js", "assets/charts.js")
    if all(before.digests.get(name) == made_from and (folder / name).is_file() for name in names):
        for name in names:
            after.digests[name], after.releases[name] = made_from, before.releases[name]
        return written
    from tidings.flows.report.charts import bundle_library, compile_charts  # noqa: PLC0415 - half a second that most nights spare

    charts = "window.tidingsCharts = " + json.dumps(compile_charts(), sort_keys=True, separators=(",", ":")) + ";\n"
    for name, content in zip(names, (bundle_library(), charts), strict=True):
        written += _write(folder, name, content, digest=made_from, manifests=(before, after), release_id=release_id)
    return written


def _write(folder: Path, name: str, content: str, *, digest: str, manifests: tuple[Manifest, Manifest], release_id: str) -> int:
    before, after = manifests
    after.digests[name] = digest
    if before.digests.get(name) == digest and (folder / name).is_file():
        after.releases[name] = before.releases[name]
        return 0
    swap_in(folder / name, content)
    after.releases[name] = release_id
    return 1
