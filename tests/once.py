"""Make a thing that all workers of a test session share."""

import fcntl
import os
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest


def made_once(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Any], title: str = ""
) -> Any:
    """Return the result of a function that fills a new folder, by default with the same name. The
    first worker that needs it calls the function; no test may change the folder.
    """
    base = factory.getbasetemp()
    made = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / f"{name}.pickle"
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            # a thread of its own: the tests with a browser have a running event loop
            with ThreadPoolExecutor(1) as thread:
                result = thread.submit(make, factory.mktemp(title or name)).result()
            made.write_bytes(pickle.dumps(result))
    return pickle.loads(made.read_bytes())  # noqa: S301 - this session wrote the file
