"""Tidings: policy news, counted every night.

Four functions work without a warehouse: ``extract`` (page → article), ``tag`` (text → themes and
policy areas), ``quote`` (text → statements) and ``open_release`` (release → DuckDB connection).
They are imported on first use, because most commands need none of them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tidings.version import __version__

if TYPE_CHECKING:
    from tidings.api import extract, open_release, quote, tag

__all__ = ["__version__", "extract", "open_release", "quote", "tag"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("tidings.api"), name)


def __dir__() -> list[str]:
    return __all__
