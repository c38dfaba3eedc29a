"""Return the version of a rule written in Python: a hash of the modules that determine its
results.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
"""Folder of the package ``tidings``."""

_OF_LANGUAGES = re.compile(r"\.languages(?:\.|$)")
_IMPORT = re.compile(
    r"^\s*from tidings\.((?:annotation|base\.languages)(?:\.\w+)*) import ", re.MULTILINE
)


@cache
def source_version(module: str, root: Path = ROOT) -> str:
    """Return a hash of a module of ``annotation`` (or of another package if its name has a dot),
    and of the modules of ``annotation`` that it imports, directly or indirectly.

    A module that imports ``languages`` depends on all languages and their words. Comments,
    docstrings and line breaks do not count. A changed version means that every text is processed
    again.
    """
    paths: set[Path] = set()
    waiting = [_locate(root, module if "." in module else f"annotation.{module}")]
    of_languages = list(_files_of_languages(root))
    while waiting:
        path = waiting.pop()
        if path is None or path in paths:
            continue
        paths.add(path)
        imported = set(_IMPORT.findall(path.read_text(encoding="utf-8")))
        waiting += map(partial(_locate, root), imported)
        if any(map(_OF_LANGUAGES.search, imported)):
            waiting += of_languages
            of_languages = []
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.relative_to(root)}\n{_code(path)}\n".encode())
    return digest.hexdigest()[:12]


def _files_of_languages(root: Path) -> Iterator[Path]:
    """Yield the code and words of all languages, without months and plurals."""
    for part in ("annotation", "base"):
        for path in (root / part / "languages").glob("**/*.*"):
            if path.suffix in {".py", ".toml"} and path.stem not in {"months", "plural"}:
                yield path


def _locate(root: Path, name: str) -> Path | None:
    path = root.joinpath(*name.split("."))
    return next(
        (file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None
    )


@cache
def _code(path: Path) -> str:
    """Return a module's syntax tree without comments and docstrings, or a file of words."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        return text
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [part for part in node.body if not _is_text(part)]
    return ast.dump(tree)


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
