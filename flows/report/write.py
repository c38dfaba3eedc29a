"""Writes the report of a release: every page is composed, those whose content changed are rendered and swapped in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidings.flows.report.assets import write_assets
from tidings.flows.report.atom import write_feed
from tidings.flows.report.compose import compose, outlet_paths, theme_paths
from tidings.flows.report.fingerprints import code_digest, read_stamps
from tidings.flows.report.manifest import Manifest, digest_of, read_manifest, remove_stale, swap_in, write_manifest
from tidings.flows.report.outlets import read_outlets
from tidings.flows.report.pages import environment, render
from tidings.flows.report.release import read_facts
from tidings.flows.report.shared import prepare

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from tidings.flows.report.page import Page
    from tidings.flows.report.release import Facts


@dataclass(frozen=True, slots=True)
class ReportResult:
    """What was written: the report's first page, and how many pages it has, were written, were as before, and went."""

    index: Path
    release_id: str
    pages: int
    written: int
    unchanged: int
    removed: int


def write_report(con: duckdb.DuckDBPyConnection, folder: Path, previous: Manifest | None = None) -> ReportResult:
    """Write the report of the release that a connection is open on, and return what was written.

    The connection may be read-only; what the queries share lives in its memory. ``previous`` is what was written last, read from
    the folder where it is None; an empty Manifest() writes everything anew, and one of this very release leaves all as it is.
    Pages are swapped in one by one by rename, the first page and the manifest last, so a run killed anywhere leaves whole pages
    and is finished by the next.
    """
    before = read_manifest(folder) if previous is None else previous
    folder.mkdir(parents=True, exist_ok=True)
    facts = read_facts(con)
    after = Manifest(release_id=facts.release_id, made_from=digest_of(code_digest(), repr(facts)))
    if before.stands_in(folder, after.made_from):
        return ReportResult(folder / "index.html", facts.release_id, len(before.digests), 0, len(before.digests), 0)
    prepare(con, facts)
    held = read_outlets(con, facts)
    kept = _keep_unread(folder, (before, after), (theme_paths(con), outlet_paths(con)), read_stamps(con, facts, held))
    report = compose(con, facts, held, lambda path: path not in kept)
    templates = _templates_digest()
    written = write_assets(folder, before, after, facts.release_id)
    for page in report.pages:
        written += _write_page(folder, page, templates, (before, after), facts)
    shared = {
        "feed.xml": write_feed(facts, report.bursts, report.new_phrases, report.theme_pages).decode("utf-8"),
        "assets/search.js": f"window.tidingsSearch = {_script_json(report.search)};\n",
        "assets/release.js": f"window.tidingsRelease = {_script_json({'id': facts.release_id})};\n",
    }
    for name, content in shared.items():
        written += _write_file(folder, name, content, (before, after), facts.release_id)
    removed = remove_stale(folder, before, after)
    write_manifest(folder, after)
    total = len(after.digests)
    return ReportResult(folder / "index.html", facts.release_id, total, written, total - written, removed)


def _keep_unread(
    folder: Path, manifests: tuple[Manifest, Manifest], paths: tuple[dict[str, str], ...], stamps: tuple[dict[str, str], ...]
) -> set[str]:
    """Return the pages of themes and outlets whose sources are as they were; note them, and all pages' stamps."""
    before, after = manifests
    for of_kind, stamped in zip(paths, stamps, strict=True):
        after.stamps.update({path: stamped[name] for name, path in of_kind.items() if name in stamped})
    kept = {
        path
        for path, stamp in after.stamps.items()
        if before.stamps.get(path) == stamp and path in before.digests and path in before.releases and (folder / path).is_file()
    }
    for path in kept:
        after.digests[path], after.releases[path] = before.digests[path], before.releases[path]
    return kept


def _write_page(folder: Path, page: Page, templates: str, manifests: tuple[Manifest, Manifest], facts: Facts) -> int:
    before, after = manifests
    digest = digest_of(templates, page.template, page.content_key())
    after.digests[page.path] = digest
    if before.digests.get(page.path) == digest and (folder / page.path).is_file():
        after.releases[page.path] = before.releases[page.path]
        return 0
    root = "../" * page.path.count("/")
    figures = _script_json({figure.figure_id: figure.as_data() for figure in page.figures})
    swap_in(
        folder / page.path,
        render(page.template, **page.values, root=root, path=page.path, figures=figures, **_names(facts)),
    )
    after.releases[page.path] = facts.release_id
    return 1


def _names(facts: Facts) -> dict[str, str]:
    # What a figure taken home is cited by. No part of a page's content: a page that did not change keeps its own release's.
    return {"release_id": facts.release_id, "lexicon_version": facts.lexicon_version, "code_version": facts.code_version}


def _write_file(folder: Path, name: str, content: str, manifests: tuple[Manifest, Manifest], release_id: str) -> int:
    before, after = manifests
    digest = digest_of(content)
    after.digests[name], after.releases[name] = digest, release_id
    if before.digests.get(name) == digest and (folder / name).is_file():
        after.releases[name] = before.releases[name]
        return 0
    swap_in(folder / name, content)
    return 1


def _script_json(value: Any) -> str:
    """Return JSON that may stand inside a script element: no character of it can end the element or start a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    escapes = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
    return "".join(escapes.get(character, character) for character in text) if any(mark in text for mark in escapes) else text


def _templates_digest() -> str:
    made = environment()
    loader = made.loader
    names = made.list_templates()
    return digest_of(*(loader.get_source(made, name)[0] for name in names)) if loader else ""
