"""Clean and annotate on a Dask cluster that TIDINGS_CLUSTER names, for large imports.

The run sends chunks of work to the cluster's workers and writes the rows that they return. Workers
need the same version of Tidings, and access to the archive, from which they read the pages.
"""

from __future__ import annotations

import contextlib
import functools
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from tidings.base.settings import SettingsError

if TYPE_CHECKING:
    from tidings.stages.run import Spread

T = TypeVar("T")
LOCAL = "local"
AHEAD = 2  # chunks per thread of the cluster that are sent before an earlier one is finished


def spread_of(cluster: str) -> Spread | None:
    """Return the function that spreads chunks of work over ``cluster``, the address of a Dask
    scheduler or ``local``; None if it is empty. Raises SettingsError if it is invalid or the extra
    is not installed.
    """
    if not cluster:
        return None
    if cluster != LOCAL and ":" not in cluster:
        raise SettingsError(
            f"TIDINGS_CLUSTER: {cluster!r} is neither `local` nor the address of a scheduler such"
            f" as tcp://host:8786."
        )
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise SettingsError(
            "TIDINGS_CLUSTER requires the extra tidings[cluster], which is not installed."
        ) from error
    return functools.partial(spread_over, cluster)


def spread_over(
    cluster: str, function: Callable[..., T], chunks: Iterable[tuple[Any, ...]], workers: int
) -> Iterator[T]:
    """Yield the results of a function for chunks of work, as ``Spread`` does. A local cluster has
    ``workers`` processes.
    """
    import dask
    import distributed

    # daemon processes must not start child processes, and workers start one for each chunk
    dask.config.set({"distributed.worker.daemon": False})
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
        ahead = AHEAD * max(1, sum(client.nthreads().values()))
        sent: deque[tuple[bytes, Any]] = deque()
        for chunk in chunks:
            # packed, so that Dask does not search the chunk for the results of other tasks
            packed = pickle.dumps((function, chunk))
            sent.append((packed, client.submit(_apply, packed, pure=False)))
            if len(sent) >= ahead:
                yield finish(*sent.popleft())
        while sent:
            yield finish(*sent.popleft())


def _apply(packed: bytes) -> Any:
    function, arguments = pickle.loads(packed)  # noqa: S301 - pickled by the run
    return function(*arguments)


def finish(packed: bytes, future: Any) -> Any:
    """Return the result of a chunk, or do it here if its worker died."""
    return _apply(packed) if future.exception() else future.result()
