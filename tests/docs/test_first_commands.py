"""The commands that a newcomer reads first work before any package index has the program."""

import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# An installation by name. A path such as dist/*.whl is not an installation from an index.
BY_NAME = re.compile(
    r"""(?:pipx|uv\ tool|pip)\ (?:install|upgrade)[^`|\n]*?[\s'"]tidings(?![\w.-]*\.whl)\b
    |uvx\ tidings""",
    re.VERBOSE,
)
FOLDERS = (
    "docs",
    "flows",
    "notebooks",
    "seeds",
    "warehouse",
    "transforms",
    "benchmarks",
    ".github",
    ".devcontainer",
    ".ci",
)


def _texts() -> list[Path]:
    below = [
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".md", ".py", ".html", ".yml", ""}
    ]
    return [path for path in (*ROOT.glob("*.md"), *below) if path.is_file()]


def _unmarked(text: str) -> list[str]:
    """Return the paragraphs with an installation by name that do not state from when it works."""
    return [
        part
        for part in text.split("\n\n")
        if BY_NAME.search(part) and "first release on" not in part
    ]


def test_commands_of_an_index_are_marked() -> None:
    """No page or message presents the installation from a package index as one that works today."""
    unmarked = {path: _unmarked(path.read_text(encoding="utf-8")) for path in _texts()}
    assert {path: parts for path, parts in unmarked.items() if parts} == {}


@pytest.mark.parametrize("name", ["README.md", "docs/install.md", "docs/tutorial.md"])
def test_the_first_block_needs_only_python_git_and_make(name: str) -> None:
    """First commands clone, change folders and settings, or are targets of the Makefile."""
    block = (ROOT / name).read_text(encoding="utf-8").split("```\n")[1]
    commands = [
        shlex.split(part, comments=True) for line in block.splitlines() for part in line.split("&&")
    ]
    assert [command[:2] for command in commands if command[0] == "make"]
    targets = re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"))
    for program, *arguments in commands:
        assert program in {"git", "cd", "make", "export"}
        assert program != "make" or arguments[0] in targets
