"""The example of several machines is complete: locked packages, no root, fixed versions, checked
and restarted services.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from tests.flows.nights import copy_prefect_database
from tests.flows.serving import clean_environment, free_port

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docs" / "scale" / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
PREFECT = Path(sys.executable).with_name("prefect")
DATA = "/data/warehouse"  # the folder of the image that its user owns


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_the_locked_image_without_root(name: str) -> None:
    """Each service of the program runs the image of Dockerfile, which installs from the lock, as
    its user without rights.
    """
    service = OURS[name]
    assert service["build"] == {
        "context": "../..",
        "args": {"EXTRAS": "--extra scale --extra cluster"},
    }
    assert service["user"] == "10001:0"
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["entrypoint"] == ["tini", "--"]
    assert "pip" not in " ".join(service["command"])
    assert "$EXTRAS" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - OURS.keys()))
def test_other_images_have_a_fixed_version(name: str) -> None:
    """An image of another project has a tag with the digits of a version."""
    assert re.search(r":\d+\.\d+[\w.-]*$", SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_services_are_checked_and_restarted(name: str) -> None:
    """A service that keeps running has a health check and is restarted; one that ends is awaited by
    another.
    """
    waited_for = [
        needed.get(name, {}).get("condition")
        for needed in (other.get("depends_on", {}) for other in SERVICES.values())
    ]
    if "service_completed_successfully" in waited_for:
        assert SERVICES[name]["restart"] == "no"
    else:
        assert SERVICES[name]["healthcheck"]["test"]
        assert SERVICES[name]["restart"] == "unless-stopped"


def test_dependencies_wait_for_a_condition() -> None:
    """No service starts merely after the start of another."""
    conditions = [
        needed["condition"]
        for service in SERVICES.values()
        for needed in service.get("depends_on", {}).values()
    ]
    assert set(conditions) == {"service_healthy", "service_completed_successfully"}


def test_the_folder_of_the_lake_is_a_volume() -> None:
    """A worker's files are in a named volume, at the folder of the lake's URL, which the image's
    user owns.
    """
    url = urlsplit(SERVICES["worker"]["environment"]["TIDINGS_WAREHOUSE"])
    assert parse_qs(url.query)["folder"] == [DATA]
    assert f"folder:{DATA}" in SERVICES["worker"]["volumes"]
    assert "folder" in COMPOSE["volumes"]
    assert re.search(rf"--owner 10001 .*{DATA}", (ROOT / "Dockerfile").read_text(encoding="utf-8"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The API of a Prefect server with a database without runs."""
    port = free_port()
    env = _environment(tmp_path)
    copy_prefect_database(tmp_path)
    with (tmp_path / "server.log").open("w") as log:
        process = subprocess.Popen(
            [PREFECT, "server", "start", "--port", str(port), "--no-ui"],
            env=env,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}/api/health", process, tmp_path / "server.log")
        yield f"http://127.0.0.1:{port}/api"
    finally:
        process.terminate()
        process.wait(60)


def _environment(home: Path) -> dict[str, str]:
    clean = clean_environment()
    path = f"{PREFECT.parent}:{os.environ['PATH']}"
    return clean | {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PATH": path,
    }


def _wait_until_healthy(url: str, process: Any, log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(1)
        else:
            return
    raise TimeoutError(log.read_text())


def _filter(api: str, kind: str) -> list[str]:
    request = urllib.request.Request(
        f"{api}/{kind}/filter", b"{}", {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return [row["name"] for row in json.load(response)]


@pytest.mark.slow
def test_the_setup_needs_only_its_mounted_files(tmp_path: Path, server: str) -> None:
    """With nothing but the files that its service mounts, setup.sh creates pool, deployments and
    automations.
    """
    setup = SERVICES["setup"]
    for source, target, _ in (volume.split(":") for volume in setup["volumes"]):
        place = tmp_path / target.strip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        file = ROOT / "docs" / "scale" / source
        shutil.copytree(file, place) if file.is_dir() else shutil.copy(file, place)
    shell, script = setup["command"]
    env = _environment(tmp_path) | {"PREFECT_API_URL": server}
    command = [shell, tmp_path / script.strip("/")]
    done = subprocess.run(
        command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(_filter(server, "deployments")) == ["backfill", "maintain", "nightly"]
    assert "tidings" in _filter(server, "work_pools")
    assert _filter(server, "automations").count("Restart crashed runs") == 1
