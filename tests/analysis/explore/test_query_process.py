"""Queries of strangers have limits of rows, bytes, time and memory in DuckDB and Python."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.analysis.report.sample_releases import write_ordinary_release
from tests.cases import cases
from tidings.analysis.explore.database import QueryTimeoutError
from tidings.analysis.explore.query_process import (
    MAX_BYTES,
    MAX_TEXT_LENGTH,
    MEMORY_MB,
    QueryError,
    QueryProcess,
)
from tidings.annotation.udf import register_word_hits

LONG = 300.0  # seconds, for queries that must not reach the time limit on a busy machine
HUGE = """
import resource, sys
from pathlib import Path
from tests.analysis.report.sample_releases import write_ordinary_release
from tidings.analysis.explore.database import QueryTimeoutError
from tidings.analysis.explore.query_process import QueryError, QueryProcess
if __name__ == "__main__":
    process = QueryProcess(5.0)
    for sql in sys.argv[2:]:
        try:
            print(len(str(process.run(Path(sys.argv[1]), sql, 500))))
        except (QueryError, QueryTimeoutError) as error:
            print(error)
    process.close()
    # The peak in getrusage would include the peak of the process that started this one.
    status = open("/proc/self/status")
    print(next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM")))
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a small release."""
    return write_ordinary_release(tmp_path_factory.mktemp("release") / "tidings.duckdb")


@pytest.fixture(scope="module")
def query(path: Path) -> Iterator[Any]:
    """Return a function that returns the answer to a query with up to 500 rows."""
    process = QueryProcess(LONG)
    yield lambda sql, most=500: process.run(path, sql, most)
    process.close()


def test_usual_answers_are_complete(query: Any) -> None:
    """Numbers, lists, structs, dates and nulls keep their values, and the rows their order."""
    sql = (
        "select i, sum(i) over () as total, [i, null] as l, {'d': date '2026-06-01'} as s from"
        " range(3) t(i) order by i desc -- x"
    )
    answered = query(sql, 2)
    assert answered["columns"] == ["i", "total", "l", "s"]
    assert answered["rows"] == [[i, 3, [i, None], {"d": "2026-06-01"}] for i in (2, 1)]
    assert answered["has_more"]
    assert answered["citation"].startswith("Tidings, release")


def test_long_texts_are_cut_visibly(query: Any) -> None:
    """A text column's value ends with an ellipsis after 2,000 characters, in any script."""
    [[long, short, missing, numbers]] = query(
        "select repeat('推', 5000000) as a, 'b' as b, null::varchar as c,"
        " to_json(range(2000000)) as d"
    )["rows"]
    assert long == "推" * MAX_TEXT_LENGTH + "…"
    assert (short, missing, len(numbers)) == ("b", None, MAX_TEXT_LENGTH + 1)


@cases(
    "sql",
    "select {'a': {'b': repeat('y', 5000000)}} as x",
    "select map(range(50000), [repeat('y', 99) for i in range(50000)]) as x",
    "select repeat('z', 5000000)::blob as x",
    "select range(2000) as x from range(450)",
    "select array_agg(repeat('y', 1000)) as x from range(5000)",
)
def test_an_answer_that_is_too_large_is_one_sentence(query: Any, sql: str) -> None:
    """Large lists, structs, maps and bytes yield an error with size and limit, and no rows."""
    sentence = rf"(?s)The answer is too large: .* and the limit is {MAX_BYTES:,}"
    with pytest.raises(QueryError, match=sentence) as error:
        query(sql)
    assert str(error.value).count("\n") == 0


@cases(
    "sql",
    "select len(word_hits('', repeat('harbour ', 3000000), 'en', 'harbour*')) as n",
    "select count(*) from range(100000000) a, range(100000) b",
    "with recursive r as (select 1 as n union all select n + 1 from r) select count(*) from r",
)
def test_every_query_stops_at_the_time_limit(path: Path, sql: str) -> None:
    """Also a Python function on one large text stops, and the next query is answered."""
    process = QueryProcess(0.5)
    with pytest.raises(QueryTimeoutError, match=r"stopped after 0\.5 seconds"):
        process.run(path, sql, 500)
    process._seconds = LONG
    assert process.run(path, "select 1 as n", 500)["rows"] == [[1]]
    process.close()


READING = """
    from read_csv('/etc/passwd') | from read_text('/etc/passwd') | from '/etc/passwd' |
    from glob('/etc/*') | from parquet_metadata('/etc/passwd') | select getenv('HOME') |
    from duckdb_secrets() | copy (select 1) to '/dev/null' | attach ':memory:' as other |
    install httpfs | load httpfs | pragma threads = 9 | set threads = 9 |
    create temp table x as select 1 | select 1; select 2 | select 1) union (select 2 | from process
"""


@cases("sql", *map(str.strip, READING.split("|")))
def test_a_query_reads_only_the_release(query: Any, sql: str) -> None:
    """Other files, settings, variables and statements are refused."""
    with pytest.raises(QueryError):
        query(sql)


def test_a_block_of_texts_stops_at_its_limit() -> None:
    """``word_hits`` ends between two texts of a block, where DuckDB cannot interrupt it."""
    with duckdb.connect() as con:
        register_word_hits(con, -1.0)
        with pytest.raises(duckdb.InvalidInputException, match="TimeoutError"):
            con.execute("select word_hits('', 'harbour', 'en', 'harbour')").fetchall()


@pytest.mark.slow
def test_memory_is_bounded(path: Path) -> None:
    """The process of queries has a limit, and the server's memory does not grow with an answer."""
    queries = [
        "select list(i) as x from range(50000000) t(i)",
        "select regexp_replace(repeat('x', 400000000), 'x', 'yyyyyyyy', 'g') as x",
        "select len(word_hits('', repeat('x', 400000000), 'en', 'x*')) as x",
    ]
    command = [sys.executable, "-c", HUGE, str(path), *queries]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    *answers, own, child = found.stdout.splitlines()
    assert found.returncode == 0, found.stderr
    assert len(answers) == len(queries)
    assert int(own) < 600
    assert int(child) < MEMORY_MB + 600
