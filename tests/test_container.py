"""The files of the container image agree with the program, and confine it. ``.ci/image test`` tests the image itself."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path, PurePosixPath

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from tidings.flows.cli import Commands

ROOT = Path(__file__).parents[1]
PYTHONS = {"bookworm": "3.11", "trixie": "3.13"}  # python3 of each Debian release
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
FOR_COMPOSE = {"TIDINGS_IMAGE", "TIDINGS_UID"}  # variables that only compose.yaml reads


def _last_stage() -> list[tuple[str, str]]:
    """Return the instructions of the last stage as (name, arguments)."""
    lines = re.sub(r"(?m)^#.*\n", "", DOCKERFILE).replace("\\\n", " ").splitlines()
    pairs = [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines if line.strip())]
    start = max(number for number, (name, _) in enumerate(pairs) if name == "FROM")
    return pairs[start:]


STAGE = _last_stage()
VALUES = dict(STAGE)
ENVIRONMENT = dict(item.split("=", 1) for name, rest in STAGE if name == "ENV" for item in shlex.split(rest))


def test_the_base_has_a_supported_python() -> None:
    """Debian's Python satisfies pyproject.toml, and the devcontainer has the same base."""
    base = re.search(r"ARG BASE=(\S+debian:(\w+)-slim)", DOCKERFILE)
    assert base
    assert PYTHONS[base[2]] in SpecifierSet(PROJECT["requires-python"])
    assert f"FROM {base[1]}\n" in (ROOT / ".devcontainer" / "Dockerfile").read_text(encoding="utf-8")


def test_the_image_has_no_root_and_no_tools() -> None:
    """The last stage runs as a fixed user, checks its health, handles signals, and installs no compiler or installer."""
    assert VALUES["USER"] == "10001:0"
    assert "/api/health" in VALUES["HEALTHCHECK"]
    assert "--start-period=60s" in VALUES["HEALTHCHECK"]
    assert json.loads(VALUES["ENTRYPOINT"]) == ["tini", "--", "tidings"]
    packages = next(rest for name, rest in STAGE if name == "RUN").split("&&")[1].split("--no-install-recommends")[1]
    assert packages.split() == ["ca-certificates", "python3", "tini"]
    assert DOCKERFILE.count("--require-hashes") == 3  # uv, the packages, the tools that build the wheel


def test_temporary_files_are_in_memory() -> None:
    """Home and the copy of Prefect's UI are below /tmp, and data below the volumes."""
    assert ENVIRONMENT["HOME"] == "/tmp"  # noqa: S108 - a tmpfs of the container
    assert ENVIRONMENT["PREFECT_SERVER_UI_STATIC_DIRECTORY"].startswith("/tmp/")  # noqa: S108
    assert VALUES["WORKDIR"] == ENVIRONMENT["TIDINGS_WAREHOUSE"] == "/data/warehouse"
    assert json.loads(VALUES["VOLUME"]) == [ENVIRONMENT["TIDINGS_WAREHOUSE"]]


def test_the_build_sees_all_files_of_the_wheel_only() -> None:
    """Each linked package is in the build's context, and no data, settings or history."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    included = {line[1:] for line in lines if line.startswith("!")}
    packages = {path.name for path in (ROOT / "tidings").iterdir() if path.is_symlink()}
    assert included >= packages | {"tidings", "pyproject.toml", "requirements.lock", PROJECT["readme"], *PROJECT["license-files"]}
    assert included.isdisjoint({".env", ".git", "my-seeds", "tests", "warehouse/data"})
    assert {"warehouse/data", "transforms/target"} <= set(lines)


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_services_are_confined(name: str) -> None:
    """A service cannot write to its image, gain rights, use unlimited memory, or be reached from other machines."""
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"].startswith("/tmp:")  # noqa: S108
    assert service["user"] == "${TIDINGS_UID:-10001}:0"
    assert service["mem_limit"]
    assert service["restart"] == "unless-stopped"
    assert {"privileged", "network_mode", "devices"}.isdisjoint(service)
    for port in service["ports"]:
        address, outside, inside = re.fullmatch(r"([\d.]+):(\$\{.+?\}|\d+):(.+)", port).groups()
        assert address == "127.0.0.1"
        assert outside == inside  # the servers compare the port in Host
    targets = {PurePosixPath(volume.partition(":")[2]) for volume in service["volumes"]}
    assert targets == {PurePosixPath(ENVIRONMENT[key]) for key in ("TIDINGS_WAREHOUSE", "TIDINGS_SEEDS")}


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_services_run_existing_commands(name: str) -> None:
    """The command of a service and its options exist."""
    command, *options = COMPOSE["services"][name]["command"].split()
    found = Commands.load(command)
    known = {flag for parameter in found.params for flag in (*parameter.opts, *parameter.secondary_opts)}
    assert set(options) <= known


def test_settings_exist() -> None:
    """Each TIDINGS_ variable of these files is one that the program or compose.yaml reads."""
    sources = [path.read_text(encoding="utf-8") for folder in ("flows", "warehouse") for path in (ROOT / folder).rglob("*.py")]
    known = set(re.findall(r"TIDINGS_[A-Z_]+", "".join(sources))) | FOR_COMPOSE
    for file in ("Dockerfile", "compose.yaml", "docs/howto/container.md", ".devcontainer/devcontainer.json"):
        named = set(re.findall(r"TIDINGS_[A-Z_]+", (ROOT / file).read_text(encoding="utf-8")))
        assert named <= known, f"{file} names {named - known}"
    assert all(f"${{{variable}" in (ROOT / "compose.yaml").read_text(encoding="utf-8") for variable in FOR_COMPOSE)


def test_the_devcontainer_forwards_the_same_ports() -> None:
    """The servers check their port in Host, so the devcontainer forwards each port to the same one."""
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    exposed = [int(port) for port in VALUES["EXPOSE"].split()]
    assert settings["forwardPorts"] == exposed
    assert all(settings["portsAttributes"][str(port)]["requireLocalPort"] for port in exposed)
    assert (ROOT / ".devcontainer" / settings["build"]["dockerfile"]).is_file()


def test_the_script_explains_its_use() -> None:
    """Without valid arguments, .ci/image prints its two forms and exits with 2."""
    for arguments in ([], ["test"], ["push", "tidings"]):
        done = subprocess.run(
            [ROOT / ".ci" / "image", *arguments],
            env={"PATH": "/usr/bin:/bin", "IMAGE_TOOL": "true"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert ".ci/image build TAG  and  .ci/image test TAG" in done.stderr
