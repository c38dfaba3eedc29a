"""Which phrases have a first use."""

import duckdb
import pytest

from tests.analysis.report.small_release import model
from tidings.base.functions import create_functions


@pytest.mark.parametrize(
    ("salience", "is_coined", "count"),
    [(None, None, 1), (2, None, 0), (2, False, 0), (2, True, 1)],
)
def test_general_words_are_no_new_phrases(
    salience: int | None, is_coined: bool | None, count: int
) -> None:
    """A general word has a first use only if a document coined it."""
    with duckdb.connect() as con:
        create_functions(con)
        con.execute("create schema ref; create schema marts; create schema intermediate")
        con.execute(
            "create table ref.theme_phrases as select 'p' as phrase_id, '教育家精神' as phrase,"
            " 'zh' as language, ? as salience",
            [salience],
        )
        con.execute(
            "create table ref.first_uses as select '教育家精神' as phrase, 'zh' as language,"
            " ?::boolean as is_coined where is_coined is not null",
            [is_coined],
        )
        con.execute(
            "create table marts.int_phrase_outlet_days as select 'p' as phrase_id,"
            " 'tv' as publisher_id, date '2023-09-09' as published_on, now() as first_used_at,"
            " uuid() as first_article_id, 1 as article_count"
        )
        con.execute(
            "create table marts.outlet_daily as select 'tv' as publisher_id,"
            " date '2023-09-09' as published_on, 9 as article_count, false as is_gap"
        )
        found = con.execute(
            f"select phrase_id from ({model('phrase_adoptions', 'measures')})"
        ).fetchall()
    assert found == [("p",)] * count
