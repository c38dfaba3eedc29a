"""The container's files agree with the program and confine it (``.ci/image test`` runs it)."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder
from packaging.specifiers import SpecifierSet

from tidings.cli import Commands

ROOT = Path(__file__).parents[1]
PYTHONS = {"bookworm": "3.11", "trixie": "3.13"}  # python3 of each Debian release
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
COMPOSE_FILES = ("compose.yaml", "docs/scale/compose.yaml")
FOR_COMPOSE = {"TIDINGS_IMAGE", "TIDINGS_UID"}  # variables that only compose.yaml reads


def _last_stage() -> list[tuple[str, str]]:
    """Return the instructions of the last stage as (name, arguments)."""
    lines = re.sub(r"(?m)^#.*\n", "", DOCKERFILE).replace("\\\n", " ").splitlines()
    parts = [line.partition(" ") for line in lines if line.strip()]
    pairs = [(name, rest.strip()) for name, _, rest in parts]
    start = max(number for number, (name, _) in enumerate(pairs) if name == "FROM")
    return pairs[start:]


STAGE = _last_stage()
VALUES = dict(STAGE)
ENVIRONMENT = dict(
    item.split("=", 1) for name, rest in STAGE if name == "ENV" for item in shlex.split(rest)
)


def test_the_base_has_a_supported_python() -> None:
    """Debian's Python satisfies pyproject.toml, and the devcontainer has the same base."""
    base = re.search(r"ARG BASE=(\S+debian:(\w+)-slim)", DOCKERFILE)
    assert base
    assert PYTHONS[base[2]] in SpecifierSet(PROJECT["requires-python"])
    developers = (ROOT / ".devcontainer" / "Dockerfile").read_text(encoding="utf-8")
    assert f"FROM {base[1]}\n" in developers


def test_the_image_has_no_root_and_no_tools() -> None:
    """The last stage has a fixed user, a health check, handles signals, installs no tools."""
    assert VALUES["USER"] == "10001:0"
    assert "/api/health" in VALUES["HEALTHCHECK"]
    assert "--start-period=60s" in VALUES["HEALTHCHECK"]
    assert json.loads(VALUES["ENTRYPOINT"]) == ["tini", "--", "tidings"]
    installation = next(rest for name, rest in STAGE if name == "RUN").split("&&")[1]
    packages = installation.split("--no-install-recommends")[1]
    assert packages.split() == ["ca-certificates", "python3", "tini"]
    # uv, the packages, the tools that build the wheel
    assert DOCKERFILE.count("--require-hashes") == 3


def test_temporary_files_are_in_memory() -> None:
    """Home and the copy of Prefect's UI are below /tmp, and data below the volumes."""
    assert ENVIRONMENT["HOME"] == "/tmp"  # noqa: S108 - a tmpfs of the container
    assert ENVIRONMENT["PREFECT_SERVER_UI_STATIC_DIRECTORY"].startswith("/tmp/")  # noqa: S108
    assert VALUES["WORKDIR"] == ENVIRONMENT["TIDINGS_WAREHOUSE"] == "/data/warehouse"
    assert json.loads(VALUES["VOLUME"]) == [ENVIRONMENT["TIDINGS_WAREHOUSE"]]


def _admitted(paths: Iterable[str], rules: str) -> list[str]:
    """Return the paths that .dockerignore admits: the last matching rule decides."""
    patterns: list[tuple[re.Pattern[str], bool]] = []
    for rule in filter(None, map(str.strip, re.sub(r"(?m)^#.*", "", rules).splitlines())):
        name = re.escape(rule.removeprefix("!").strip("/")).replace(r"\*\*/", "(.*/)?")
        pattern = re.compile(name.replace(r"\*", "[^/]*") + "(/.*)?")
        patterns.insert(0, (pattern, rule.startswith("!")))

    def is_admitted(path: str) -> bool:
        return next((is_in for pattern, is_in in patterns if pattern.fullmatch(path)), True)

    return [path for path in paths if is_admitted(path)]


def _paths(root: Path) -> Iterator[str]:
    """Yield the files and links of a folder, which a builder reads without following links."""
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names[:] = [name for name in names if here != root or name not in {".git", ".venv"}]
        yield from (
            str((here / name).relative_to(root))
            for name in (*files, *names)
            if (here / name).is_symlink() or name in files
        )


IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8")
CONTEXT = _admitted(_paths(ROOT), IGNORED)


def test_rules_of_dockerignore_are_read_as_docker_does() -> None:
    """A later rule wins, a rule covers its folder's files, and two stars match any depth."""
    paths = [".env", "a/b", "a/__pycache__/c", "a/data/d", "e.md", "f/e.md", "a.b"]
    assert _admitted(paths, "# all\n*\n!a\n!e.md\na/data\n**/__pycache__\n") == ["a/b", "e.md"]
    assert _admitted(paths, "f\n*.b\n") == [".env", "a/b", "a/__pycache__/c", "a/data/d", "e.md"]


