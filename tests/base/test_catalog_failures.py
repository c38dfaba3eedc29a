"""Failures after a restart of the catalog's server are recognised, so that a run is tried again."""

from pathlib import Path

import pytest

from tidings.base.messages import is_connection_lost
from tidings.storage.lake import Lake
from tidings.storage.writer_lock import WRITER_LOCK, LockLostError, _check


def test_a_lost_lock_is_a_lost_connection(tmp_path: Path) -> None:
    """A lock ends with its connection, so a run that lost it is repeated; no other failure is."""
    lake = Lake(tmp_path)
    with pytest.raises(LockLostError) as lost:
        _check(lake, lake.locks(), WRITER_LOCK)  # no process has it
    assert is_connection_lost(lost.value)
    assert not is_connection_lost(ValueError("an invalid setting"))
