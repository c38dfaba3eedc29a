"""Cleaning on a cluster: Prefect's Dask task runner over a scheduler that TIDINGS_CLUSTER names, for large imports.

The pages' places go out, the workers read the bodies from the archive themselves and send back what the pages say; rows are
written by the run alone, as always. Workers need the same Tidings, and the archive where they can reach it.
"""

from __future__ import annotations

import functools
import os
import pickle
from typing import TYPE_CHECKING, Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from tidings.flows.settings import SettingsError
from tidings.flows.stages.cleaner import clean_here

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator, Sequence

    from tidings.flows.extract import Cleaned, Page, Unclean
    from tidings.flows.fetch.budget import Ledger
    from tidings.flows.stages.cleaner import Cleaner
    from tidings.warehouse.file_store import Store
    from tidings.warehouse.pending import StoredPage

CHUNK = 250  # pages a task: a guarded process is started for each chunk, two seconds that many pages share
LOCAL = "local"


def cleaner_of(cluster: str) -> Cleaner:
    """Return who cleans: processes of this machine where no cluster is named, else the cluster of that address.

    ``local`` starts a cluster on this machine, to try it out. Raises SettingsError if the address is
    invalid or the extra is not installed.
    """
    if not cluster:
        return clean_here
    if cluster != LOCAL and ":" not in cluster:
        raise SettingsError(f"TIDINGS_CLUSTER: {cluster!r} is neither local nor a scheduler's address such as tcp://host:8786.")
    try:
        import prefect_dask  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise SettingsError("TIDINGS_CLUSTER needs the extra tidings[cluster].") from error
    return functools.partial(clean_on_cluster, cluster)


def clean_on_cluster(  # noqa: PLR0917 - a cleaner's arguments after the cluster
    cluster: str,
    archive: Store,
    waiting: Sequence[tuple[Page, StoredPage]],
    workers: int,
    ledger: Ledger,
    log: Callable[[str], None] = lambda _text: None,
) -> Iterator[tuple[Page, StoredPage, Cleaned | Unclean]]:
    """Yield each page with its cleaning result, in order; each chunk of pages is one task of the cluster.

    Each chunk starts with the seconds that sources had used when it was sent, and reports the seconds that it added. If a
    worker dies on a chunk, this process cleans the chunk, so that a bad page costs only itself.
    """
    import dask  # noqa: PLC0415 - an extra
    from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415

    dask.config.set({"distributed.worker.daemon": False})  # its workers start the guarded processes that clean
    here = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
    runner: Any = DaskTaskRunner(cluster_kwargs=here) if cluster == LOCAL else DaskTaskRunner(address=cluster)
    chunks = [list(waiting[start : start + CHUNK]) for start in range(0, len(waiting), CHUNK)]

    @flow(name="clean on the cluster", task_runner=runner, persist_result=False)
    def fetch_all() -> list[Any]:  # the chunks are no parameters of the flow: Prefect keeps those, and refuses half a megabyte
        futures = [clean_chunk.submit(archive, pickle.dumps((chunk, ledger))) for chunk in chunks]
        for future in futures:
            future.wait()
        return [future.result(raise_on_failure=False) if future.state.is_completed() else None for future in futures]

    before = ledger.spent.copy()
    for chunk, found in zip(chunks, fetch_all(), strict=True):
        if found is None:
            yield from clean_here(archive, chunk, workers, ledger, log)
            continue
        results, spent = found
        for source, seconds in spent.items():
            ledger.take(source, seconds - before[source])
        yield from results


@task(name="clean chunk", cache_policy=NO_CACHE, persist_result=False)
def clean_chunk(archive: Store, packed: bytes) -> tuple[list[tuple[Page, StoredPage, Cleaned | Unclean]], Counter[str]]:
    """Return the cleaning results of a chunk's pages, and the seconds that their sources have used; runs on a cluster worker.

    The worker cleans one page at a time. The pages are pickled, so that neither Prefect nor Dask searches them for the results
    of other tasks.
    """
    chunk, ledger = pickle.loads(packed)  # noqa: S301 - pickled by the run
    return list(clean_here(archive, chunk, 1, ledger)), ledger.spent


def cluster_named() -> str:
    """Return the cluster that TIDINGS_CLUSTER names, or empty."""
    return os.environ.get("TIDINGS_CLUSTER", "")
