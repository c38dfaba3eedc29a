"""Limit DuckDB to one thread, start slow files first, and start shared servers on first use."""

import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.storage.services import object_storage, postgres_servers, postgres_versions
from tidings.annotation.udf import MissingPandas

pytest_plugins = ["tests.fixtures"]

# Tests have few rows and run in parallel on all cores.
os.environ.setdefault("TIDINGS_THREADS", "1")

# Tests start hundreds of processes. Without stored bytecode, each of them compiles the program and
# Prefect again, which is half of its time.
os.environ["PYTHONDONTWRITEBYTECODE"] = ""
sys.dont_write_bytecode = False

# Modules of the worker processes. Importing them takes a second of CPU time, and their first text
# another one.
WORKERS = [
    "tidings.analysis.explore.query_process",
    "tidings.annotation.annotate",
    "tidings.extraction.article",
    "tidings.fetch.feed.read",
    "tests.first_texts",
]

# Files that take half a minute or more, the longest first. A worker that begins one of them last
# works while the others wait.
SLOWEST = """
    flows/test_serve.py flows/test_lost_runs.py analysis/report/test_browser.py
    flows/test_forget.py flows/test_stopping.py faults/test_short.py flows/test_backfill.py
    analysis/explore/test_page.py stages/test_build.py transforms/test_events.py
    cli/test_tutorial.py stages/test_release.py analysis/explore/test_query_process.py
    stages/test_rebuild.py test_text_cost.py stages/test_changed_days.py stages/test_rights.py
    flows/test_shared_lake.py stages/test_group.py transforms/test_theme_quality.py
    transforms/test_stories.py analysis/coding/test_browser.py flows/test_cluster.py
    transforms/test_candidates.py cli/test_phrase.py stages/test_scratch.py cli/test_run_flow.py
    cli/test_code.py stages/test_ten_nights.py storage/test_move_lake.py
    flows/test_prefect_server.py stages/test_foreign_links.py transforms/test_revised_figures.py
    transforms/test_corrections.py transforms/test_volume.py flows/test_truth.py
""".split()

ALL_SLOW = "pytestmark = pytest.mark.slow"
MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its own there


def pytest_configure(config: pytest.Config) -> None:
    """Let pytest-xdist keep the order of files; by itself, it starts the files with the most tests
    first. Keep temporary folders in memory, where a commit need not wait for a disk.
    """
    config.option.loadscopereorder = False
    gc.set_threshold(50_000)  # by default 700 objects: the collections took 4 % of the CPU time
    if not find_spec("pandas"):  # DuckDB searches it twice for each parameter of a statement
        sys.meta_path.insert(0, MissingPandas())
    if MEMORY.is_dir():
        state = os.statvfs(MEMORY)
        if state.f_bavail * state.f_frsize >= 2**33 and not state.f_flag & os.ST_NOEXEC:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    # A shell's background job ignores Ctrl-C, and so would the commands that tests interrupt.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no file whose tests are all slow if no slow test runs, because each worker would."""
    if config.option.markexpr != "not slow" or collection_path.suffix != ".py":
        return None
    return ALL_SLOW in collection_path.read_text(encoding="utf-8").splitlines() or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the slowest files to the front."""
    ranks = {Path(__file__).parent / name: rank for rank, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests of shared lakes on each PostgreSQL; slow ones (half a minute) on the older."""
    if "pg" in metafunc.fixturenames:
        is_slow = metafunc.definition.get_closest_marker("slow")
        versions = postgres_versions()
        metafunc.parametrize("pg", versions[-1:] if is_slow else versions, indirect=True)


@pytest.fixture(scope="session", autouse=True)
def _spawn() -> Iterator[Any]:
    """Fork worker processes from one process that has imported their modules, because a spawned
    process, as in the program, imports them itself. Yield the original function.
    """
    original = multiprocessing.get_context
    multiprocessing.set_forkserver_preload(WORKERS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            multiprocessing,
            "get_context",
            lambda method=None: original("forkserver" if method == "spawn" else method),
        )
        yield original


@pytest.fixture
def spawned(_spawn: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let worker processes start as in the program, for the tests of these processes."""
    monkeypatch.setattr(multiprocessing, "get_context", _spawn)


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
