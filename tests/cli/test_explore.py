"""The command ``tidings explore``."""

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tidings.cli import explore as command
from tidings.storage.lake import Lake, WarehouseError


def test_explore_waits_for_the_first_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a release, the command ends with one sentence; with --wait it serves the first one as
    soon as it exists.
    """
    lake, served = Lake(tmp_path), []
    monkeypatch.setattr(command, "find_lake", lambda **_: lake)
    monkeypatch.setattr(command, "time", SimpleNamespace(sleep=lambda _: lake.release_file.touch()))
    monkeypatch.setattr(
        "tidings.analysis.explore.server.serve_explore", lambda path, *_: served.append(path)
    )
    options: Any = {"port": 0, "release": None, "is_opened": False, "is_saving": None}
    with pytest.raises(WarehouseError, match="no release"):
        command.explore(**options, is_waiting=False)
    command.explore(**options, is_waiting=True)
    assert served == [lake.release_file]


def test_explore_passes_the_file_of_the_first_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A served demo's server knows the data folder's release; with --release it shows no other."""
    demo, served = Lake(tmp_path / "demo"), []
    demo.root.mkdir()
    demo.release_file.touch()
    monkeypatch.setenv("TIDINGS_WAREHOUSE", str(tmp_path))
    monkeypatch.setattr(command, "find_lake", lambda **_: demo)
    monkeypatch.setattr(command, "released_file", lambda *_: nullcontext(demo.release_file))
    monkeypatch.setattr(
        "tidings.analysis.explore.server.serve_explore",
        lambda path, _, __, later, ___: served.append((path, later)),
    )
    for release in (None, "2026-08-31"):
        command.explore(port=0, release=release, is_opened=False, is_waiting=False, is_saving=None)
    assert served == [(demo.release_file, Lake(tmp_path).release_file), (demo.release_file, None)]
