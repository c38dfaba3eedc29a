"""The names of speakers, and the titles of articles."""

import duckdb
import pytest

from tests.analysis.report.small_release import model
from tidings.base.functions import create_functions


@pytest.mark.parametrize(
    ("uses", "expected"),
    [
        ({"俄罗斯国防部": 3, "俄国防部": 1, "美国国务院": 1}, {"俄国防部": "俄罗斯国防部"}),
        (
            {"乌克兰国防部": 3, "乌兹别克斯坦国防部": 1, "乌国防部": 9},
            {},
        ),  # not over three quarters
        ({"乌克兰国防部": 4, "乌兹别克斯坦国防部": 1, "乌国防部": 9}, {"乌国防部": "乌克兰国防部"}),
        ({"市教育局": 1, "市属高校教育局": 9}, {}),  # no country
        ({"美国防部": 1, "美国国防部": 9}, {}),  # listed
        ({"德国防部": 1, "德国国防部": 9}, {"德国防部": "NATO"}),  # the full name is listed
    ],
)
def test_short_and_full_names_of_bodies_are_one(
    uses: dict[str, int], expected: dict[str, str]
) -> None:
    """A country's body has the full name of most texts, and a listed name that of the list."""
    with duckdb.connect() as con:
        con.execute("create schema annotations")
        con.execute("create schema ref")
        con.execute(
            "create table ref.bodies (body varchar, language varchar, country varchar, forms"
            " varchar[]); insert into ref.bodies values"
            " ('NATO', 'zh', null, ['美国防部', '德国国防部']), ('NATO', 'fr', 'FR', ['OTAN'])"
        )
        con.execute(
            "create table annotations.statements (speaker_name varchar, speaker_kind varchar)"
        )
        for name, count in uses.items():
            con.executemany(
                "insert into annotations.statements values (?, 'body')",
                [[name] for _ in range(count)],
            )
        rows = con.execute(f"from ({model('body_names', 'measures')})").fetchall()
    found = {(language, name): body for language, name, country, body in rows if not country}
    listed = {("zh", "美国防部"): "NATO", ("zh", "德国国防部"): "NATO"}
    assert ("fr", "OTAN", "FR", "NATO") in rows
    assert found == listed | {("zh", name): body for name, body in expected.items()}


def test_a_name_counts_in_outlets_of_its_country() -> None:
    """A form with a country means the body in outlets of that country only, a form without one in
    all outlets, whatever kind of speaker it was taken for.
    """
    said = [("srf", "Bundesrat", "body"), ("dpa", "Bundesrat", "body"), ("x", "Bundesrat", "body")]
    said += [(outlet, "Vereinten Nationen", "person") for outlet in ("srf", "dpa", "x")]
    with duckdb.connect() as con:
        create_functions(con)
        con.execute(
            "create schema marts; create schema ref; create schema measures;"
            " create table marts.statements (article_id"
            " integer, publisher_id varchar, published_on date, language varchar, speaker"
            " varchar, speaker_kind varchar, speaker_gender varchar, person_id varchar,"
            " start_offset integer, end_offset integer, speaker_start integer, theme_ids"
            " varchar[]); create table ref.publishers (publisher_id varchar, country varchar);"
            " insert into ref.publishers values ('srf', 'CH'), ('dpa', 'DE'), ('x', null); create"
            " table marts.stg_people (person_id varchar, name varchar); create table"
            " measures.body_names (language varchar, short_name varchar, country varchar,"
            " full_name varchar); insert into measures.body_names values ('de', 'Bundesrat',"
            " 'CH', 'Federal Council'), ('de', 'Vereinten Nationen', '', 'United Nations')"
        )
        for number, (outlet, speaker, kind) in enumerate(said):
            con.execute(
                "insert into marts.statements (article_id, publisher_id, published_on, language,"
                " speaker, speaker_kind) values (?, ?, '2026-03-01', 'de-CH', ?, ?)",
                [number, outlet, speaker, kind],
            )
        con.execute(
            "create table marts.article_stories as select article_id, 's' as story_id from"
            " marts.statements; create table marts.outlet_daily as select distinct publisher_id,"
            " published_on from marts.statements"
        )
        sql = model("int_statement_speakers", "intermediate")
        found = con.execute(f"select publisher_id, speaker from ({sql}) order by article_id")
        shown = [name for _, name in found.fetchall()]
        assert shown == [*("Federal Council", "Bundesrat", "Bundesrat"), *["United Nations"] * 3]


def test_a_title_used_on_five_days_is_a_rubric() -> None:
    """A title, or its words before a colon, that an outlet uses on five days is a rubric; four days
    or another outlet's titles do not make one.
    """
    titles = ["国内联播快讯", "【视频】央视快评：第{}篇", "Climate: part {}"]
    with duckdb.connect() as con:
        create_functions(con)
        con.execute(
            "create schema core; create table core.articles (article_id integer, title varchar,"
            " publisher_id varchar, published_on date, excluded_reason varchar)"
        )
        for number in range(15):
            day, kind = divmod(number, 3)
            outlet = "other" if (day, kind) == (4, 2) else "tv"
            con.execute(
                "insert into core.articles values (?, ?, ?, date '2023-10-01' + ?, null)",
                [number, titles[kind].format(day), outlet, day],
            )
        found = con.execute(
            f"select title from ({model('int_article_titles', 'intermediate')})"
            " order by article_id limit 3"
        ).fetchall()
    assert found == [(None,), ("第0篇",), ("Climate: part 0",)]
