"""The SQL functions of ``transforms/formulas/`` as DuckDB macros. The first paragraph of the
comment above a macro becomes its comment in the release file.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tidings.paths import TRANSFORMS

if TYPE_CHECKING:
    import duckdb

_MACRO = re.compile(
    r"^((?:--[^\n]*\n)*)create or replace macro (\w+)(\([^;]*?\)) as( table)?\s(.*?);\n\n",
    re.MULTILINE | re.DOTALL,
)


def create_functions(con: duckdb.DuckDBPyConnection, *schemas: str) -> None:
    """Create the functions as temporary ones and, with comments, in schemas of an attached file."""
    for schema in ("temp", *schemas):  # a function that calls another must find it
        con.execute(_statements(schema))


@cache
def _statements(schema: str) -> str:
    lines = []
    for path in sorted((TRANSFORMS / "formulas").glob("*.sql")):
        for note, name, parameters, table, body in _MACRO.findall(
            path.read_text(encoding="utf-8") + "\n"
        ):
            create = f"create or replace {'temp ' * (schema == 'temp')}macro"
            lines.append(f"{create} {schema}.{name}{parameters} as{table} {body};")
            if schema != "temp":
                text = " ".join(line.removeprefix("-- ") for line in note.splitlines())
                text = text.partition(" -- ")[0].partition(" --")[0]
                text = text.replace("'", "''")
                lines.append(f"comment on macro{table} {schema}.{name} is '{text}';")
    return "\n".join(lines)
