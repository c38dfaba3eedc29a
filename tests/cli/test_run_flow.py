"""A flow that fails for an expected reason ends the command with one sentence and no traceback."""

from pathlib import Path

import pytest

from tests.cli.in_terminal import run_in_terminal


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
