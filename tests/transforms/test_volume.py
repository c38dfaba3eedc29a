"""Rows that are missing since the last release, and changes that explain them."""

import uuid

import pytest

from tests.transforms.conftest import TinyLake, copies_of


def add_mentions(lake: TinyLake) -> None:
    """Add two articles on each of four days, and one more of a stored page; build and release."""
    capture = str(uuid.uuid5(uuid.NAMESPACE_URL, "gone"))
    with lake.at_once():
        for day in range(1, 5):
            lake.add_article(f"robots-{day}", "daily", f"2023-09-0{day}", "Factory robots")
            lake.add_article(f"water-{day}", "daily", f"2023-09-0{day}", "The river basin")
        row = ("gone", "daily", "2023-09-04", "Factory robots again")
        made = str(lake.add_article(*row, capture_id=capture))
        lake.insert("core.extractions", capture_id=capture, article_id=made, outcome="ok")
    lake.build()
    lake.add_release("r1")


released = copies_of(add_mentions)


@pytest.mark.slow
def test_only_what_its_own_record_explains_may_be_missing(released: TinyLake) -> None:
    """A removed phrase, an excluded article and a reprocess explain their own rows; one more
    mention that is gone is a loss.
    """
    lake = released
    assert not lake.audit().losses
    lake.con.execute("delete from ref.theme_phrases where phrase_id = 'p3'")
    lake.con.execute(
        "update core.articles set excluded_reason = 'round_up' where url like '%robots-2'"
    )
    lake.con.execute("update core.extractions set article_id = null, outcome = 'no_text'")
    lake.con.execute("delete from core.articles where url like '%/gone'")
    lake.lexicon = "v2"
    lake.build()
    assert lake.rows("select count(*) from marts.theme_mentions") == [(3,)]
    assert not lake.audit().losses
    lake.con.execute("delete from marts.theme_mentions where published_on = '2023-09-03'")
    found = {one.name: one.rows[0] for one in lake.audit().losses}
    assert found.keys() == {"no_missing_mentions_or_statements", "sums_agree"}
    shown = [str(value) for value in found["no_missing_mentions_or_statements"].values()]
    assert shown == ["marts.theme_mentions", "daily", "2023-09-03", "2", "0", "1"]


@pytest.mark.slow
def test_a_large_drop_after_rules_changed_is_a_warning(released: TinyLake) -> None:
    """Under other rules rows are not comparable: a fifth fewer mentions warn and do not fail."""
    lake = released
    lake.con.execute("update annotations.last_build set rules_version = 'other'")
    select = "no_large_decrease"
    assert not lake.audit(select=select).warned
    lake.con.execute("delete from marts.theme_mentions where published_on = '2023-09-03'")
    found = lake.audit(select=select)
    assert not found.losses
    counts = [(one.rows[0]["before_count"], one.rows[0]["after_count"]) for one in found.warned]
    assert counts == [(9, 7)]


def test_a_listing_without_items_is_a_warning(lake: TinyLake) -> None:
    """An enabled listing whose selectors matched nothing last warns; a disabled one does not."""
    for name, is_enabled in (("open", True), ("closed", False)):
        lake.insert(
            "raw.feeds", feed_id=name, publisher_id="daily", kind="listing", is_enabled=is_enabled
        )
        lake.insert("raw.feed_states", feed_id=name, outcome="no_items", reason="Nothing matches.")
    lake.build(select="coverage", reads_texts=False)
    found = lake.audit(select="listings_show_items")
    assert [(one.name, one.rows[0]["feed_id"], one.row_count) for one in found.warned] == [
        ("listings_show_items", "open", 1)
    ]
