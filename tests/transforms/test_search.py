"""The macro ``search`` of the release file finds and ranks articles by words in any language."""

import duckdb
import pytest

from tidings.base.functions import create_functions

TEXTS = [
    ("twice", "Housing plan", "The housing market grows. Housing is dear in the market."),
    ("once", "A market", "The town builds houses and housing."),
    ("part", "Rehousing", "A market of prehousing goods."),
    ("chinese", "住房市场报告", "政府发布住房市场报告。"),
    ("german", "Wohnungsbau", "ÖFFENTLICHE Wohnungen, z.B. in Korrin."),
    ("initials", "Abroad", "The U.S. dollar rose; the us economy did not."),
    ("untitled", "", "Nothing else"),
]


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """A database with the macros and a few articles."""
    connection = duckdb.connect()
    create_functions(connection)
    connection.execute(
        "create table articles (article_id varchar, title varchar, body_text varchar,"
        " excluded_reason varchar, published_on date default date '2099-01-01', publisher_id"
        " varchar, language varchar, url varchar)"
    )
    insert = "insert into articles (article_id, title, body_text) values (?, ?, ?)"
    connection.executemany(insert, TEXTS)
    connection.execute(
        "insert into articles (article_id, title, excluded_reason) values ('list',"
        " 'Housing market', 'list')"
    )
    return connection


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        # both words, the title counts more, and not inside another word
        ("housing market", ["twice", "once"]),
        ("MARKET housing", ["twice", "once"]),
        ('"housing market"', ["twice"]),
        ("hous", ["twice", "once"]),
        ("住房市场", ["chinese"]),
        ("市场 报告", ["chinese"]),
        ("öffentliche wohn", ["german"]),
        ('"z.b. in"', ["german"]),
        ('"u.s. dollar"', ["initials"]),
        ("housing nowhere", []),
        ("", []),
        ('" "', []),
        ("100% '_", []),
    ],
)
def test_every_word_occurs(con: duckdb.DuckDBPyConnection, words: str, expected: list[str]) -> None:
    """Words match starts of words in any case, quoted phrases as a whole, Chinese anywhere."""
    assert [row[-1] for row in con.execute("from search(?)", [words]).fetchall()] == expected


def test_rare_words_count_more_in_any_table(con: duckdb.DuckDBPyConnection) -> None:
    """With the same number of occurrences, the score is higher for the word that fewer articles
    contain. The argument ``articles`` names a table or view with the same columns.
    """
    query = "select score, occurrence_count from search(?) where article_id = 'part'"
    (rare, rare_count), (frequent, frequent_count) = (
        con.execute(query, [word]).fetchall()[0] for word in ("goods", "market")
    )
    assert rare_count == frequent_count == 1
    assert rare > frequent > 0
    assert con.execute(
        "select occurrence_count from search('housing') where article_id = 'twice'"
    ).fetchall() == [(3,)]
    con.execute(
        "create schema other; create view other.chosen as from articles where article_id = 'once'"
    )
    assert con.execute(
        "select article_id from search('market', articles := 'other.chosen')"
    ).fetchall() == [("once",)]
