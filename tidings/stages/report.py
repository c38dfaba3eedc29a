"""Write the HTML report of the last release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
from jinja2 import TemplateError

from tidings.analysis.explore.saved import write_saved
from tidings.analysis.report import write_report
from tidings.base.languages.plural import counted
from tidings.storage.lake import WarehouseError
from tidings.storage.release import open_release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tidings.stages.run import Run


def report(run: Run, send: Callable[[str, list[str]], Any] | None = None) -> Path | None:
    """Answer the saved questions, write the report of a new release, and return the path of the
    first page.

    ``send`` receives a subject and lines: the news of a saved question.
    Return None if writing fails. The release remains valid, and ``tidings report`` writes the
    report again.
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
