"""Retrying writes that conflict, and stopping writes whose lock was lost."""

import contextvars
from typing import Any

import duckdb
import pytest

from tests.storage.test_release import add_baseline
from tidings.storage import writer_lock
from tidings.storage.lake import Lake, open_lake, transaction
from tidings.storage.locks import PostgresLocks
from tidings.storage.remote_lake import RemoteLake
from tidings.storage.writer_lock import NIGHTLY_LOCK, WRITER_LOCK, LockLostError, retry_on_conflict


def names(lake: Lake) -> Any:
    with open_lake(lake, read_only=True) as con:
        return [
            row[0]
            for row in con.execute("select baseline_id from ref.baselines order by 1").fetchall()
        ]


def test_a_commit_that_conflicts_is_tried_again(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def lose(lake: Lake, name: str = WRITER_LOCK) -> None:
    """Take a lock from its process: end the sessions of the lake's locks, or delete the file."""
    if isinstance(lake, RemoteLake):
        end_sessions(lake.catalog_url)
    else:
        (lake.root / name).unlink()


def end_sessions(url: str) -> None:
    """End the session that has a lock in a database."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as session:
        ended = session.execute(
            "select pg_terminate_backend(pid, 10000) from pg_locks inner join pg_database on oid ="
            " database"
            " where locktype = 'advisory' and datname = current_database() and pid !="
            " pg_backend_pid()"
        ).fetchall()
        assert ended == [(True,)]


def add_as_another(lake: Lake, name: str) -> None:
    """Write a row as another process would, which has locks of its own."""

    def write() -> None:
        with writer_lock.writer_lock(lake, patience=0), open_lake(lake) as con:
            add_baseline(con, name)

    contextvars.Context().run(write)


def test_a_writer_that_lost_its_lock_commits_nothing(lake: Lake) -> None:
    """A writer that lost its lock stops before its commit; a second writer's rows remain."""
    with (
        pytest.raises(LockLostError, match="was lost, so another run may be writing"),
        writer_lock.writer_lock(lake),
        open_lake(lake) as con,
    ):
        add_baseline(con, "before")
        with transaction(con):
            con.execute("insert into ref.baselines values ('mine', null, null, null)")
            lose(lake)
            add_as_another(lake, "theirs")
    assert names(lake) == ["before", "theirs"]
    add_as_another(lake, "next")
    assert names(lake) == ["before", "next", "theirs"]


def test_a_write_that_lost_its_lock_is_tried_again(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole write is repeated with a new lock, and reads the rows of the other writer."""
    monkeypatch.setattr(writer_lock, "FIRST_WAIT", 0.0)
    tries = []

    @retry_on_conflict
    def write() -> None:
        with writer_lock.writer_lock(lake), open_lake(lake) as con, transaction(con):
            tries.append(names(lake))
            con.execute("insert into ref.baselines values ('mine', null, null, null)")
            if len(tries) == 1:
                lose(lake)
                add_as_another(lake, "theirs")

    write()
    assert tries == [[], ["theirs"]]
    assert names(lake) == ["mine", "theirs"]


@pytest.mark.parametrize("is_taken", [False, True])
def test_a_lost_lock_of_runs_is_taken_again_if_it_is_free(lake: Lake, *, is_taken: bool) -> None:
    """A nightly run that lost its lock continues if no other has it, and else stops in time."""
    with writer_lock.writer_lock(lake, name=NIGHTLY_LOCK), lake.locks() as other:
        lose(lake, NIGHTLY_LOCK)
        if is_taken:
            assert other.take(NIGHTLY_LOCK)
            with (
                pytest.raises(LockLostError),
                writer_lock.writer_lock(lake),
                open_lake(lake) as con,
            ):
                add_baseline(con, "mine")
            assert names(lake) == []
            return
        with writer_lock.writer_lock(lake), open_lake(lake) as con:
            add_baseline(con, "mine")
        assert not other.take(NIGHTLY_LOCK)
    assert names(lake) == ["mine"]


def test_a_lost_session_is_one_sentence(pg: Any) -> None:
    """A lock whose session was lost cannot be taken, and the error is one sentence."""
    url = pg.database()
    with PostgresLocks(url, "turns/") as locks:
        assert locks.take("one")
        end_sessions(url)
        assert not locks.has("one")
        with pytest.raises(
            ConnectionError,
            match="connection to the catalog's server was lost: .*Run the command again",
        ):
            locks.take("two")
