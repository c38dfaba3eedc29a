"""``tidings phrase import`` and ``export`` exchange dictionaries with other programs."""

from pathlib import Path
from typing import Any

import pytest

from tidings.storage.reference import read_csv


@pytest.fixture
def phrase(command: Any, tmp_path: Path) -> Any:
    """Return a function that runs a subcommand with an own folder of reference data."""
    (tmp_path / "own").mkdir()
    variables = {"TIDINGS_WAREHOUSE": str(tmp_path), "TIDINGS_SEEDS": str(tmp_path / "own")}
    return lambda *words: command("phrase", *words, **variables)


@pytest.mark.slow
def test_a_dictionary_is_imported_and_exported(phrase: Any, tmp_path: Path) -> None:
    """Without a reviewer nothing is added. Each kind of loss is counted with an example. The
    exported file contains the imported phrases.
    """
    given, own = tmp_path / "given.dic", tmp_path / "own" / "theme_phrases.csv"
    given.write_text(
        "%\n1\tenergy\n2\tCare\n3\tOther\n%\nrooftop gridlet*\t1\nelectricity\t1\nmild aid\t2\n"
        "b*d\t2\nodd\t3\nmild-aid\t2\n"
    )
    words = ("import", given, "--lang", "en", "--theme", "Care=social_welfare")
    done = phrase(*words)
    assert "Would be added with --reviewer NAME: 2 phrases: energy 1" in done.stdout, done.stderr
    assert not own.exists()
    done = phrase(*words, "--reviewer", "A. Reader")
    for reason in (
        "2, each is in the word list",
        "wildcard before its end, such as: b*d",
        "no theme",
    ):
        assert reason in done.stdout
    rows = read_csv(own)
    assert [(row["phrase"], row["match_type"], row["theme_id"]) for row in rows] == [
        ("rooftop gridlet", "prefix", "energy"),
        ("mild aid", "phrase", "social_welfare"),
    ]
    assert {(row["reviewed_by"], row["source"][:9]) for row in rows} == {("A. Reader", "given.dic")}
    done = phrase("export", tmp_path / "out.lc3", "--theme", "energy", "--lang", "en")
    assert "that are general words" in done.stdout, done.stderr
    assert "rooftop gridlet*" in (tmp_path / "out.lc3").read_text().splitlines()


def test_bad_input_is_one_sentence(phrase: Any, tmp_path: Path) -> None:
    """Unknown formats, themes and languages and missing files yield one line and status 1."""
    file = tmp_path / "x.lc3"
    file.write_text("+energy\nwind\n")
    for words, expected in [
        (("import", tmp_path / "x.doc", "--lang", "en"), "Cannot read"),
        (("import", file, "--lang", "en", "--theme", "enrgy"), "Similar: energy"),
        (("import", file, "--lang", "qq"), "qq"),
        (("export", tmp_path / "y.doc"), "Unknown kind"),
        (("export", tmp_path / "y.dic", "--theme", "enrgy"), "Similar: energy"),
        (("suggest", "--theme", "energy"), "There is no release"),
    ]:
        done = phrase(*words)
        assert done.returncode == 1, words
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert expected in done.stderr
