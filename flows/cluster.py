"""Clean pages on a Dask cluster that TIDINGS_CLUSTER names, for large imports.

The run sends the archive locations of the pages to the workers. The workers read the bodies from
the archive and return the cleaning results, and the run writes the rows. Workers need the same
version of Tidings and access to the archive.
"""

from __future__ import annotations

import contextlib
import functools
import pickle
from typing import TYPE_CHECKING, Any

from tidings.base.settings import SettingsError
from tidings.stages.cleaner import clean_here

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator, Sequence

    from tidings.base.budget import Ledger
    from tidings.extraction import Cleaned, Page, Unclean
    from tidings.stages.cleaner import Cleaner
    from tidings.storage.file_store import Store
    from tidings.storage.pending import StoredPage

CHUNK = 250  # pages per task: each chunk starts a guarded process, which takes two seconds
LOCAL = "local"


def cleaner_of(cluster: str) -> Cleaner:
    """Return the function that cleans pages: on this machine if ``cluster`` is empty, otherwise on
    that cluster.

    Args:
        cluster: Address of a Dask scheduler, ``local`` for a test cluster on this machine, or
            empty.

    Raises:
        SettingsError: If the address is invalid or the extra tidings[cluster] is not installed.
    """
    if not cluster:
        return clean_here
    if cluster != LOCAL and ":" not in cluster:
        raise SettingsError(
            f"TIDINGS_CLUSTER: {cluster!r} is neither `local` nor the address of a scheduler such"
            f" as tcp://host:8786."
        )
    try:
        import distributed  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise SettingsError(
            "TIDINGS_CLUSTER requires the extra tidings[cluster], which is not installed."
        ) from error
    return functools.partial(clean_on_cluster, cluster)


def clean_on_cluster(  # noqa: PLR0917 - a cleaner's arguments after the cluster
    cluster: str,
    archive: Store,
    waiting: Sequence[tuple[Page, StoredPage]],
    workers: int,
    ledger: Ledger,
    log: Callable[[str], None] = lambda _text: None,
) -> Iterator[tuple[Page, StoredPage, Cleaned | Unclean]]:
    """Yield each page with its cleaning result, in order. Each chunk of pages is one task of the
    cluster.

    Each chunk starts with the CPU seconds that its sources had used when it was sent, and returns
    the updated seconds. If a worker dies while it cleans a chunk, this process cleans the chunk
    instead, so that only the bad page fails.
    """
    import dask  # noqa: PLC0415 - an extra
    import distributed  # noqa: PLC0415

    # daemon processes must not start child processes, and workers start one for each chunk
    dask.config.set({"distributed.worker.daemon": False})
    chunks = [waiting[start : start + CHUNK] for start in range(0, len(waiting), CHUNK)]
    before = ledger.spent.copy()
    with contextlib.ExitStack() as stack:
        dask_api: Any = distributed  # has no types
        address: Any = cluster
        if cluster == LOCAL:
            address = stack.enter_context(
                dask_api.LocalCluster(
                    n_workers=workers, threads_per_worker=1, dashboard_address=None
                )
            )
        client = stack.enter_context(dask_api.Client(address))
        # packed, so that Dask does not search the pages for the results of other tasks
        packed = [pickle.dumps((archive, list(chunk), ledger)) for chunk in chunks]
        futures = client.map(clean_chunk, packed, pure=False)
        for chunk, future in zip(chunks, futures, strict=True):
            if future.exception():
                yield from clean_here(archive, chunk, workers, ledger, log)
                continue
            results, spent = future.result()
            for source, seconds in spent.items():
                ledger.take(source, seconds - before[source])
            yield from results


def clean_chunk(
    packed: bytes,
) -> tuple[list[tuple[Page, StoredPage, Cleaned | Unclean]], Counter[str]]:
    """Return the cleaning results of a chunk, and the CPU seconds that its sources have used. Runs
    on a cluster worker, which cleans one page at a time.
    """
    archive, chunk, ledger = pickle.loads(packed)  # noqa: S301 - pickled by the run
    return list(clean_here(archive, chunk, 1, ledger)), ledger.spent
