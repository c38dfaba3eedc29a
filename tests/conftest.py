"""DuckDB in one thread, and servers that tests of several machines share; each is started when a test first asks for it."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.services import object_storage, postgres

# Tests have few rows and run on all cores beside each other, in processes of their own that tell theirs.
os.environ.setdefault("TIDINGS_THREADS", "1")


@pytest.fixture(scope="session")
def pg() -> Iterator[Any]:
    """A PostgreSQL server; not in pytest's folder, which the server's own user may not enter."""
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
