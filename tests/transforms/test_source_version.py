"""The version of a rule is a hash of the modules that decide its results."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tidings.transforms.text.source_version import FOLDER, source_version

if TYPE_CHECKING:
    from pathlib import Path

RULES = {
    "matching": {"folding", "variants"},
    "statements": {"attribution", "attribution_words", "attribution_zh", "references", "sentences", "speakers", "subjects"},
    "candidates": {"candidate_spaced", "candidate_words", "candidates_cjk"},
}


@pytest.mark.parametrize("rule", RULES)
def test_a_changed_module_changes_the_versions_of_the_rules_that_import_it(rule, tmp_path):
    """A change in a module that a rule imports, directly or not, changes its version; a change in another module does not."""
    before = source_version(rule)
    for module in [*sorted({rule, *RULES[rule]}), "formulas", "slow_texts", "udf"]:
        folder = copied(tmp_path / module)
        with (folder / f"{module}.py").open("a", encoding="utf-8") as file:
            file.write("_ADDED = 1\n")
        assert (source_version(rule, folder) != before) == (module in {rule, *RULES[rule]}), module


def test_comments_and_docstrings_change_no_version(tmp_path):
    """A different docstring, an added comment and an empty line leave all versions unchanged."""
    folder = copied(tmp_path / "copy")
    for path in folder.glob("*.py"):
        code = path.read_text(encoding="utf-8").partition("\nfrom __future__")
        path.write_text(f'"""Another docstring."""\n\n# A comment.{"".join(code[1:])}', encoding="utf-8")
    assert {rule: source_version(rule, folder) for rule in RULES} == {rule: source_version(rule) for rule in RULES}


def copied(folder: Path) -> Path:
    """Return a folder with a copy of the package's modules."""
    folder.mkdir()
    for path in FOLDER.glob("*.py"):
        shutil.copy(path, folder)
    return folder
