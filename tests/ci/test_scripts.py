"""The scripts in ``.ci/`` on a laptop: a monitor never loses its history, whatever ends a night.

Two substitutes on the path replace the program and GitHub's command line, so that a night takes
milliseconds.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

CI = Path(__file__).parents[2] / ".ci"
SCRIPTS = sorted(path for path in CI.iterdir() if path.is_file())
TIDINGS = """#!/usr/bin/env bash
set -eu
case $1 in
  nightly)
    mkdir -p "$TIDINGS_WAREHOUSE/report"
    echo "$NIGHT" | cat - "${TIDINGS_FEEDS:-/dev/null}" >>"$TIDINGS_WAREHOUSE/nights"
    ${DURING:-true} ;;
  backup) cp -r "$TIDINGS_WAREHOUSE" "$2"; ${AFTER_COPY:-true} ;;
  restore) cp -r "$2" "$TIDINGS_WAREHOUSE" ;;
  report) cp "$TIDINGS_WAREHOUSE/nights" "$TIDINGS_WAREHOUSE/report/index.html" ;;
  export) mkdir -p "$2/parquet" ;;
  status) echo healthy ;;
  feeds) echo "${@:3}" >"$TIDINGS_FEEDS" ;;
esac
"""
GH = """#!/usr/bin/env bash
if [ "$1" = api ]; then printf '%s' "$ARTIFACTS"; else echo "$3" >"${@: -1}/downloaded"; fi
"""


class Monitor:
    """A folder with state, site and substitutes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state" / "warehouse.tar.gz.enc"
        for name, text in (("tidings", TIDINGS), ("gh", GH)):
            path = folder / "bin" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
            path.chmod(0o755)

    def start(self, script: str, *arguments: str, **env: str) -> subprocess.Popen[str]:
        """Start a script in its own process group."""
        env = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "TIDINGS_PASSPHRASE": "three words here",
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_REPOSITORY": "owner/name",
            **env,
        }
        command = [str(CI / script), *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=env,
            text=True,
            stdout=pipe,
            stderr=pipe,
            start_new_session=True,
        )

    def night(self, name: str, **env: str) -> tuple[int, str]:
        """Run a night to its end and return its exit status and its messages."""
        process = self.start("monitor", "state", "site", NIGHT=name, **env)
        output, errors = process.communicate(timeout=60)
        return process.returncode, output + errors

    def summary(self) -> str:
        """Return the summary of the last nights."""
        return (self.folder / "summary").read_text("utf-8")

    def nights(self) -> list[str]:
        """Return the nights whose rows the published report contains."""
        return (self.folder / "site" / "index.html").read_text("utf-8").split()


@pytest.fixture
def monitor(tmp_path: Path) -> Monitor:
    """Return a monitor that has run one night."""
    monitor = Monitor(tmp_path)
    assert monitor.night("monday") == (0, "")
    return monitor


def test_every_script_states_its_usage() -> None:
    """Bash can parse each script, which stops at the first error and states what it does."""
    for path in SCRIPTS:
        assert os.access(path, os.X_OK), path
        subprocess.run(["/bin/bash", "-n", str(path)], check=True)
        lines = path.read_text("utf-8").splitlines()
        assert lines[0] == "#!/usr/bin/env bash", path
        assert lines[1].startswith("# "), path
        assert "set -euo pipefail" in lines, path


def test_nights_continue_the_history(monitor: Monitor) -> None:
    """The second night starts from the first's warehouse, publishes both, leaves no plain copy."""
    assert monitor.night("tuesday") == (0, "")
    assert monitor.nights() == ["monday", "tuesday"]
    assert sorted(path.name for path in (monitor.folder / "state").iterdir()) == [
        "monitor.lock",
        "warehouse.tar.gz.enc",
    ]
    assert b"monday" not in monitor.state.read_bytes()
    assert (monitor.folder / "site" / "data" / "tidings.zip").exists()
    assert "healthy" in monitor.summary()
    assert "saved=true" in (monitor.folder / "output").read_text("utf-8")


@pytest.mark.parametrize(
    "env",
    [
        {"DURING": "exit 1"},
        {"AFTER_COPY": "exit 1"},
        {"TIDINGS_PASSPHRASE": "wrong"},
        {"TIDINGS_PASSPHRASE": ""},
    ],
    ids=["night fails", "warehouse is damaged", "wrong passphrase", "no passphrase"],
)
def test_a_failed_night_keeps_the_last_warehouse(monitor: Monitor, env: dict[str, str]) -> None:
    """The failure is visible, and stored warehouse and site do not change."""
    before = monitor.state.read_bytes()
    (monitor.folder / "output").unlink()
    status, _ = monitor.night("tuesday", **env)
    assert status != 0
    assert monitor.state.read_bytes() == before
    assert not (monitor.folder / "output").exists()
    assert monitor.nights() == ["monday"]
    assert "The night failed" in monitor.summary() or not env.get("TIDINGS_PASSPHRASE", "x")


