"""Write the report of a release: compose the pages, then render and replace each file with changed
content.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import escape

from tidings.analysis.charts import charts_script
from tidings.analysis.report.atom import write_feed
from tidings.analysis.report.fingerprints import (
    OUTLET_SOURCES,
    THEME_SOURCES,
    code_digest,
    read_fingerprints,
)
from tidings.analysis.report.manifest import (
    Manifest,
    digest_of,
    read_manifest,
    remove_stale,
    replace_file,
    write_manifest,
)
from tidings.analysis.report.outlet_data import read_outlets
from tidings.analysis.report.pages import compose_report, read_outlet_paths, read_theme_paths
from tidings.analysis.report.release import read_facts
from tidings.analysis.report.render import explore_url, render
from tidings.analysis.report.temp_tables import create_temp_tables
from tidings.storage.lake import WarehouseError

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from tidings.analysis.report.release import Facts
    from tidings.analysis.report.render import Page

STATIC_FILES = ("report.css", "report.js", "figures.js")
QUESTIONS = "questions/index.html"
"""Page of the saved questions, which ``flows.explore.saved`` writes before the report."""


@dataclass(frozen=True, slots=True)
class ReportResult:
    """The path of the first page, the release ID, and the number of files in total, written,
    unchanged and removed.
    """

    index: Path
    release_id: str
    pages: int
    written: int
    unchanged: int
    removed: int


@dataclass(frozen=True, slots=True)
class _Writer:
    """Write the files of one report that differ from the previous manifest, and record them in the
    new one.

    ``has_questions``: pages link to the saved questions.
    """

    folder: Path
    before: Manifest
    after: Manifest
    has_questions: bool

    def is_current(self, name: str, digest: str) -> bool:
        """Return whether a file exists with this digest; if so, record it as unchanged."""
        if self.before.digests.get(name) != digest or not (self.folder / name).is_file():
            return False
        self.after.digests[name], self.after.releases[name] = digest, self.before.releases[name]
        return True

    def write(self, name: str, content: str, digest: str) -> int:
        """Write a file and return 1, the number of written files."""
        replace_file(self.folder / name, content)
        self.after.digests[name], self.after.releases[name] = digest, self.after.release_id
        return 1

    def write_if_changed(self, name: str, content: str) -> int:
        """Write a file if its content changed, and return the number of written files."""
        digest = digest_of(content)
        return 0 if self.is_current(name, digest) else self.write(name, content, digest)


def check_release(facts: Facts) -> None:
    """Raise WarehouseError if a release lacks tables that the report shows."""
    shown = {
        table for table, *_ in (*THEME_SOURCES, *OUTLET_SOURCES) if not table.startswith("report_")
    }
    if not (facts.has("marts.theme_monthly", "about_count") and shown <= facts.columns.keys()):
        raise WarehouseError(
            "An earlier version of Tidings made the last release. Run `tidings release` first."
        )


def write_report(
    con: duckdb.DuckDBPyConnection, folder: Path, previous: Manifest | None = None
) -> ReportResult:
    """Write the report of the release that a connection has opened.

    Each file is replaced by rename, the overview and the manifest last. An interrupted run
    therefore leaves complete pages, and the next run writes the others.

    Args:
        con: Connection to a release; it may be read-only, because temporary tables exist only in
            memory.
        folder: Folder of the report.
        previous: Manifest of the last report, by default the one in the folder. An empty
            ``Manifest()`` writes every file.

    Returns:
        The number of files written. If the folder already contains the report of this release,
        nothing is written.

    Raises:
        WarehouseError: If an earlier version of Tidings made the release.
    """
    before = read_manifest(folder) if previous is None else previous
    folder.mkdir(parents=True, exist_ok=True)
    facts = read_facts(con)
    check_release(facts)
    has_questions = (folder / QUESTIONS).is_file()
    after = Manifest(
        release_id=facts.release_id,
        made_from=digest_of(code_digest(), repr(facts), str(has_questions)),
    )
    if before.is_complete(folder, after.made_from):
        return ReportResult(
            folder / "index.html", facts.release_id, len(before.digests), 0, len(before.digests), 0
        )
    create_temp_tables(con, facts)
    outlets = read_outlets(con, facts)
    writer = _Writer(folder, before, after, has_questions)
    paths = (read_theme_paths(con), read_outlet_paths(con))
    unchanged = _find_unchanged(writer, paths, read_fingerprints(con, facts, outlets))
    report = compose_report(con, facts, outlets, lambda path: path not in unchanged)
    written = _write_assets(writer)
    for page in report.pages:
        written += _write_page(writer, page, facts)
    feed = write_feed(facts, report.bursts, report.new_phrases, report.theme_pages).decode("utf-8")
    written += writer.write_if_changed("feed.xml", feed)
    written += writer.write_if_changed(
        "assets/search.js", f"window.tidingsSearch = {script_json(report.search)};\n"
    )
    written += writer.write_if_changed(
        "assets/release.js", f"window.tidingsRelease = {script_json({'id': facts.release_id})};\n"
    )
    removed = remove_stale(folder, before, after)
    write_manifest(folder, after)
    total = len(after.digests)
    return ReportResult(
        folder / "index.html", facts.release_id, total, written, total - written, removed
    )


def _find_unchanged(
    writer: _Writer, paths: tuple[dict[str, str], ...], fingerprints: tuple[dict[str, str], ...]
) -> set[str]:
    """Return the theme and outlet pages with unchanged fingerprints, and record them and all
    fingerprints.

    ``paths`` and ``fingerprints`` are by ID, first for themes and then for outlets.
    """
    before, after = writer.before, writer.after
    for paths_by_id, fingerprints_by_id in zip(paths, fingerprints, strict=True):
        after.fingerprints.update(
            {
                path: digest_of(fingerprints_by_id[name], str(writer.has_questions))
                for name, path in paths_by_id.items()
                if name in fingerprints_by_id
            }
        )
    unchanged = {
        path
        for path, fingerprint in after.fingerprints.items()
        if before.fingerprints.get(path) == fingerprint and path in before.digests
        and path in before.releases
        and (writer.folder / path).is_file()
    }  # fmt: skip
    for path in unchanged:
        after.digests[path], after.releases[path] = before.digests[path], before.releases[path]
    return unchanged


def _write_assets(writer: _Writer) -> int:
    """Write the changed scripts and style sheet that all pages share, and return their number."""
    static = files("tidings.analysis.report") / "static"
    assets = {name: (static / name).read_text(encoding="utf-8") for name in STATIC_FILES}
    assets["charts.js"] = charts_script()
    return sum(writer.write_if_changed(f"assets/{name}", text) for name, text in assets.items())


def _write_page(writer: _Writer, page: Page, facts: Facts) -> int:
    """Write a page if its text changed. The names of the release are not compared, so an unchanged
    page keeps its release.
    """
    root = "../" * page.path.count("/")
    figures = script_json({figure.figure_id: figure.as_data() for figure in page.figures})
    names = {
        name: f"\ue000{name}\ue000" for name in ("release_id", "lexicon_version", "code_version")
    }
    values = page.values | {
        "has_questions": writer.has_questions,
        "invented": facts.invented,
        "explore": explore_url(page.series),
    }
    content = render(page.template, **values, root=root, path=page.path, figures=figures, **names)
    digest = digest_of(content)
    if writer.is_current(page.path, digest):
        return 0
    for name, mark in names.items():
        content = content.replace(mark, escape(getattr(facts, name)))
    return writer.write(page.path, content, digest)


def script_json(value: Any) -> str:
    """Return JSON for use inside a script element: escaped, so that no text ends the element or
    starts a comment.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    escapes = {
        "<": "\\u003c",
        ">": "\\u003e",
        "&": "\\u0026",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
    }
    return (
        "".join(escapes.get(character, character) for character in text)
        if any(mark in text for mark in escapes)
        else text
    )
