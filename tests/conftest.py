"""Limit DuckDB to one thread, and start servers for shared lakes when a test first uses them."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.services import object_storage, postgres

# Tests have few rows and run in parallel on all cores.
os.environ.setdefault("TIDINGS_THREADS", "1")


@pytest.fixture(scope="session")
def pg() -> Iterator[Any]:
    """A PostgreSQL server outside of pytest's folder, which the server's user may not read."""
    with (
        tempfile.TemporaryDirectory(prefix="tidings-pg-", ignore_cleanup_errors=True) as folder,
        postgres(Path(folder)) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[Any]:
    """An S3 server over HTTP."""
    with object_storage() as endpoint:
        yield endpoint
