"""Records and their tables."""

import dataclasses
from typing import Any

import pytest

from tidings.base.records import TABLES
from tidings.storage.load import ARROW, column_types


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.TABLE)
def test_fields_are_the_columns(con: Any, kind: Any) -> None:
    """A record has its table's columns in order, and all their types can be written."""
    types = column_types(con, kind.TABLE)
    assert [field.name for field in dataclasses.fields(kind)] == list(types)
    assert set(types.values()) <= set(ARROW)


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.TABLE)
def test_records_are_frozen_and_slotted(kind: Any) -> None:
    """Records are frozen and have no attributes besides their fields."""
    assert kind.__dataclass_params__.frozen
    assert "__slots__" in vars(kind)
    assert set(kind.KEY) <= {field.name for field in dataclasses.fields(kind)}
