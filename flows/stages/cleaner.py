"""Who cleans: worker processes beside the run, unless the run is given others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from flows.steps.clean import Cleaned, Page, Unclean, clean_batch
from warehouse.archive import ArchiveError, read_body

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from warehouse.store import Store
    from warehouse.work import Stored


class Cleaner(Protocol):
    """Makes of stored pages what they say."""

    def __call__(self, archive: Store, waiting: Sequence[tuple[Page, Stored]], workers: int) -> Iterator[Cleaned | Unclean]:
        """Yield what cleaning made of each page, in order; pages come without their bodies, which the archive holds."""


def clean_here(archive: Store, waiting: Sequence[tuple[Page, Stored]], workers: int) -> Iterator[Cleaned | Unclean]:
    """Yield what cleaning made of each page, in order, in worker processes of this machine.

    A page whose body the archive cannot give is Unclean archive_damaged.
    """
    unread: dict[int, str] = {}

    def pages() -> Iterator[Page]:
        for number, (page, stored) in enumerate(waiting):
            try:
                body = read_body(archive, stored.warc_file, stored.warc_offset, stored.warc_length)
            except ArchiveError as error:
                unread[number], body = str(error), b""
            yield replace(page, body=body)

    for number, (_, found) in enumerate(clean_batch(pages(), workers)):
        yield Unclean("archive_damaged", unread[number]) if number in unread else found
