"""Distinguish a worker process that computes slowly on a busy machine from a worker that waits."""

from __future__ import annotations

import time

# share of the CPU limit that a working process uses between two checks, of which it thus gets ten
# at most
_MIN_SHARE = 0.1
_CPU_CLOCK = 2  # Linux: clock of the CPU time of a process, as in clock_getcpuclockid(3)


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds that a child process has used; 0 if it has ended or the system does
    not report them.
    """
    try:
        return time.clock_gettime((~pid << 3) | _CPU_CLOCK)
    except OSError:
        return 0.0


class CpuWatch:
    """The CPU use of a worker process for one piece of work, which may use ``limit`` seconds of
    CPU.
    """

    def __init__(self, pid: int, limit: float) -> None:
        self._pid, self._limit = pid, limit
        self._begun = self._last = cpu_seconds(pid)

    def is_over_limit(self) -> bool:
        """Return whether the process used its limit. The system ends it then, but counts whole
        seconds.
        """
        return cpu_seconds(self._pid) - self._begun >= self._limit

    def is_working(self) -> bool:
        """Return whether the process used CPU since the last call, and less than its limit in
        total.
        """
        before, self._last = self._last, cpu_seconds(self._pid)
        return self._last - before >= _MIN_SHARE * self._limit and not self.is_over_limit()
