"""Write the report of a release: compose the pages, render and replace each file, with an Atom feed
(RFC 4287) of bursts and new phrases for feed readers.
"""

import datetime as dt
import hashlib
import json
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from lxml import etree

from tidings.analysis.charts import charts_script
from tidings.analysis.report.pages import Report, compose_report
from tidings.analysis.report.release import WINDOW_DAYS, Facts, read_facts
from tidings.analysis.report.render import Page, explore_url, render
from tidings.base.functions import create_functions
from tidings.storage.lake import Connection, WarehouseError

ATOM = "http://www.w3.org/2005/Atom"
MAX_ENTRIES = 100
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://tidings.invalid/report")
# Characters that XML 1.0 forbids, even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_feed(
    facts: Facts,
    bursts: Sequence[dict[str, Any]],
    new_phrases: Sequence[dict[str, Any]],
    themes: dict[str, str],
) -> str:
    """Return the feed with one entry per burst and new phrase, the newest first, at most 100.

    ``themes`` maps each theme to its page. An entry's ID is a UUID of its burst or phrase, so a
    feed reader shows it only once; a running burst is updated. Links are relative to the feed.
    """
    entries = [
        entry(row, themes.get(row["theme_id"], "index.html"))
        for entry, rows in ((_burst_entry, bursts), (_phrase_entry, new_phrases))
        for row in rows
    ]
    entries.sort(key=newest_first, reverse=True)
    last = _instant(facts.last_on or facts.released_at.date())
    return write_entries(
        entries,
        identity=f"urn:uuid:{NAMESPACE}",
        title="Tidings: bursts and new phrases",
        updated=entries[0]["updated"] if entries else last,
        path="feed.xml",
        page="index.html",
        subtitle="Bursts of policy themes and phrases, and phrases that appeared for the first"
        " time.",
        invented=facts.invented,
    )


def write_entries(entries: Sequence[dict[str, str]], *, subtitle: str = "", **values: Any) -> str:
    """Return a feed as XML with at most 100 entries of ``make_entry``, the newest first.

    ``values`` are its ID (``identity``), ``title``, time of the last change (``updated``, RFC
    3339), file name (``path``), ``page`` of the same content, and the ``Invented`` state.
    """
    shown = entries[:MAX_ENTRIES]
    return _FORBIDDEN.sub("\ufffd", render("feed.xml", entries=shown, subtitle=subtitle, **values))


def entry_ids(path: Path) -> set[str] | None:
    """Return the IDs of a feed's entries, or None if there is no readable feed."""
    try:
        return {
            str(element.text)
            for element in etree.parse(path).iterfind(f"{{{ATOM}}}entry/{{{ATOM}}}id")
        }
    except (OSError, etree.XMLSyntaxError):
        return None


def identity(key: str) -> str:
    """Return the ID of a feed or an entry."""
    return f"urn:uuid:{uuid.uuid5(NAMESPACE, key)}"


newest_first = itemgetter("updated", "id")


def make_entry(  # noqa: PLR0917
    key: str,
    day: dt.date,
    title: str,
    summary: str,
    category: str,
    href: str,
    updated: dt.date | None = None,
) -> dict[str, str]:
    """Return an entry that was published on a day, for ``write_entries``."""
    return {
        "id": identity(key),
        "title": title,
        "updated": _instant(updated or day),
        "published": _instant(day),
        "summary": summary,
        "category": category,
        "href": href,
    }


