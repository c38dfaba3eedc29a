"""The charts of the report and of Explore: scripts that draw SVG in the browser."""

from importlib.resources import files

_SCRIPTS = (
    "dom.js", "format.js", "marks.js", "axes.js", "time_chart.js", "row_chart.js", "pointer.js",
    "picture.js",
)  # fmt: skip


def charts_script() -> str:
    """Return the scripts as one classic script, because Chrome loads no modules from files."""
    folder = files("tidings.analysis.charts")
    return "".join((folder / name).read_text(encoding="utf-8") for name in _SCRIPTS)
