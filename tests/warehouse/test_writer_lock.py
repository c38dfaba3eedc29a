"""Retrying writes that conflict."""

from typing import Any

import duckdb
import pytest

from tests.warehouse.test_release import add_baseline
from tidings.warehouse import writer_lock
from tidings.warehouse.lake import Lake, open_lake, transaction
from tidings.warehouse.writer_lock import retry_on_conflict


def names(lake: Lake) -> Any:
    with open_lake(lake, read_only=True) as con:
        return [row[0] for row in con.execute("select baseline_id from ref.baselines order by 1").fetchall()]


def test_a_commit_that_conflicts_is_tried_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """After another writer's commit the whole write is repeated, and both writers' rows exist."""
    monkeypatch.setattr(writer_lock, "FIRST_WAIT", 0.0)
    tries: list[int] = []

    @retry_on_conflict
    def write() -> Any:
        tries.append(len(tries))
        with open_lake(lake) as con, transaction(con):
            con.execute("delete from ref.baselines where baseline_id = 'old'")
            con.execute("insert into ref.baselines values ('mine', null, null, null)")
            if len(tries) < 3:
                with open_lake(lake) as other:
                    other.execute("delete from ref.baselines where baseline_id = 'old'")
                    other.execute("insert into ref.baselines values (?, null, null, null)", ["old"])
        return len(tries)

    with open_lake(lake) as con:
        add_baseline(con, "old")
        add_baseline(con, "theirs")
    assert write() == 3
    assert names(lake) == ["mine", "theirs"]


def test_other_failures_are_not_tried_again() -> None:
    """Errors other than conflicts are raised immediately."""
    calls = []

    @retry_on_conflict
    def fail(message: str) -> None:
        calls.append(message)
        raise duckdb.TransactionException(message)

    with pytest.raises(duckdb.TransactionException):
        fail("TransactionContext Error: no transaction is active")
    assert len(calls) == 1


def test_a_lasting_conflict_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """After TRIES calls the conflict is raised."""
    monkeypatch.setattr(writer_lock, "FIRST_WAIT", 0.0)
    calls = []

    @retry_on_conflict
    def fail() -> None:
        calls.append(1)
        raise duckdb.TransactionException("Transaction conflict - attempting to insert")

    with pytest.raises(duckdb.TransactionException):
        fail()
    assert len(calls) == writer_lock.TRIES
