"""Run a Python script, and write its CPU seconds by stage to a JSON file: ``stage_seconds.py FILE
SCRIPT [ARGUMENT …]``.

small_nights.py starts commands with this file. A stage is a function of tidings.stages with a name
in STAGES. Its seconds include its child processes, but not its imports, which count as ``imports``
wherever they happen. Child processes that end outside of a stage count as ``other processes``:
Prefect's API server is the only large one.
"""

import functools
import importlib
import json
import resource
import runpy
import sys
import threading
import time
from collections import defaultdict
from typing import Any

STAGES = (
    "prepare",
    "poll",
    "obtain",
    "clean",
    "annotate",
    "group",
    "model",
    "audit",
    "release",
    "report",
)
IMPORTS, PROCESSES, REST = "imports", "other processes", "rest"

spent: defaultdict[str, float] = defaultdict(float)
bootstrap: Any = importlib._bootstrap  # noqa: SLF001 - see the next line
find_and_load = bootstrap._find_and_load  # noqa: SLF001 - every import of a new module calls it
importing = threading.local()
stage, measured = REST, (0.0, 0.0)


def enter(name: str) -> str:
    """Count the seconds since the last call for the current stage, change the stage, and return the
    previous stage.
    """
    global stage, measured
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    own, children = (usage.ru_utime + usage.ru_stime for usage in usages)
    spent[stage] += own - measured[0]
    spent[PROCESSES if stage == REST else stage] += children - measured[1]
    previous, stage, measured = stage, name, (own, children)
    return previous


def timed(function: Any) -> Any:
    """Return a stage's function with a clock."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        previous = enter(function.__name__)
        try:
            return function(*args, **kwargs)
        finally:
            enter(previous)

    return call


def timed_import(name: str, import_: Any) -> Any:
    """Import a module, count its seconds as imports instead of the current stage, and wrap the
    stages that it defines.
    """
    if getattr(importing, "is_active", False):
        module = find_and_load(name, import_)
    else:
        importing.is_active, started = True, time.thread_time()
        try:
            module = find_and_load(name, import_)
        finally:
            importing.is_active, seconds = False, time.thread_time() - started
            spent[IMPORTS] += seconds
            spent[stage] -= seconds
    if name.startswith("tidings.stages."):
        for function in STAGES:
            if getattr(getattr(module, function, None), "__module__", "") == name:
                setattr(module, function, timed(getattr(module, function)))
    return module


if __name__ == "__main__":
    file, *sys.argv = sys.argv[1:]
    stage = IMPORTS  # the start of the interpreter
    enter(REST)
    bootstrap._find_and_load = timed_import  # noqa: SLF001 - as above
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    finally:
        enter(REST)
        with open(file, "w", encoding="utf-8") as out:  # noqa: PTH123 - pathlib would be another import
            json.dump(spent, out)
