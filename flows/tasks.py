"""The stages as Prefect tasks, one a stage: few task runs a night, so that the server always has time for the UI."""

from __future__ import annotations

import contextlib
import logging
import os
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.context import get_run_context

from flows.settings import read_settings
from flows.stages import clean as cleaning
from flows.stages import obtain as obtaining
from flows.stages import poll as polling
from flows.stages import prepare as preparing
from flows.stages import release as releasing
from flows.stages.run import Run, start_run
from warehouse.lake import writing

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from prefect import Task

P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger("tidings")


def open_run(feeds: str = "", now: dt.datetime | None = None) -> Run:
    """Return this flow run's settings, lake, instant and voice; ``feeds`` is the path of a feed list, ``now`` stops the clock."""
    env = {**os.environ, "TIDINGS_FEEDS": feeds} if feeds else os.environ
    context = get_run_context()
    run_id = str(getattr(getattr(context, "flow_run", None), "id", ""))
    return start_run(read_settings(env), now=now, run_id=run_id, tell=log.info)


def stage(function: Callable[P, R]) -> Task[P, R]:
    """Return a stage as a task: never cached, for it takes its work from the warehouse, and what it returns kept in memory."""
    return task(name=function.__name__, task_run_name=function.__name__, cache_policy=NO_CACHE)(function)


prepare = stage(preparing.prepare)
poll = stage(polling.poll)
obtain = stage(obtaining.obtain)
clean = stage(cleaning.clean)
model = stage(releasing.model)
audit = stage(releasing.audit)
release = stage(releasing.release)


@contextlib.contextmanager
def one_writer(run: Run) -> Iterator[None]:
    """Hold the warehouse's writer lock, so that what is audited is what is released."""
    with writing(run.lake, tell=run.tell):
        yield
