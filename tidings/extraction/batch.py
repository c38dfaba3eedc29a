"""Extract many pages in worker processes that can be killed."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from tidings.base.guarded_pool import Failure, Result, Work, apply_guarded
from tidings.extraction.article import clean
from tidings.extraction.language import language_of
from tidings.extraction.records import Unclean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tidings.extraction.records import Cleaned, Page

CPU_SECONDS = 10.0  # per page: the slowest of 636 labelled pages took 0.5
MEMORY_MB = 256  # per page beside a worker's libraries: the largest labelled page took 60


def clean_batch(
    pages: Iterable[Page],
    workers: int,
    cpu_seconds: float = CPU_SECONDS,
    memory_mb: int = MEMORY_MB,
    log: Callable[[str], None] = lambda _text: None,
) -> Iterator[tuple[Page, Result]]:
    """Yield each page without its body, with its result, in input order; a page that exceeds a
    limit or kills its worker is Unclean with the outcome of ``apply_guarded``.
    """
    drawn: deque[Page] = deque()  # without their bodies, which may have 20 MB each

    def bodies() -> Iterator[Page]:
        for page in pages:
            drawn.append(replace(page, body=b"", document=None))
            yield page

    work = Work(_start, "Extraction", "cleaning", _describe, _size, cpu_seconds, memory_mb)
    for found, seconds in apply_guarded(bodies(), work, workers, log):
        result = Unclean(*found) if isinstance(found, Failure) else found
        yield drawn.popleft(), Result(result, seconds)


def _start() -> Callable[[Page], Cleaned | Unclean]:
    language_of("Load the language model now, so that no page's time and memory includes it.")
    return clean


def _describe(page: Page) -> str:
    return f"{page.url} ({len(page.body):,} bytes)"


def _size(page: Page) -> int:
    return len(page.body)
