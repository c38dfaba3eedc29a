"""Read the dbt project: its models, sources and tests, as dbt reads them for authors (``make
dbt``). dbt itself takes longer than the SQL of a small warehouse.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import jinja2
import yaml

from tidings import paths

Arguments = Mapping[str, Any]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ProjectError(Exception):
    """The project cannot be read; the message is one sentence for its author."""


@dataclass(slots=True)
class Node:
    """A model, a source table, or a test of releases.

    ``config`` is what the file, its YAML entry and dbt_project.yml state, ``columns`` are
    descriptions by name, ``tests`` the name and the arguments of each test, and ``refs`` the models
    that its SQL reads.
    """

    name: str
    schema: str
    config: dict[str, Any] = field(default_factory=dict)
    description: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    tests: list[tuple[str, Arguments]] = field(default_factory=list)
    refs: set[str] = field(default_factory=set)

    @property
    def is_view(self) -> bool:
        """True for a view, which stores no rows."""
        return bool(self.config.get("materialized") == "view")

    @property
    def keys(self) -> list[str]:
        """The columns that identify a row."""
        keys = self.config.get("unique_key", [])
        return [keys] if isinstance(keys, str) else list(keys)

    @property
    def meta(self) -> Arguments:
        """The settings that dbt does not know."""
        meta: Arguments = self.config.get("meta", {})
        return meta

    def __str__(self) -> str:
        return f'lake.{self.schema}."{self.name}"'


@dataclass(frozen=True, slots=True)
class Project:
    """The models in the order of a build, the sources by schema and name, the tests of releases,
    and the templates of all files.
    """

    models: Mapping[str, Node]
    sources: Mapping[tuple[str, str], Node]
    tests: Mapping[str, Node]
    environment: jinja2.Environment

    def render(self, node: Node, variables: Arguments | None = None, **names: Any) -> str:
        """Return the SQL of a model or test, with values of ``var()`` and other names."""

        def config(**values: Any) -> str:
            meta = {**node.meta, **values.get("meta", {})}
            node.config.update(values, meta=meta)
            return ""

        def ref(name: str) -> str:
            node.refs.add(name)
            return str(self.models.get(name, name))

        def source(schema: str, table: str) -> str:
            if (schema, table) not in self.sources:
                raise ProjectError(f"{node.name} reads the source {schema}.{table}, not listed.")
            return str(self.sources[schema, table])

        def var(name: str, default: Any = "") -> Any:
            return (variables or {}).get(name, default)

        names |= {"config": config, "ref": ref, "source": source, "var": var, "run_started_at": ""}
        macros = vars(self.environment.get_template("macros").make_module(names))
        known = {name: macro for name, macro in macros.items() if not name.startswith("_")}
        return self.environment.get_template(f"{node.name}.sql").render(known | names)


def transforms_version() -> str:
    """Return a hash of the project's SQL. If it changes, all tables are computed completely."""
    digest = hashlib.sha256()
    for folder in ("models", "macros", "formulas"):
        for path in sorted((paths.TRANSFORMS / folder).rglob("*.sql")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def read_project() -> Project:
    """Return the project, read once in a process for the same files. Raises ProjectError for a
    syntax error, a circle of models, or a model that does not exist.
    """
    try:
        return _read(paths.TRANSFORMS, transforms_version())
    except (jinja2.TemplateError, CycleError) as error:
        raise ProjectError(f"The dbt project cannot be read: {error}") from error


def read_sources() -> Iterable[Node]:
    """Return the sources of the project, without reading its models."""
    return _read_descriptions(paths.TRANSFORMS, transforms_version())[1].values()


def read_descriptions() -> dict[str, dict[str, str]]:
    """Return the descriptions of each table's columns, and of the table (the name ''), by
    ``schema.table``. Raises ProjectError as ``read_project``.
    """
    project = read_project()
    return {
        f"{node.schema}.{node.name}": {"": node.description, **node.columns}
        for node in (*project.sources.values(), *project.models.values())
    }


@functools.cache
def _read_descriptions(
    folder: Path, _version: str
) -> tuple[dict[str, Any], dict[tuple[str, str], Node]]:
    models: dict[str, Any] = {}
    sources: dict[tuple[str, str], Node] = {}
    for path in sorted((folder / "models").rglob("*.yml")):
        content = _yaml(path)
        models |= {model["name"]: model for model in content.get("models", ())}
        for group in content.get("sources", ()):
            for table in group["tables"]:
                sources[group["name"], table["name"]] = _node(table, group["schema"], {})
    return models, sources


@functools.cache
def _read(folder: Path, version: str) -> Project:
    defaults = _yaml(folder / "dbt_project.yml")["models"]["tidings"]
    described, sources = _read_descriptions(folder, version)
    models = {}
    for path in sorted((folder / "models").rglob("*.sql")):
        values = {key.lstrip("+"): value for key, value in defaults[path.parent.name].items()}
        entry = described.get(path.stem, {"name": path.stem})
        models[path.stem] = _node(entry, values["schema"], values)
    tests = {path.stem: Node(path.stem, "") for path in sorted(folder.glob("release_tests/*.sql"))}
    project = Project(models, sources, tests, _environment(folder))
    for node in models.values():
        project.render(node)
        if unknown := node.refs - models.keys():
            raise ProjectError(f"{node.name} reads the model {min(unknown)}, which does not exist.")
        if not node.is_view and not node.keys:
            raise ProjectError(
                f"{node.name} has no unique_key. Add config(unique_key=[…]) to the model."
            )
    order = TopologicalSorter(
        {name: sorted(node.refs) for name, node in models.items()}
    ).static_order()
    return replace(project, models={name: models[name] for name in order})


def _environment(folder: Path) -> jinja2.Environment:
    """Return the templates of models and tests, and that of all macros."""
    paths = sorted(folder.glob("macros/*.sql"))
    macros = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    files = jinja2.FileSystemLoader([*folder.glob("models/*"), folder / "release_tests"])
    return jinja2.Environment(
        loader=jinja2.ChoiceLoader([files, jinja2.DictLoader({"macros": macros})]),
        extensions=["jinja2.ext.do"],
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - SQL
        cache_size=-1,
        auto_reload=False,
    )


def _yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), _LOADER) or {}  # noqa: S506 - a safe loader


def _node(entry: Arguments, schema: str, defaults: Arguments) -> Node:
    columns = entry.get("columns", ())
    return Node(
        entry["name"],
        schema,
        {**defaults, **entry.get("config", {})},
        _one_line(entry),
        {column["name"]: _one_line(column) for column in columns},
        [
            *_tests(entry),
            *(test for column in columns for test in _tests(column, column_name=column["name"])),
        ],
    )


def _one_line(entry: Arguments) -> str:
    return " ".join((entry.get("description") or "").split())


def _tests(entry: Arguments, **more: str) -> list[tuple[str, Arguments]]:
    listed = entry.get("data_tests", ())
    named = [next(iter(test.items())) if isinstance(test, dict) else (test, {}) for test in listed]
    return [(name, {**options.get("arguments", {}), **more}) for name, options in named]
