"""Run stages on a scene in forked processes that can be killed, and return their results."""

import contextlib
import datetime as dt
import os
import signal
import sys
import time
import traceback
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.moments import moments, set_up

set_up()

import tidings.stages.build  # noqa: E402, F401 - what a run imports late, a forked process need not import again
from tests.faults.scene import BEFORE, NOW, WINDOW, Scene  # noqa: E402
from tests.faults.verdict import state_of  # noqa: E402
from tests.flows.serving import descendants  # noqa: E402
from tidings.stages.annotate import annotate  # noqa: E402
from tidings.stages.audit import AuditResult, Failure, audit  # noqa: E402
from tidings.stages.build import model  # noqa: E402
from tidings.stages.clean import clean, reprocess  # noqa: E402
from tidings.stages.discover import discover  # noqa: E402
from tidings.stages.group import group  # noqa: E402
from tidings.stages.obtain import obtain  # noqa: E402
from tidings.stages.poll import poll  # noqa: E402
from tidings.stages.prepare import prepare, registry_of  # noqa: E402
from tidings.stages.release import release  # noqa: E402
from tidings.stages.run import start_run  # noqa: E402
from tidings.storage.maintain import Retention, maintain  # noqa: E402
from tidings.storage.writer_lock import writer_lock  # noqa: E402

LATE = 124  # exit code of a run that exceeds the time limit, as in timeout(1)
ORDER = {
    "night": ("prepare", "poll", "obtain", "clean", "release"),
    "refetch": ("prepare", "discover", "obtain", "clean", "release"),
    "reprocess": ("prepare", "reprocess", "release"),
    "retag": ("prepare", "release"),
    "maintain": ("prepare", "maintain"),
}


@dataclass(frozen=True)
class Part:
    """The stages of a run: from ``since`` to before ``until``, or to the end if that is empty.

    ``audited`` is the audit result of an undisturbed run, which replaces the audit.
    """

    since: str = "prepare"
    until: str = ""
    audited: AuditResult | None = None


WHOLE = Part()


def work(scene: Scene, mode: Any, now: Any = NOW, part: Any = WHOLE) -> None:
    """Run the stages in the order of the flows; the last stage models, audits and releases."""
    run = start_run(scene.settings(), now=dt.datetime.fromisoformat(now), run_id="fault")
    feeds = registry_of(run.settings)[0]
    window = WINDOW if mode == "refetch" else None
    stages: dict[str, Callable[[], object]] = {
        "prepare": lambda: prepare(run),
        "poll": lambda: poll(run, feeds),
        "discover": lambda: discover(run, feeds, WINDOW),
        "obtain": lambda: obtain(run, feeds, window),
        "clean": lambda: clean(run),
        "reprocess": lambda: reprocess(run, sorted({feed.publisher_id for feed in feeds}), WINDOW),
        "maintain": lambda: maintain(
            run.lake, run.now, Retention(nights=1, grace=dt.timedelta(0)), run.log
        ),
        "release": lambda: finish(scene, run, part),
    }
    order = ORDER[mode]
    for name in order[order.index(part.since) : order.index(part.until) if part.until else None]:
        moments.stage = name
        stages[name]()


def finish(scene: Scene, run: Any, part: Any) -> None:
    """Model, audit and release, and store the numbers of tests that passed and warned."""
    with writer_lock(run.lake):
        for stage in (annotate, group, model):
            moments.stage = stage.__name__
            stage(run)
        moments.stage = "release"
        audited = part.audited or audit(run)
        (scene.folder / "audited.txt").write_text(f"{audited.passed} {len(audited.warned)}")
        release(run, audited)


def audited_before(scene: Scene) -> Any:
    """Return the audit result of the last run."""
    passed, warned = map(int, (scene.folder / "audited.txt").read_text().split())
    return AuditResult(passed, (Failure("known"),) * warned)


@dataclass(frozen=True)
class Ended:
    """Result of a forked run: exit code (negative: the signal; or LATE), error message, and the
    moments it passed.

    ``seconds`` is the CPU time of the run and its children. ``states`` contains a fingerprint of
    the disk for each moment of a mapped run.
    """

    code: int
    error: str
    moments: list[str]
    seconds: float
    states: list[Any]


def start(
    scene: Scene,
    mode: Any,
    now: Any = NOW,
    *,
    at: Any = None,
    part: Any = WHOLE,
    prepare_child: Any = lambda: None,
    mapped: bool = False,
) -> Any:
    """Set the newsroom's clock, fork a run that kills itself at ``at``, return its process ID."""
    urllib.request.urlopen(
        f"http://127.0.2.1:{scene.port}/_clock?{urllib.parse.urlencode({'now': now})}", timeout=60
    ).close()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        moments.begin(at, mapped=mapped)
        with (scene.folder / "child.log").open("w") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        (scene.folder / "error.txt").write_text("")
        prepare_child()
        work(scene, mode, now, part)
        code = 0
    except BaseException as error:  # noqa: BLE001 - the parent reports all errors
        with contextlib.suppress(OSError):
            (scene.folder / "error.txt").write_text(
                f"{type(error).__module__}.{type(error).__name__}: {error}"
            )
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            (scene.folder / "moments.txt").write_text("\n".join(moments.names))
        os._exit(code)


def wait(scene: Scene, pid: int) -> Any:
    """Return the result of a forked run; one that exceeds the time limit is killed and fails."""
    began, states, late, done = time.monotonic(), [], "", 0
    try:
        while not done:
            done, status, usage = os.wait4(pid, os.WNOHANG | os.WUNTRACED)
            if done and os.WIFSTOPPED(status):
                states.append(state_of(scene))
                os.kill(pid, signal.SIGCONT)
                done = 0
            elif not done and not late and time.monotonic() - began > scene.longest:
                late = f"still at work after {scene.longest} s"
                stop(pid)
            elif not done:
                time.sleep(0.005)
    finally:
        stop(pid)  # remaining workers, and the run itself if this process is stopped
    code = LATE if late else os.waitstatus_to_exitcode(status)
    passed = (scene.folder / "moments.txt").read_text().splitlines() if code in {0, 1} else []
    return Ended(
        code,
        late or (scene.folder / "error.txt").read_text(),
        passed,
        usage.ru_utime + usage.ru_stime,
        states,
    )


def stop(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def run(scene: Scene, mode: Any, now: Any = NOW, **more: Any) -> Any:
    return wait(scene, start(scene, mode, now, **more))


def begin_after_a_night(scene: Scene) -> None:
    """Start with the warehouse after a first night, which is created once."""
    if not (scene.folder / "first").exists():
        scene.begin("nothing")
        first = run(scene, "night", BEFORE)
        assert first.code == 0, first.error
        scene.keep("first")
    scene.begin("first")


def kill_after(scene: Scene, mode: Any, seconds: float) -> Any:
    """Start a run, kill it with its children after some seconds of CPU, and return whether it was
    still running.

    CPU seconds correspond to the same moment of the run also on a busy machine.
    """
    pid = start(scene, mode)
    try:
        while _cpu_of(pid) < seconds:
            done, _ = os.waitpid(pid, os.WNOHANG)
            if done:
                return False
            time.sleep(0.02)
    finally:
        stop(pid)
    os.waitpid(pid, 0)
    return True


def _cpu_of(pid: int) -> Any:
    """Return the CPU seconds of a process and its children."""
    ticks = 0
    for process in (pid, *descendants(pid)):
        with contextlib.suppress(OSError):
            ticks += sum(
                map(
                    int, Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:15]
                )
            )
    return ticks / os.sysconf("SC_CLK_TCK")
