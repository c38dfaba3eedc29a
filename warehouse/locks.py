"""Locks by name that go with the process that held them, however it ended: the kernel's, or those of a PostgreSQL session."""

from __future__ import annotations

import contextlib
import fcntl
from typing import IO, TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from pathlib import Path


class Locks(Protocol):
    """A holder of locks; leaving its ``with`` gives back all that it holds."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...

    def take(self, name: str) -> bool:
        """Take a lock if nobody else has it, and return whether that was so; it never waits."""

    def give(self, name: str) -> None:
        """Give a lock back."""


class FileLocks:
    """Locks between the processes of one machine: flock on a file a name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, IO[str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self._held):
            self.give(name)

    def take(self, name: str) -> bool:
        """Take a lock if nobody else has it. Raises OSError when the folder cannot be written."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = (self._folder / name).open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._held[name] = file
        return True

    def give(self, name: str) -> None:
        """Give a lock back."""
        self._held.pop(name).close()


class PostgresLocks:
    """Locks between machines: advisory locks of one PostgreSQL session, in the database that holds the catalog.

    The server gives them back when the session ends: at once when its process dies, after a quarter of a minute of silence
    when its machine does.
    """

    def __init__(self, url: str, prefix: str) -> None:
        self._url = url
        self._prefix = f"tidings:{prefix}"

    def __enter__(self) -> Self:
        self._session = open_session(self._url)
        return self

    def __exit__(self, *_: object) -> None:
        import psycopg  # noqa: PLC0415 - only lakes with a PostgreSQL catalog need it

        with contextlib.suppress(psycopg.Error):  # a closed session's locks go a moment later, when the server has seen it
            self._session.execute("select pg_advisory_unlock_all()")
        self._session.close()

    def take(self, name: str) -> bool:
        """Take a lock if nobody else has it."""
        row = self._session.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [self._prefix + name]).fetchone()
        return bool(row[0])

    def give(self, name: str) -> None:
        """Give a lock back."""
        self._session.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [self._prefix + name])


def open_session(url: str) -> Any:
    """Return a session with a PostgreSQL server, each statement its own transaction.

    A peer that says nothing for a quarter of a minute counts as gone, on both sides. Raises ConnectionError with one sentence
    that holds no password.
    """
    try:
        import psycopg  # noqa: PLC0415 - only lakes with a PostgreSQL catalog need it
    except ImportError as error:
        raise ConnectionError("a PostgreSQL catalog needs the extra tidings[scale]") from error
    lively: Any = {"keepalives_idle": 5, "keepalives_interval": 5, "keepalives_count": 2}
    try:
        session = psycopg.connect(url, autocommit=True, connect_timeout=10, application_name="tidings", **lively)
        with contextlib.suppress(psycopg.Error):  # a session over a Unix socket has none of these
            session.execute("set tcp_keepalives_idle = 5")
            session.execute("set tcp_keepalives_interval = 5")
            session.execute("set tcp_keepalives_count = 2")
    except psycopg.Error as error:
        raise ConnectionError(str(error).strip().splitlines()[0]) from None
    return session
