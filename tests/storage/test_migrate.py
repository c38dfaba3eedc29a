"""Schema versions."""

from typing import Any

import pytest

from tidings.storage.lake import Lake, WarehouseError, open_lake
from tidings.storage.migrate import FOLDER, applied_versions, migrate


def test_each_version_is_applied_once(lake: Lake, con: Any) -> None:
    """A lake with the current schema is not changed."""
    versions = {int(path.name.split("_")[0]) for path in FOLDER.glob("*.sql")}
    assert applied_versions(con) == versions
    before = con.execute("select max(snapshot_id) from lake.snapshots()").fetchone()
    assert migrate(con) == []
    assert con.execute("select max(snapshot_id) from lake.snapshots()").fetchone() == before


def test_a_newer_schema_is_refused(lake: Lake) -> None:
    """A lake of a newer version yields one sentence."""
    with open_lake(lake) as con:
        con.execute("insert into ops.schema_versions values (9999, '9999_later.sql', now())")
        with pytest.raises(WarehouseError, match="schema 9999, which is newer"):
            migrate(con)
