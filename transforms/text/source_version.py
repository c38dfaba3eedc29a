"""The version of a rule that is written in Python: a hash of the modules that decide its results."""

from __future__ import annotations

import ast
import hashlib
import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
_IMPORT = re.compile(r"^\s*(?:from tidings\.transforms\.text\.|from tidings\.transforms\.text import )(\w+)", re.MULTILINE)


@cache
def source_version(module: str, folder: Path = FOLDER) -> str:
    """Return a hash of a module of this package and of the modules of the package that it imports, directly or not.

    Comments, docstrings and line breaks do not count. A changed version means that the same texts may give other results, so
    that every text is read again. The first call takes about 50 ms; a process parses each module once.
    """
    names, waiting = {module}, [module]
    while waiting:
        found = {name for name in _IMPORT.findall(_read(folder, waiting.pop())) if (folder / f"{name}.py").is_file()}
        waiting += found - names
        names |= found
    digest = hashlib.sha256()
    for name in sorted(names):
        digest.update(f"{name}\n{_code(folder, name)}\n".encode())
    return digest.hexdigest()[:12]


def _read(folder: Path, module: str) -> str:
    return (folder / f"{module}.py").read_text(encoding="utf-8")


@cache
def _code(folder: Path, module: str) -> str:
    """Return a module's code as a text without comments, docstrings and places."""
    tree = ast.parse(_read(folder, module))
    waiting: list[ast.Module | ast.ClassDef | ast.FunctionDef] = [tree]
    while waiting:
        node = waiting.pop()
        node.body = [part for part in node.body if not _is_text(part)]
        waiting += [part for part in node.body if isinstance(part, ast.ClassDef | ast.FunctionDef)]
    return ast.dump(tree)


def _is_text(statement: ast.stmt) -> bool:
    """Return whether a statement is nothing but a text, as docstrings are."""
    return (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str)
    )
