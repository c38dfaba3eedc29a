"""Compare a nightly run with poisoned pages to one on the same newsroom without them: ``python -m
tests.faults.poisoned``.

The poisoned night must end within twice the clean night's CPU time, no process may exceed 700 MB,
all other articles must be present, and each poisoned page must have a named outcome. ``--folder
DIR`` keeps both warehouses.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.poison import PAGES
from tests.faults.scene import OWN_SEEDS
from tests.flows.serving import clean_environment, descendants
from tidings.demo.serve import END
from tidings.storage.lake import Lake, open_lake

MAX_TIMES, MAX_MB = 2.0, 700
OUTCOMES = """
    select regexp_extract(c.url, '([^/]+)\\.html$', 1), c.outcome, coalesce(e.outcome, ''),
        coalesce(a.excluded_reason, ''),
        coalesce(length(a.body_text), 0)
    from raw.captures as c left join core.extractions as e using (capture_id)
    left join core.articles as a using (article_id)
    where c.url like '%/poison/%' and c.kind = 'page' order by 1
"""


@dataclass(frozen=True)
class Night:
    """Result of a night: exit code, seconds, megabytes, log, article URLs, and the outcome of each
    poisoned page.
    """

    code: int
    cpu: float
    wall: float
    main: float  # peak RSS of the run's own process
    largest: float  # peak RSS of the largest process
    tree: float  # peak of the summed PSS of all processes: shared pages count once
    log: str
    articles: frozenset[str]
    outcomes: dict[str, tuple[Any, ...]]


@contextlib.contextmanager
def newsroom(folder: Path, count: int) -> Iterator[Any]:
    """Serve the newsroom with ``count`` poisoned pages in another process, and yield its port."""
    command = [sys.executable, "-m", "tests.faults.poison", str(folder / "feeds.csv"), str(count)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()


def night(folder: Path, count: int) -> Any:
    """Run `tidings nightly` on an empty warehouse and return the result."""
    folder.mkdir(parents=True)
    with newsroom(folder, count) as port, (folder / "night.log").open("w+") as log:
        own = clean_environment()
        env = own | {
            "TIDINGS_WAREHOUSE": str(folder / "data"),
            "TIDINGS_ALLOW_HOSTS": ",".join(f"127.0.2.{number}:{port}" for number in range(1, 6)),
            "TIDINGS_HOST_GAP": "0",
            "TIDINGS_SEEDS": OWN_SEEDS,
        }
        command = [
            str(Path(sys.executable).with_name("tidings")),
            "nightly",
            "--feeds",
            str(folder / "feeds.csv"),
            "--now",
            END.isoformat(),
        ]
        began = time.monotonic()
        run = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
        code, usage, (main, largest, tree) = _watch(run.pid)
        wall = time.monotonic() - began
        log.seek(0)
        log_text = log.read()
    with open_lake(Lake(folder / "data"), read_only=True) as con:
        rows = con.execute(
            "select url from core.articles where url not like '%/poison/%'"
        ).fetchall()
        outcomes = {name: tuple(rest) for name, *rest in con.execute(OUTCOMES).fetchall()}
    articles = frozenset(url.replace(f":{port}", "") for (url,) in rows)
    return Night(
        code,
        usage.ru_utime + usage.ru_stime,
        wall,
        main,
        largest,
        tree,
        log_text,
        articles,
        outcomes,
    )


def _watch(pid: int) -> Any:
    """Wait for a process and return its exit code, its resource usage and its memory peaks in
    MB.
    """
    main = largest = tree = 0
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            return (
                os.waitstatus_to_exitcode(status),
                usage,
                (main / 1024, largest / 1024, tree / 1024),
            )
        processes = [pid, *descendants(pid)]
        peaks = [_kilobytes(process, "status", "VmHWM") for process in processes]
        main, largest = max(main, peaks[0]), max(largest, *peaks)
        tree = max(tree, sum(_kilobytes(process, "smaps_rollup", "Pss") for process in processes))
        time.sleep(0.1)


def _kilobytes(pid: int, file: Any, key: Any) -> Any:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(f"{key}:"):
                return int(line.split()[1])
    return 0


def judge(clean: Any, poisoned: Any) -> Any:
    """Return the problems of the poisoned night."""
    wrong = [
        f"a night ended with {result.code}: {result.log[-500:]}"
        for result in (clean, poisoned)
        if result.code
    ]
    if poisoned.cpu > MAX_TIMES * clean.cpu:
        wrong.append(
            f"the poisoned night took {poisoned.cpu / clean.cpu:.1f} times the clean night's CPU"
        )
    if poisoned.largest > MAX_MB:
        wrong.append(f"a process took {poisoned.largest:.0f} MB")
    wrong += [f"{url} is missing" for url in sorted(clean.articles - poisoned.articles)[:10]]
    if not clean.articles:
        wrong.append("the clean night has no article")
    for name in PAGES:
        fetched, cleaned, *_ = poisoned.outcomes.get(name, ("", "", "", 0))
        if not (fetched and (fetched != "ok" or cleaned)):
            wrong.append(f"{name} has no outcome")
    return wrong


def main() -> Any:
    """Run both nights and return the exit status: 0 without problems."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with contextlib.ExitStack() as kept:
        folder = options.folder or Path(
            kept.enter_context(tempfile.TemporaryDirectory(prefix="tidings-poisoned-"))
        )
        clean, poisoned = night(folder / "clean", 0), night(folder / "poisoned", len(PAGES))
    lines = [f"{'':40}{'clean':>10}{'poisoned':>10}"]
    for label, field in (
        ("CPU, children included (s)", "cpu"),
        ("wall clock (s)", "wall"),
        ("peak RSS of the run's process (MB)", "main"),
        ("peak RSS of the largest process (MB)", "largest"),
        ("peak PSS of all processes (MB)", "tree"),
    ):
        lines.append(f"{label:40}{getattr(clean, field):10.1f}{getattr(poisoned, field):10.1f}")
    lines.append(
        f"{'articles that are not poisoned':40}{len(clean.articles):10}"
        f"{len(poisoned.articles & clean.articles):10}"
    )
    lines += [
        "",
        f"{'poisoned page':26}{'fetched':10}{'cleaned':16}{'excluded':12}{'characters':>10}",
    ]
    for name in PAGES:
        fetched, cleaned, excluded, length = poisoned.outcomes.get(name, ("not listed", "", "", 0))
        lines.append(f"{name:26}{fetched:10}{cleaned:16}{excluded:12}{length:10,}")
    lines += [
        "",
        *(line for line in poisoned.log.splitlines() if "deferred" in line or "still" in line),
    ]
    wrong = judge(clean, poisoned)
    print("\n".join([*lines, f"{len(wrong)} wrong", *wrong]))  # noqa: T201 - it is a program
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
