"""Reference data is checked in sentences: the bundled files pass, and each kind of fault is told once."""

import csv
from pathlib import Path

import pytest

from tidings import seeds
from tidings.seeds.cells import KEYS, check_cells
from tidings.seeds.checks import check_all
from tidings.transforms.text.variants import spell_out

FOLDER = Path(seeds.__file__).parent


@pytest.fixture(scope="module")
def bundled():
    """Every bundled table, cells as they stand in the file."""
    tables = {}
    for name in KEYS:
        with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = list(csv.DictReader(file))
    return tables


def a_theme(theme_id="trade_war", parent_id="trade", cap_code="18", **more):
    return {"theme_id": theme_id, "parent_id": parent_id, "label_en": "Label", "cap_code": cap_code, "kind": "theme"} | more


def a_phrase(phrase, **more):
    row = {"phrase_id": phrase, "theme_id": "trade", "language": "en", "phrase": phrase}
    return row | {"match_type": "phrase", "role": "include"} | more


def a_feed(feed_id="f", url="https://example.org/feed", kind="feed", **more):
    return {"feed_id": feed_id, "url": url, "kind": kind} | more


def test_nothing_is_wrong_with_the_bundled_files(bundled):
    """All checks over all bundled tables together find nothing."""
    assert check_all(bundled, spell_out) == []


@pytest.mark.parametrize("name", list(KEYS))
def test_a_bundled_table_has_the_columns_of_its_key(bundled, name):
    """No bundled table is empty, and each has the columns that tell its rows apart."""
    assert bundled[name]
    assert set(KEYS[name]) <= set(bundled[name][0])


@pytest.mark.parametrize(
    ("table", "row", "told"),
    [
        ("themes", a_theme(label_en=""), "label_en is empty"),
        ("themes", a_theme(label_en=" Label"), "white space around label_en"),
        ("themes", a_theme(kind="slogan"), "'slogan' is none of theme, formulation"),
        ("themes", a_theme(kind=""), "kind is empty"),
        ("themes", a_theme(valid_from="2024-1-5"), "'2024-1-5' is not a day"),
        ("themes", a_theme(valid_from="20240105"), "'20240105' is not a day"),
        ("themes", a_theme(valid_to="2024-02-30"), "'2024-02-30' is not a day"),
        ("themes", a_theme(valid_from="2024-02-02", valid_to="2024-02-01"), "later than valid_to"),
        ("theme_phrases", a_phrase("tariff", match_type="regex"), "'regex' is none of phrase, prefix"),
        ("theme_phrases", a_phrase("tariff", role="maybe"), "'maybe' is none of include, exclude"),
        ("theme_phrases", a_phrase("tariff", language="English"), "'English' is not a language tag"),
        ("theme_phrases", a_phrase("tariff", window_chars="-5"), "'-5' is not a number"),
        ("theme_phrases", a_phrase("tariff", window_chars="0"), "'0' is not a number"),
        ("theme_phrases", a_phrase("tariff", exclude_regex="(open"), "exclude_regex is not a regular expression"),
        ("publishers", {"publisher_id": "p", "name": "P", "time_zone": "China Standard"}, "is not a time zone's IANA name"),
        ("publishers", {"publisher_id": "p", "name": "P", "time_zone": ""}, "time_zone is empty"),
        ("publishers", {"publisher_id": "p", "name": "P", "time_zone": "UTC", "publisher_type": "blog"}, "'blog' is none of"),
        ("feeds", a_feed(kind="page"), "'page' is none of feed, listing, sitemap"),
        ("feeds", a_feed(is_enabled="maybe"), "'maybe' is none of true, false"),
        ("feeds", a_feed(kind="listing", item_selector="li > > a"), "item_selector 'li > > a' is not a CSS selector"),
        ("feeds", a_feed(checked_on="yesterday"), "checked_on 'yesterday' is not a day"),
        ("extraction_rules", {"rule_id": "r", "publisher_id": "p", "body": "div["}, "body 'div[' is not a CSS selector"),
        ("extraction_rules", {"rule_id": "r", "publisher_id": "p", "url_pattern": "*"}, "url_pattern is not a regular"),
        ("baselines", {"baseline_id": "b", "valid_from": "", "valid_to": "2024-01-01"}, "valid_from is empty"),
        ("evidence_words", {"language": "en", "word": "plan", "kind": "noun"}, "'noun' is none of verb, head_noun, quote"),
        ("speech_verbs", {"language": "en", "form": "said", "lemma": "say", "pattern": "x"}, "'x' is none of clause"),
    ],
)
def test_a_fault_in_a_row_is_told(table, row, told):
    """One broken cell gives one sentence, which names the table, the row and the cell."""
    problems = check_cells(table, [row])
    assert len([problem for problem in problems if told in problem]) == 1
    assert all(problem.startswith(f"{table}, ") and problem.endswith(".") for problem in problems)


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("themes", a_theme()),
        ("theme_phrases", a_phrase("tariff", exclude_regex="a|b", window_chars="80", valid_from="2024-01-01")),
        ("feeds", a_feed(kind="listing", item_selector='li > a[href*="/x"]', is_enabled="true", checked_on="")),
        ("extraction_rules", {"rule_id": "r", "publisher_id": "p", "body": "#a .b", "url_pattern": r"/\d+"}),
        ("speakers", {"person_id": "p", "language": "zh", "name": "Name", "office": "Office", "valid_from": ""}),
    ],
)
def test_a_sound_row_passes(table, row):
    """What is right is not complained of."""
    assert check_cells(table, [row]) == []


def test_a_key_that_is_there_twice_is_told_once():
    """Three rows with one key give one sentence."""
    assert len(check_cells("themes", [a_theme()] * 3)) == 1


def test_a_person_may_return_to_an_office():
    """The same office from another day on is another row; from the same day it is a duplicate."""
    first = {"person_id": "p", "language": "en", "name": "N", "office": "minister", "valid_from": "2013-01-01"}
    assert check_cells("speakers", [first, first | {"valid_from": "2023-01-01"}]) == []
    assert check_cells("speakers", [first, first])
