"""A worker that computes is distinguished from a worker that waits, however busy the machine is."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tidings.base.guarded_pool import CpuWatch, cpu_seconds


@pytest.fixture
def busy() -> Iterator[subprocess.Popen[bytes]]:
    """Return a process that computes until it is killed."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        yield process
        process.kill()


def _wait_for_cpu(pid: int, seconds: float) -> None:
    until = cpu_seconds(pid) + seconds
    while cpu_seconds(pid) < until:
        time.sleep(0.01)


def test_cpu_use_decides_and_not_the_clock(busy: subprocess.Popen[bytes]) -> None:
    """A process that computes is working, a stopped one is not, however long a check takes."""
    watch = CpuWatch(busy.pid, 2.0)
    for _ in range(2):
        _wait_for_cpu(busy.pid, 0.25)
        assert watch.is_working()
    busy.send_signal(signal.SIGSTOP)
    time.sleep(0.2)  # until the process has stopped
    watch.is_working()
    assert not watch.is_working()
    busy.send_signal(signal.SIGCONT)
    _wait_for_cpu(busy.pid, 0.25)
    assert watch.is_working()
    assert not watch.is_over_limit()


def test_a_process_over_its_limit_is_not_working(busy: subprocess.Popen[bytes]) -> None:
    """The work of a process that the system did not end at its limit is not extended."""
    watch = CpuWatch(busy.pid, 0.1)
    _wait_for_cpu(busy.pid, 0.2)
    assert watch.is_over_limit()
    assert not watch.is_working()


def test_an_ended_process_is_not_working() -> None:
    """A process that has ended uses no CPU."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert not CpuWatch(process.pid, 1.0).is_working()
