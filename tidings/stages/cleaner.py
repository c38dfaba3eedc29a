"""Extract stored pages in worker processes of this machine, or on a cluster."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING

from tidings.extraction import Cleaned, Page, Unclean, clean_batch
from tidings.storage.archive import ArchiveError, read_body
from tidings.storage.pending import StoredPage

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Sequence

    from tidings.base.budget import Ledger
    from tidings.stages.run import Spread
    from tidings.storage.file_store import Store


CHUNK = 250  # pages per task of a cluster, which starts a guarded process in two seconds
Results = Iterator[tuple[Page, StoredPage, Cleaned | Unclean]]


def clean_pages(  # noqa: PLR0917 - the arguments of clean_here after the cluster
    spread: Spread | None,
    archive: Store,
    waiting: Sequence[tuple[Page, StoredPage]],
    workers: int,
    ledger: Ledger,
    log: Callable[[str], None] = lambda _text: None,
) -> Results:
    """Yield what ``clean_here`` does, from the cluster's workers if there is a cluster.

    Each chunk starts with the CPU seconds that its sources had used when it was sent, and returns
    the updated seconds.
    """
    if spread is None:
        yield from clean_here(archive, waiting, workers, ledger, log)
        return
    chunks = (
        (archive, waiting[start : start + CHUNK], deepcopy(ledger))
        for start in range(0, len(waiting), CHUNK)
    )
    for (_, chunk, before), done in spread(clean_chunk, chunks, workers):
        if done is None:
            yield from clean_here(archive, chunk, workers, ledger, log)
            continue
        results, spent = done
        for source, seconds in spent.items():
            ledger.take(source, seconds - before.spent[source])
        yield from results


def clean_chunk(
    packed: bytes,
) -> tuple[list[tuple[Page, StoredPage, Cleaned | Unclean]], Counter[str]]:
    """Return the cleaning results of a chunk, and the CPU seconds that its sources have used. Runs
    on a cluster worker, which cleans one page at a time.
    """
    archive, chunk, ledger = pickle.loads(packed)  # noqa: S301 - pickled by the run
    return list(clean_here(archive, chunk, 1, ledger)), ledger.spent


def clean_here(
    archive: Store,
    waiting: Sequence[tuple[Page, StoredPage]],
    workers: int,
    ledger: Ledger,
    log: Callable[[str], None] = lambda _text: None,
) -> Results:
    """Yield each page with its cleaning result, in order, from worker processes of this machine.
    Pages arrive without their bodies, which the archive stores.

    Pages of a source that has used up its seconds in the ledger are omitted. ``log`` receives a
    line for each page that takes too long.

    If the archive's body of a page is unreadable, the result is Unclean with the outcome
    archive_damaged.
    """
    drawn: deque[tuple[Page, StoredPage, str]] = deque()

    def bodies() -> Iterator[Page]:
        for page, stored in waiting:
            if ledger.is_used_up(stored.source):
                continue
            body, document, damage = b"", None, ""
            try:
                body = read_body(archive, stored.warc_file, stored.warc_offset, stored.warc_length)
                if file := stored.document:
                    document = read_body(
                        archive, file.warc_file, file.warc_offset, file.warc_length
                    )
            except ArchiveError as error:
                damage = str(error)
            drawn.append((page, stored, damage))
            yield replace(page, body=body, document=document)

    for _, result in clean_batch(bodies(), workers, log=log):
        page, stored, damage = drawn.popleft()
        ledger.take(stored.source, result.seconds)
        yield page, stored, Unclean("archive_damaged", damage) if damage else result.found
