"""One running newsroom for the tests of the sample, with its clock past the end."""

from __future__ import annotations

import pytest

from tidings.sample import start
from tidings.sample.serve import END


@pytest.fixture(scope="session")
def shared_newsroom():
    """A newsroom that all tests of this folder share."""
    with start() as newsroom:
        yield newsroom


@pytest.fixture
def newsroom(shared_newsroom):
    """The shared newsroom with everything visible and an empty log."""
    shared_newsroom.set_now(END)
    shared_newsroom.clear_log()
    return shared_newsroom
