"""Test the English glosses of texts in other languages, and the links to English versions."""

import datetime as dt
import uuid
from collections.abc import Iterator

import duckdb
import pytest

from tidings.analysis.report.gloss import Glossary, read_translations

LISTS = """
    create schema core; create schema ref;
    create table ref.themes (theme_id varchar, label_en varchar, kind varchar,
        label_zh varchar, label_de varchar);
    insert into ref.themes values ('water', 'Clean water', 'theme', '清洁水', null),
        ('drink', 'Drinking', 'theme', '饮水', null),
        ('river', 'River chief system', 'formulation', '全面河长制', 'Flusschefs');
    create table ref.theme_phrases (phrase_id text, theme_id text, language text, phrase text,
        match_type text, role text, salience text);
    insert into ref.theme_phrases
    values ('w1', 'water', 'zh', '清洁水', 'substring', 'include', null),
        ('d1', 'drink', 'zh', '清洁水', 'substring', 'include', null),
        ('g1', 'water', 'zh', '谈', 'substring', 'include', '2'),
        ('r1', 'river', 'zh', '河长制', 'substring', 'include', null),
        ('r2', 'river', 'zh', '巡河铁路', 'substring', 'include', null),
        ('w3', 'water', 'en', 'clean water', 'phrase', 'include', null);
    create table ref.speakers (person_id text, language text, name text, short_names text,
        office text, body text, valid_from date, valid_to date, country text, post text,
        gender text);
    insert into ref.speakers values
        ('yu', 'zh', '鱼小水', null, '水利部部长', null, '2020-01-01', null, null, null, null),
        ('yu', 'en', 'Yu Xiaoshui', null, 'chair of the river council', null, '2026-01-01', null,
            null, null, null),
        ('yu', 'en', 'Yu Xiaoshui', null, 'minister of water', null, '2026-01-01', null, null,
            'water', null);
    create table core.articles (article_id uuid, publisher_id varchar, url varchar,
        language varchar, translation_key varchar);
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a connection with small lists."""
    with duckdb.connect() as con:
        con.execute(LISTS)
        yield con


def test_themes_formulations_and_people_have_english(con: duckdb.DuckDBPyConnection) -> None:
    """A Chinese sentence has the English for its theme, formulation and speaker; the same words of
    two themes name both. Only the name of a formulation is translated; its other phrases have it
    as their theme.

    A general word has none, because it does not mean its theme.
    """
    text = "鱼小水谈河长制、巡河铁路和清洁水。"
    glosses = Glossary(con).gloss(text, "zh-CN")
    assert [(text[start:end], english, kind) for start, end, english, kind in glosses] == [
        ("鱼小水", "Yu Xiaoshui, minister of water", "speaker"),
        ("河长制", "River chief system", "formulation"),
        ("巡河铁路", "River chief system", "theme"),
        ("清洁水", "Clean water; Drinking", "theme"),
    ]


def test_offices_are_those_of_the_day(con: duckdb.DuckDBPyConnection) -> None:
    """Before a person holds an office, only the name is translated; later, all offices are."""
    offices = Glossary(con).offices
    assert offices("yu", dt.date(2026, 1, 1)) == "chair of the river council; minister of water"
    assert offices("yu", dt.date(2025, 1, 1)) == offices("unknown", None) == ""
    assert Glossary(con).gloss("鱼小水说", "zh", dt.date(2025, 1, 1))[0].english == "Yu Xiaoshui"


def test_texts_without_glosses(con: duckdb.DuckDBPyConnection) -> None:
    """English texts, unknown languages and releases without people and phrases have none."""
    assert Glossary(con).gloss("clean water", "en-GB") == []
    assert Glossary(con).gloss("清洁水", None) == []
    assert Glossary(con).gloss("цена на углерод", "ru") == []
    with duckdb.connect() as empty:
        empty.execute(
            "create schema ref; create table ref.themes (theme_id varchar, label_en"
            " varchar, kind varchar, label_zh varchar, label_de varchar)"
        )
        assert Glossary(empty).gloss("清洁水", "zh") == []


def test_translations_are_stored_english_versions(con: duckdb.DuckDBPyConnection) -> None:
    """An article links to its outlet's English version, and English ones to none."""
    chinese, english, other = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    rows = [
        (chinese, "gazette", "https://a.example/zh", "zh", "https://a.example/de"),
        (english, "gazette", "https://a.example/en", "en", "https://a.example/de"),
        (other, "daily", "https://b.example/zh", "zh", None),
    ]
    con.executemany("insert into core.articles values (?, ?, ?, ?, ?)", rows)
    expected = {str(chinese): "https://a.example/en"}
    assert read_translations(con, [chinese, english, other]) == expected
