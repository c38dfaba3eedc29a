"""Checks of single rows of reference data."""

from typing import Any

import pytest

from tidings.annotation.phrases import spell_out
from tidings.paths import SEEDS
from tidings.storage.reference import read_csv
from tidings.storage.seed_checks import KEYS, NEEDED, check_all, check_cells

BUNDLED = [name for name in NEEDED if (SEEDS / f"{name}.csv").exists()]


@pytest.fixture(scope="module")
def bundled() -> Any:
    """All bundled tables."""
    return {name: read_csv(SEEDS / f"{name}.csv") for name in BUNDLED}


def a_theme(theme_id: str = "trade_war", **more: Any) -> Any:
    row = {"theme_id": theme_id, "parent_id": "trade", "label_en": "Label", "cap_code": "18"}
    return row | {"kind": "theme"} | more


def a_phrase(phrase: Any, **more: Any) -> Any:
    row = {"phrase_id": phrase, "theme_id": "trade", "language": "en", "phrase": phrase}
    return row | {"match_type": "phrase", "role": "include"} | more


def a_coding(theme_id: str = "trade", role: str = "main", **more: Any) -> Any:
    row = {"coder": "c", "text_hash": "0123456789abcdef", "theme_id": theme_id, "role": role}
    return row | {"language": "en"} | more


def a_publisher(**more: Any) -> Any:
    return {"publisher_id": "p", "name": "P", "time_zone": "UTC"} | more


def a_rule(**more: Any) -> Any:
    return {"rule_id": "r", "publisher_id": "p"} | more


def a_speaker(**more: Any) -> Any:
    return {"person_id": "p", "language": "en", "office": "x", "name": "P"} | more


NO_THEME = "theme_id must be empty if the role is none, and only then"
VERB = {"language": "en", "form": "said", "lemma": "say", "pattern": "x"}
FIRST_USE = {"phrase": "p", "language": "zh", "first_used_on": "2023", "is_coined": "true"}
EVIDENCE = {"language": "en", "word": "plan", "kind": "noun"}
BASELINE = {"baseline_id": "b", "valid_from": "", "valid_to": "2024-01-01"}


def test_nothing_is_wrong_with_the_bundled_files(bundled: Any) -> None:
    """The bundled tables pass all checks."""
    assert check_all(bundled, spell_out) == []


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_table_has_one_row_for_each_key(bundled: Any, name: Any) -> None:
    """No bundled table is empty, and each key occurs once."""
    keys = [tuple(row[column] for column in KEYS[name]) for row in bundled[name]]
    assert keys
    assert sorted(set(keys)) == sorted(keys)


@pytest.mark.parametrize(
    ("table", "row", "problem"),
    [
        ("themes", a_theme(label_en=""), "label_en is empty"),
        ("themes", a_theme(kind="slogan"), "'slogan': use theme, formulation"),
        ("themes", a_theme(kind=""), "kind is empty"),
        ("themes", a_theme(valid_from="2024-1-5"), "invalid valid_from '2024-1-5'"),
        ("themes", a_theme(valid_from="20240105"), "invalid valid_from '20240105'"),
        ("themes", a_theme(valid_to="2024-02-30"), "invalid valid_to '2024-02-30'"),
        ("themes", a_theme(valid_from="2024-02-02", valid_to="2024-02-01"), "later than valid_to"),
        ("theme_phrases", a_phrase("tariff", match_type="regex"), "'regex': use phrase, prefix"),
        ("theme_phrases", a_phrase("tariff", role="maybe"), "'maybe': use include, exclude"),
        ("theme_phrases", a_phrase("ＡＩ治理"), "the phrase is not in Unicode normal form NFKC."),
        ("theme_phrases", a_phrase("tariff", language="English"), "invalid language 'English'"),
        ("theme_phrases", a_phrase("tariff", window_chars="-5"), "invalid window_chars '-5'"),
        ("theme_phrases", a_phrase("tariff", window_chars="0"), "invalid window_chars '0'"),
        ("theme_phrases", a_phrase("tariff", exclude_regex="(open"), "exclude_regex is not a va"),
        ("theme_phrases", a_phrase("tariff", exclude_regex="a(?!b)"),
         "(?! looks ahead: list the texts that may follow."),
        ("publishers", a_publisher(time_zone=""), "time_zone is empty"),
        ("publishers", a_publisher(publisher_type="blog"), "'blog': use"),
        ("extraction_rules", a_rule(body="div["), "body 'div[' is not a valid CSS selector"),
        ("extraction_rules", a_rule(url_pattern="*"), "url_pattern is not a valid regular"),
        ("baselines", BASELINE, "valid_from is empty"),
        ("evidence_words", EVIDENCE, "'noun': use verb, head_noun, quote"),
        ("speech_verbs", VERB, "'x': use clause"),
        ("first_uses", FIRST_USE, "'2023': use a date"),
        ("speakers", a_speaker(country="Japan"), "'Japan': use two"),
        ("speakers", a_speaker(gender="x"), "'x': use female, male"),
        ("posts", {"post": "foreign_minister", "language": "en"}, "forms is empty"),
        ("bodies", {"body": "NATO", "language": "fr"}, "forms is empty"),
        ("countries", {"country": "Jp", "language": "en", "forms": "Japanese"}, "'Jp': use two"),
        ("codings", a_coding(role="maybe"), "'maybe': use main, side, none"),
        ("codings", a_coding(theme_id=""), NO_THEME),
        ("codings", a_coding(role="none"), NO_THEME),
        ("codings", a_coding(text_hash="0123"), "invalid text_hash '0123'"),
        ("codings", a_coding(article_id="7"), "invalid article_id '7'"),
        ("codings", a_coding(published_on="2026"), "invalid published_on '2026'"),
        ("codings", a_coding(coded_at="noon"), "invalid coded_at 'noon'"),
        ("codings", a_coding(weight="0"), "invalid weight '0'"),
        ("codings", a_coding(weight="many"), "invalid weight 'many'"),
        ("codings", a_coding(language=""), "language is empty"),
    ],
)  # fmt: skip
def test_an_invalid_cell_is_reported(table: Any, row: Any, problem: str) -> None:
    """One invalid cell yields one sentence with the table, the row and the cell."""
    sentences = check_cells(table, [row])
    assert len([sentence for sentence in sentences if problem in sentence]) == 1
    for sentence in sentences:
        assert sentence.startswith(f"{table}.csv, ")
        assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("themes", a_theme()),
        ("theme_phrases", a_phrase("tariff", exclude_regex="a|b", window_chars="80",
                                   valid_from="2024-01-01")),
        ("extraction_rules", a_rule(body="#a .b", url_pattern=r"/\d+")),
        ("speakers", a_speaker(language="zh", valid_from="")),
        ("codings", a_coding("", "none", weight="12.5", coded_at="2026-01-31T09:00:00Z",
                             stratum="silent")),
    ],
)  # fmt: skip
def test_a_valid_row_passes(table: Any, row: Any) -> None:
    """A valid row yields no problem."""
    assert check_cells(table, [row]) == []
