"""Coded articles yield recall, precision and corrected shares."""

import uuid
from typing import Any

import pytest

from tests.transforms.conftest import TinyLake, copies_of

COUNTS = "select coded_count, true_count, hit_count, true_hit_count from measures.theme_quality"
ABOUT = (
    f"{COUNTS} where theme_id = 'robots' and language = 'all' and period = 'all'"
    " and measure = 'about'"
)
SELECT = "theme_quality theme_monthly true_rates"
CODINGS: dict[str, Any] = {"select": SELECT, "reads_texts": False}  # only they changed
CORRECTED = "select share_corrected from marts.theme_monthly where theme_id = 'robots'"
ASSUMPTIONS = (
    "select pooled_weight between 0.01 and 0.99, assumes_perfect_coding, correction_reason"
    " from marts.theme_monthly where theme_id = 'robots'"
)


def code(
    lake: TinyLake, number: int, theme: str | None, coder: str = "ann", **more: object
) -> None:
    """Add a coding of article number ``number``."""
    row: dict[str, object] = {"text_hash": f"{number:016x}", "coder": coder, "theme_id": theme}
    row |= {"role": "main" if theme else "none", "language": "en", "published_on": "2023-09-02"}
    article_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"k{number}"))
    lake.insert("ref.codings", {**row, "article_id": article_id, **more})


def add_codings(lake: TinyLake) -> None:
    """Add 60 articles, every sixth about robots, and 55 codings, every fifth about robots."""
    lake.add_poll("feed", "gazette", "2023-09-04 12:00:00+00", "2023-09-01 00:00:00+00")
    with lake.at_once():
        for number in range(60):
            title = "Factory robots" if number % 6 == 0 else "Nothing"
            lake.add_article(f"k{number}", "gazette", "2023-09-02", title, "x")
        for number in range(55):
            code(lake, number, None if number % 5 else "robots")
    lake.build(select=SELECT)


coded = copies_of(add_codings)


def test_coded_articles_are_compared_with_the_word_list(coded: TinyLake) -> None:
    """Counts, recall, precision and the corrected share follow from the codings, also those of the
    parent theme.
    """
    assert coded.rows(ABOUT) == [(55, 11, 10, 2)]
    assert coded.rows(ABOUT.replace("robots", "industry")) == [(55, 11, 10, 2)]
    assert coded.rows(f"{COUNTS} where theme_id = 'water'") == []
    found = coded.rows("select distinct language, period from measures.theme_quality order by all")
    assert found == [("all", "2023-Q3"), ("all", "all"), ("en", "2023-Q3"), ("en", "all")]
    assert coded.rows(
        "select distinct round(recall, 3), round(precision, 3) from measures.theme_quality"
    ) == [(0.182, 0.2)]
    assert coded.rows(CORRECTED) == [(pytest.approx(1 / 6 * 2 / 10 + 5 / 6 * 9 / 45, abs=0.01),)]
    assert coded.rows(ASSUMPTIONS) == [(True, True, None)]
    assert coded.audit(select="theme_quality theme_monthly").passed


@pytest.mark.slow
def test_a_changed_coding_changes_the_corrected_shares(coded: TinyLake) -> None:
    """A changed coding or coded article updates rates and months. A second build writes nothing."""
    before = coded.snapshot()
    (first,) = coded.rows(CORRECTED)
    coded.build(select=SELECT)
    assert coded.snapshot() == before
    coded.con.execute(
        "update ref.codings set role = 'side' where theme_id = 'robots' and"
        " text_hash = repeat('0', 16)"
    )
    coded.build(**CODINGS)
    assert coded.rows(ABOUT) == [(55, 10, 10, 1)]
    assert coded.rows(ABOUT.replace("'about'", "'mention'")) == [(55, 11, 10, 2)]
    assert coded.rows(CORRECTED) < [first]
    coded.add_article("k5", "gazette", "2023-09-02", "Factory robots", "x")
    coded.build(select=SELECT)
    assert coded.rows(ABOUT) == [(55, 10, 11, 2)]
    coded.con.execute("delete from ref.codings")
    coded.build(**CODINGS)
    assert coded.rows(CORRECTED) == [(None,)]
    assert coded.rows(ASSUMPTIONS) == [(None, None, "too_few_coded")]
    assert coded.rows(COUNTS) == []


