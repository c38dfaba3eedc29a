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
    ],
)
def test_short_and_full_names_of_bodies_are_one(
    uses: dict[str, int], expected: dict[str, str]
) -> None:
    """The short name of a country's body gets the full name that most texts use, and a listed name
    that of the list.
    """
    with duckdb.connect() as con:
        con.execute("create schema annotations")
        con.execute("create schema ref")
        con.execute("create table ref.bodies (body varchar, language varchar, forms varchar[])")
        con.execute(
            "insert into ref.bodies values ('NATO', 'zh', ['美国防部']), ('NATO', 'fr', ['OTAN'])"
        )
        con.execute(
            "create table annotations.statements (speaker_name varchar, speaker_kind varchar)"
        )
        for name, count in uses.items():
            con.executemany(
                "insert into annotations.statements values (?, 'body')",
                [[name] for _ in range(count)],
            )
        rows = con.execute(f"from ({model('int_body_names', 'intermediate')})").fetchall()
    found = {(language, name): body for language, name, body in rows}
    listed = {("zh", "美国防部"): "NATO", ("fr", "OTAN"): "NATO"}
    assert found == listed | {("zh", name): body for name, body in expected.items()}


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
