"""The dbt-duckdb plugin: attach the lake without any download, and register the SQL functions that
the models call.

dbt-duckdb calls it when it opens a connection. Nightly runs do not use dbt (run.py).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags
from dbt_common.exceptions import DbtRuntimeError

from tidings.paths import TRANSFORMS
from tidings.stages.models.changes import prepare_connection, set_variables
from tidings.stages.models.session import standalone_session
from tidings.storage.lake import WarehouseError

if TYPE_CHECKING:
    import duckdb


class Plugin(BasePlugin):
    """Prepare dbt's connections to DuckDB."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Store the run time that the user passed with ``--vars``, empty for the current time."""
        self._as_of = str(plugin_config.get("as_of", ""))

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Attach the lake and register the functions over its word lists.

        Raises:
            DbtRuntimeError: If the lake cannot be used; dbt prints its message, which is one
                sentence.
        """
        try:
            session = standalone_session(_command(), self._as_of)
        except WarehouseError as error:
            raise DbtRuntimeError(str(error)) from error
        conn.execute("set TimeZone = 'UTC'")
        if threads := os.environ.get("TIDINGS_THREADS"):
            conn.execute(f"set threads = {threads}")
        lake = session.lake
        options = {"READ_ONLY": "true"} if session.is_read_only else {}
        for statement in (*lake.setup(), lake.attach(**options)):
            conn.execute(statement)
        self._variables = prepare_connection(conn, TRANSFORMS, session.variables)

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Set the run's variables, because DuckDB keeps variables per connection."""
        set_variables(cursor, self._variables)


def _command() -> str:
    flags: Any = get_flags  # dbt.flags has no type hints
    return str(flags().WHICH)
