"""The version of a rule is a hash of the modules that determine its results."""

import shutil
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tidings.annotation import source_version as versions
from tidings.annotation.source_version import ROOT, source_version

RULES = {
    "matching": "annotation/folding.py annotation/phrases.py",
    "statements": "annotation/open_statements.py annotation/sentences.py annotation/speakers.py"
    " annotation/verb_second.py annotation/languages/zh/attribution.py"
    " base/languages/word_lists.py base/languages/en/words.toml",
    "candidates": "annotation/languages/zh/words.py base/languages/record.py"
    " base/languages/de/words.toml",
}
"""Modules and word lists that some rules import."""
OTHERS = ("stages/build.py", "stages/plan.py", "stages/audit.py", "annotation/linkage.py")


@pytest.mark.parametrize("rule", RULES)
def test_a_changed_module_changes_the_versions_of_the_rules_that_import_it(
    rule: str, tmp_path: Path
) -> None:
    """A change in an imported module or language changes a rule's version, no other does."""
    modules = [f"annotation/{rule}.py", *RULES[rule].split(), *OTHERS]
    assert list(changing(rule, modules, tmp_path)) == [
        module for module in modules if module not in OTHERS
    ]


def changing(rule: str, modules: Iterable[str], folder: Path) -> Iterator[str]:
    """Yield the modules whose change changes the version of a rule, in a copy of the program."""
    root, before = copied(folder), source_version(rule)
    code = versions._code.__wrapped__
    read = cache(lambda path, _text: code(path))
    for module in modules:
        text = (root / module).read_text(encoding="utf-8")
        (root / module).write_text(f"{text}_ADDED = 1\n", encoding="utf-8")
        source_version.cache_clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(versions, "_code", lambda path: read(path, path.read_bytes()))
            version = source_version(rule, root)
        if version != before:
            yield module
        (root / module).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("rule", RULES)
def test_a_new_language_changes_the_version(rule: str, tmp_path: Path) -> None:
    """A new language changes the versions of all rules; a change to month names changes none."""
    root = copied(tmp_path / "copy")
    (root / "base" / "languages" / "months.toml").write_text("", encoding="utf-8")
    assert source_version(rule, root) == source_version(rule)
    source_version.cache_clear()
    added = root / "annotation" / "languages" / "xx"
    added.mkdir()
    (added / "__init__.py").write_text("LANGUAGE = None\n", encoding="utf-8")
    assert source_version(rule, root) != source_version(rule)


def test_comments_and_docstrings_change_no_version(tmp_path: Path) -> None:
    """Another docstring, a comment and an empty line leave every version unchanged."""
    root = copied(tmp_path / "copy")
    for path in root.glob("**/*.py"):
        code = path.read_text(encoding="utf-8").partition("\nfrom __future__")
        path.write_text(
            f'"""Another docstring."""\n\n# A comment.{"".join(code[1:])}' if code[1] else code[0],
            encoding="utf-8",
        )
    assert {rule: source_version(rule, root) for rule in RULES} == {
        rule: source_version(rule) for rule in RULES
    }


def copied(root: Path) -> Path:
    """Return a folder with a copy of the Python modules and word lists of the packages."""
    for package in ("annotation", "base", "stages", "storage"):
        for path in (*(ROOT / package).glob("**/*.py"), *(ROOT / package).glob("**/*.toml")):
            target = root / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return root


def test_a_stage_depends_on_its_queries_and_on_the_rules_that_it_imports(tmp_path: Path) -> None:
    """The name of a module in another package has a dot."""
    modules = ["stages/stories.py", "annotation/passages.py", "annotation/event_days.py"]
    assert list(changing("stages.stories", modules, tmp_path)) == modules[:2]
