"""Statements: one test per rule of attribution, and the table ``statements``."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from tests.annotation.speech import rows
from tidings.annotation.languages.statements import Verb
from tidings.annotation.posts import Speaker
from tidings.annotation.statements import StatementFinder

if TYPE_CHECKING:
    from tests.transforms.conftest import TinyLake

DAY = dt.date(2023, 9, 25)


def speaker(
    person_id: str, language: str, name: str, short: str, office: str, *, since: str = "2020-01-01"
) -> Speaker:
    """Return a speaker."""
    return Speaker(
        person_id, language, name, short, office, None, dt.date.fromisoformat(since), None
    )


SPEAKERS = [
    speaker("moreau", "en", "Claire Moreau", "Moreau", "premier"),
    speaker("moreau", "en", "Claire Moreau", "Moreau", "party leader", since="2023-01-01"),
    speaker("moreau", "fr", "Claire Moreau", "Moreau", "première ministre"),
    speaker("moreau", "zh", "莫罗", "", "总理"),
    speaker("brandt", "en", "Otto Brandt", "Brandt", "finance minister"),
    speaker("brandt", "de", "Otto Brandt", "Brandt", "Finanzminister"),
    speaker("brandt", "zh", "勃兰特", "", "财政部部长"),
    speaker("chen", "en", "Chen Lu", "Chen", "minister of ports", since="2023-10-01"),
    speaker("qin", "en", "Qin Bo", "Qin", "minister of water"),
    speaker("qin", "zh", "秦博", "", "水利部部长"),
]
FORMS = {
    ("en", "clause"): ("said", "stressed", "added", "warned", "states"),
    ("en", "object"): ("urged", "urging", "called for", "pointed out"),
    ("en", "occasion"): ("made the remarks",),
    ("en", "noun"): ("instruction",),
    ("en", "according"): ("according to",),
    ("de", "clause"): ("sagte", "betonte", "betont", "hob hervor", "forderte"),
    ("de", "according"): ("laut",),
    ("fr", "clause"): ("a déclaré", "souligne", "a souligné"),
    ("it", "clause"): ("ha detto",),
    ("zh", "clause"): ("强调", "指出", "表示", "说", "要求"),
    ("zh", "occasion"): ("作出重要指示",),
    ("zh", "noun"): ("文章", "讲话"),
}
VERBS = [
    Verb(language, form, None, pattern)
    for (language, pattern), forms in FORMS.items()
    for form in forms
]
STATEMENT_FINDER = StatementFinder(SPEAKERS, VERBS)
SELECT = "+statements"


def find(text: str, language: str = "en", on: dt.date | None = DAY) -> list[tuple[str, str, str]]:
    """Return the statements of listed people in a text as person, verb and sentence."""
    found = STATEMENT_FINDER.find(text, language, on)
    return [
        (row.person_id, row.verb or "", text[row.start : row.end]) for row in found if row.person_id
    ]


@pytest.mark.parametrize(
    ("language", "text", "person", "verb"),
    rows(
        """
        en | Premier Claire Moreau said that the harbour would stay open. | moreau | said
        en | Claire Moreau has also repeatedly stressed the need for quiet. | moreau | stressed
        en | Claire Moreau, also a member of the assembly, urged patience. | moreau | urged
        en | Claire Moreau attended the meeting and stressed the cost. | moreau | stressed
        en | Claire Moreau met the unions on Monday, urging them to wait. | moreau | urging
        en | “We wait,” said Finance Minister Otto Brandt. | brandt | said
        en | “We wait,” Otto Brandt said. | brandt | said
        en | Claire Moreau's recent instruction that ports stay open was read out. | moreau |
            instruction
        en | According to Premier Claire Moreau, nothing has changed. | moreau | According to
        en | In Lindmar, Claire Moreau pointed out that ice is thin. | moreau | pointed out
        de | Finanzminister Otto Brandt betonte am Montag, das Geld sei da. | brandt | betonte
        de | Otto Brandt hat im Rat die Bedeutung der Brücken betont. | brandt | betont
        de | Am Montag betonte Finanzminister Otto Brandt, das Geld sei da. | brandt | betonte
        de | «Das Geld ist da», sagte Otto Brandt. | brandt | sagte
        de | Otto Brandt hob den Nutzen der Brücken hervor. | brandt | hob hervor
        de | Laut Finanzminister Otto Brandt ist das Geld da. | brandt | Laut
        fr | La première ministre Claire Moreau a notamment déclaré que le port resterait
            ouvert. | moreau | déclaré
        fr | « Le port reste ouvert », souligne Claire Moreau. | moreau | souligne
        zh | 总理莫罗强调，港口要保持开放。 | moreau | 强调
        zh | 莫罗在主持会议时指出，港口要保持开放。 | moreau | 指出
        zh | 莫罗主持会议，强调港口要保持开放。 | moreau | 强调
        zh | 9月25日，莫罗总理对港口工作作出重要指示，强调要保持港口开放畅通。 | moreau |
            作出重要指示
        """
    ),
)
def test_said(language: str, text: str, person: str, verb: str) -> None:
    """A listed person who is the subject of a verb of speech has a statement, which is the whole
    sentence.
    """
    assert find(text, language) == [(person, verb, text)]


@pytest.mark.parametrize(
    ("language", "text"),
    rows(
        """
        en | Claire Moreau listened as the harbour master, Tove Aarnes, said that ice is thin.
        en | Officials who met with Claire Moreau said that ice is thin.
        en | The unions urged Claire Moreau to wait.
        en | Claire Moreau met guests from island states.
        en | Claire Moreau has been urged to wait.
        en | Claire Moreau left, and the unions said nothing.
        en | In talks with Claire Moreau, the Kenyan president said that ice is thin.
        de | Die Kommission forderte Otto Brandt zum Rücktritt auf.
        de | Die Sprecherin von Otto Brandt sagte, das Geld sei da.
        fr | Le maire a rencontré Claire Moreau. Il a déclaré que le port fermerait avec M.
            Dupont Aignan.
        zh | 会见莫罗时，大家表示，港口要保持开放。
        zh | 会议学习了莫罗的讲话，会议强调，港口要保持开放。
        zh | 莫罗作出重要指示。
        """
    ),
)
def test_not_said(language: str, text: str) -> None:
    """A listener, an addressee and a person named beside the speaker have no statement."""
    assert find(text, language) == []


def test_short_name_needs_introduction() -> None:
    """A surname counts after the full name or a title, but not alone."""
    assert find("Moreau said that ice is thin.") == []
    assert [row[0] for row in find("Mr Brandt said that ice is thin.")] == ["brandt"]
    assert [row[0] for row in find("Claire Moreau came. Moreau said that ice is thin.")] == [
        "moreau"
    ]


def test_short_name_of_another() -> None:
    """After the full name of an unlisted namesake, the surname refers to no listed person."""
    assert (
        find("Claire Moreau came with her brother, Paul Moreau. Moreau said that ice is thin.")
        == []
    )
    assert find("Qin Bo came. A fisherman, Qin Dao, waited. Qin said that ice is thin.") == []


def test_offices_of_the_day() -> None:
    """A statement has all offices of the person on that day; a person without an office has no
    statement.
    """
    (row,) = STATEMENT_FINDER.find("Claire Moreau said that ice is thin.", "en", DAY)
    assert row.office == "premier; party leader"
    (row,) = STATEMENT_FINDER.find(
        "Claire Moreau said that ice is thin.", "en", dt.date(2021, 5, 1)
    )
    assert row.office == "premier"
    assert find("Chen Lu said that ice is thin.") == []
    assert find("Chen Lu said that ice is thin.", on=dt.date(2023, 10, 1)) != []


def test_pronoun() -> None:
    """A pronoun or an office without a name refers to the person named before."""
    assert [
        row[:2] for row in find("Claire Moreau visited Lindmar. She said that ice is thin.")
    ] == [("moreau", "said")]
    assert [
        row[:2]
        for row in find("Claire Moreau visited Lindmar. The premier added that ice is thin.")
    ] == [("moreau", "added")]
    assert [
        row[:2] for row in find("Claire Moreau visited Lindmar.\n\nShe said that ice is thin.")
    ] == [("moreau", "said")]
    assert [row[0] for row in find("莫罗到港口考察。他强调，港口要保持开放。", "zh")] == ["moreau"]


def test_work_of_a_person() -> None:
    """A Chinese sentence with a letter, speech or article as its subject is a statement of the
    author.
    """
    text = "报纸发表莫罗的文章《论港口》。\n\n文章强调，港口要保持开放。"
    assert [(row[0], row[2]) for row in find(text, "zh")] == [
        ("moreau", "文章强调，港口要保持开放。")
    ]


def test_two_speakers_in_a_sentence() -> None:
    """Two speakers in one sentence have separate statements, divided at the semicolon between
    them.
    """
    text = "船只离港。莫罗强调，港口要保持开放；勃兰特指出，资金已经到位。"
    assert find(text, "zh") == [
        ("moreau", "强调", "莫罗强调，港口要保持开放；"),
        ("brandt", "指出", "勃兰特指出，资金已经到位。"),
    ]
    text = "Claire Moreau said that ice is thin; Otto Brandt stressed that boats wait."
    assert [row[2] for row in find(text)] == [
        "Claire Moreau said that ice is thin;",
        "Otto Brandt stressed that boats wait.",
    ]


def test_quotation_stays_whole() -> None:
    """A statement contains all sentences of a quotation, and no dateline."""
    text = "LINDMAR, June 5 (Agency) -- “We wait. We are patient,” said Claire Moreau. Boats left."
    assert find(text) == [("moreau", "said", "“We wait. We are patient,” said Claire Moreau.")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "“",
        "Claire Moreau",
        "莫罗",
        "said " * 50,
        "« » „“ \u00a0Claire\u00a0Moreau said",
    ],
)
def test_any_text(text: str) -> None:
    """Offsets are within the text, for any text."""
    for language in ("en", "de", "fr", "it", "zh", "xx"):
        for row in STATEMENT_FINDER.find(text, language, None):
            assert 0 <= row.start < row.end <= len(text)


def _fill(lake: TinyLake) -> None:
    with lake.at_once():
        for row in SPEAKERS:
            lake.insert(
                "ref.speakers", {name: getattr(row, name) for name in Speaker.__dataclass_fields__}
            )
        lake.insert("ref.speech_verbs", *(verb._asdict() for verb in VERBS))


def test_statements_table(lake: TinyLake) -> None:
    """The table contains the stored sentence with its own themes, not those of the next
    sentence.
    """
    _fill(lake)
    body = (
        "Rain fell. Claire Moreau said that factory robots help. Otto Brandt stressed the river"
        " basin."
    )
    lake.add_article("one", "daily", "2023-09-05", body=body)
    lake.add_article("two", "daily", "2023-09-05", body=body, excluded_reason="round_up")
    lake.build(select=SELECT)
    query = (
        "select person_id, office, verb, sentence, start_offset, end_offset, theme_ids from"
        " lake.marts.statements order by 5"
    )
    assert lake.rows(query) == [
        (
            "moreau",
            "premier; party leader",
            "said",
            "Claire Moreau said that factory robots help.",
            11,
            55,
            ["robots"],
        ),
        (
            "brandt",
            "finance minister",
            "stressed",
            "Otto Brandt stressed the river basin.",
            56,
            93,
            ["water"],
        ),
    ]
    assert lake.audit(select="statements").is_ok


def test_words_for_countries_in_the_lake(lake: TinyLake) -> None:
    """A person named with the office of another country in ``ref.countries`` is not the listed
    person.
    """
    _fill(lake)
    lake.con.execute("update lake.ref.speakers set country = 'CH' where person_id = 'moreau'")
    lake.insert("ref.countries", {"country": "JP", "language": "en", "forms": "Tarnish"})
    lake.add_article(
        "one",
        "daily",
        "2023-09-05",
        body="The Tarnish premier Claire Moreau said that factory robots help.",
    )
    lake.build(select=SELECT)
    assert (
        lake.rows("select person_id from lake.marts.statements where person_id is not null") == []
    )


def test_statements_follow_changes(lake: TinyLake) -> None:
    """A rerun writes nothing; a changed text, phrase or speaker changes only its statements;
    deleted articles disappear.
    """
    _fill(lake)
    lake.add_article(
        "one", "daily", "2023-09-05", body="Claire Moreau said that blue bridges help."
    )
    lake.add_article("two", "daily", "2023-09-05", body="Chen Lu said that blue bridges help.")
    lake.build(select=SELECT)
    before = lake.snapshot()
    lake.build(select=SELECT)
    assert lake.snapshot() == before
    query = (
        "select person_id, theme_ids from lake.marts.statements where person_id is not null"
        " order by 1"
    )
    assert lake.rows(query) == [("moreau", [])]
    lake.insert(
        "ref.theme_phrases",
        {
            "phrase_id": "p9",
            "theme_id": "industry",
            "phrase": "blue bridges",
            "language": "en",
            "match_type": "phrase",
            "role": "include",
        },
    )
    lake.con.execute(
        "update lake.ref.speakers set valid_from = '2023-01-01' where person_id = 'chen'"
    )
    lake.build(select=SELECT)
    assert lake.rows(query) == [("chen", ["industry"]), ("moreau", ["industry"])]
    lake.con.execute("delete from lake.core.articles where body_text like 'Claire%'")
    lake.build(select=SELECT)
    assert lake.rows(query) == [("chen", ["industry"])]


def test_a_long_row_of_officials_takes_no_time() -> None:
    """Offices are searched only near a name, so a hundred titles take no longer than one."""
    row = "主任委员副主任委员书记" * 60
    body = f"{row}莫远航表示，港口要开放。"
    speaker = Speaker("mo", "zh", "莫远航", None, "港务局局长", None, None, None)
    (found,) = StatementFinder([speaker], [Verb("zh", "表示", "表示", "clause")]).find(
        body, "zh", None
    )
    assert found.person_id == "mo"


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Anna Frei spoke. The head of the FDX stressed that ports matter.", ["frei"]),
        ("The head of the FDX stressed that ports matter.", ["frei"]),
        ("The head of the FDX Carl Stein stressed that ports matter.", []),
        ("Anna Frei, the head of the FDX, stressed that ports matter.", ["frei"]),
    ],
)
def test_an_office_stands_for_its_holder(text: str, people: list[str]) -> None:
    """An office that names a body refers to its holder, unless another person's name follows."""
    speaker = Speaker(
        "frei",
        "en",
        "Anna Frei",
        "Frei|head of the FDX",
        "head of the Federal Department",
        None,
        None,
        None,
    )
    found = StatementFinder([speaker], [Verb("en", "stressed", "stress", "clause")]).find(
        text, "en", None
    )
    assert [one.person_id for one in found if one.person_id] == people


def test_chinese_pronoun_after_speakers() -> None:
    """A Chinese pronoun refers to the previous sentence's speaker, or to no person if that sentence
    has two speakers.
    """
    single = "勃兰特到港口考察。莫罗强调，港口要保持开放。他表示，船只要安全。"
    double = "莫罗强调，港口要保持开放；勃兰特指出，资金已经到位。他表示，船只要安全。"
    assert [row[0] for row in find(single, "zh")] == ["moreau", "moreau"]
    assert [row[0] for row in find(double, "zh")] == ["moreau", "brandt"]


def test_verbs_belong_to_their_language() -> None:
    """A verb form counts only in texts of its own language."""
    assert find("Claire Moreau betonte, that ice is thin.", "en") == []


@pytest.mark.parametrize("listing", ["ice " * 700, "Claire Moreau, " * 51])
def test_lists_have_no_statement(listing: str) -> None:
    """A sentence with more than 2,500 characters or 50 names has no statement; the next sentences
    are read.
    """
    text = f"Claire Moreau said that {listing}wait. Otto Brandt said that boats wait."
    assert [row[0] for row in find(text)] == ["brandt"]
