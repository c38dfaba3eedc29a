"""Statements: one test per rule of attribution, and the table ``statements``."""

import datetime as dt
from dataclasses import asdict
from typing import Any

from tests.cases import cases
from tests.transforms.conftest import TinyLake, phrase_row
from tidings.annotation.languages.statements import Verb
from tidings.annotation.posts import Speaker
from tidings.annotation.statements import StatementFinder

DAY = dt.date(2023, 9, 25)


def since(day: str, *cells: Any) -> Speaker:
    """Return a speaker."""
    return Speaker(*(*cells, None, dt.date.fromisoformat(day), None))


SPEAKERS = [
    since("2020-01-01", "moreau", "en", "Claire Moreau", "Moreau", "premier"),
    since("2023-01-01", "moreau", "en", "Claire Moreau", "Moreau", "party leader"),
    since("2020-01-01", "moreau", "zh", "莫罗", "", "总理"),
    since("2020-01-01", "brandt", "en", "Otto Brandt", "Brandt", "finance minister"),
    since("2020-01-01", "brandt", "zh", "勃兰特", "", "财政部部长"),
    since("2023-10-01", "chen", "en", "Chen Lu", "Chen", "minister of ports"),
    since("2020-01-01", "qin", "en", "Qin Bo", "Qin", "minister of water"),
]
FORMS = "en said, en stressed, de betonte, fr souligne, it ha detto, es dijo, zh 强调, zh 指出"
VERBS = [Verb(form[:2], form[3:], None, "clause") for form in FORMS.split(", ")]
VERBS.append(Verb("zh", "文章", None, "noun"))
STATEMENT_FINDER = StatementFinder(SPEAKERS, VERBS)
SELECT = "+statements"


def find(text: str, language: str = "en", on: dt.date | None = DAY) -> list[tuple[str, str, str]]:
    """Return the statements of listed people in a text as person, verb and sentence."""
    found = STATEMENT_FINDER.find(text, language, on)
    return [
        (row.person_id, row.verb or "", text[row.start : row.end]) for row in found if row.person_id
    ]


def test_namesakes_verbs_and_works() -> None:
    """After the full name of an unlisted namesake, the surname refers to no listed person. A verb
    form counts only in its language. A Chinese sentence with a letter, speech or article as its
    subject is a statement of the author.
    """
    assert find("Qin Bo came. A fisherman, Qin Dao, waited. Qin said that ice is thin.") == []
    assert find("Claire Moreau betonte, that ice is thin.", "en") == []
    text = "报纸发表莫罗的文章《论港口》。\n\n文章强调，港口要保持开放。"
    assert [(row[0], row[2]) for row in find(text, "zh")] == [
        ("moreau", "文章强调，港口要保持开放。")
    ]


def test_offices_of_the_day() -> None:
    """A statement has all offices of the day; a person without an office has no statement."""
    for day, office in ((DAY, "premier; party leader"), (dt.date(2021, 5, 1), "premier")):
        (row,) = STATEMENT_FINDER.find("Claire Moreau said that ice is thin.", "en", day)
        assert row.office == office
    assert find("Chen Lu said that ice is thin.") == []
    assert find("Chen Lu said that ice is thin.", on=dt.date(2023, 10, 1)) != []


def test_two_speakers_in_a_sentence() -> None:
    """Two speakers in a sentence have separate statements, divided at the semicolon."""
    text = "船只离港。莫罗强调，港口要保持开放；勃兰特指出，资金已经到位。"
    assert find(text, "zh") == [
        ("moreau", "强调", "莫罗强调，港口要保持开放；"),
        ("brandt", "指出", "勃兰特指出，资金已经到位。"),
    ]
    text = "Claire Moreau said that ice is thin; Otto Brandt stressed that boats wait."
    expected = ["Claire Moreau said that ice is thin;", "Otto Brandt stressed that boats wait."]
    assert [row[2] for row in find(text)] == expected


ODD = ("", "\n\n", "“", "Claire Moreau", "莫罗", "« » „“ \u00a0Claire\u00a0Moreau said")


@cases("text", *ODD, "said " * 50)
def test_any_text(text: str) -> None:
    """Offsets are within the text, for any text."""
    for language in ("en", "de", "fr", "it", "es", "zh", "xx"):
        for row in STATEMENT_FINDER.find(text, language, None):
            assert 0 <= row.start < row.end <= len(text)


