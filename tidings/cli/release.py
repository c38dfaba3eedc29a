"""``tidings backfill``, ``release``, ``report`` and ``export``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer
from typer import Argument, Option

from tidings.base.languages.plural import counted
from tidings.base.settings import read_settings
from tidings.cli.lake import find_lake
from tidings.cli.run_flow import run_flow
from tidings.cli.terminal import (
    FeedList,
    ReleaseName,
    RunTime,
    file_errors,
    note,
    print_progress,
    refuse,
    use_feeds,
)
from tidings.fetch.window import Window
from tidings.stages.plan import check_feeds, describe_changes, read_paths, read_window
from tidings.stages.prepare import registry_of
from tidings.storage.release import open_file, open_release, released_file
from tidings.storage.remote_lake import demo_lake, lake_of

if TYPE_CHECKING:
    from tidings.analysis.report.export import Export


def backfill(
    start: str = Option("", help="First day (YYYY-MM-DD). Optional only for retag."),
    end: str = Option("", help="Last day, inclusive (YYYY-MM-DD)."),
    feed: list[str] | None = Option(
        None, help="Process only this feed ID. Repeat the option for several feeds."
    ),
    feeds: FeedList = None,
    mode: Literal["refetch", "reprocess", "retag"] = Option(
        "refetch", help="What the run does (see above)."
    ),
    warc: list[Path] | None = Option(
        None, help="WARC file to import pages from. Repeat the option for several files."
    ),
    dry_run: bool = Option(False, "--dry-run", help="Show the plan and change nothing."),
    yes: bool = Option(False, "--yes", help="Change released figures without asking."),
    now: RunTime = "",
) -> None:
    """Fetch, clean or annotate the articles of a date range again, then make one release.

    * `--mode refetch`, the default, requests only missing items from listings, sitemaps and
      archives.
    * `--mode reprocess` cleans the stored pages again with the current rules.
    * `--mode retag` finds mentions, statements and terms again in stored articles whose rows are of
      older rules; without dates, in those of all days.

    A window of weeks that a release has published as complete changes figures that somebody may
    have printed: in a terminal, the command then asks first. `revised_figures` lists what changed.

    Only `refetch` makes network requests.
    """
    use_feeds(feeds)
    # report invalid input before a run starts
    window = read_window(start, end, mode)
    files = "\n".join(str(path.absolute()) for path in warc or ())
    read_paths(files)
    chosen = feed or []
    check_feeds(registry_of(read_settings())[0], chosen, [], [])
    if mode != "refetch":
        _require_articles()
    if not (dry_run or yes):
        _confirm(window)
    parameters = {
        "start": window.start if window else "",
        "end": window.end if window else "",
        "mode": mode,
        "feeds": chosen,
        "warc_files": files,
        "dry_run": dry_run,
        "confirm": True,
        "now": now,
    }
    run_flow("tidings.flows.backfill:backfill", parameters)


def _require_articles() -> None:
    """Raise UserError or WarehouseError if no run has stored articles: a release without rows would
    replace the demo in all commands that read one.
    """
    lake = lake_of(read_settings())
    refuse(
        demo_lake(lake),
        f"There is no warehouse in {lake.name} yet, and a backfill does not change the demo's."
        " `tidings demo` collects it again with the current rules and seeds.",
    )
    lake.require()


def _confirm(window: Window | None) -> None:
    if sys.stdin.isatty() and (sentence := describe_changes(lake_of(read_settings()), window)):
        typer.confirm(f"{sentence} Continue?", abort=True)


def release(
    accept_loss: str | None = Option(
        None, metavar="REASON", help="Release even if rows are missing, and record this reason."
    ),
    now: RunTime = "",
) -> None:
    """Rebuild every table from the stored articles, audit the tables and release them. No network
    requests.

    The audit refuses a release that lacks rows of the last release, unless a reprocess, a retag or
    a forgotten page explains the loss. This command restores all rows that can be computed again.
    If rows are still missing, use `--accept-loss` to release anyway. `ops.releases` stores the
    reason.
    """
    refuse(
        accept_loss is not None and not accept_loss.strip(),
        '--accept-loss needs a reason, such as: tidings release --accept-loss "the'
        ' archive of 2019 was lost"',
    )
    lake = lake_of(read_settings())
    lake.require()
    run_flow(
        "tidings.flows.release:release", {"accepted_loss": (accept_loss or "").strip(), "now": now}
    )


def report() -> None:
    """Write the report of the last release and print the path of its first page.

    Open this path in any browser. The report needs no network access.
    """
    from tidings.analysis.explore.saved import write_saved
    from tidings.analysis.report import write_report

    lake = find_lake()
    with open_release(lake) as con, file_errors("write", lake.report):
        write_saved(lake, read_settings().seeds, note)
        result = write_report(con, lake.report)
    note(
        f"release {result.release_id}: {counted(result.file_count, 'file')} written,"
        f" {result.removed} removed"
    )
    print(result.index)


def export(
    folder: Path = Argument(
        metavar="DIR",
        help="A new or empty folder, or the folder of an earlier export, which is replaced.",
    ),
    with_text: bool = Option(
        False,
        "--with-text",
        help="Include article texts. They belong to their publishers: do not redistribute them.",
    ),
    with_xlsx: bool = Option(
        False,
        "--xlsx",
        help="Also write each table as an Excel workbook with a citation sheet. It takes longer.",
    ),
    with_validation: bool = Option(
        False,
        "--validation",
        help="Also write a sheet for reviewers, validation.html and validation.csv: what was"
        " measured, by whom, agreement, recall, precision, drift and coverage.",
    ),
    release: ReleaseName = None,
    doi: str = Option(
        "",
        help="DOI of the published data, such as 10.5281/zenodo.1234567. Default: that of the"
        " earlier export of this release.",
    ),
    license: str = Option(  # noqa: A002 - the name of the option
        "",
        help="Licence of the figures (SPDX identifier). Default: that of the earlier"
        " export, otherwise CC-BY-4.0.",
    ),
    author: list[str] | None = Option(
        None,
        help='Author, "Family, Given" or a body; repeatable. Default: as in the earlier'
        ' export, or "The Tidings authors".',
    ),
) -> None:
    """Write a release as data to publish: tables, descriptions, citation and
    checksums.

    DIR then contains each table as Parquet and CSV; README.md with the period, outlets, gaps,
    definitions and examples; CITATION.cff; SHA256SUMS; a data dictionary; and a Frictionless data
    package. The same release gives the same bytes.

    To publish: run this command with `--author`, reserve a DOI (on Zenodo: New upload, Reserve
    DOI), run it again with `--doi`, and upload DIR as a ZIP file, because Zenodo has no folders.
    """
    from tidings.analysis.report.export import export_release, parse_doi, parse_license

    doi, license = doi and parse_doi(doi), license and parse_license(license)  # noqa: A001
    lake = find_lake()
    with (
        released_file(lake, release) as path,
        open_file(path) as con,
        file_errors("write", folder),
    ):
        result = export_release(
            con,
            folder,
            with_text=with_text,
            with_xlsx=with_xlsx,
            with_validation=with_validation,
            license=license,
            doi=doi,
            authors=[*filter(None, (" ".join(name.split()) for name in author or ()))],
        )
    _print_summary(result)
    print(folder)


def _print_summary(result: Export) -> None:
    bundle = result.bundle
    size = sum(size for size, _ in result.files.values()) / 1e6
    note(
        f"release {bundle.facts.release_id}: {counted(len(bundle.tables), 'table')},"
        f" {counted(len(result.files) + 1, 'file')}, {size:.1f} MB,"
        f" {'with' if bundle.has_text else 'without'} article texts, licence {bundle.license}"
    )
    for line in result.notes:
        print_progress(line)
    names = sorted({name.partition("/")[0] for name in result.files} | {"SHA256SUMS"})
    note(f"{', '.join(names)}: README.md describes them.")
    advice = (
        "Next: reserve a DOI (on Zenodo: New upload, Reserve DOI), run the same command with"
        " --doi 10.5281/zenodo.…, and upload a ZIP file."
    )
    if bundle.facts.invented.notice:
        advice = f"{bundle.facts.invented.notice} Do not publish this folder as real data."
    elif bundle.has_text:
        advice = "Do not publish this folder: the texts belong to their publishers."
    elif bundle.doi:
        advice = f"Next: pack this folder as a ZIP file and upload it as {bundle.url}"
    note(advice)
