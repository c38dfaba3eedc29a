"""Write the report of a release: compose the pages, then render and replace each file with changed
content.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import duckdb
from markupsafe import escape

from tidings.analysis.report.atom import write_feed
from tidings.analysis.report.manifest import (
    Manifest,
    digest_of,
    read_manifest,
    remove_stale,
    replace_file,
    write_manifest,
)
from tidings.analysis.report.pages import compose_report
from tidings.analysis.report.release import read_facts
from tidings.analysis.report.render import explore_url, render
from tidings.storage.lake import WarehouseError
from tidings.storage.release_file import create_macros

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from tidings.analysis.report.release import Facts
    from tidings.analysis.report.render import Page

STATIC_FILES = ("report.css", "report.js", "download.js", "charts.js", "vega.js")
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
    has_questions = (folder / QUESTIONS).is_file()
    after = Manifest(
        release_id=facts.release_id,
        made_from=digest_of(code_digest(), repr(facts), str(has_questions)),
    )
    if before.is_complete(folder, after.made_from):
        return ReportResult(
            folder / "index.html", facts.release_id, len(before.digests), 0, len(before.digests), 0
        )
    create_macros(con)
    try:
        report = compose_report(con, facts)
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise WarehouseError(
            "An earlier version of Tidings made the last release. Run `tidings release` first."
        ) from error
    writer = _Writer(folder, before, after, has_questions)
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


def _write_assets(writer: _Writer) -> int:
    """Write the changed files that all pages share and return their number: Vega, charts, scripts
    and the style sheet.
    """
    package = files("tidings.analysis.report")
    written = 0
    for name in STATIC_FILES:
        written += writer.write_if_changed(
            f"assets/{name}", (package / "static" / name).read_text(encoding="utf-8")
        )
    return written


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


def code_digest() -> str:
    """Return a digest of this package, because other code can produce other pages from the same
    rows.
    """
    return digest_of(
        *(
            path.read_text(encoding="utf-8")
            for path in _source_files(files("tidings.analysis.report"))
        )
    )


def _source_files(folder: Traversable) -> Iterator[Traversable]:
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.is_dir() and path.name != "__pycache__":
            yield from _source_files(path)
        elif path.name.endswith((".py", ".html", ".css", ".js")):
            yield path
