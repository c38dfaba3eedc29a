"""Named locks that end with their process: file locks, or advisory locks of PostgreSQL."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import fcntl
import importlib
import os
from pathlib import Path
from typing import Any, Self


class FileLocks:
    """Locks between processes of one machine: ``flock`` on one file per name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}  # open files

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self._held):
            self.give(name)

    def take(self, name: str) -> bool:
        """Take a lock without waiting, and return whether that succeeded. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if not os.access(self._folder, os.W_OK):  # a lock's file may still be writable
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        file = os.open(f"{self._folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._held[name] = file
        return True

    def has(self, name: str) -> bool:
        """Return whether a lock is in force: after a deletion, another process locks a new file."""
        try:
            return name in self._held and os.path.samestat(
                os.fstat(self._held[name]), (self._folder / name).stat()
            )
        except FileNotFoundError:
            return False

    def take_again(self, name: str) -> bool:
        """Take a lock whose file was deleted, and return whether that succeeded."""
        self.give(name)
        return self.take(name)

    def sign(self, name: str) -> None:
        """Write this process into the lock's file, for ``holder``."""
        file = self._held[name]
        os.truncate(file, 0)
        line = f"process {os.getpid()}, since {dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC"
        os.write(file, line.encode())

    def holder(self, name: str) -> str:
        """Return the process that has a lock and since when; empty if it did not call ``sign``."""
        return (self._folder / name).read_text(encoding="utf-8", errors="replace")[:100]

    def give(self, name: str) -> None:
        """Release a lock, if it is still taken."""
        if (file := self._held.pop(name, None)) is not None:
            os.close(file)


_KEY = "hashtextextended(%s, 0)"
_LOCKS = (
    f"pg_locks, (select {_KEY} as key) as wanted where locktype = 'advisory' and granted"
    " and objsubid = 1 and classid::bigint = (key >> 32) & 4294967295"
    " and objid::bigint = key & 4294967295"
)


class PostgresLocks:
    """Locks between machines: advisory locks of one PostgreSQL session in the catalog's database.

    The server releases them if the process dies, and after 15 seconds if its machine does. After
    the loss of its session, a method raises ConnectionError.
    """

    def __init__(self, url: str, prefix: str) -> None:
        self._url = url
        self._prefix = f"tidings:{prefix}"

    def __enter__(self) -> Self:
        self._session = open_session(self._url)
        return self

    def __exit__(self, *_: object) -> None:
        # after a lost connection the server releases the locks itself
        with contextlib.suppress(_psycopg().Error):
            self._session.execute("select pg_advisory_unlock_all()")
        self._session.close()

    def take(self, name: str) -> bool:
        """Take a lock without waiting, and return whether that succeeded."""
        return bool(self._read(f"select pg_try_advisory_lock({_KEY})", name))

    def has(self, name: str) -> bool:
        """Return whether a lock is still in force in this session."""
        query = f"select exists (select from {_LOCKS} and pid = pg_backend_pid())"
        with contextlib.suppress(ConnectionError):
            return bool(self._read(query, name))
        return False

    def take_again(self, name: str) -> bool:
        """Take a lock in a new session, and return whether that succeeded."""
        self._session.close()
        self._session = open_session(self._url)
        return self.take(name)

    def sign(self, name: str) -> None:
        """Do nothing: the server knows the session that has a lock."""

    def holder(self, name: str) -> str:
        """Return the session that has a lock and since when."""
        query = (
            "select application_name || coalesce(' at ' || host(client_addr), '') || ', since '"
            " || to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'"
            f" from pg_stat_activity where pid in (select pid from {_LOCKS})"
        )
        return str(self._read(query, name) or "")

    def give(self, name: str) -> None:
        """Release a lock."""
        self._read(f"select pg_advisory_unlock({_KEY})", name)

    def _read(self, query: str, name: str) -> Any:
        try:
            row = self._session.execute(query, [self._prefix + name]).fetchone()
        except _psycopg().OperationalError as error:
            line = str(error).strip().partition("\n")[0]
            raise ConnectionError(
                f"The connection to the catalog's server was lost: {line}. Run the command again."
            ) from None
        return row[0] if row else None


Locks = FileLocks | PostgresLocks  # leaving the ``with`` block releases all of them


def open_session(url: str) -> Any:
    """Return a session with a PostgreSQL server in autocommit mode, closed after 15 seconds without
    a response. Raises ConnectionError, without the password.
    """
    psycopg = _psycopg()
    keepalive: Any = {"keepalives_idle": 5, "keepalives_interval": 5, "keepalives_count": 2}
    try:
        session = psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=10,
            application_name=f"tidings, process {os.getpid()}",
            **keepalive,
        )
        with contextlib.suppress(psycopg.Error):  # these settings do not exist for a Unix socket
            for name, value in keepalive.items():
                session.execute(f"set tcp_{name} = {value}")
    except psycopg.Error as error:
        line = str(error).strip().splitlines()[0]
        raise ConnectionError(f"{line.rstrip('.')}; {_next_step(line)}") from None
    return session


def _psycopg() -> Any:
    try:
        return importlib.import_module("psycopg")  # only lakes with a PostgreSQL catalog need it
    except ImportError as error:
        raise ConnectionError("a PostgreSQL catalog needs the extra tidings[scale]") from error


def _next_step(text: str) -> str:
    """Return the next step after an error of PostgreSQL's connection."""
    if any(word in text for word in ("password", "authentication", 'role "')):
        return "set PGPASSWORD, or correct the user in TIDINGS_WAREHOUSE"
    if "does not exist" in text:
        return "`tidings setup` creates it, or correct TIDINGS_WAREHOUSE"
    return "start the server, or correct its host and port in TIDINGS_WAREHOUSE"
