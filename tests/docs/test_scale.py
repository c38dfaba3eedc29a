"""The example of several machines has locked packages, no root, fixed versions and checks."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docs" / "scale" / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DATA = "/data/warehouse"  # the folder of the image that its user owns


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_the_locked_image_without_root(name: str) -> None:
    """Each service runs the image of Dockerfile, installed from the lock, without rights."""
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
    """A lasting service has a health check and is restarted; one that ends is awaited."""
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
    """A worker's files are in a volume at the folder of the lake's URL, owned by its user."""
    url = urlsplit(SERVICES["worker"]["environment"]["TIDINGS_WAREHOUSE"])
    assert parse_qs(url.query)["folder"] == [DATA]
    assert f"folder:{DATA}" in SERVICES["worker"]["volumes"]
    assert "folder" in COMPOSE["volumes"]
    assert re.search(rf"--owner 10001 .*{DATA}", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
