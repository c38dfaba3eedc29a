"""The recipes for Homebrew and conda-forge have the hash of the sdist and the right entry point."""

import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tidings.version import __version__

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "recipes/write.py"
URL = f"https://files.example/tidings-{__version__}.tar.gz"


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Build the sdist and write the recipes; return their folder and the hash."""
    folder = tmp_path_factory.mktemp("recipes")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    sdist = folder / f"tidings-{__version__}.tar.gz"
    subprocess.run([sys.executable, SCRIPT, "owner", sdist, URL, folder], check=True)
    return folder, hashlib.sha256(sdist.read_bytes()).hexdigest()


def test_the_conda_recipe_agrees_with_the_package(recipes: tuple[Path, str]) -> None:
    """It is YAML with the sdist's hash, the program's entry point and all requirements."""
    folder, digest = recipes
    recipe = yaml.safe_load((folder / "recipe.yaml").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert recipe["context"]["version"] == __version__
    assert recipe["source"] == {"url": URL, "sha256": digest}
    assert recipe["build"]["python"]["entry_points"] == [
        f"tidings = {project['scripts']['tidings']}"
    ]
    listed = [name.replace(" ", "") for name in recipe["requirements"]["run"]]
    assert listed[1:] == [name.replace(" ", "") for name in project["dependencies"]]


def test_the_formula_agrees_with_the_package(recipes: tuple[Path, str]) -> None:
    """It is Ruby with the sdist's hash, and links the program."""
    folder, digest = recipes
    text = (folder / "tidings.rb").read_text()
    assert f'url "{URL}"\n  sha256 "{digest}"\n' in text
    assert 'bin.install_symlink libexec/"bin/tidings"' in text
    assert "@" not in text.replace("python@3.13", "")
    code = re.sub(r'"[^"]*"|#.*', "", text)
    assert len(re.findall(r"^\s*(?:class|def|test do)\b", code, re.MULTILINE)) == len(
        re.findall(r"^\s*end$", code, re.MULTILINE)
    )
    if ruby := shutil.which("ruby"):
        subprocess.run([ruby, "-c", folder / "tidings.rb"], check=True, capture_output=True)


@pytest.mark.parametrize(
    "words", [[], ["owner", "a.zip", URL, "x"], ["owner", "tidings-1.tar.gz", "http://a", "x"]]
)
def test_wrong_arguments_are_one_sentence(words: list[str]) -> None:
    """Nothing is written."""
    done = subprocess.run(
        [sys.executable, SCRIPT, *words], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
