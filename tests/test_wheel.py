"""The wheel has the whole program, installs only ``tidings`` and changes none of its files."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder

from tidings.base.settings import read_settings
from tidings.version import __version__

ROOT = Path(__file__).parents[1]
NAMES = ("flows", "seeds", "transforms", "warehouse")
OPML = (
    '<opml version="2.0"><body><outline text="A"'
    ' xmlUrl="https://a.example/feed.xml"/></body></opml>'
)
CHECK = f"""
import importlib
import os
import sys
import zipfile
from pathlib import Path

from tidings.cli import main
from tidings.version import __version__
from tidings.base.settings import read_settings

for name in {NAMES}:
    assert importlib.import_module(name).OWNER == "user", name
settings = read_settings()
assert settings.warehouse == Path.home() / ".local" / "share" / "tidings", settings
assert settings.feeds.is_relative_to(sys.argv[1]), settings
sys.argv = ["tidings", "feeds", "import", "list.opml"]
main()
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of the wheel."""
    folder = str(tmp_path_factory.mktemp("dist"))
    (path,) = WheelBuilder(str(ROOT)).build(directory=folder, versions=["standard"])
    return path


def test_the_wheel_installs_only_the_package_tidings(built: str) -> None:
    """The wheel has the program's data, no warehouse, no bytecode, only ``tidings/``."""
    with zipfile.ZipFile(built) as wheel:
        paths = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert {path.partition("/")[0] for path in paths} == {"tidings"}
    assert {
        "tidings/flows/nightly.py",
        "tidings/flows/automations.yaml",
        "tidings/flows/__init__.py",
        "tidings/seeds/feeds.csv",
        "tidings/transforms/dbt_project.yml",
        "tidings/transforms/models/marts/theme_monthly.sql",
        "tidings/warehouse/migrations/schema.sql",
        "tidings/analysis/charts/time_chart.js",
        "tidings/demo/seeds/themes.csv",
    } <= paths
    assert not [
        path for path in paths if "__pycache__" in path or path.startswith("tidings/warehouse/data")
    ]


def test_changelog_and_citation_name_the_version() -> None:
    """The changelog has a section for the current version, and CITATION.cff the same version."""
    assert re.search(
        rf"^## {re.escape(__version__)}$",
        (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    found = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"]
    assert found == __version__


def test_the_users_own_files_follow_the_bundled_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installed, commands write to the user's folder, unless variables name other files."""
    home, bundled = tmp_path / "tidings", read_settings({"TIDINGS_SEEDS": ""}).seeds[0]
    monkeypatch.setattr("tidings.base.settings.is_checkout", lambda: False)
    monkeypatch.setattr("tidings.base.settings.default_folder", lambda _: home)
    settings = read_settings({})
    assert settings.seeds == (bundled, home / "seeds")
    assert settings.missing_seeds == []
    assert (settings.feeds, settings.own_feeds) == (bundled / "feeds.csv", home / "feeds.csv")
    home.mkdir()
    (home / "feeds.csv").write_text("feed_id,url\n", encoding="utf-8")
    assert read_settings({}).feeds == home / "feeds.csv"
    settings = read_settings({"TIDINGS_FEEDS": "a.csv", "TIDINGS_SEEDS": "b"})
    found = (settings.own_feeds, settings.seeds[1:], settings.missing_seeds)
    assert found == (Path("a.csv"), (Path("b"),), [Path("b")])


@pytest.mark.slow
def test_an_installed_program_leaves_its_package_and_the_users_packages_alone(
    built: str, tmp_path: Path
) -> None:
    """Beside packages with our names, commands run, and ``feeds import`` writes for the user."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    site, home = tmp_path / "site", tmp_path / "home"
    subprocess.run([*pip, "install", "--no-deps", "--target", site, built], check=True)
    for name in NAMES:
        (site / name).mkdir()
        (site / name / "__init__.py").write_text('OWNER = "user"\n', encoding="utf-8")
    home.mkdir()
    (home / "list.opml").write_text(OPML, encoding="utf-8")
    before = (site / "tidings" / "seeds" / "feeds.csv").read_bytes()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TIDINGS_", "XDG_"))
    }
    subprocess.run(
        [sys.executable, "-c", CHECK, str(site)],
        cwd=home,
        env=kept | {"HOME": str(home), "PYTHONPATH": str(site)},
        check=True,
    )
    assert (site / "tidings" / "seeds" / "feeds.csv").read_bytes() == before
    own = (home / ".local" / "share" / "tidings" / "feeds.csv").read_text(encoding="utf-8")
    assert "https://a.example/feed.xml" in own
    assert len(own.splitlines()) == 2  # a header and the imported feed: the own list starts empty