@pytest.mark.slow
def test_a_second_coder_measures_the_error_of_coding(coded: TinyLake) -> None:
    """A second coding without a weight makes its text coded twice, and a joint decision does not.
    Before, coders count as perfect.
    """
    cells = (
        "select count(second_label) from intermediate.int_coded_themes where theme_id = 'robots'"
    )
    code(coded, 0, None, coder="joint", coded_at="2023-09-05 00:00:00+00")
    coded.build(**CODINGS)
    assert coded.rows(cells) == [(0,)]
    code(coded, 1, None, coder="zoe", weight=None)
    code(coded, 5, None, coder="zoe", weight=None)
    coded.build(**CODINGS)
    assert coded.rows(cells) == [(2,)]
    assert coded.rows(ASSUMPTIONS) == [(True, False, None)]


def test_a_language_that_nobody_coded_yields_no_value(coded: TinyLake) -> None:
    """A language with more than a fifth of the articles needs a coded article."""
    with coded.at_once():
        for number in range(16):
            coded.add_article(f"fr{number}", "gazette", "2023-09-02", "Rien", "x", language="fr")
    coded.build(select=SELECT)
    assert coded.rows(CORRECTED) == [(None,)]
    assert coded.rows(ASSUMPTIONS) == [(None, True, "language_not_coded")]


def test_the_latest_coder_counts_and_texts_outside_the_warehouse_use_stored_themes(
    lake: TinyLake,
) -> None:
    """A later coding replaces an earlier one; a text not stored has its themes when coded."""
    themes = ["industry", "robots"]
    found: dict[str, Any] = {"found_theme_ids": themes, "about_theme_ids": themes}
    with lake.at_once():
        code(lake, 1, "water", coder="zoe", coded_at="2023-09-03 00:00:00+00", **found)
        code(lake, 1, "robots", coder="ann", coded_at="2023-09-04 00:00:00+00", **found)
        code(lake, 2, "water", coder="ann", is_any=True, found_theme_ids=["robots"])
    lake.build(**CODINGS)
    assert lake.rows(ABOUT) == [(2, 1, 1, 1)]
    assert lake.rows(ABOUT.replace("'about'", "'mention'")) == [(2, 2, 2, 2)]
    assert lake.rows(ABOUT.replace("robots", "water")) == [(2, 1, 0, 0)]


def test_a_quarter_with_another_recall_is_reported(lake: TinyLake) -> None:
    """If the word list finds 30 of 40 true articles in three quarters and 10 of 40 in the fourth,
    recall is not stable.
    """
    with lake.at_once():
        for number in range(160):
            quarter, place = divmod(number, 40)
            themes = ["robots"] if place < (30, 30, 30, 10)[quarter] else None
            more: dict[str, Any] = {"found_theme_ids": themes, "about_theme_ids": themes}
            more |= {"published_on": f"2022-{3 * quarter + 1:02}-02"}
            code(lake, number, "robots", article_id=None, **more)
    lake.build(**CODINGS)
    assert lake.rows(
        "select period, recall, is_recall_stable from measures.theme_quality"
        " where theme_id = 'robots' and language = 'en' and measure = 'about' order by period"
    ) == [
        *((f"2022-Q{number}", 0.75, True) for number in (1, 2, 3)),
        ("2022-Q4", 0.25, False),
        ("all", 0.625, False),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("is_good", [True, False])
def test_labels_of_other_programs_narrow_the_interval_if_they_are_right(
    coded: TinyLake, is_good: bool
) -> None:
    """Labels of each article that agree with the coders make the interval narrower, although the
    month has only 60 articles; others change it by at most a fifth. It contains the planted share,
    and recall and the rates of undivided predictions stay the same. Without the labels, all is as
    before.
    """
    months = (
        "select share_corrected_low, share_corrected_high, outside_gain from marts.theme_monthly"
        " where theme_id = 'robots'"
    )
    rates = "from measures.true_rates where prediction not like '%:%' order by all"
    before: Any = coded.rows(months)
    ((low, high, gain),) = before
    assert gain is None
    whole, quality = coded.rows(rates), coded.rows(ABOUT)
    with coded.at_once():
        for number in range(60):
            article = str(uuid.uuid5(uuid.NAMESPACE_URL, f"k{number}"))
            score = 0.9 * (number % 5 == 0 if is_good else number // 5 % 2)
            row = {"article_id": article, "theme_id": "robots", "score": score, "model": "m"}
            coded.insert("ref.outside_labels", row)
    coded.build(**CODINGS)
    narrowed: Any = coded.rows(months)
    ((new_low, new_high, gain),) = narrowed
    assert gain == pytest.approx(1 - (new_high - new_low) / (high - low))
    assert gain > 0.1 if is_good else abs(gain) < 0.2
    assert new_low < 0.2 < new_high
    assert (coded.rows(rates), coded.rows(ABOUT)) == (whole, quality)
    coded.con.execute("delete from ref.outside_labels")
    coded.build(**CODINGS)
    assert coded.rows(months) == before