def _fill(lake: TinyLake) -> None:
    with lake.at_once():
        lake.insert("ref.speakers", *map(asdict, SPEAKERS))
        lake.insert("ref.speech_verbs", *(verb._asdict() for verb in VERBS))


def test_statements_table(lake: TinyLake) -> None:
    """The table has the stored sentence with its own themes, not the next sentence's."""
    _fill(lake)
    said = "Claire Moreau said that factory robots help."
    stressed = "Otto Brandt stressed the river basin."
    body = f"Rain fell. {said} {stressed}"
    lake.add_article("one", "daily", "2023-09-05", body=body)
    lake.add_article("two", "daily", "2023-09-05", body=body, excluded_reason="round_up")
    lake.build(select=SELECT)
    columns = "person_id, office, verb, sentence, start_offset, end_offset, theme_ids"
    assert lake.rows(f"select {columns} from lake.marts.statements order by 5") == [
        ("moreau", "premier; party leader", "said", said, 11, 55, ["robots"]),
        ("brandt", "finance minister", "stressed", stressed, 56, 93, ["water"]),
    ]
    assert not lake.audit(select="statements").failed


def test_words_for_countries_in_the_lake(lake: TinyLake) -> None:
    """A person with the office of another country in ``ref.countries`` is not the listed one."""
    _fill(lake)
    lake.con.execute("update lake.ref.speakers set country = 'CH' where person_id = 'moreau'")
    lake.insert("ref.countries", {"country": "JP", "language": "en", "forms": "Tarnish"})
    body = "The Tarnish premier Claire Moreau said that factory robots help."
    lake.add_article("one", "daily", "2023-09-05", body=body)
    lake.build(select=SELECT)
    assert lake.rows("select person_id from lake.marts.statements") == [(None,)]


def test_statements_follow_changes(lake: TinyLake) -> None:
    """A rerun writes nothing; changes update only their statements; deleted articles go."""
    _fill(lake)
    for key, name in (("one", "Claire Moreau"), ("two", "Chen Lu")):
        body = f"{name} said that blue bridges help."
        lake.add_article(key, "daily", "2023-09-05", body=body)
    lake.build(select=SELECT)
    before = lake.snapshot()
    lake.build(select=SELECT)
    assert lake.snapshot() == before
    known = "where person_id is not null order by 1"
    query = f"select person_id, theme_ids from lake.marts.statements {known}"
    assert lake.rows(query) == [("moreau", [])]
    lake.insert("ref.theme_phrases", phrase_row("p9", "industry", "blue bridges"))
    change = "valid_from = '2023-01-01' where person_id = 'chen'"
    lake.con.execute(f"update lake.ref.speakers set {change}")
    lake.build(select=SELECT)
    assert lake.rows(query) == [("chen", ["industry"]), ("moreau", ["industry"])]
    lake.con.execute("delete from lake.core.articles where body_text like 'Claire%'")
    lake.build(select=SELECT)
    assert lake.rows(query) == [("chen", ["industry"])]


@cases(
    "text, people",
    ("Anna Frei spoke. The head of the FDX stressed that ports matter.", ["frei"]),
    ("The head of the FDX stressed that ports matter.", ["frei"]),
    ("The head of the FDX Carl Stein stressed that ports matter.", []),
    ("Anna Frei, the head of the FDX, stressed that ports matter.", ["frei"]),
)
def test_an_office_stands_for_its_holder(text: str, people: list[str]) -> None:
    """An office that names a body refers to its holder, unless another person's name follows."""
    names = ("Anna Frei", "Frei|head of the FDX", "head of the Federal Department")
    speaker = Speaker(*("frei", "en", *names, None, None, None))
    finder = StatementFinder([speaker], [Verb("en", "stressed", "stress", "clause")])
    found = finder.find(text, "en", None)
    assert [one.person_id for one in found if one.person_id] == people


@cases("listing", "ice " * 700, "Claire Moreau, " * 51)
def test_lists_have_no_statement(listing: str) -> None:
    """A sentence with over 2,500 characters or 50 names has no statement, the next one has."""
    text = f"Claire Moreau said that {listing}wait. Otto Brandt said that boats wait."
    assert [row[0] for row in find(text)] == ["brandt"]
