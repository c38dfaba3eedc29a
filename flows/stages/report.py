"""The report: what a release shows, as pages to look at beside the warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
from jinja2 import TemplateError

from tidings.flows.report import write_report
from tidings.warehouse.lake import WarehouseError
from tidings.warehouse.release import open_release

if TYPE_CHECKING:
    from pathlib import Path

    from tidings.flows.stages.run import Run


def report(run: Run) -> Path | None:
    """Write the pages that the last release changed and return the first page's path.

    None where they could not be written: the release stands, and ``tidings report`` tries again.
    """
    try:
        with open_release(run.lake) as con:
            made = write_report(con, run.lake.report)
    except (duckdb.Error, OSError, TemplateError, WarehouseError) as error:
        run.log(f"the report could not be written: {str(error).splitlines()[0]}")
        return None
    run.log(f"report: {made.written} of {made.pages} pages written, {made.index}")
    return made.index
