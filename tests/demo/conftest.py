"""A running newsroom for the tests of the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tidings.demo import start
from tidings.demo.serve import END

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def shared_newsroom() -> Iterator[Any]:
    """A newsroom that all tests in this folder use."""
    with start() as newsroom:
        yield newsroom


@pytest.fixture
def newsroom(shared_newsroom: Any) -> Any:
    """The shared newsroom with all items visible and an empty log."""
    shared_newsroom.set_now(END)
    shared_newsroom.clear_log()
    return shared_newsroom
