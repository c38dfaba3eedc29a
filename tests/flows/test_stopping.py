"""``tidings nightly`` in real processes: a stopped run ends, and the next one completes it."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.flows.nights import copy_prefect_database, settings_for
from tests.flows.serving import TIDINGS, clean_environment
from tests.flows.test_nightly import feed_list, hosts_of
from tidings.demo.serve import END
from tidings.flows import automations, serve
from tidings.storage.lake import Lake

pytestmark = pytest.mark.slow

LENIENT = 30  # seconds: five on an idle machine


class Night:
    """A process of ``tidings nightly`` without a home folder, in a new process group, like in a
    terminal. A new warehouse has the reference data.
    """

    def __init__(self, newsroom: Any, folder: Any) -> None:
        self.warehouse = folder / "data"
        self.lines: list[str] = []
        self.printed = folder / "printed"
        kept = clean_environment()
        feeds, hosts = feed_list(newsroom, folder), hosts_of(newsroom)
        settings_for(self.warehouse, feeds, hosts)
        copy_prefect_database(Lake(self.warehouse).prefect.parent)
        settings = {
            "HOME": str(folder / "nowhere"),
            "TIDINGS_WAREHOUSE": str(self.warehouse),
            "TIDINGS_ALLOW_HOSTS": ",".join(hosts),
            "TIDINGS_HOST_GAP": "0",
            "TIDINGS_WORKERS": "2",
        }
        command = [TIDINGS, "nightly", "--feeds", feeds, "--now", END.isoformat()]
        with self.printed.open("w") as printed:
            self.process: Any = subprocess.Popen(
                command,
                env=kept | settings,
                stdout=printed,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        self._changed = threading.Condition()
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        with self.process.stderr as lines:
            for line in lines:
                with self._changed:
                    self.lines.append(line)
                    self._changed.notify_all()

    def wait_for(self, word: Any) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: any(word in line for line in self.lines), 120), (
                self.lines
            )

    def end(self, patience: int = 240) -> Any:
        status = self.process.wait(patience)
        self._reading.join(LENIENT)
        return status

    def left(self) -> Any:
        """Return the command lines of the remaining processes of the run."""
        mark = f"TIDINGS_WAREHOUSE={self.warehouse}\0".encode()
        commands = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                is_dead = "\nState:\tZ" in (folder / "status").read_text()
                if not is_dead and mark in (folder / "environ").read_bytes():
                    commands.append((folder / "cmdline").read_bytes())
        return commands


STAGES = [
    ("sources from", signal.SIGINT, True),  # during polling
    ("pages: ", signal.SIGTERM, False),  # during cleaning, in separate processes
]


def test_the_next_run_completes_a_stopped_one(newsroom: Any, tmp_path: Path) -> None:
    """Ctrl-C to the process group and SIGTERM to the process end a run in each stage; no process
    remains. The last run prints a summary.
    """
    newsroom.set_now(END)
    for word, how, to_group in STAGES:
        night = Night(newsroom, tmp_path)
        night.wait_for(word)
        (os.killpg if to_group else os.kill)(night.process.pid, how)
        assert night.end(LENIENT) == 128 + how, (word, night.lines)
        assert night.lines[-1] == "Stopped. Run the command again to finish.\n", (word, night.lines)
        assert not any("Traceback" in line for line in night.lines), (word, night.lines)
        deadline = time.monotonic() + LENIENT
        while night.left() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert night.left() == [], word
    last = Night(newsroom, tmp_path)
    assert last.end() == 0, last.lines
    assert any("released" in line for line in last.lines)
    assert "Kanalblatt" in last.printed.read_text()
    assert not any("Traceback" in line for line in last.lines)


@pytest.mark.parametrize(
    ("step", "how"),
    [
        ("prefect_server", signal.SIGINT),
        ("close_dead_runs", signal.SIGTERM),
        ("add_flows", signal.SIGINT),
        ("register_automations", signal.SIGTERM),
        ("wrapped", signal.SIGTERM),
    ],
)
def test_a_discarded_interrupt_still_stops_serve(
    step: str, how: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signal during the set-up ends ``serve`` after the current step, even if a library discards
    or replaces its exception.
    """
    steps = []

    def take(name: str) -> None:
        steps.append(name)
        try:
            if name == step or (step, name) == ("wrapped", "add_flows"):
                signal.raise_signal(how)
        except KeyboardInterrupt as error:
            if step == "wrapped":
                raise RuntimeError from error

    @contextlib.contextmanager
    def server(*_: Any) -> Any:
        take("prefect_server")
        yield "http://127.0.0.1:4200/api"

    def replace(name: str) -> None:
        async def work(*_: Any) -> Any:
            take(name)
            return []

        module = automations if name == "register_automations" else serve
        monkeypatch.setattr(module, name, work)

    monkeypatch.setenv("TIDINGS_WAREHOUSE", str(tmp_path))
    monkeypatch.setenv("PREFECT_LOGGING_EXTRA_LOGGERS", "tidings")
    monkeypatch.setattr(serve, "prefect_server", server)
    for name in ("close_dead_runs", "add_flows", "register_automations"):
        replace(name)
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        serve.serve("30 4 * * *", "UTC", 4200)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    assert steps[-1] == ("add_flows" if step == "wrapped" else step)
