"""The macros of ``transforms/macros/`` as plain SQL, for callers that run no dbt: one formula,
wherever it is computed.
"""

from __future__ import annotations

from typing import Any

import jinja2

from tidings.paths import TRANSFORMS

MACROS = TRANSFORMS / "macros"


def render(file: str, macro: str, *arguments: Any, **options: Any) -> str:
    """Return the SQL of a macro in ``transforms/macros/FILE.sql`` that does not use dbt.

    Raises jinja2.UndefinedError if the macro uses dbt.
    """
    loader = jinja2.FileSystemLoader(MACROS)
    environment = jinja2.Environment(
        loader=loader,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701
    )
    module: Any = environment.get_template(f"{file}.sql").module
    return str(getattr(module, macro)(*arguments, **options))
