"""The dbt-duckdb plugin: opens the lake without downloading anything and registers the SQL functions."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from tidings.transforms.text.udf import register_functions

EXTENSIONS = ("ducklake", "sqlite_scanner")


class Plugin(BasePlugin):
    """What dbt-duckdb calls while it opens its connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Load the extensions from their wheels, attach the lake and register the functions over its phrases."""
        conn.execute("set TimeZone = 'UTC'")
        if threads := os.environ.get("TIDINGS_THREADS"):
            conn.execute(f"set threads = {threads}")
        setup = json.loads(os.environ.get("TIDINGS_DBT_SETUP", "[]"))
        for statement in setup or [f"load {_quoted(str(find_extension(name)))}" for name in EXTENSIONS]:
            conn.execute(statement)
        options = json.loads(os.environ.get("TIDINGS_DBT_ATTACH_OPTIONS", "{}"))
        listed = ", ".join(f"{name} {_quoted(value)}" for name, value in options.items())
        conn.execute(f"attach {_quoted(os.environ['TIDINGS_DBT_LAKE'])} as lake ({listed})")
        self._versions = register_functions(conn, "lake")

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Set the run's variables, which DuckDB keeps for each connection by itself."""
        told = json.loads(os.environ.get("TIDINGS_DBT_VARIABLES", "{}"))
        told |= self._versions
        cursor.execute(";".join(f"set variable {name} = '{value}'" for name, value in told.items()))


def find_extension(name: str) -> Path:
    """Return the path of a DuckDB extension inside its wheel. Raises FileNotFoundError where it is not installed."""
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    folder = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}" if spec and spec.origin else Path()
    found = folder / f"{name}.duckdb_extension"
    if not found.is_file():
        message = f"DuckDB {duckdb.__version__} needs the package duckdb-extension-{name.replace('_', '-')} of the same version."
        raise FileNotFoundError(message)
    return found


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
