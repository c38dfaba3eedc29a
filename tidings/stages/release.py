"""Release the tables that were built and audited, and write the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import TemplateError

from tidings.analysis.explore.saved import write_saved
from tidings.analysis.explore.word_index import index_path, write_index
from tidings.analysis.report import write_report
from tidings.base.languages.plural import counted
from tidings.base.records import Release
from tidings.stages.audit import AuditResult
from tidings.stages.run import Run, code_version
from tidings.storage.lake import WarehouseError, open_lake
from tidings.storage.reference import lexicon_version
from tidings.storage.release import open_release
from tidings.storage.release import release as release_lake


def report(run: Run, send: Callable[[str, list[str]], Any] | None = None) -> Path | None:
    """Answer the saved questions, write the report of a new release, and return its first page, or
    None if writing fails. ``send`` receives the news of a saved question: subject and lines.
    """
    try:
        questions = write_saved(run.lake, run.settings.seeds, run.log, send)
        # afterwards, because its pages link to the saved questions
        with open_release(run.lake) as con:
            result = write_report(con, run.lake.report, is_kept=True)
    except (duckdb.Error, OSError, TemplateError, WarehouseError) as error:
        run.log(
            f"report: not written ({str(error).splitlines()[0]}); run `tidings report` to write it"
        )
        return None
    run.log(
        f"report: {counted(result.file_count, 'file')}"
        f" {'written' if result.is_written else 'unchanged'},"
        f" {counted(questions, 'saved question')}, {result.index}"
    )
    return result.index


def release(run: Run, audited: AuditResult, accepted_loss: str | None = None) -> Release:
    """Release the lake's current snapshot, unless nothing has changed, and return the last release.
    ``accepted_loss`` is recorded if the audit reported missing rows.
    """
    with open_lake(run.lake) as con:
        released, is_new = release_lake(
            con,
            run.lake,
            now=run.now,
            lexicon=lexicon_version(con),
            code=code_version(),
            run_id=run.run_id,
            passed=audited.passed,
            warned=len(audited.warned) + len(audited.losses),
            accepted_loss=accepted_loss if audited.losses else None,
        )
    if index_path(run.lake.release_file).exists():  # a user of Explore typed words
        write_index(run.lake.release_file)
    run.log(
        f"released {released.release_id}"
        if is_new
        else f"nothing changed: {released.release_id} remains the last release"
    )
    return released
