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
from pathlib import Path
from typing import Any, NamedTuple

from tests.faults.poison import PAGES
from tests.faults.scene import OWN_SEEDS
from tests.flows.serving import clean_environment, descendants
from tidings.demo.serve import END
from tidings.storage.lake import Lake, open_lake

MAX_TIMES, MAX_MB = 2.0, 700
OUTCOMES = """
    select regexp_extract(c.url, '([^/]+)\\.html$', 1), c.outcome, coalesce(e.outcome, ''),
        coalesce(a.excluded_reason, ''), coalesce(length(a.body_text), 0)
    from raw.captures as c left join core.extractions as e using (capture_id)
    left join core.articles as a using (article_id)
    where c.url like '%/poison/%' and c.kind = 'page' order by 1
"""


class Night(NamedTuple):
    """Result of a night: exit code, CPU seconds, peaks of memory in MB (of the largest process, and
    of all processes, where shared pages count once), log, article URLs, and the outcome of each
    poisoned page.
    """

    code: int
    cpu: float
    largest: float
    tree: float
    log: str
    articles: set[str]
    outcomes: dict[str, list[Any]]


def night(folder: Path, count: int) -> Night:
    """Run `tidings nightly` on an empty warehouse and a newsroom with ``count`` poisoned pages."""
    folder.mkdir(parents=True)
    feeds = folder / "feeds.csv"
    serve = [sys.executable, "-m", "tests.faults.poison", str(feeds), str(count)]
    with (
        subprocess.Popen(
            serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as server,
        (folder / "night.log").open("w+") as log,
    ):
        assert server.stdout
        port = int(server.stdout.readline())
        env = clean_environment() | {
            "TIDINGS_WAREHOUSE": str(folder / "data"),
            "TIDINGS_ALLOW_HOSTS": ",".join(f"127.0.2.{number}:{port}" for number in range(1, 6)),
            "TIDINGS_HOST_GAP": "0",
            "TIDINGS_SEEDS": OWN_SEEDS,
        }
        tidings = str(Path(sys.executable).with_name("tidings"))
        command = [tidings, "nightly", "--feeds", str(feeds), "--now", END.isoformat()]
        run = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
        code, cpu, largest, tree = _watch(run.pid)
        log.seek(0)
        text = log.read()
        server.terminate()
    with open_lake(Lake(folder / "data"), read_only=True) as con:
        query = "select url from core.articles where url not like '%/poison/%'"
        articles = {url.replace(f":{port}", "") for (url,) in con.execute(query).fetchall()}
        outcomes = {name: rest for name, *rest in con.execute(OUTCOMES).fetchall()}
    return Night(code, cpu, largest, tree, text, articles, outcomes)


def _watch(pid: int) -> tuple[int, float, float, float]:
    """Wait for a process; return exit code, CPU seconds with children, peaks of memory in MB."""
    largest = tree = 0.0
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            cpu = usage.ru_utime + usage.ru_stime
            return os.waitstatus_to_exitcode(status), cpu, largest, tree
        processes = [pid, *descendants(pid)]
        largest = max(largest, *(_megabytes(process, "status", "VmHWM") for process in processes))
        tree = max(tree, sum(_megabytes(one, "smaps_rollup", "Pss") for one in processes))
        time.sleep(0.1)


def _megabytes(pid: int, file: str, key: str) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) / 1024
    return 0.0


def judge(clean: Night, poisoned: Night) -> list[str]:
    """Return the problems of the poisoned night."""
    wrong = [
        f"a night ended with {result.code}: {result.log[-500:]}"
        for result in (clean, poisoned)
        if result.code or not result.articles
    ]
    if poisoned.cpu > MAX_TIMES * clean.cpu:
        wrong.append(f"the CPU time is {poisoned.cpu / clean.cpu:.1f} times the clean night's")
    if poisoned.largest > MAX_MB:
        wrong.append(f"a process took {poisoned.largest:.0f} MB")
    wrong += [f"{url} is missing" for url in sorted(clean.articles - poisoned.articles)[:10]]
    for name in PAGES:
        fetched, cleaned, *_ = poisoned.outcomes.get(name, ("", "", "", 0))
        if not (fetched and (fetched != "ok" or cleaned)):
            wrong.append(f"{name} has no outcome")
    return wrong


def main() -> int:
    """Run both nights and return the exit status: 0 without problems."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tidings-poisoned-") as made:
        folder = options.folder or Path(made)
        clean, poisoned = night(folder / "clean", 0), night(folder / "poisoned", len(PAGES))
    lines = [
        f"{name}: CPU {result.cpu:.0f} s, largest process {result.largest:.0f} MB, all processes"
        f" {result.tree:.0f} MB, {len(result.articles & clean.articles)} normal articles"
        for name, result in (("clean", clean), ("poisoned", poisoned))
    ]
    lines += [f"{name}: {poisoned.outcomes.get(name, 'not listed')}" for name in PAGES]
    wrong = judge(clean, poisoned)
    print("\n".join([*lines, f"{len(wrong)} wrong", *wrong]))  # noqa: T201 - it is a program
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
