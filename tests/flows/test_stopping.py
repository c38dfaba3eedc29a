"""Real signals and real processes: a night that is stopped ends soon and whole, and two at once are one."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.flows.test_nightly import FEW, TIDINGS, feed_list, hosts_of
from tidings.sample.serve import END
from tidings.warehouse.lake import Lake, WarehouseError
from tidings.warehouse.writer_lock import NIGHTLY_LOCK, writer_lock

LENIENT = 30  # seconds: the promise is five, on a machine that does nothing else


class Night:
    """``tidings nightly`` in a process group of its own, as a terminal starts it."""

    def __init__(self, newsroom, folder, *words):
        self.warehouse = folder / "data"
        self.lines = []
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TIDINGS_", "PREFECT_"))}
        told = {
            "TIDINGS_WAREHOUSE": str(self.warehouse),
            "TIDINGS_ALLOW_HOSTS": ",".join(hosts_of(newsroom)),
            "TIDINGS_HOST_GAP": "0",
            "TIDINGS_WORKERS": "2",
        }
        command = [TIDINGS, "nightly", "--feeds", feed_list(newsroom, folder), "--now", END.isoformat(), *words]
        self.process = subprocess.Popen(
            command, env=kept | told, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        self._told = threading.Condition()
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self):
        with self.process.stderr as lines:
            for line in lines:
                with self._told:
                    self.lines.append(line)
                    self._told.notify_all()

    def wait_for(self, word):
        with self._told:
            assert self._told.wait_for(lambda: any(word in line for line in self.lines), 120), self.lines

    def end(self, patience=240):
        status = self.process.wait(patience)
        self._reading.join(LENIENT)
        return status

    def left(self):
        """The processes that the night started and that still run."""
        mark = f"TIDINGS_WAREHOUSE={self.warehouse}\0".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                is_dead = "\nState:\tZ" in (folder / "status").read_text()
                if not is_dead and mark in (folder / "environ").read_bytes():
                    found.append((folder / "cmdline").read_bytes())
        return found


STAGES = [
    ("sources of", signal.SIGINT, True),  # sources are polled
    ("pages: ", signal.SIGTERM, False),  # pages are cleaned in processes of their own, then dbt starts
]


def test_a_stopped_night_says_so_leaves_nothing_and_is_finished_by_the_next(newsroom, tmp_path):
    """Ctrl-C, which a terminal sends to the whole group, and SIGTERM, which goes to the process, in stage after stage."""
    newsroom.set_now(END)
    for word, how, to_group in STAGES:
        night = Night(newsroom, tmp_path)
        night.wait_for(word)
        (os.killpg if to_group else os.kill)(night.process.pid, how)
        assert night.end(LENIENT) == 128 + how, (word, night.lines)
        assert night.lines[-1] == "Stopped; the next run finishes it.\n", (word, night.lines)
        assert not any("Traceback" in line for line in night.lines), (word, night.lines)
        deadline = time.monotonic() + LENIENT
        while night.left() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert night.left() == [], word
    last = Night(newsroom, tmp_path)
    assert last.end() == 0, last.lines
    assert any("released" in line for line in last.lines)


def test_two_nights_at_once_ask_each_address_once(newsroom, tmp_path):
    """The second names the first and ends with status 1."""
    newsroom.set_now(END)
    newsroom.clear_log()
    first = Night(newsroom, tmp_path)
    first.wait_for("sources of")
    second = Night(newsroom, tmp_path)
    assert second.end() == 1
    assert len(second.lines) == 1, second.lines
    assert f"Another nightly is running in {first.warehouse} (process {first.process.pid}, since " in second.lines[0]
    assert first.end() == 0, first.lines
    asked = Counter((one["host"], one["path"]) if "host" in one else one["path"] for one in newsroom.log())
    feeds = [name for name in asked if str(name).rstrip("')").endswith((".xml", "list.html"))]
    assert len(feeds) >= len(FEW)
    assert set(asked.values()) == {1}, [name for name, count in asked.items() if count > 1]


def test_the_lock_goes_with_its_process(tmp_path):
    """However that ended."""
    hold = (
        "import sys, time; from pathlib import Path; from tidings.warehouse.lake import Lake; "
        "from tidings.warehouse.writer_lock import NIGHTLY_LOCK, writer_lock\n"
        "with writer_lock(Lake(Path(sys.argv[1])), name=NIGHTLY_LOCK, patience=0): print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([str(TIDINGS.with_name("python")), "-c", hold, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        with (
            pytest.raises(WarehouseError, match=f"process {holder.pid}, since"),
            writer_lock(Lake(tmp_path), name=NIGHTLY_LOCK, patience=0),
        ):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with writer_lock(Lake(tmp_path), name=NIGHTLY_LOCK, patience=0):
        pass