def test_the_wheel_is_built_from_the_context_alone(tmp_path: Path) -> None:
    """The files that .dockerignore admits build the same wheel as the checkout."""
    for path in CONTEXT:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, tmp_path / path, follow_symlinks=False)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "--directory"]
    subprocess.run([*build, tmp_path / "dist"], cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").iterdir()
    (whole,) = WheelBuilder(str(ROOT)).build(
        directory=str(tmp_path / "whole"), versions=["standard"]
    )
    names, expected = (
        {name for name in zipfile.ZipFile(path).namelist() if ".dist-info/" not in name}
        for path in (wheel, whole)
    )
    assert names == expected


def test_the_context_has_no_data_and_each_rule_names_a_file() -> None:
    """Settings, history and data stay out, the Dockerfile's files are in, each rule applies."""
    private = """
        .env .git/config my-seeds/feeds.csv tests/a.py warehouse/data/lake flows/__pycache__/a.pyc
    """.split()
    assert not _admitted(private, IGNORED)
    copied = " ".join(re.findall(r"(?m)^COPY (?!--from)(.*) \S+$", DOCKERFILE)).split()
    assert {*copied, PROJECT["readme"], *PROJECT["license-files"]} <= {".", *CONTEXT}
    named = re.findall(r"(?m)^!(.*)", IGNORED)
    assert [rule for rule in named if not (ROOT / rule).exists()] == []


def _named_files(path: str) -> Iterator[Path]:
    """Yield the files and folders that a compose file names."""
    described = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
    folder = (ROOT / path).parent
    yield from (
        folder / config["file"]
        for config in described.get("configs", {}).values()
        if "file" in config
    )
    for service in described["services"].values():
        if build := service.get("build"):
            yield folder / (build["context"] if isinstance(build, dict) else build) / "Dockerfile"
        yield from (
            folder / file["path"] for file in service.get("env_file", ()) if file["required"]
        )
        mounts = [volume.split(":")[:2] for volume in service.get("volumes", ())]
        bound = {target: folder / source for source, target in mounts if source.startswith(".")}
        named = {source for source, target in mounts if target not in bound}
        assert named <= set(described["volumes"])
        yield from bound.values()
        for word in service.get("command", ()):
            if (script := PurePosixPath(word)).is_absolute():
                target = next(target for target in bound if script.is_relative_to(target))
                yield bound[target] / script.relative_to(target)


@pytest.mark.parametrize("path", COMPOSE_FILES)
def test_compose_files_name_existing_files(path: str) -> None:
    """The files of a compose file exist, or are the user's own, which Git ignores."""
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    own = {ROOT / line.strip("/") for line in ignored}
    named = {Path(os.path.normpath(file)) for file in _named_files(path)}
    assert ROOT / "Dockerfile" in named
    assert [file for file in named - own if not file.exists()] == []


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_services_are_confined(name: str) -> None:
    """Services cannot write to the image, gain rights, use all memory or be reached."""
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
    assert targets == {
        PurePosixPath(ENVIRONMENT[key]) for key in ("TIDINGS_WAREHOUSE", "TIDINGS_SEEDS")
    }


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_services_run_existing_commands(name: str) -> None:
    """The command of a service and its options exist."""
    command, *options = COMPOSE["services"][name]["command"].split()
    parameters = Commands.load(command).params
    flags = [flag for known in parameters for flag in (*known.opts, *known.secondary_opts)]
    assert set(options) <= set(flags)


def test_settings_exist() -> None:
    """Each TIDINGS_ variable of these files is one that the program or compose.yaml reads."""
    sources = [path for folder in ("flows", "tidings") for path in (ROOT / folder).rglob("*.py")]
    known = FOR_COMPOSE.union(*map(_variables, sources))
    files = ("Dockerfile", "docs/howto/container.md", ".devcontainer/devcontainer.json")
    for file in ("compose.yaml", *files):
        named = _variables(ROOT / file)
        assert named <= known, f"{file} names {named - known}"
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    assert all(f"${{{variable}" in compose for variable in FOR_COMPOSE)


def _variables(path: Path) -> set[str]:
    return set(re.findall(r"TIDINGS_[A-Z_]+", path.read_text(encoding="utf-8")))


def test_the_devcontainer_forwards_the_same_ports() -> None:
    """Servers check their port in Host, so the devcontainer forwards each to the same."""
    file = ROOT / ".devcontainer" / "devcontainer.json"
    settings = json.loads(file.read_text(encoding="utf-8"))
    exposed = [int(port) for port in VALUES["EXPOSE"].split()]
    assert settings["forwardPorts"] == exposed
    assert all(settings["portsAttributes"][str(port)]["requireLocalPort"] for port in exposed)
    assert (ROOT / ".devcontainer" / settings["build"]["dockerfile"]).is_file()
