"""Copy what the dbt project reads into a DuckDB file, for authors who use dbt (``make dbt``).

``python -m tidings.stages.scratch FILE`` reads the lake of TIDINGS_WAREHOUSE, or the demo's, and
prints the run time of its last build and the version of its word list as dbt variables.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tidings.base.functions import create_functions
from tidings.base.records import LastBuild
from tidings.base.settings import read_settings
from tidings.storage.lake import WarehouseError, open_lake, quoted
from tidings.storage.load import read_last
from tidings.storage.project import read_project
from tidings.storage.reference import lexicon_version
from tidings.storage.remote_lake import demo_lake, lake_of


def write_scratch(path: Path) -> dict[str, str]:
    """Write the sources to a new file, whose name must be ``lake.duckdb``, and return the dbt
    variables of the last build. Raises WarehouseError if nothing was built.
    """
    lake = lake_of(read_settings())
    with open_lake(demo_lake(lake) or lake, read_only=True) as con:
        last = read_last(con, LastBuild)
        if last is None:
            raise WarehouseError(f"{lake.name} has no tables yet: run `tidings nightly` first.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        con.execute(f"attach {quoted(str(path))} as scratch")
        for source in read_project().sources.values():
            con.execute(f"create schema if not exists scratch.{source.schema}")
            con.execute(
                f"create or replace table scratch.{source.schema}.{source.name} as from {source}"
            )
        create_functions(con, "scratch.main")
        con.execute("detach scratch")
        return {"as_of": last.as_of.isoformat(), "lexicon_version": lexicon_version(con)}


if __name__ == "__main__":
    try:
        sys.stdout.write(json.dumps(write_scratch(Path(sys.argv[1]))) + "\n")
    except WarehouseError as problem:
        sys.exit(str(problem))
