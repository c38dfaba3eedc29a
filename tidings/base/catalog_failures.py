"""Recognise by their messages the failures of a lake's catalog: damage, and a lost connection to
its server.
"""

from __future__ import annotations

import re

REPAIR = "restore a backup, or run `tidings rebuild`"
_DAMAGED = re.compile(
    r"not a database|malformed|no such table: ducklake_|name ducklake_\w+ does not exist|creating"
    r" a new DuckLake is explicitly"
    r"|Failed to initialize DuckLake"
)
# Parts of libpq's and psycopg's messages after the loss of a connection, and while a server stops,
# is stopped or starts.
LOST = (
    "server closed the connection",
    "terminating connection",
    "connection to the server",
    "connection is closed",
    "connection to the catalog's server was lost",
    "is the server running",
    "the database system is",
    "data from server",
    "data to server",
    # DuckDB's error for the next query, if another thread received the first error
    "current transaction is aborted",
    "was lost, so another run may be writing",  # LockLostError
)


def is_connection_lost(error: BaseException | None) -> bool:
    """Return whether an exception, or one that it follows, reports that the connection to a
    catalog's server was lost.

    All writes are idempotent and in transactions, so the same work can be tried again with a new
    connection.
    """
    while error is not None:
        text = str(error).lower()
        if any(sign in text for sign in LOST):
            return True
        error = error.__cause__ or error.__context__
    return False


def is_damage(error: BaseException) -> bool:
    """Return whether the message of SQLite or DuckLake means that a catalog is damaged."""
    return bool(_DAMAGED.search(str(error)))
