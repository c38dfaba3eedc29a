"""A flow that fails for an expected reason ends the command with one sentence and no traceback."""

import os
from pathlib import Path

import pytest

from tests.cli.in_terminal import run_in_terminal
from tidings.cli.run_flow import run_flow
from tidings.cli.terminal import UserError


@pytest.mark.slow
def test_a_failed_flow_ends_with_one_sentence(tmp_path: Path) -> None:
    """Maintenance of a missing warehouse prints one line on a terminal, although a Prefect task
    failed; Prefect prints no notice of its telemetry, as it does to users without a database.
    """
    status, shown = run_in_terminal(
        "maintain", TIDINGS_WAREHOUSE=str(tmp_path), HOME=str(tmp_path), COLUMNS="400"
    )
    assert status == 1
    assert shown.splitlines() == [
        (
            f"tidings: There is no warehouse in {tmp_path} yet: run `tidings demo` or `tidings"
            f" nightly` first."
        )
    ]


def test_a_folder_that_is_not_writable_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names the warehouse, not a temporary file in it."""
    monkeypatch.setenv("TIDINGS_WAREHOUSE", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    with pytest.raises(UserError, match=f"^The warehouse in {tmp_path} cannot be written.$"):
        run_flow("tidings.flows.maintenance:maintain", {})
