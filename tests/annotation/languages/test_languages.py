"""Every language is a folder, and a language without a folder is rejected by name."""

import re
from pathlib import Path

import pytest

from tests.cases import cases
from tidings.annotation import languages
from tidings.annotation.candidates import Finder
from tidings.annotation.languages import all_languages, language
from tidings.base.languages import CODES, UnknownLanguageError, is_known, primary_language
from tidings.base.languages.months import MONTH, MONTHS
from tidings.base.languages.record import SignBounds
from tidings.paths import SEEDS
from tidings.storage.reference import read_csv
from tidings.storage.seed_checks import ANALYSED, check_cells

FOLDER = Path(next(iter(languages.__path__)))
KNOWN = ", ".join(CODES)


def test_every_folder_is_a_language() -> None:
    """Each folder defines a language under its own name, with words and bounds of its script."""
    assert tuple(sorted(path.parent.name for path in FOLDER.glob("*/__init__.py"))) == CODES
    for known in all_languages():
        assert language(known.code) is known
        assert (known.speakers is None) == isinstance(known.bounds, SignBounds)
        assert known.speakers is None or (known.clauses is None) != (known.verb_second is None)


@cases("tag", "de-CH", "zh_Hans", "EN")
def test_a_tag_selects_its_primary_language(tag: str) -> None:
    """Region, script and capitals do not matter."""
    assert is_known(tag)
    assert language(tag).code == primary_language(tag)


@cases("tag", "xx", "xx-YY", "")
def test_an_unknown_language_is_named(tag: str) -> None:
    """The error names the unknown language and lists the known ones, in one line."""
    with pytest.raises(
        UnknownLanguageError,
        match=rf"^Unknown language '{tag}'\. Use one of"
        rf" {KNOWN}, or add .*$",
    ):
        language(tag)
    with pytest.raises(UnknownLanguageError):
        Finder([], tag)


@pytest.mark.parametrize("table", ANALYSED)
def test_reference_data_of_an_unknown_language_is_rejected(table: str) -> None:
    """A row in a language without a folder is a problem of its table; bundled rows have none."""
    rows = read_csv(SEEDS / f"{table}.csv")
    assert not any("Unknown language" in problem for problem in check_cells(table, rows))
    (problem,) = [
        problem
        for problem in check_cells(table, [{**rows[0], "language": "xx"}])
        if "language" in problem
    ]
    assert f"Unknown language 'xx'. Use one of {KNOWN}" in problem


@cases(
    "name",
    "may",
    "März",
    "FÉVR",
    "août",
    "gennaio",
    "września",
    "листопада",
    "kolovoza",
    "มกราคม",
)
def test_month_names_of_many_languages(name: str) -> None:
    """The pattern matches every month name, whatever its capitals, and its number is known."""
    match = re.fullmatch(MONTH, name, re.IGNORECASE)
    assert match is not None
    assert match["month"].lower() in MONTHS
    assert MONTHS["fevr"] == MONTHS["févr"] == 2
