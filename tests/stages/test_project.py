"""The dbt project is complete, and a mistake in it is named."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.stages.test_build import ten_days
from tests.transforms.conftest import TinyLake
from tidings import paths
from tidings.stages.build import build
from tidings.storage.project import ProjectError, read_project

__all__ = ["ten_days"]


def test_every_model_and_column_is_described(ten_days: TinyLake) -> None:
    """Models and columns of marts have descriptions, and stored models a uniqueness test."""
    models = read_project().models.values()
    assert [node.name for node in models if not node.description] == []
    tested = {
        node.name
        for node in models
        if {"unique", "unique_together"} & {name for name, _ in node.tests}
    }
    assert [node.name for node in models if not node.is_view and node.name not in tested] == []
    for node in models:
        if node.schema in {"marts", "measures"}:
            query = f"select column_name from (describe {node})"
            stored = {row[0] for row in ten_days.rows(query)}
            assert stored == {name for name, description in node.columns.items() if description}, (
                node.name
            )


def test_dbt_needs_no_variable() -> None:
    """Each variable of the project has a default, so that dbt works on one model without --vars."""
    files = [path for path in paths.TRANSFORMS.rglob("*.sql") if "target" not in path.parts]
    needed = {
        name for path in files for name in re.findall(r"""var\(['"](\w+)['"]\)""", path.read_text())
    }
    project = yaml.safe_load((paths.TRANSFORMS / "dbt_project.yml").read_text())
    assert needed <= project["vars"].keys()


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("-- One row.\nselect 1 as n", r"text_monthly has no unique_key\. Add config"),
        (
            "select * from {{ ref('theme_dayly') }}",
            "text_monthly reads the model theme_dayly, which does not exist",
        ),
        ("select * from {{ source('core', 'article') }}", r"the source core\.article"),
        ("select {{ 1", "The dbt project cannot be read"),
        (
            "{{ config(unique_key='n') }} select * from {{ ref('text_monthly') }}",
            "text_monthly",
        ),
    ],
)
def test_a_mistake_in_a_model_is_named(
    lake: TinyLake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sql: str, message: str
) -> None:
    """A model without a key, with an unknown model or source, with a syntax error or in a circle
    fails with one sentence before anything is written.
    """
    copy = tmp_path / "project"
    shutil.copytree(paths.TRANSFORMS, copy)
    monkeypatch.setattr(paths, "TRANSFORMS", copy)
    (copy / "models" / "marts" / "text_monthly.sql").write_text(sql, encoding="utf-8")
    before = lake.snapshot()
    with pytest.raises(ProjectError, match=message):
        build(lake.lake, as_of=lake.as_of, lexicon=lake.lexicon)
    assert lake.snapshot() == before


def test_files_that_dbt_compiled_are_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What ``dbt build`` leaves in ``target/``, also folders named as YAML, replaces no model."""
    models = read_project().models
    copy = tmp_path / "project"
    shutil.copytree(paths.TRANSFORMS, copy, ignore=shutil.ignore_patterns("target"))
    compiled = copy / "target" / "compiled" / "tidings" / "models" / "marts"
    (compiled / "themes.yml").mkdir(parents=True)
    (compiled / "theme_daily.sql").write_text("select 1", encoding="utf-8")
    monkeypatch.setattr(paths, "TRANSFORMS", copy)
    assert read_project().models == models