def _instant(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _burst_entry(burst: dict[str, Any], href: str) -> dict[str, str]:
    key = "|".join(("burst", burst["series"], burst["series_id"], str(burst["start_on"])))
    label = burst["label"].strip("“”")
    start, end = burst["start_on"], burst["end_on"]
    period = f"since {start} (still running)" if burst["is_running"] else f"from {start} to {end}"
    articles, total = burst["article_count"], burst["total_count"]
    counts = f" {articles:,} of {total:,} articles." if articles and total else ""
    summary = f"Burst of the {burst['series']} “{label}” {period}. Strength"
    summary += f" {burst['strength'] or 0:.1f}.{counts}"
    return make_entry(key, start, f"Burst: {burst['label']}", summary, "burst", href, end)


def _phrase_entry(phrase: dict[str, Any], href: str) -> dict[str, str]:
    name, day = phrase["phrase"], phrase["first_seen_on"]
    is_first = phrase["novelty"] == "certain"
    appeared = "first appeared" if is_first else "appeared, perhaps not for the first time,"
    summary = f"“{name}” (theme: {phrase['label_en']}) {appeared} on {day}"
    summary += f" in {phrase['first_outlet']}: {phrase['title'] or 'untitled'}"
    key = f"phrase|{phrase['phrase_id']}"
    return make_entry(key, day, f"New phrase: {name}", summary, "new formulation", href)


MANIFEST = "manifest.json"
STATIC_FILES = ("report.css", "report.js", "figures.js")
QUESTIONS = "questions/index.html"
"""Page of the saved questions, which ``flows.explore.saved`` writes before the report."""


class Manifest(NamedTuple):
    """The release of a report, a digest of metadata and code, and the paths of its files."""

    release_id: str = ""
    made_from: str = ""
    files: tuple[str, ...] = ()


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the last report, or an empty one if it is missing or unreadable."""
    try:
        return Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Manifest()


@dataclass(frozen=True, slots=True)
class ReportResult:
    """The first page, the release, and the numbers of files written (if any) and removed."""

    index: Path
    release_id: str
    file_count: int
    is_written: bool = True
    removed: int = 0


def write_report(con: Connection, folder: Path, *, is_kept: bool = False) -> ReportResult:
    """Write the report of the release that a connection has opened (it may be read-only).

    Each file is replaced by rename, the overview and the manifest last. An interrupted run
    therefore leaves complete pages, and the next run writes all again. With ``is_kept``, a folder
    that contains this report already stays as it is.

    Raises:
        WarehouseError: If an earlier version of Tidings made the release.
    """
    before = read_manifest(folder)
    folder.mkdir(parents=True, exist_ok=True)
    facts = read_facts(con)
    has_questions = (folder / QUESTIONS).is_file()
    paths = sorted(Path(str(files("tidings.analysis"))).rglob("*.*"))
    sources = [path.read_text("utf-8") for path in paths if path.suffix in _SOURCES]
    parts = "\x00".join((*sources, repr(facts), str(has_questions)))
    made_from = hashlib.blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    index = folder / "index.html"
    is_complete = all((folder / name).is_file() for name in before.files)
    if is_kept and is_complete and before.made_from == made_from:
        return ReportResult(index, facts.release_id, len(before.files), is_written=False)
    create_functions(con)
    try:
        report = compose_report(con, facts)
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise WarehouseError(
            "An earlier version of Tidings made the last release. Run `tidings release` first."
        ) from error
    written = []
    for name, content in _contents(report, facts, has_questions):
        replace_file(folder / name, content)
        written.append(name)
    removed = _remove_stale(folder, set(before.files).difference(written))
    manifest = Manifest(facts.release_id, made_from, tuple(written))
    replace_file(folder / MANIFEST, json.dumps(manifest._asdict(), indent=0))
    return ReportResult(index, facts.release_id, len(written), removed=removed)


def _contents(report: Report, facts: Facts, has_questions: bool) -> Iterator[tuple[str, str]]:
    static = files("tidings.analysis.report") / "static"
    for name in STATIC_FILES:
        yield f"assets/{name}", (static / name).read_text(encoding="utf-8")
    yield "assets/charts.js", charts_script()
    yield "assets/search.js", f"window.tidingsSearch = {script_json(report.search)};\n"
    yield "feed.xml", write_feed(facts, report.bursts, report.new_phrases, report.shared["paths"])
    for page in report.pages:
        yield page.path, render_page(page, facts, **report.shared, has_questions=has_questions)


def replace_file(path: Path, content: str) -> None:
    """Write a temporary file and rename it, so that readers see a complete file. Raises OSError
    with the path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content.encode("utf-8", "replace"))
        part.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _remove_stale(folder: Path, names: set[str]) -> int:
    files = [path for name in names if (path := folder / name).is_file()]
    # A user can edit the manifest, so never remove a file outside the report's folder.
    stale = [path for path in files if path.resolve().is_relative_to(folder.resolve())]
    for path in stale:
        path.unlink()
    return len(stale)


def render_page(page: Page, facts: Facts, **shared: Any) -> str:
    """Return a page of the report. Its own values take the place of shared ones."""
    values = {
        "facts": facts,
        "window_days": WINDOW_DAYS,
        "breaks": facts.breaks,
        "invented": facts.invented,
        "explore": explore_url(page.series),
        "root": "../" * page.path.count("/"),
        "path": page.path,
        "figures": script_json({figure.figure_id: figure.as_data() for figure in page.figures}),
    }
    return render(page.template, **values | shared | page.values)


def script_json(value: Any) -> str:
    """Return JSON for a script element, escaped so that no text ends it or starts a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.translate(_ESCAPES)


_SOURCES = {".py", ".html", ".xml", ".css", ".js"}
_ESCAPES = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}
