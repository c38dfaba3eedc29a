"""What a run shows of itself in Prefect's UI."""

import pytest

from tidings.flows import artifacts


def test_progress_is_never_beyond_the_whole(monkeypatch: pytest.MonkeyPatch):
    """Pages that another run brought meanwhile are cleaned here too: then they are part of how many there are."""
    told = []
    monkeypatch.setattr(artifacts, "EVERY_SECONDS", 0.0)
    monkeypatch.setattr(artifacts, "create_progress_artifact", lambda share, description: told.append((share, description)))
    monkeypatch.setattr(artifacts, "update_progress_artifact", lambda _, share, description: told.append((share, description)))
    progress = artifacts.show_progress()
    for done in (1, 4, 5):
        progress("cleaning", done, 4)
    assert told == [(25.0, "cleaning: 1 of 4"), (100.0, "cleaning: 4 of 4"), (100.0, "cleaning: 5 of 5")]
