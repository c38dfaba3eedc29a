"""Finding statements as a function of DuckDB: ``speaker_statements(body, language, day)``, over the lake's speakers and verbs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tidings.transforms.text.attribution import Verb
from tidings.transforms.text.slow_texts import reading
from tidings.transforms.text.source_version import source_version
from tidings.transforms.text.speakers import Speaker
from tidings.transforms.text.statements import Quoter

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

STATEMENT = pa.struct(
    [
        ("person_id", pa.string()),
        ("office", pa.string()),
        ("verb", pa.string()),
        ("start_offset", pa.int32()),
        ("end_offset", pa.int32()),
        ("sentence", pa.string()),
    ]
)
STATEMENT_SQL = (
    "struct(person_id varchar, office varchar, verb varchar, start_offset integer, end_offset integer, sentence varchar)[]"
)


def register_statements(con: duckdb.DuckDBPyConnection, database: str) -> str:
    """Register ``speaker_statements`` over the speakers and verbs that the lake holds, and return their version.

    The version is a hash over both lists and the rules: where it differs, statements would be others.
    """
    columns = ", ".join(Speaker.__dataclass_fields__)
    speakers = con.execute(f"select {columns} from {database}.ref.speakers order by all").fetchall()
    fields = ", ".join(Verb._fields)
    verbs = con.execute(f"select {fields} from {database}.ref.speech_verbs order by all").fetchall()
    quoter = Quoter([Speaker(*row) for row in speakers], [Verb(*row) for row in verbs])
    function: Any = find_statements(quoter)
    types: list[Any] = ["varchar", "varchar", "date"]
    how: Any = {"type": "arrow", "null_handling": "special"}
    con.create_function("speaker_statements", function, types, STATEMENT_SQL, **how)
    return hashlib.sha256(repr((source_version("statements"), speakers, verbs)).encode()).hexdigest()[:12]


def find_statements(quoter: Quoter) -> Callable[[Any, Any, Any], pa.Array]:
    """Return the vectorised function behind ``speaker_statements``: columns of articles in, a list an article out."""

    def speaker_statements(bodies: Any, languages: Any, days: Any) -> pa.Array:
        ends = [0]
        rows: list[tuple[Any, ...]] = []
        for body, language, day in zip(bodies.to_pylist(), languages.to_pylist(), days.to_pylist(), strict=True):
            text = body or ""
            with reading("speaker_statements", text):
                rows += [(*one, text[one.start : one.end]) for one in quoter.find(text, language, day)]
            ends.append(len(rows))
        columns = list(zip(*rows, strict=True)) or [()] * len(STATEMENT)
        parts = [pa.array(column, STATEMENT[index].type) for index, column in enumerate(columns)]
        return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.StructArray.from_arrays(parts, fields=list(STATEMENT)))

    return speaker_statements
