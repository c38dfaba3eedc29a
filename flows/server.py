"""The Prefect server that ``tidings serve`` starts: Prefect's own, with every transaction of its SQLite begun as a write.

SQLite refuses at once to make a write of a transaction that has read while another wrote; Prefect answers 503 then, and
its UI does not ask again. Begun as a write, a transaction waits for its turn instead, up to Prefect's minute.
"""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager


def begin_as_writes() -> None:
    """Make every transaction of Prefect's SQLite ``BEGIN IMMEDIATE``, as Prefect itself does where it knows of a conflict."""
    from prefect.server.database.configurations import AioSqliteConfiguration  # noqa: PLC0415 - only the server's process needs it

    begin = AioSqliteConfiguration.begin_transaction

    def begin_write(self: Any, session: Any, with_for_update: bool = True) -> AbstractAsyncContextManager[Any]:  # noqa: ARG001
        return begin(self, session, with_for_update=True)

    AioSqliteConfiguration.begin_transaction = begin_write  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    begin_as_writes()
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)
