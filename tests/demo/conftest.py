"""A running newsroom for the tests of the sample."""

from typing import Any

import pytest

from tidings.demo.serve import END


@pytest.fixture
def newsroom(newsroom: Any) -> Any:
    """The shared newsroom with all items visible and an empty log."""
    newsroom.set_now(END)
    newsroom.clear_log()
    return newsroom
