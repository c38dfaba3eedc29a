"""Checks of ``tidings doctor`` outside the warehouse: packages, DuckDB, disk, settings and reference data."""

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
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from tidings import flows
from tidings.flows.fetch.registry import RegistryError, read_publishers, read_registry
from tidings.flows.messages import message
from tidings.seeds.cells import KEYS
from tidings.seeds.checks import check_all
from tidings.transforms.text.variants import spell_out
from tidings.warehouse.lake import WarehouseError
from tidings.warehouse.reference import read_csv, read_seed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidings.flows.settings import Settings


class Level(StrEnum):
    """How a thing is: in order, good to know, or to be put right."""

    ok = "ok"
    warn = "warn"
    error = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: ``what`` was looked at, how it is, and ``todo``, empty where there is nothing to do."""

    level: Level
    what: str
    state: str
    todo: str = ""


def ok(what: str, state: str) -> Finding:
    """Return a thing that is in order."""
    return Finding(Level.ok, what, message(state))


def warn(what: str, state: str, todo: str) -> Finding:
    """Return a thing that a person should know of; the night runs all the same."""
    return Finding(Level.warn, what, message(state), todo)


def error(what: str, state: str, todo: str) -> Finding:
    """Return a thing that is missing, broken or stale."""
    return Finding(Level.error, what, message(state), todo)


LOCK = Path(flows.__file__).resolve().parents[1] / "requirements.lock"
SPARE = 1e9  # bytes beside a second copy of the release file, which each night writes before it swaps
_PIN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*==[^\\\n]+", re.MULTILINE)
EXTENSIONS = ("ducklake", "sqlite-scanner")


def examine_machine(settings: Settings) -> Iterator[Finding]:
    """Yield what is to be said of Python, the packages, DuckDB, the disk and the settings."""
    yield ok("Python", platform.python_version())
    yield examine_packages(LOCK)
    yield examine_duckdb()
    yield examine_disk(settings.warehouse)
    if os.environ.get("TIDINGS_CONTACT"):
        yield ok("contact", settings.contact)
    else:
        yield warn("contact", "publishers cannot reach you", "Set TIDINGS_CONTACT to an address or a page.")
    if settings.allow_hosts:
        hosts = ", ".join(f"{host}:{port}" for host, port in sorted(settings.allow_hosts))
        yield warn("TIDINGS_ALLOW_HOSTS", f"the fetcher may ask private addresses: {hosts}", "Unset it but for tests.")


def examine_packages(lock: Path) -> Finding:
    """Return whether the installed packages are those that the lock file pins; a package of another platform is not asked for."""
    if not lock.is_file():
        return warn(
            "packages", "there is no requirements.lock here", "Nothing, where Tidings was installed without its checkout."
        )
    different = []
    for line in _PIN.findall(lock.read_text(encoding="utf-8")):
        pin = Requirement(line.strip())
        try:
            held = importlib.metadata.version(pin.name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if (pin.marker is None or pin.marker.evaluate()) and held not in pin.specifier:
            different.append(f"{pin.name} {held} for {str(pin.specifier).removeprefix('==')}")
    if different:
        more = f" and {len(different) - 3} more" if len(different) > 3 else ""
        return error("packages", f"not as pinned: {', '.join(different[:3])}{more}", "Delete .venv/.ready and run `make demo`.")
    return ok("packages", "as pinned in requirements.lock")


def examine_duckdb() -> Finding:
    """Return whether DuckDB, its shell and its extensions are of one version and the extensions load."""
    import duckdb

    versions = {"duckdb": duckdb.__version__}
    for name in ("duckdb-cli", *(f"duckdb-extension-{one}" for one in EXTENSIONS)):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            return error("DuckDB", f"the package {name} is missing", "Install it as pinned in requirements.lock.")
    if len(set(versions.values())) > 1:
        told = ", ".join(f"{name} {version}" for name, version in versions.items())
        return error("DuckDB", f"versions differ, and an extension loads into its own only: {told}", "Install them as pinned.")
    from tidings.warehouse.lake import extension_file

    try:
        with duckdb.connect() as con:
            for one in EXTENSIONS:
                con.execute(f"load '{extension_file(one.replace('-', '_'))}'")
        shell = Path(sys.executable).with_name("duckdb")
        subprocess.run([str(shell), "--version"], check=True, capture_output=True, timeout=60)  # noqa: S603 - our own environment's
    except (duckdb.Error, WarehouseError, OSError, subprocess.SubprocessError) as failure:
        return error("DuckDB", str(failure).splitlines()[0], "Install duckdb, duckdb-cli and the extensions as pinned.")
    return ok("DuckDB", f"{duckdb.__version__}, shell and extensions alike")


def examine_disk(root: Path) -> Finding:
    """Return whether the warehouse's folder can be written and has room for the next night."""
    place = next(folder for folder in (root, *root.parents) if folder.is_dir())
    if not os.access(place, os.W_OK):
        return error("disk", f"{place} cannot be written", "Give yourself the right, or set TIDINGS_WAREHOUSE to another folder.")
    file = root / "tidings.duckdb"
    need = SPARE + (2 * file.stat().st_size if file.is_file() else 0)
    free = shutil.disk_usage(place).free
    told = f"{free / 1e9:.1f} GB free at {place}"
    if free < need:
        return error(
            "disk", f"{told}, and a night needs {need / 1e9:.1f}", "Make room, or set TIDINGS_WAREHOUSE to another disk."
        )
    return ok("disk", told)


