"""Count the lines of Python and SQL that a module reaches through its imports, late ones included.

    MODULE        a module's name, by default tidings.flows.nightly
    --without …   packages whose modules are not counted, by default those that are libraries

The SQL is that of the dbt project, of its functions and of the migrations, which every night runs.
"""

from __future__ import annotations

import argparse
import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIBRARIES = ("tidings.fetch", "tidings.extraction", "tidings.annotation")


def reach(module: str, without: tuple[str, ...] = LIBRARIES) -> dict[str, int]:
    """Return the lines of each module that is reached, by name; those of SQL under "sql"."""
    found: dict[str, int] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = _path(name)
        if path is None or name in found or name.startswith(without):
            continue
        text = path.read_text(encoding="utf-8")
        found[name] = len(text.splitlines())
        waiting += _imports(ast.parse(text))
    found["sql"] = sum(
        len(path.read_text(encoding="utf-8").splitlines())
        for folder in ("transforms", "warehouse/migrations")
        for path in (ROOT / folder).rglob("*.sql")
        if "target" not in path.parts
    )
    return found


def _path(name: str) -> Path | None:
    """Return the file of a module of the package, or None for another module."""
    parts = name.split(".")
    if parts[0] != "tidings":
        return None
    base = ROOT / "flows" if parts[1:2] == ["flows"] else ROOT / "tidings"
    rest = parts[2:] if parts[1:2] == ["flows"] else parts[1:]
    for path in (base.joinpath(*rest).with_suffix(".py"), base.joinpath(*rest, "__init__.py")):
        if path.is_file():
            return path
    return None


def _imports(tree: ast.AST) -> list[str]:
    """Return the modules that a file imports anywhere, but not only for annotations of types."""
    typed = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    names: list[str] = []
    for node in ast.walk(tree):
        if id(node) in typed:
            continue
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def main() -> None:
    """Print the number of lines and of modules, and the largest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("module", nargs="?", default="tidings.flows.nightly")
    parser.add_argument("--without", nargs="*", default=LIBRARIES)
    options = parser.parse_args()
    found = reach(options.module, tuple(options.without))
    print(f"{sum(found.values()):,} lines in {len(found) - 1} modules and the SQL")
    for name, lines in sorted(found.items(), key=lambda item: -item[1])[:15]:
        print(f"{lines:6,}  {name}")


if __name__ == "__main__":
    main()
