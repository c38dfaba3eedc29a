"""Posts and countries of offices, their holders, and vetoes by country, office and accents."""

import datetime as dt
from dataclasses import replace

from tests.annotation.speech import shipped_posts, speaker
from tests.cases import cases
from tidings.annotation.posts import Speaker
from tidings.annotation.speakers import Gazetteer

SINCE, DAY = dt.date(2024, 1, 1), dt.date(2024, 6, 1)


def person(
    person_id: str, name: str, country: str | None, post: str | None = None, **more: str
) -> Speaker:
    """Return a row of an invented person, in office since 2024."""
    language, office = more.get("language", "en"), more.get("office", "minister")
    row = speaker(person_id, language, name, office, more.get("short", ""), valid_from=SINCE)
    return replace(row, country=country, post=post, gender=more.get("gender"))


GERMAN = {"language": "de", "office": "Bundespräsident"}
PEOPLE = (
    person("tanaka", "Aiko Tanaka", "JP", "finance_minister", short="Tanaka", gender="female"),
    person("sato", "Ken Sato", "JP", "foreign_minister", short="Sato"),
    person("rojas", "Ana Rojas", "VE", short="Rojas", office="vice president"),
    person("rojas", "罗哈斯", "VE", language="zh", office="副总统"),
    person("haddad", "哈达德", "LB", "head_of_state", language="zh", office="总统"),
    person("elodie", "Elodie Pre-Rey", "CH", "head_of_state", short="Pre-Rey", office="president"),
    person("muller", "Jörg Müller", "CH", short="Müller|Bundespräsident", **GERMAN),
    person("envoy", "Ida Blum", None, short="Blum", office="envoy"),
    person("envoy", "Ida Blum", "CH", short="Blum", office="adviser"),
)


def read(phrase: str, language: str) -> tuple[str | None, str | None]:
    return shipped_posts(PEOPLE).read(phrase, language)[:2]


def named(text: str, language: str) -> list[str | None]:
    gazetteer = Gazetteer(PEOPLE, language, shipped_posts(PEOPLE))
    return [naming.person_id for naming in gazetteer.find(text, DAY)]


@cases(
    "language, phrase, post, country",
    ("en", "South Korea's unification minister", None, "KR"),
    ("en", "the finance minister of Japan", "finance_minister", "JP"),
    ("en", "the British chancellor", "finance_minister", "GB"),
    ("en", "German Chancellor", "head_of_government", "DE"),
    ("en", "Treasury Secretary", "finance_minister", "US"),
    ("en", "foreign secretary", "foreign_minister", None),
    ("en", "deputy foreign minister of Japan", None, "JP"),
    ("en", "U.S. president-elect", None, "US"),
    ("en", "Chinese ambassador to the United States", None, "CN"),
    ("en", "Russian-backed president", None, None),
    ("en", "Congolese president", "head_of_state", None),
    ("en", "New Mexico governor", None, None),
    ("en", "NATO secretary general", "nato_secretary_general", None),
    ("de", "der japanische Finanzminister", "finance_minister", "JP"),
    ("de", "Außenminister der Schweiz", "foreign_minister", "CH"),
    ("de", "Japans Aussenminister", "foreign_minister", "JP"),
    ("de", "US-Präsident", "head_of_state", "US"),
    ("fr", "le ministre japonais des Finances", "finance_minister", "JP"),
    ("fr", "le ministre des Affaires étrangères de la Russie", "foreign_minister", "RU"),
    ("it", "il ministro degli Esteri russo", "foreign_minister", "RU"),
    ("it", "il presidente del Consiglio italiano", "head_of_government", "IT"),
    ("es", "la ministra de Asuntos Exteriores alemana", "foreign_minister", "DE"),
    ("es", "presidente del Gobierno español", "head_of_government", "ES"),
    ("zh", "古巴外交部长", "foreign_minister", "CU"),
    ("zh", "美财长", "finance_minister", "US"),
    ("zh", "委内瑞拉副总统", None, "VE"),
    ("zh", "中国驻美国大使", None, "CN"),
    ("zh", "司法部部长", "justice_minister", None),
    ("zh", "内蒙古自治区主席", None, None),
    ("en", "president of Japan " * 20, None, None),
)
def test_an_office_states_post_and_country(
    language: str, phrase: str, post: str | None, country: str | None
) -> None:
    """An office states a post if nothing else is in it, and the country that it belongs to."""
    assert read(phrase, language) == (post, country)


