"""Remove a page from the lake and the archive, and then from all files made from them."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Sequence
from itertools import chain

from tidings.analysis.explore.saved import write_saved
from tidings.analysis.explore.word_index import renew_index
from tidings.analysis.report.write import write_report
from tidings.base.languages.plural import counted
from tidings.base.urls import normalise_url
from tidings.stages.annotate import annotate
from tidings.stages.audit import AuditError, audit
from tidings.stages.build import model
from tidings.stages.group import group
from tidings.stages.prepare import migrate_lake
from tidings.stages.release import release
from tidings.stages.run import Run
from tidings.storage.forget import Removal, Traces, find_traces, forget, unfinished_urls
from tidings.storage.lake import WarehouseError, open_lake, refuse
from tidings.storage.load import read_column
from tidings.storage.maintain import delete_stray_files, vacuum
from tidings.storage.project import ProjectError
from tidings.storage.release import last_release, open_release, replace_release_file


def pages_of_outlet(run: Run, publisher_id: str) -> list[str]:
    """Return the URLs of an outlet's full texts. Raises WarehouseError if there are none."""
    query = "select url from core.articles where publisher_id = ? and extractor != 'summary'"
    with run.reading() as con:
        urls = read_column(con, query, [publisher_id])
    refuse(not urls, f"The warehouse has no full text of the outlet {publisher_id!r}.")
    return urls


def trace_page(run: Run, *pages: str) -> Traces:
    """Return the data that ``forget_page`` would remove. Raises WarehouseError as it does."""
    urls = _url_forms(run, pages)
    with run.reading() as con:
        return find_traces(con, run.lake, urls)


def _url_forms(run: Run, pages: Sequence[str]) -> list[str]:
    forms = {url: normalise_url(url) or "" for url in pages}
    for url, form in forms.items():
        refuse(not form, f"Invalid URL {url}: a page has an http:// or https:// URL.")
    run.lake.require()
    return sorted({*forms, *forms.values()})


def forget_page(run: Run, *pages: str) -> Removal:
    """Remove pages everywhere but in exports and backups, so that they are not collected again.
    Raises WarehouseError if a URL is invalid or there is no warehouse.
    """
    urls = _url_forms(run, pages)
    with run.lock(), open_lake(run.lake) as con:
        migrate_lake(run, con)
    removal = _remove(run, urls)
    _recreate_outputs(run)
    return removal


def finish_forgetting(run: Run) -> None:
    """Complete removals that were interrupted."""
    with run.lock(), open_lake(run.lake) as con:
        migrate_lake(run, con)
        urls = unfinished_urls(con)
    if urls:
        _remove(run, urls)


def _remove(run: Run, urls: Sequence[str]) -> Removal:
    with run.lock():
        removal = forget(run.lake, urls, run.now)
        run.log(_summary(removal))
        with run.reading() as con:
            newest = last_release(con)
        if newest:
            replace_release_file(run.lake, newest)
        renew_index(run.lake.release_file)
        # a file of an interrupted run may contain the page
        delete_stray_files(run.lake)
        _clear_logs(run, removal)
    return removal


def forget_again(run: Run) -> None:
    """Remove pages of unknown URLs that cleaning identified as a removed article."""
    query = "select distinct url from core.extractions where outcome = 'forgotten'"
    with run.reading() as con:
        urls = read_column(con, query)
    if urls:
        with run.lock():
            forget(run.lake, urls, run.now)
        run.log(f"removed {counted(len(urls), 'URL')} that produced removed pages")


def _recreate_outputs(run: Run) -> None:
    """If the audit fails, the last release remains."""
    try:
        with run.lock():
            annotate(run)
            group(run)
            model(run)
            release(run, audit(run))
            if not run.lake.is_shared:
                vacuum(run.lake.catalog)
    except (AuditError, WarehouseError, ProjectError) as error:
        run.log(
            f"removed the page from the last release, but could not make a new release: {error}"
        )
    write_saved(run.lake, run.settings.seeds, run.log)
    with contextlib.suppress(WarehouseError), open_release(run.lake) as con:
        write_report(con, run.lake.report)
    run.log(
        "exports and backups that were made before may still contain the page: make them again,"
        " and delete the old ones"
    )


def _clear_logs(run: Run, removal: Removal) -> None:
    """Delete an interrupted rebuild, the work folder, and the page's logs in Prefect's database."""
    for folder in (run.lake.work, run.lake.root / "rebuild"):
        shutil.rmtree(folder, ignore_errors=True)
    path = run.lake.prefect
    if not path.exists():
        return
    with contextlib.closing(sqlite3.connect(path, timeout=60)) as con, con:
        texts = (text for text in removal.traces.texts if len(text) > 12)
        for text in chain(removal.traces.urls, texts):
            con.execute("delete from log where instr(message, ?) > 0", [text])
            con.execute("delete from artifact where instr(data, ?) > 0", [text])
    vacuum(path)


def _summary(removal: Removal) -> str:
    traces = removal.traces
    if not (traces.captures or removal.row_count):
        return "the warehouse contained no data about the page; later runs will not collect it"
    return (
        f"removed {counted(len(traces.captures), 'capture')} of {counted(len(traces.urls), 'URL')},"
        f" {counted(len(traces.sources), 'response')} of sources with the page, and"
        f" {counted(removal.row_count, 'row')}; changed {counted(len(removal.releases), 'release')}"
    )
