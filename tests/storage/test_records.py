"""Records and their tables."""

import dataclasses
from typing import Any

import pytest

from tests.base.test_load_rows import VALUES
from tidings.base.records import TABLES
from tidings.storage.load import column_types


def test_every_type_can_be_written(con: Any) -> None:
    """All types of columns are among those that a test of ``load_rows`` writes and reads."""
    kinds: Any = TABLES
    types = {name for kind in kinds for name in column_types(con, kind.TABLE).values()}
    assert types <= VALUES.keys()


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.TABLE)
def test_records_are_frozen_and_slotted(kind: Any) -> None:
    """Records are frozen and have no attributes besides their fields."""
    assert kind.__dataclass_params__.frozen
    assert "__slots__" in vars(kind)
    assert set(kind.KEY) <= {field.name for field in dataclasses.fields(kind)}
