"""Catch what commands display."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from tidings.cli import findings, terminal


@contextmanager
def screen(**options: Any) -> Iterator[io.StringIO]:
    """Return the output of ``display`` on a console with these options."""
    out = io.StringIO()
    console = partial(terminal.SafeConsole, file=out, **options)
    with pytest.MonkeyPatch.context() as patch:
        for module in (terminal, findings):
            patch.setattr(module, "SafeConsole", console)
        yield out
