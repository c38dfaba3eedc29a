"""Write the report of a release: compose the pages, then render and replace each file with changed
content.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
from markupsafe import escape

from tidings.analysis.charts import charts_script
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
from tidings.base.functions import create_functions
from tidings.storage.lake import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from tidings.analysis.report.pages import Report
    from tidings.analysis.report.release import Facts
    from tidings.analysis.report.render import Page

STATIC_FILES = ("report.css", "report.js", "figures.js")
QUESTIONS = "questions/index.html"
"""Page of the saved questions, which ``flows.explore.saved`` writes before the report."""


_NAMES = ("release_id", "lexicon_version", "code_version")


@dataclass(frozen=True, slots=True)
class ReportResult:
    """The path of the first page, the release ID, and the number of files in total, written and
    removed.
    """

    index: Path
    release_id: str
    pages: int
    written: int
    removed: int


class _Writer(NamedTuple):
    """Write the files of one report that differ from the previous manifest, and record them in the
    new one.
    """

    folder: Path
    before: Manifest
    after: Manifest
    facts: Facts

    def write(self, name: str, content: str) -> bool:
        """Write a file if its content changed, and return whether it did.

        The names of the release are marks, which are not compared: an unchanged file keeps its
        release.
        """
        digest = self.after.digests[name] = digest_of(content)
        if self.before.digests.get(name) == digest and (self.folder / name).is_file():
            self.after.releases[name] = self.before.releases[name]
            return False
        for column in _NAMES:
            content = content.replace(_mark(column), escape(getattr(self.facts, column)))
        replace_file(self.folder / name, content)
        self.after.releases[name] = self.facts.release_id
        return True


def _mark(name: str) -> str:
    return f"\ue000{name}\ue000"


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
        return ReportResult(folder / "index.html", facts.release_id, len(before.digests), 0, 0)
    create_functions(con)
    try:
        report = compose_report(con, facts)
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise WarehouseError(
            "An earlier version of Tidings made the last release. Run `tidings release` first."
        ) from error
    writer = _Writer(folder, before, after, facts)
    static = files("tidings.analysis.report") / "static"
    contents = chain(
        ((f"assets/{name}", (static / name).read_text(encoding="utf-8")) for name in STATIC_FILES),
        ((page.path, _render_page(page, facts, has_questions)) for page in report.pages),
        _shared_files(report, facts),
    )
    written = sum(writer.write(name, content) for name, content in contents)
    removed = remove_stale(folder, before, after)
    write_manifest(folder, after)
    return ReportResult(
        folder / "index.html", facts.release_id, len(after.digests), written, removed
    )


def _shared_files(report: Report, facts: Facts) -> Iterator[tuple[str, str]]:
    feed = write_feed(facts, report.bursts, report.new_phrases, report.theme_pages)
    yield "assets/charts.js", charts_script()
    yield "feed.xml", feed
    yield "assets/search.js", f"window.tidingsSearch = {script_json(report.search)};\n"
    release = script_json({"id": facts.release_id})
    yield "assets/release.js", f"window.tidingsRelease = {release};\n"


def _render_page(page: Page, facts: Facts, has_questions: bool) -> str:
    values = page.values | {
        "has_questions": has_questions,
        "invented": facts.invented,
        "explore": explore_url(page.series),
        "root": "../" * page.path.count("/"),
        "path": page.path,
        "figures": script_json({figure.figure_id: figure.as_data() for figure in page.figures}),
    }
    return render(page.template, **values, **{name: _mark(name) for name in _NAMES})


def script_json(value: Any) -> str:
    """Return JSON for use inside a script element: escaped, so that no text ends the element or
    starts a comment.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.translate(_ESCAPES)


_ESCAPES = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}


def code_digest() -> str:
    """Return a digest of the package ``analysis``, because other code can produce other pages from
    the same rows.
    """
    folder = files("tidings.analysis")
    return digest_of(*(path.read_text(encoding="utf-8") for path in _source_files(folder)))


def _source_files(folder: Traversable) -> Iterator[Traversable]:
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.is_dir() and path.name != "__pycache__":
            yield from _source_files(path)
        elif path.name.endswith((".py", ".html", ".xml", ".css", ".js")):
            yield path
