"""Read the dbt project: its models, sources and tests, in the order in which a run builds them.

dbt reads the same files for authors (``dbt build``, ``dbt show``). A nightly run reads them here,
because dbt itself takes longer than the SQL of a small warehouse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

import yaml
from jinja2 import Environment
from jinja2.runtime import Context, Undefined
from jinja2.utils import missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from jinja2 import Template

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BLOCKS = (
    (re.compile(r"(\{%-?\s*)macro (\w+)\("), r"\1macro macro__\2("),
    (re.compile(r"(\{%-?\s*)test (\w+)\("), r"\1macro macro__test_\2("),
    (
        re.compile(r"(\{%-?\s*)materialization (\w+)[^%]*?(-?%\})"),
        (
            r"\1macro"
            r" macro__materialization_\2() \3"
        ),
    ),
    (re.compile(r"(\{%-?\s*)end(?:test|materialization)"), r"\1endmacro"),
)
"""dbt's own blocks as Jinja macros. The prefix makes a macro find its neighbours by name at each
call, as in dbt.
"""


class ProjectError(Exception):
    """The project contradicts itself; the message is one sentence for its author."""


class Return(Exception):  # noqa: N818 - not an error: it carries the value of a macro's return()
    """The end of a macro with a value."""

    def __init__(self, value: Any) -> None:
        self.value = value


@dataclass(slots=True)
class Node:
    """A model, a test in a file of its own, or a source table, with the attributes that the
    project's SQL reads.
    """

    name: str
    resource_type: str
    raw_code: str = ""
    schema: str = ""
    database: str = "lake"
    description: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    tests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)

    @property
    def is_stored(self) -> bool:
        """True for a table of the lake; a working table or view exists only during a run."""
        return self.database == "lake"


class _LiveContext(Context):
    """A context that looks up unknown names when a template needs them, so that macros find each
    other in any order.
    """

    def resolve_or_missing(self, key: str) -> Any:
        value = super().resolve_or_missing(key)
        return self.environment.names.get(key, missing) if value is missing else value  # type: ignore[attr-defined]


class Templates(Environment):
    """Jinja with dbt's rules: macros of all files are known everywhere, ``return()`` ends a macro,
    and ``do`` is a tag.

    ``macros`` contains the macros. ``names`` contains them too, and whatever the rendering code
    adds or replaces.
    """

    context_class = _LiveContext

    def __init__(self, folder: Path) -> None:
        super().__init__(
            extensions=["jinja2.ext.do"], undefined=Undefined, keep_trailing_newline=True
        )
        self.macros: dict[str, Callable[..., Any]] = {}
        self.names: dict[str, Any] = {"return": _return}
        for path in sorted(folder.glob("macros/*.sql")):
            for name, macro in vars(
                self._macros_of(path.read_text(encoding="utf-8")).module
            ).items():
                if name.startswith("macro__"):
                    self.macros[name.removeprefix("macro__")] = _ending_with_return(macro)
        self.names |= self.macros

    def _macros_of(self, text: str) -> Template:
        for pattern, replacement in _BLOCKS:
            text = pattern.sub(replacement, text)
        return self.from_string(text)


def _return(value: Any = None) -> None:
    raise Return(value)


def _ending_with_return(macro: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return macro(*args, **kwargs)
        except Return as end:
            return end.value

    return call


@dataclass(frozen=True, slots=True)
class Project:
    """The models in the order of a build, the tests in files, the sources, and the templates of all
    models and tests.
    """

    models: Mapping[str, Node]
    tests: Mapping[str, Node]
    sources: Mapping[tuple[str, str], Node]
    templates: Mapping[str, Template]
    environment: Templates


@cache
def read_project(folder: Path, version: str) -> Project:  # noqa: ARG001 - another version of the files is another result
    """Return the project in a folder.

    Args:
        folder: The folder of dbt_project.yml.
        version: A hash of the SQL files. A process reads the same version only once.

    Raises:
        jinja2.TemplateError: If a file has a syntax error.
        ProjectError: If a model reads a model that does not exist.
        graphlib.CycleError: If models read each other in a circle.
    """
    environment = Templates(folder)
    settings = _read_yaml(folder / "dbt_project.yml")["models"]["tidings"]
    described, sources = _read_descriptions(folder)
    nodes: dict[str, Node] = {}
    for path in sorted(folder.rglob("models/**/*.sql")):
        defaults = {
            key[1:]: value
            for key, value in settings[path.parent.name].items()
            if key.startswith("+")
        }
        nodes[path.stem] = Node(
            path.stem, "model", path.read_text(encoding="utf-8"), config=defaults
        )
    for path in sorted(folder.glob("release_tests/*.sql")):
        nodes[path.stem] = Node(path.stem, "test", path.read_text(encoding="utf-8"))
    templates = {name: environment.from_string(node.raw_code) for name, node in nodes.items()}
    for node in nodes.values():
        _parse(node, templates[node.name], environment)
        about = described.get(node.name, {})
        node.config = {"meta": {}, **about.get("config", {}), **node.config}
        node.database, node.schema = (
            node.config.get("database", "lake"),
            node.config.get("schema", ""),
        )
        node.description, node.columns, node.tests = (
            _description(about),
            _columns(about),
            _tests(about),
        )
    for node in nodes.values():
        if unknown := [name for name in node.refs if name not in nodes]:
            raise ProjectError(f"{node.name} reads the model {unknown[0]}, which does not exist.")
    order = TopologicalSorter({name: node.refs for name, node in nodes.items()}).static_order()
    models = {name: nodes[name] for name in order if nodes[name].resource_type == "model"}
    tests = {name: node for name, node in nodes.items() if node.resource_type == "test"}
    return Project(models, tests, sources, templates, environment)


def _parse(node: Node, template: Template, environment: Templates) -> None:
    """Render a file without a database, as dbt does, to learn its configuration and the models that
    it reads.
    """

    def config(**values: Any) -> str:
        node.config.update(values)
        return ""

    def ref(name: str) -> str:
        if name not in node.refs:
            node.refs.append(name)
        return name

    config.get = node.config.get  # type: ignore[attr-defined]
    names = {
        "config": config,
        "ref": ref,
        "source": lambda schema, table: f"{schema}.{table}",
        "execute": False,
        "this": "",
    }
    environment.names.update(names)
    template.render()


def _read_yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), _LOADER) or {}  # noqa: S506 - a safe loader


def _read_descriptions(folder: Path) -> tuple[dict[str, Any], dict[tuple[str, str], Node]]:
    """Return the YAML entries of the models, by name, and the source tables, by group and name."""
    models: dict[str, Any] = {}
    sources: dict[tuple[str, str], Node] = {}
    for path in sorted(folder.rglob("models/**/*.yml")):
        content = _read_yaml(path)
        models.update((model["name"], model) for model in content.get("models", ()))
        for group in content.get("sources", ()):
            for table in group["tables"]:
                config = {"meta": {}, **table.get("config", {})}
                node = Node(table["name"], "source", schema=group["schema"], config=config)
                node.description, node.columns, node.tests = (
                    _description(table),
                    _columns(table),
                    _tests(table),
                )
                sources[group["name"], table["name"]] = node
    return models, sources


def _description(about: Mapping[str, Any]) -> str:
    return " ".join((about.get("description") or "").split())


def _columns(about: Mapping[str, Any]) -> dict[str, str]:
    return {column["name"]: _description(column) for column in about.get("columns", ())}


def _tests(about: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the name and the arguments of each test of a table and of its columns."""
    listed: list[tuple[Any, dict[str, Any]]] = [(test, {}) for test in about.get("data_tests", ())]
    for column in about.get("columns", ()):
        listed += [(test, {"column_name": column["name"]}) for test in column.get("data_tests", ())]
    tests = []
    for test, more in listed:
        ((name, options),) = test.items() if isinstance(test, dict) else ((test, {}),)
        tests.append((name, {**options.get("arguments", {}), **more}))
    return tests
