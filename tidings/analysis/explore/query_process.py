"""Run a SELECT statement of a stranger on a release in a process of its own, which ends at the
limits of time and memory.

DuckDB cannot interrupt a function in Python or an operator on one large value, and does not count
all memory against its limit. The process measures an answer in DuckDB before it creates any Python
object of it.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import signal
import threading
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from tidings.analysis.explore.answers import as_json, describe_release
from tidings.analysis.explore.database import SECONDS, QueryTimeoutError, ReleaseReader
from tidings.storage.lake import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from tidings.analysis.answers import Row
    from tidings.analysis.explore.database import OpenRelease

MAX_TEXT_LENGTH = 2_000
"""Characters of a text column's value; longer values are cut and end with an ellipsis."""
MAX_BYTES = 4_000_000
"""Bytes of an answer, in memory and as JSON."""
MEMORY_MB = 3_000
"""Memory of the process in addition to its libraries; DuckDB's own limit is lower."""
GRACE = 5.0  # seconds after the time limit in which the process may end the query itself
# seconds in which the process must have imported its libraries, and opened the release
STARTING = 300.0
_NO_MEMORY = "The query needs too much memory. Return fewer rows or smaller values."
_STOPPED = "The query was stopped after {:g} seconds. Read fewer rows."


class QueryError(Exception):
    """The query is invalid or its answer is too large; the message is for its author."""


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Start processes that ignore Ctrl-C, which the terminal sends to all processes of a
    command.
    """
    # else the start of the process starts it, and thereby receives signals again
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class QueryProcess:
    """A process that runs one query at a time. It starts with the first query, and anew after a
    query that it cannot end.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: Any = None
        self._pipe: Any = None

    def run(self, path: Path, sql: str, most_rows: int) -> Row:
        """Return release, citation, ``sql``, ``columns``, ``rows`` and ``has_more`` of a query on a
        release file.

        Raises:
            QueryError: If the query fails or its answer is too large.
            QueryTimeoutError: If it takes too long.
        """
        with self._lock:
            try:
                if self._process is None or not self._process.is_alive():
                    self._start()
                self._pipe.send((str(path), sql, most_rows))
                answer = self._receive(STARTING) or self._receive(self._seconds + GRACE)
            except (EOFError, ConnectionError):
                answer = QueryError(_NO_MEMORY)
            if str(answer) == _NO_MEMORY or isinstance(answer, QueryTimeoutError):
                self.close()
        if isinstance(answer, Exception):
            raise answer
        found: Row = answer
        return found

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
        self._process = None

    def _start(self) -> None:
        self.close()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._seconds), daemon=True)
        with without_interrupts():
            self._process.start()
        theirs.close()
        self._receive(STARTING)

    def _receive(self, seconds: float) -> Any:
        return (
            self._pipe.recv()
            if self._pipe.poll(seconds)
            else QueryTimeoutError(_STOPPED.format(self._seconds))
        )


def _serve(pipe: Connection, seconds: float) -> None:
    """Send None when the release is open, then an answer, for each query until the pipe closes. An
    answer may be an exception.
    """
    statm = Path("/proc/self/statm")
    if statm.exists():
        used = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_MB * 2**20, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pipe.send(None)
    readers: dict[str, ReleaseReader] = {}
    while True:
        try:
            path, sql, most_rows = pipe.recv()
        except EOFError:
            return
        answer: Row | Exception
        try:
            reader = readers.get(path) or readers.setdefault(path, ReleaseReader(Path(path)))
            release = reader.get()
            pipe.send(None)
            answer = _answer(release, sql, most_rows, seconds)
        except (QueryError, QueryTimeoutError) as error:
            answer = error
        except (MemoryError, duckdb.OutOfMemoryException):
            answer = QueryError(_NO_MEMORY)
        except (duckdb.Error, OverflowError, ValueError) as error:
            answer = QueryError(str(error).strip()[:MAX_TEXT_LENGTH])
        pipe.send(answer)


def _answer(release: OpenRelease, sql: str, most_rows: int, seconds: float) -> Row:
    with release.cursor(seconds) as con:
        kinds = [statement.type for statement in con.extract_statements(sql)]
        if kinds != [duckdb.StatementType.SELECT]:
            raise QueryError("Use one SELECT statement: the release is read-only.")
        con.execute(
            f"create temp table answer as from (\n{sql.strip().rstrip(';')}\n) limit"
            f" {most_rows + 1}"
        )
        described = con.execute("from answer limit 0").description
        cut = ", ".join(_cut(name, str(kind)) for name, kind, *_ in described)
        con.execute(f"create temp table cut_answer as select {cut} from answer")
        _check_size({column: _byte_count(con, column) for column, *_ in described})
        rows = con.execute("from cut_answer").fetchall()
    cells = as_json(rows[:most_rows])
    _check_size({"all columns": len(json.dumps(cells, ensure_ascii=False).encode())})
    return describe_release(release) | {
        "sql": sql,
        "columns": [column for column, *_ in described],
        "rows": cells,
        "has_more": len(rows) > most_rows,
    }


def _cut(column: str, kind: str) -> str:
    name = _name(column)
    if kind != "VARCHAR":
        return name
    return (
        f"if(length({name}) > {MAX_TEXT_LENGTH}, left({name}, {MAX_TEXT_LENGTH}) || '…', {name}) as"
        f" {name}"
    )


def _byte_count(con: duckdb.DuckDBPyConnection, column: str) -> int:
    """Return the bytes of a column. Arrow's columns need no Python object for each value."""
    return int(con.execute(f"select {_name(column)} from cut_answer").to_arrow_table().nbytes)


def _check_size(sizes: dict[str, int]) -> None:
    if sum(sizes.values()) > MAX_BYTES:
        column, size = max(sizes.items(), key=lambda entry: entry[1])
        raise QueryError(
            f"The answer is too large: {quoted(column[:100])} has {size:,} bytes, and the limit is"
            f" {MAX_BYTES:,} for all rows."
            " Return fewer rows, or a part of each value, as in left(text, 200) or list[:10]."
        )


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
