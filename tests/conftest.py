"""Limit DuckDB to one thread, start slow files first, and start servers for shared lakes when a
test first uses them.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.storage.services import object_storage, postgres_servers, postgres_versions

pytest_plugins = ["tests.fixtures"]

# Tests have few rows and run in parallel on all cores.
os.environ.setdefault("TIDINGS_THREADS", "1")

# Files that take half a minute of CPU time or more. A worker that begins one of them last works
# while the others wait.
SLOWEST = (
    "flows/test_serve.py",
    "test_text_cost.py",
    "stages/test_scratch.py",
    "flows/test_nightly.py",
    "flows/test_forget.py",
    "flows/test_stopping.py",
    "flows/test_backfill.py",
    "stages/test_release.py",
    "transforms/test_events.py",
    "stages/test_build.py",
    "stages/test_changed_days.py",
    "flows/test_shared_lake.py",
    "stages/test_month.py",
    "stages/test_rebuild.py",
    "cli/test_phrase.py",
)


def pytest_configure(config: pytest.Config) -> None:
    """Let pytest-xdist keep the order of files; by itself, it starts the files with the most tests
    first.
    """
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the slowest files to the front."""
    ranks = {Path(__file__).parent / name: rank for rank, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of shared lakes on each version of PostgreSQL."""
    if "pg" in metafunc.fixturenames:
        metafunc.parametrize("pg", postgres_versions(), indirect=True)


@pytest.fixture(scope="session")
def pg_servers() -> Iterator[Any]:
    """A function that returns a PostgreSQL server by its version."""
    with postgres_servers() as server:
        yield server


@pytest.fixture(scope="session")
def pg(request: pytest.FixtureRequest, pg_servers: Any) -> Any:
    """A PostgreSQL server of one version."""
    return pg_servers(request.param)


@pytest.fixture(scope="session")
def s3() -> Iterator[Any]:
    """An S3 server over HTTP."""
    with object_storage() as endpoint:
        yield endpoint
