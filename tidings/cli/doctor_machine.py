"""Checks of ``tidings doctor`` outside the warehouse: packages, DuckDB, disk, settings and
reference data.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from tidings.annotation.variants import spell_out
from tidings.base.languages.plural import listed
from tidings.base.messages import message
from tidings.fetch.registry import RegistryError, read_publishers, read_registry
from tidings.paths import ROOT
from tidings.storage.lake import WarehouseError
from tidings.storage.reference import read_csv, read_seed
from tidings.storage.seed_checks import KEYS, check_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidings.base.settings import Settings


class Level(StrEnum):
    """Severity of a finding."""

    ok = "ok"
    warn = "warn"
    error = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of a check: its subject, its state, and the next action, which is empty if none is
    needed.
    """

    level: Level
    subject: str
    state: str
    action: str = ""


def ok(subject: str, state: str) -> Finding:
    """Return the finding of a successful check."""
    return Finding(Level.ok, subject, message(state))


def warn(subject: str, state: str, action: str) -> Finding:
    """Return a finding that does not prevent the nightly run."""
    return Finding(Level.warn, subject, message(state), action)


def error(subject: str, state: str, action: str) -> Finding:
    """Return a finding about something missing, broken or outdated."""
    return Finding(Level.error, subject, message(state), action)


LOCK = ROOT / "requirements.lock"
# bytes, in addition to the second copy of the release file that each nightly run writes
SPARE = 1e9
_PIN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*==[^\\\n]+", re.MULTILINE)
EXTENSIONS = ("ducklake", "sqlite-scanner")


def check_machine(settings: Settings) -> Iterator[Finding]:
    """Yield findings about Python, the packages, DuckDB, the disk and the settings."""
    yield ok("Python", platform.python_version())
    yield check_packages(LOCK)
    yield check_duckdb()
    yield check_disk(settings.warehouse)
    if os.environ.get("TIDINGS_CONTACT"):
        yield ok("contact", settings.contact)
    else:
        remedy = "Set TIDINGS_CONTACT to an e-mail address or a web page."
        yield warn("contact", "publishers cannot contact you", remedy)
    if settings.allow_hosts:
        hosts = ", ".join(f"{host}:{port}" for host, port in sorted(settings.allow_hosts))
        state = f"requests to private addresses are allowed: {hosts}"
        yield warn("TIDINGS_ALLOW_HOSTS", state, "Unset the variable except for tests.")


def check_packages(lock: Path) -> Finding:
    """Return whether the installed packages have the versions in the lock file. Ignore packages
    that are not installed.
    """
    if not lock.is_file():
        return ok("packages", "installed without a requirements.lock to compare with")
    different = []
    for line in _PIN.findall(lock.read_text(encoding="utf-8")):
        pin = Requirement(line.strip())
        try:
            installed = importlib.metadata.version(pin.name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if (pin.marker is None or pin.marker.evaluate()) and installed not in pin.specifier:
            different.append(
                f"{pin.name} {installed} instead of {str(pin.specifier).removeprefix('==')}"
            )
    if different:
        state = f"versions differ from requirements.lock: {listed(different, 3)}"
        return error("packages", state, "Delete .venv/.ready and run `make demo`.")
    return ok("packages", "versions match requirements.lock")


def check_duckdb() -> Finding:
    """Return whether DuckDB, its shell and its extensions have the same version, and whether the
    extensions load.
    """
    import duckdb

    versions = {"duckdb": duckdb.__version__}
    for name in ("duckdb-cli", *(f"duckdb-extension-{extension}" for extension in EXTENSIONS)):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            return error("DuckDB", f"the package {name} is missing", "Install Tidings again.")
    if len(set(versions.values())) > 1:
        state = ", ".join(f"{name} {version}" for name, version in versions.items())
        remedy = "Install Tidings again, in an environment of its own."
        return error("DuckDB", f"versions differ, so extensions do not load: {state}", remedy)
    from tidings.storage.lake import extension_file

    try:
        with duckdb.connect() as con:
            for extension in EXTENSIONS:
                con.execute(f"load '{extension_file(extension.replace('-', '_'))}'")
        shell = Path(sys.executable).with_name("duckdb")
        subprocess.run([str(shell), "--version"], check=True, capture_output=True, timeout=60)  # noqa: S603 - from our own environment
    except (duckdb.Error, WarehouseError, OSError, subprocess.SubprocessError) as failure:
        remedy = "Install the versions of duckdb, duckdb-cli and the extensions together."
        return error("DuckDB", str(failure).splitlines()[0], remedy)
    return ok("DuckDB", f"{duckdb.__version__}, also the shell and the extensions")


def check_disk(root: Path) -> Finding:
    """Return whether the data folder is writable and has space for the next nightly run."""
    place = next(folder for folder in (root, *root.parents) if folder.is_dir())
    if not os.access(place, os.W_OK):
        remedy = "Change its permissions, or set TIDINGS_WAREHOUSE to another folder."
        return error("disk", f"{place} is not writable", remedy)
    file = root / "tidings.duckdb"
    need = SPARE + (2 * file.stat().st_size if file.is_file() else 0)
    free = shutil.disk_usage(place).free
    space = f"{free / 1e9:.1f} GB free in {place}"
    if free < need:
        remedy = "Free space, or set TIDINGS_WAREHOUSE to a folder on another disk."
        return error("disk", f"{space}, but a nightly run needs {need / 1e9:.1f} GB", remedy)
    return ok("disk", space)


def check_seeds(settings: Settings) -> Iterator[Finding]:
    """Yield findings about the feed list, the word list and the other reference data, including the
    folders in TIDINGS_SEEDS.
    """
    if missing := settings.missing_seeds:
        state = f"folder not found: {', '.join(map(str, missing))}"
        yield error("reference data", state, "Correct TIDINGS_SEEDS.")
    try:
        tables = {name: read_seed(name, settings.seeds, key) for name, key in KEYS.items()}
        rows = read_csv(settings.feeds, ("feed_id", "url"))
        sources, used = read_registry(rows, read_publishers(tables["publishers"]))
    except (WarehouseError, RegistryError) as failure:
        yield error("reference data", str(failure).rstrip("."), "Correct the file.")
        return
    problems = check_all(tables, spell_out, map(attrgetter("publisher_id"), used))
    if problems:
        more = f" {len(problems) - 3} more problems." if len(problems) > 3 else ""
        state = f"{' '.join(problems[:3])}{more}"
        yield error("reference data", state.rstrip("."), "Correct the rows.")
    else:
        own = ", ".join(map(str, filter(Path.is_dir, settings.seeds[1:])))
        over = f", including the rows of {own}" if own else ""
        yield ok("reference data", f"{sum(map(len, tables.values())):,} valid rows{over}")
    polled = sum(map(attrgetter("is_enabled"), sources))
    summary = f"{settings.feeds}, {polled} of {len(sources)} sources enabled"
    if polled:
        yield ok("feed list", summary)
    else:
        yield error("feed list", summary, "Set is_enabled to true for the sources that you want.")
    reviewers = [row.get("reviewed_by") for row in tables["theme_phrases"]]
    reviewed = sum(map(bool, reviewers))
    yield ok("word list", f"{len(reviewers):,} phrases, {reviewed:,} with a reviewer")
