"""A phrase is certainly new, probably new, or new only to the collection."""

from typing import Any

import duckdb
import pytest

from tests.analysis.report.small_release import model
from tidings.base.functions import create_functions

TABLES = """
    create schema ref; create schema marts; create schema measures;
    create table ref.theme_phrases as select 'p' as phrase_id, 't' as theme_id,
        '金融强国' as phrase, 'zh' as language, null as salience;
    create table ref.first_uses (phrase varchar, language varchar, first_used_on date,
        is_coined boolean, source varchar);
    create table marts.int_phrase_outlet_days as select 'p' as phrase_id, 'tv' as publisher_id,
        unnest([date '2023-10-31', date '2023-11-02']) as published_on, 1 as article_count;
    create table measures.phrase_adoptions as select 'p' as phrase_id, 'tv' as publisher_id,
        date '2023-10-31' as first_seen_on, timestamptz '2023-10-31 11:00:00+00' as first_used_at,
        uuid() as first_article_id, $reason::varchar as uncertain_because,
        null::date as possible_gap_on, date '2023-10-01' as observed_from_on,
        $days as observed_day_count, $risk::double as missed_risk;
"""


@pytest.mark.parametrize(
    ("document", "measured", "novelty"),
    [
        (None, {}, "here"),
        (("2023-10-30", True, "a page"), {}, "certain"),
        (("2023-10-30", True, None), {}, "here"),  # nobody read it
        (("2023-10-30", False, "a page"), {}, "here"),  # used, perhaps not coined
        (("2023-11-02", True, "a page"), {}, "here"),  # seen before
        (None, {"reason": None}, "certain"),
        (("2023-08-07", False, None), {"reason": None}, "here"),
        (("2023-08-08", False, None), {"reason": None}, "certain"),  # within 84 days
        (None, {"days": 365, "risk": 0.01}, "probable"),
        (None, {"days": 364, "risk": 0.01}, "here"),
        (None, {"days": 365, "risk": 0.011}, "here"),
        (("2015-11-10", True, "a page"), {"days": 365, "risk": 0.01}, "here"),
    ],
)
def test_documents_decide_before_measured_pauses(
    document: tuple[Any, ...] | None, measured: dict[str, Any], novelty: str
) -> None:
    """A document that coined a phrase makes it certainly new, any earlier one makes it old, and
    without documents a year without it decides.
    """
    values = {"reason": "too_early", "days": 30, "risk": 0.5} | measured
    with duckdb.connect() as con:
        create_functions(con)
        for statement in TABLES.split(";")[:-1]:
            used = {name: value for name, value in values.items() if f"${name}" in statement}
            con.execute(statement, used)
        if document:
            con.execute("insert into ref.first_uses values ('金融强国', 'zh', ?, ?, ?)", document)
        found = con.execute(
            f"select documented_on::varchar, novelty from ({model('phrase_lives')})"
        )
        assert found.fetchall() == [(document and document[0], novelty)]
