"""A changed word list: articles matched again, and reported changes."""

import pytest

from tests.transforms.conftest import TinyLake
from tidings.annotation.matching import Matcher
from tidings.annotation.phrases import Phrase

SELECT = "lexicon_changes theme_mentions theme_weekly theme_monthly"


@pytest.mark.slow
def test_change_is_told_by_theme_month_and_phrase(lake: TinyLake) -> None:
    """Changed phrases change the counts of themes and parents, articles do not; a rerun nothing."""
    lake.add_article("one", "daily", "2023-08-01", "Factory robots", "A river basin.")
    lake.add_article("two", "daily", "2023-09-02", "Cobots at work", "")
    lake.build(select=SELECT)
    lake.add_release("r1", released_at="2023-09-03")
    lake.con.execute("delete from ref.theme_phrases where phrase_id = 'p3'")
    lake.con.execute(
        "insert into ref.theme_phrases (phrase_id, theme_id, language, phrase, match_type, role)"
        " values ('p9', 'robots', 'en', 'cobots', 'phrase', 'include')"
    )
    lake.add_article("three", "daily", "2023-09-03", "More cobots", "")
    lake.lexicon = "v2"
    lake.build(select=SELECT)
    query = (
        "select theme_id, month_start_on::varchar, lexicon_before, lexicon_after,"
        " article_count_before, article_count_after,"
        " gained_by_phrase_ids, lost_with_phrase_ids from marts.lexicon_changes order by all"
    )
    expected = [
        ("industry", "2023-09-01", "v1", "v2", 0, 1, ["p9"], []),
        ("robots", "2023-09-01", "v1", "v2", 0, 1, ["p9"], []),
        ("water", "2023-08-01", "v1", "v2", 1, 0, [], ["p3"]),
    ]
    assert lake.rows(query) == expected
    assert lake.rows("select distinct lexicon_version from marts.theme_mentions") == [("v2",)]
    before = lake.snapshot()
    lake.build(select=SELECT)
    assert lake.snapshot() == before
    lake.add_release("r2", released_at="2023-09-04")
    lake.build(select=SELECT)
    assert lake.rows(query) == expected


def test_only_texts_that_may_hold_a_changed_phrase_are_matched_again() -> None:
    """A text is searched for the letters of changed phrases, whatever their other conditions."""
    chain = Phrase("p1", "t", "en", "supply chain", requires_any="nowhere")
    changed = Matcher([chain, Phrase("p2", "t", "zh", "工业", "substring")])
    assert changed.contains_phrase("A Supply-Chain", "en-GB")
    assert not changed.contains_phrase("A supply", "en")
    assert not changed.contains_phrase("工业", "en")
    assert changed.contains_phrase("工业", "zh-CN")