@pytest.mark.parametrize("moment", ["DURING", "AFTER_COPY"])
def test_a_killed_night_keeps_the_last_warehouse(monitor: Monitor, moment: str) -> None:
    """A killed night changes nothing, a second cannot run beside it, and the next succeeds."""
    before = monitor.state.read_bytes()
    waits = monitor.folder / "waits"
    pause = monitor.folder / "bin" / "pause"
    pause.write_text(f"#!/bin/sh\ntouch {waits}\nexec sleep 60\n", "utf-8")
    pause.chmod(0o755)
    process = monitor.start("monitor", "state", "site", NIGHT="tuesday", **{moment: "pause"})
    while not waits.exists() and process.poll() is None:
        time.sleep(0.01)
    assert "Another night" in monitor.night("wednesday")[1]
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert monitor.state.read_bytes() == before
    assert monitor.night("thursday")[0] == 0
    assert monitor.nights() == ["monday", "thursday"]


def test_packs_replace_the_feed_list(monitor: Monitor) -> None:
    """A night with starter packs reads a list of their sources."""
    assert monitor.night("tuesday", TIDINGS_PACKS="china eu", TIDINGS_FEEDS="missing.csv") == (
        0,
        "",
    )
    assert monitor.nights() == ["monday", "tuesday", "china", "eu"]


def test_a_long_night_is_stored_and_continued(monitor: Monitor) -> None:
    """A night beyond the limit ends with an error, but the next night has its rows."""
    status, _ = monitor.night("tuesday", DURING="exec sleep 60", TIDINGS_LIMIT="0.5")
    assert status != 0
    assert "the next one continues it" in monitor.summary()
    assert monitor.nights() == ["monday"]
    assert monitor.night("wednesday")[0] == 0
    assert monitor.nights() == ["monday", "tuesday", "wednesday"]


OLD, NEW = "2026-11-01T04:00:00Z\t{}\t11\t1\t1\n", "2026-11-02T04:00:00Z\t{}\t12\t1\t1\n"
FOREIGN = "2026-11-03T04:00:00Z\tfalse\t13\t1\t2\n"  # from a fork's pull request


@pytest.mark.parametrize(
    ("artifacts", "run"),
    [
        (OLD.format("false") + NEW.format("false") + FOREIGN, "12"),
        (NEW.format("true") + OLD.format("false"), "11"),
        (FOREIGN, None),
        ("", None),
    ],
)
def test_the_newest_own_warehouse_is_downloaded(
    tmp_path: Path, artifacts: str, run: str | None
) -> None:
    """The newest unexpired artifact is used, none from a fork; without any, history begins."""
    process = Monitor(tmp_path).start("last-warehouse", "state", ARTIFACTS=artifacts)
    process.communicate(timeout=60)
    assert process.returncode == 0
    downloaded = tmp_path / "state" / "downloaded"
    assert (downloaded.read_text("utf-8").strip() if downloaded.exists() else None) == run


def test_an_expired_history_is_not_replaced_silently(tmp_path: Path) -> None:
    """If every artifact has expired, a night begins a new warehouse only on request."""
    monitor, expired = Monitor(tmp_path), NEW.format("true")
    process = monitor.start("last-warehouse", "state", ARTIFACTS=expired)
    assert "has expired" in process.communicate(timeout=60)[1]
    assert process.returncode == 1
    process = monitor.start("last-warehouse", "state", ARTIFACTS=expired, TIDINGS_START_ANEW="true")
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("tag", "message"),
    [("v1.2.0", "- Second."), ("v1.1.0", "does not match"), ("v1.3.0", 'no section "## 1.3.0"')],
    ids=["released", "other version", "no section"],
)
def test_a_tag_needs_its_version_and_section(tmp_path: Path, tag: str, message: str) -> None:
    """Release notes are the section of the tag's version, which is the program's version."""
    version = "1.3.0" if tag == "v1.3.0" else "1.2.0"
    changelog = "# Changelog\n\n## 1.2.0 (2026-11-27)\n\n- Second.\n\n## 1.1.0\n\n- First.\n"
    for name, text in {
        "CHANGELOG.md": changelog,
        "tidings/version.py": f'__version__ = "{version}"\n',
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / ".ci").mkdir()
    script = shutil.copy(CI / "release-notes", tmp_path / ".ci")
    result = subprocess.run([script, tag], capture_output=True, text=True, check=False)
    assert result.returncode == (0 if tag == "v1.2.0" else 1)
    assert message in result.stdout + result.stderr
    assert "First" not in result.stdout
