"""The command ``tidings explore``."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tidings.flows.cli import explore as command
from tidings.flows.cli.terminal import UserError
from tidings.warehouse.lake import Lake

if TYPE_CHECKING:
    from pathlib import Path


def test_explore_waits_for_the_first_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a release, the command ends with one sentence; with --wait it serves the first one as soon as it exists."""
    lake, served = Lake(tmp_path), []
    monkeypatch.setattr(command, "find_lake", lambda **_: lake)
    monkeypatch.setattr(command, "time", SimpleNamespace(sleep=lambda _: lake.release_file.touch()))
    monkeypatch.setattr("tidings.flows.explore.server.serve_explore", lambda path, *_: served.append(path))
    options: Any = {"port": 0, "release": None, "is_opened": False}
    with pytest.raises(UserError, match="no release"):
        command.explore(**options, is_waiting=False)
    command.explore(**options, is_waiting=True)
    assert served == [lake.release_file]
