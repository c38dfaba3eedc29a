"""Extract stored pages in worker processes of this machine; a cluster may replace this function."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from tidings.extraction import Cleaned, Page, Unclean, clean_batch
from tidings.storage.archive import ArchiveError, read_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tidings.base.budget import Ledger
    from tidings.storage.file_store import Store
    from tidings.storage.pending import StoredPage


class Cleaner(Protocol):
    """Convert stored pages to articles."""

    def __call__(
        self,
        archive: Store,
        waiting: Sequence[tuple[Page, StoredPage]],
        workers: int,
        ledger: Ledger,
        log: Callable[[str], None],
    ) -> Iterator[tuple[Page, StoredPage, Cleaned | Unclean]]:
        """Yield each page with its cleaning result, in order; pages arrive without their bodies,
        which the archive stores.

        Pages of a source that has used up its seconds in the ledger are omitted. ``log`` receives a
        line for each page that takes too long.
        """


def clean_here(
    archive: Store,
    waiting: Sequence[tuple[Page, StoredPage]],
    workers: int,
    ledger: Ledger,
    log: Callable[[str], None] = lambda _text: None,
) -> Iterator[tuple[Page, StoredPage, Cleaned | Unclean]]:
    """Yield each page with its cleaning result, in order, from worker processes of this machine.

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