def test_the_holder_of_an_office() -> None:
    """An office resolves to the only holder that day; without a day or first day, to none."""
    gazetteer = Gazetteer(PEOPLE, "en", shipped_posts(PEOPLE))
    assert gazetteer.holder_of("Japan's finance minister", DAY) == "tanaka"
    assert gazetteer.holder_of("Japan's finance minister", dt.date(2023, 6, 1)) is None
    for phrase in ("Japan's president", "Japan"):
        assert gazetteer.holder_of(phrase, DAY) is None
    posts = shipped_posts((*PEOPLE, person("ito", "Jun Ito", "JP", "finance_minister")))
    assert posts.holder("finance_minister", "JP", DAY) is None
    assert posts.holder("finance_minister", "JP", None) is None


@cases(
    "person_id, phrase, is_contradicted",
    ("rojas", "Cuban foreign minister", True),
    ("rojas", "Venezuelan minister", False),
    ("rojas", "foreign minister", False),
    ("tanaka", "Japanese foreign minister", True),
    ("tanaka", "Japanese defence minister", False),
    ("envoy", "German minister", False),
    ("rojas", "EU commissioner", False),
)
def test_a_contradicting_office(person_id: str, phrase: str, is_contradicted: bool) -> None:
    """Another country, or a post that another person holds there, contradicts a person."""
    gazetteer = Gazetteer(PEOPLE, "en", shipped_posts(PEOPLE))
    assert gazetteer.is_contradicted(person_id, phrase, DAY) is is_contradicted


@cases(
    "language, text, people",
    ("zh", "古巴外交部长罗哈斯表示，冰很薄。罗哈斯说，船要等。", [None, None]),
    ("zh", "委内瑞拉副总统罗哈斯表示，冰很薄。", ["rojas"]),
    ("zh", "叙利亚代表哈达德表示，冰很薄。哈达德说，船要等。", [None, None]),
    (
        "zh",
        "黎巴嫩总统哈达德同叙利亚代表哈达德会谈。哈达德说，船要等。",
        ["haddad", None, None],
    ),
    ("zh", "古巴对外贸易和投资部长罗哈斯到访。", [None]),
    ("zh", "古巴共和国议会议长罗哈斯到访。", [None]),
    ("zh", "古巴总统贝拉、人大代表罗哈斯出席。", ["rojas"]),
    ("zh", "文莱苏丹罗哈斯到访。", ["rojas"]),
    ("en", "Cuban Foreign Minister Rojas came. Minister Rojas spoke.", [None, None]),
    ("en", "Cuban Foreign Minister Bruno Rojas came.", [None]),
    ("en", "Ana Rojas, Cuba's foreign minister, spoke.", [None]),
    ("en", "Ana Rojas, the Cuban president, and others spoke.", ["rojas"]),
    ("en", "Venezuelan Vice-President Rojas spoke.", ["rojas"]),
    ("en", "A Cuban boat met Ana Rojas.", ["rojas"]),
    ("en", "The envoy to Cuba, Ana Rojas, spoke.", ["rojas"]),
    (
        "de",
        "Jörg Müller kam. Der deutsche Bundespräsident sprach. Der Bundespräsident schwieg.",
        ["muller", "muller"],
    ),
    ("fr", "Le président cubain Ana Rojas est venu.", [None]),
)
def test_the_office_beside_a_name(language: str, text: str, people: list[str | None]) -> None:
    """A name with another country's office is an unlisted person, also when repeated."""
    assert named(text, language) == people


@cases("text", "Élodie Pré-Rey came. Pré-Rey left.", "Elodie Pre-Rey came. Pre-Rey left.")
def test_accents(text: str) -> None:
    """Names match with and without accents, also in the first letter."""
    assert named(text, "en") == ["elodie", "elodie"]


def test_accents_in_the_list() -> None:
    """A listed name with accents matches a text without them."""
    assert named("Jorg Muller kam.", "de") == ["muller"]


def test_gender() -> None:
    """The list states the gender of some people."""
    gazetteer = Gazetteer(PEOPLE, "en")
    assert [gazetteer.gender(person_id) for person_id in ("tanaka", "sato")] == ["female", None]
