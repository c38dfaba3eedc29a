"""Every model and column of the dbt project has a description, and every stored model a uniqueness
test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.paths import TRANSFORMS
from tidings.stages.models.changes import transforms_version
from tidings.stages.models.project import read_project

if TYPE_CHECKING:
    from tests.transforms.conftest import TinyLake


def test_every_model_and_column_is_described(lake: TinyLake) -> None:
    """Each model and each column of a mart has a description, and each model stored in the lake has
    a uniqueness test.
    """
    lake.build()
    models = read_project(TRANSFORMS, transforms_version(TRANSFORMS)).models.values()
    assert [node.name for node in models if not node.description] == []
    tested = {
        node.name
        for node in models
        if {"unique", "unique_together"} & {name for name, _ in node.tests}
    }
    assert [node.name for node in models if node.is_stored and node.name not in tested] == []
    for node in models:
        if node.schema == "marts":
            stored = {
                row[0] for row in lake.rows(f"select column_name from (describe marts.{node.name})")
            }
            assert stored == {name for name, description in node.columns.items() if description}, (
                node.name
            )
