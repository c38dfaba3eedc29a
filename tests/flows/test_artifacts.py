"""Artifacts of a run in the Prefect UI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.flows import artifacts

if TYPE_CHECKING:
    import pytest


def test_progress_never_exceeds_the_total(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that another run adds during cleaning increase the total. The log shows progress until the end."""
    updates = []
    monkeypatch.setattr(artifacts, "EVERY_SECONDS", 0.0)
    monkeypatch.setattr(artifacts, "create_progress_artifact", lambda share, description: updates.append((share, description)))
    monkeypatch.setattr(artifacts, "update_progress_artifact", lambda _, share, description: updates.append((share, description)))
    monkeypatch.setattr(artifacts, "LOG_SECONDS", 0.0)
    lines: list[str] = []
    progress = artifacts.show_progress(lines.append)
    for done in (1, 4, 5):
        progress("cleaning", done, 4)
    assert updates == [(25.0, "cleaning: 1 of 4"), (100.0, "cleaning: 4 of 4"), (100.0, "cleaning: 5 of 5")]
    assert lines == ["cleaning: 1 of 4 so far"]