def examine_seeds(settings: Settings) -> Iterator[Finding]:
    """Yield what is to be said of the feed list and of the reference data with what is laid over it."""
    missing = [str(folder) for folder in settings.seeds if not folder.is_dir()]
    if missing:
        yield error("reference data", f"no such folder: {', '.join(missing)}", "Put TIDINGS_SEEDS right.")
    try:
        tables = {name: read_seed(name, settings.seeds, key) for name, key in KEYS.items() if name != "feeds"}
        rows = read_csv(settings.feeds, ("feed_id", "url"))
        sources, used = read_registry(rows, read_publishers(tables["publishers"]))
    except (WarehouseError, RegistryError) as failure:
        yield error("reference data", str(failure).rstrip("."), "Put the file right.")
        return
    problems = check_all(tables, spell_out, [publisher.publisher_id for publisher in used])
    if problems:
        more = f" And {len(problems) - 3} more." if len(problems) > 3 else ""
        yield error("reference data", f"{' '.join(problems[:3])}{more}".rstrip("."), "Put the rows right.")
    else:
        over = f", {len(settings.seeds) - 1} folder(s) laid over seeds/" if len(settings.seeds) > 1 else ""
        yield ok("reference data", f"{sum(map(len, tables.values())):,} rows in order{over}")
    polled = [feed for feed in sources if feed.is_enabled]
    unchecked = sum(not row.get("checked_on") for row in rows if row["feed_id"] in {feed.feed_id for feed in polled})
    told = f"{len(polled)} of {len(sources)} sources of {settings.feeds} are polled"
    if not polled:
        yield error("feed list", told, "Set is_enabled to true for those you want.")
    elif unchecked:
        yield warn(
            "feed list", f"{told}, {unchecked} never checked", "`tidings feeds check --write` looks at each, over the network."
        )
    else:
        yield ok("feed list", told)
    phrases = tables["theme_phrases"]
    unread = sum(not row.get("reviewed_by") for row in phrases)
    if unread:
        yield warn(
            "word list",
            f"nobody has signed {unread:,} of {len(phrases):,} phrases",
            "Read what one hits with `tidings phrase`, then put your name into reviewed_by.",
        )
    else:
        yield ok("word list", f"all {len(phrases):,} phrases reviewed")
