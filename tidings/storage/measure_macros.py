"""DuckDB macros of the measures for users of the release file, rendered from the formulas in
``transforms/macros/``.

``measure_macros.toml`` lists the macros.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from tidings.base.formulas import render

_FILE = Path(__file__).with_suffix(".toml")


@cache
def macro_statements() -> str:
    """Return SQL statements that create the macros in the current schema, each with a comment on
    its result and parameters.
    """
    listed = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    lines = []
    for kind, start, end in (("macro", "(", ")"), ("table", "table ", "")):
        for head, macro in listed[kind].items():
            name, _, parameters = head.rstrip(")").partition("(")
            names = [parameter.partition(" := ")[0] for parameter in parameters.split(", ")]
            meanings = listed["parameters"] | macro.get("parameters", {})
            text = (
                f"{macro['description']} Parameters:"
                f" {'; '.join(f'{name}: {meanings[name]}' for name in names)}."
            )
            lines += [
                f"create or replace macro {head} as {start}{_body(macro, names)}{end};",
                (
                    f"comment on {'macro table' if kind == 'table' else kind} {name} is"
                    f" '{text.replace(chr(39), chr(39) * 2)}';"
                ),
                "",
            ]
    return "\n".join(line.rstrip() for line in "\n".join(lines).splitlines()) + "\n"


def _body(macro: dict[str, Any], names: list[str]) -> str:
    """Return the SQL of a macro: a formula with its arguments, by default the macro's
    parameters.
    """
    file, _, formula = macro.get("formula", "").partition(".")
    return (
        render(file, formula, *macro.get("arguments", names)).strip() if file else str(macro["sql"])
    )
