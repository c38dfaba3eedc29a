"""The unit tests of the dbt project pass, and every model and column has a description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbt.cli.main import dbtRunner

from tidings.transforms.run import check
from tidings.transforms.session import PROJECT

if TYPE_CHECKING:
    from tests.transforms.conftest import TinyLake


def test_given_and_expected_rows_agree(lake: TinyLake) -> None:
    """Every unit test of the project passes."""
    lake.build()
    result = check(lake.lake, as_of=lake.as_of, work=lake.work)
    assert not result.failed, [failure.message for failure in result.failed]
    assert result.passed >= 3


def test_every_model_and_column_is_described(lake: TinyLake) -> None:
    """Each model and each column of a mart has a description, and each model stored in the lake has a uniqueness test."""
    lake.build()
    project = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(lake.work / "target")]
    outcome = dbtRunner().invoke(["--quiet", "--no-write-json", "parse", *project, "--log-path", str(lake.work / "logs")])
    manifest = outcome.result.writable_manifest().to_dict()
    models = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    assert [node["name"] for node in models.values() if not node["description"]] == []
    tested = {
        parent
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and node.get("test_metadata", {}).get("name") in {"unique", "unique_together"}
        for parent in node["depends_on"]["nodes"]
    }
    assert [node["name"] for key, node in models.items() if key not in tested and node["database"] != "memory"] == []
    for node in models.values():
        if node["schema"] == "marts":
            stored = {row[0] for row in lake.rows(f"select column_name from (describe marts.{node['name']})")}
            described = {name for name, column in node["columns"].items() if column["description"]}
            assert stored == described, node["name"]
