"""Fixtures: the sample newsroom, one nightly run on it, and the command line."""

from __future__ import annotations

import fcntl
import logging
import os
import pickle
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.flows.nights import night, settings_for
from tidings import demo
from tidings.cli import main
from tidings.demo.serve import END, start
from tidings.storage.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Iterator

DEMO_SEEDS = str(Path(demo.__file__).parent / "seeds")


@pytest.fixture(scope="session")
def newsroom() -> Iterator[Any]:
    """Return the running sample newsroom, with its clock at the end of its 90 days."""
    with start() as running:
        yield running


@pytest.fixture(scope="session")
def sample_night(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return one nightly run on the sample newsroom in a new warehouse. All workers share it and
    must not change it.

    Its newsroom belongs to the worker that made it, so tests must not send requests with its
    settings.
    """
    base = tmp_path_factory.getbasetemp()
    made = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "sample_night"
    with made.with_suffix(".lock").open("w") as lock:
        # one worker makes it, because it takes half a minute of CPU time
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            result = _make_sample_night(
                request.getfixturevalue("newsroom"), tmp_path_factory.mktemp("someone's sample")
            )
            made.write_bytes(pickle.dumps(result))
    return pickle.loads(made.read_bytes())  # noqa: S301 - this session wrote the file


def _make_sample_night(newsroom: Any, folder: Path) -> Any:
    """Run the nightly stages in a folder. The apostrophe in its name checks the quoting of paths in
    SQL.
    """
    feeds = folder / "feeds.csv"
    feeds.write_text(newsroom.feeds_csv(), encoding="utf-8")
    hosts = [url.removeprefix("http://") for url in newsroom.base_urls.values()]
    settings = settings_for(
        folder / "data", feeds, hosts, DEMO_SEEDS, {"TIDINGS_WORKERS": "2"}, is_new=True
    )
    newsroom.set_now(END)
    newsroom.clear_log()
    release = night(settings, END)
    return SimpleNamespace(
        settings=settings,
        lake=Lake(settings.warehouse),
        release=release,
        truth=newsroom.truth,
        log=newsroom.log(),
    )


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Return a function that runs the command line in this process: exit status, standard output,
    standard error.
    """
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    factory, environment = logging.getLogRecordFactory(), dict(os.environ)

    def run(*words: Any, **variables: Any) -> Any:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["tidings", *map(str, words)])
        with monkeypatch.context() as streams, pytest.raises(SystemExit) as ended:
            streams.setattr(sys, "stdout", sys.stdout)
            streams.setattr(sys, "stderr", sys.stderr)
            main()
        shown = capsys.readouterr()
        return ended.value.code, shown.out, shown.err

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)
    signal.set_wakeup_fd(-1)
    logging.setLogRecordFactory(factory)
    os.environ.clear()
    os.environ.update(environment)
