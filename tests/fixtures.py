"""Fixtures: the sample newsroom, one nightly run on it, and the command line."""

import io
import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from tests.flows.nights import FACTORIES, night, settings_for
from tests.once import made_once
from tidings import demo
from tidings.cli import main
from tidings.demo.serve import END, start
from tidings.storage.lake import Lake

DEMO_SEEDS = str(Path(demo.__file__).parent / "seeds")


@pytest.fixture(scope="session", autouse=True)
def _shared_reference_lakes(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let all workers share the lakes with reference data that ``settings_for`` copies."""
    FACTORIES.append(tmp_path_factory)


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
    return made_once(
        tmp_path_factory,
        "sample_night",
        lambda folder: _make_sample_night(request.getfixturevalue("newsroom"), folder),
        "someone's sample",
    )


def _make_sample_night(newsroom: Any, folder: Path) -> Any:
    """Run the nightly stages in a folder whose apostrophe checks the quoting of paths in SQL."""
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


class Ended(NamedTuple):
    """The result of a command."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Return a function that runs the command line here, in a hundredth of a process's time."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    factory, environment = logging.getLogRecordFactory(), dict(os.environ)

    def run(*words: Any, typed: str = "", **variables: Any) -> Ended:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["tidings", *map(str, words)])
        with monkeypatch.context() as streams, pytest.raises(SystemExit) as ended:
            streams.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
            streams.setattr(sys, "stdout", sys.stdout)
            streams.setattr(sys, "stderr", sys.stderr)
            main()
        shown = capsys.readouterr()
        return Ended(int(ended.value.code or 0), shown.out, shown.err)

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)
    signal.set_wakeup_fd(-1)
    logging.setLogRecordFactory(factory)
    os.environ.clear()
    os.environ.update(environment)
