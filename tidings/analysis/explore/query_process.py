"""Run a SELECT statement of a stranger in a process that ends at the limits of time and memory.

DuckDB cannot interrupt a function in Python or an operator on one large value, and does not count
all memory against its limit.
"""

import json
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from tidings.analysis.answers import Row
from tidings.analysis.explore.answers import as_json, describe_release
from tidings.analysis.explore.database import SECONDS, OpenRelease, QueryTimeoutError, ReleaseReader
from tidings.base.guarded_pool import Failure, GuardedProcess, Work

MAX_TEXT_LENGTH = 2_000  # characters of a value; longer ones end with an ellipsis
MAX_BYTES = 4_000_000  # of an answer as JSON
MEMORY_MB = 3_000  # in addition to libraries; DuckDB's own limit is lower
GRACE = 5.0  # seconds after the time limit in which the process may end the query itself
CPU_SECONDS = 100.0  # also for opening the release
_NO_MEMORY = "The query needs too much memory. Return fewer rows or smaller values."
_STOPPED = "The query was stopped after {:g} seconds. Read fewer rows."


class QueryError(Exception):
    """The query is invalid or its answer is too large; the message is for its author."""


class QueryProcess:
    """A process that runs one query at a time, and starts anew after one that it cannot end."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        work = Work(_start, "Queries", "querying", str, len, CPU_SECONDS, MEMORY_MB)
        self._process = GuardedProcess(work, lambda _line: None)

    def run(self, path: Path, sql: str, most_rows: int) -> Row:
        """Return ``describe_release``, ``sql``, ``columns``, ``rows`` and ``has_more`` of a query.
        Raises QueryError and QueryTimeoutError.
        """
        with self._lock:
            found = self._process.apply((str(path), sql, most_rows, self._seconds)).found
        if isinstance(found, Failure):
            is_late = found.outcome in {"timed_out", "stalled"}
            stopped = QueryTimeoutError(_STOPPED.format(self._seconds))
            raise stopped if is_late else QueryError(_NO_MEMORY)
        if isinstance(found, Exception):
            raise found
        answer: Row = found
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.close()


def _start() -> Callable[[tuple[str, str, int, float]], Row | Exception]:
    """Return the function that returns the answer to a query, or an exception for its author."""
    readers: dict[str, ReleaseReader] = {}

    def answer(query: tuple[str, str, int, float]) -> Row | Exception:
        path, sql, most_rows, seconds = query
        try:
            reader = readers.get(path) or readers.setdefault(path, ReleaseReader(Path(path)))
            release = reader.get()
            # ends the process
            signal.setitimer(signal.ITIMER_REAL, seconds + GRACE)
            return _answer(release, sql, most_rows, seconds)
        except (QueryError, QueryTimeoutError) as error:
            return error
        except duckdb.OutOfMemoryException as error:
            raise MemoryError from error
        except (duckdb.Error, OverflowError, ValueError) as error:
            return QueryError(str(error).strip()[:MAX_TEXT_LENGTH])
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    return answer


def _answer(release: OpenRelease, sql: str, most_rows: int, seconds: float) -> Row:
    with release.cursor(seconds) as con:
        kinds = [statement.type for statement in con.extract_statements(sql)]
        if kinds != [duckdb.StatementType.SELECT]:
            raise QueryError("Use one SELECT statement: the release is read-only.")
        result = con.execute(f"from (\n{sql.strip().rstrip(';')}\n) limit {most_rows + 1}")
        columns = [column for column, *_ in result.description]
        rows = result.fetchall()
    cells = as_json([[*map(_cut, row)] for row in rows[:most_rows]])
    if (size := len(json.dumps(cells, ensure_ascii=False).encode())) > MAX_BYTES:
        raise QueryError(
            f"The answer is too large: {size:,} bytes, and the limit is {MAX_BYTES:,} for all"
            " rows. Return fewer rows, or a part of each value, as in left(text, 200) or list[:10]."
        )
    return describe_release(release) | {
        "sql": sql,
        "columns": columns,
        "rows": cells,
        "has_more": len(rows) > most_rows,
    }


def _cut(value: Any) -> Any:
    is_long = isinstance(value, str) and len(value) > MAX_TEXT_LENGTH
    return f"{value[:MAX_TEXT_LENGTH]}…" if is_long else value
