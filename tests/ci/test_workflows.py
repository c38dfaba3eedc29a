"""The workflows in ``.github/``: they call scripts that exist, with the fewest permissions."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PAGES = {"pages": "write", "id-token": "write"}
READ = {"contents": "read"}
PERMISSIONS = {  # of each job; no other workflow or job may have more
    "check.yml": {"check": READ, "test": READ, "wheel": READ, "monitor": READ, "image": READ},
    "docs.yml": {"build": READ, "publish": PAGES},
    "monitor.yml": {"night": {"contents": "read", "actions": "read"}, "publish": PAGES},
    "release.yml": {
        "wheel": READ,
        "image": {"contents": "read", "packages": "write"},
        "pypi": {"id-token": "write"},
        "github": {"contents": "write"},
    },
}


def _steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.name)
def path(request: pytest.FixtureRequest) -> Path:
    """Return the path of each workflow."""
    result: Path = request.param
    return result


@pytest.fixture
def workflow(path: Path) -> dict[str, Any]:
    """Return a parsed workflow, with the key ``on`` as text."""
    parsed: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    # YAML 1.1 reads `on` as true
    return {"on" if key is True else key: value for key, value in parsed.items()}


def test_permissions_are_minimal(path: Path, workflow: dict[str, Any]) -> None:
    """A workflow grants nothing to all jobs, and a job has only what it needs and a time limit."""
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == PERMISSIONS[
        path.name
    ]
    assert all(job["timeout-minutes"] for job in workflow["jobs"].values())
    assert "pull_request_target" not in workflow["on"]


def test_commands_exist(workflow: dict[str, Any]) -> None:
    """Commands are scripts of ``.ci/`` or targets of the Makefile, without unsafe expressions."""
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    known = {f"make {target}" for target in targets} | {
        f".ci/{path.name}" for path in (ROOT / ".ci").iterdir()
    }
    for command in (step["run"] for step in _steps(workflow) if "run" in step):
        assert command in known or command.split()[0] in known, command
        assert "${{" not in command


def test_actions_have_versions_and_no_credentials(workflow: dict[str, Any]) -> None:
    """Each action is pinned to a major version, and a checkout leaves no token for later steps."""
    for step in (step for step in _steps(workflow) if "uses" in step):
        assert re.fullmatch(r"[\w./-]+@(v\d+|release/v1)", step["uses"]), step
        if step["uses"].startswith("actions/checkout@"):
            assert step["with"] == {"persist-credentials": False}
