"""Short names, namesakes, and the shipped list of speakers."""

import datetime as dt

from tests.annotation.speech import DAY, find, people_in, shipped_speakers, speaker
from tests.cases import cases, table
from tidings.annotation.languages.statements import Naming
from tidings.annotation.speakers import Gazetteer, namings_between


@table("""
    language | text | people
    # The office beside a name selects one of two namesakes; ordinary people and longer foreign
    # names are unlisted.
    zh | 常驻联合国代表赵京表示，港口要保持开放。 | zhao_envoy
    zh | 最高法院院长赵京表示，港口要保持开放。赵京指出，船只要安全。 | zhao_court; zhao_court
    zh | 赵京表示，港口要保持开放。 | -
    zh | 村民莫罗表示，港口要保持开放。 | -
    zh | 亨利·莫罗表示，港口要保持开放。 | -
    # A surname with an office names a person; an office alone refers to its holder only after the
    # holder's name.
    zh | 秦主席指出，港口要保持开放。 | qin
    zh | 秦博远到港口考察。¶总书记强调，港口要保持开放。 | qin
    zh | 总书记强调，港口要保持开放。 | -
    zh | 中共中央总书记、国家主席秦博远强调，港口要保持开放。 | qin
    # A longer word that contains a name is ignored; another first name before a surname means
    # another person.
    en | Brandthaus said that ice is thin. Mr Brandt said that boats wait. | brandt
    en | Claire Moreau came. Yesterday Moreau said that ice is thin. | moreau
    en | Claire Moreau met Paul  Moreau. Moreau said that ice is thin. | -
""")
def test_short_names_and_namesakes(language: str, text: str, people: str) -> None:
    """A name means the listed person or another one, as the comments above the sentences state."""
    assert ("; ".join(people_in(text.replace("¶", "\n\n"), language)) or "-") == people


def test_places_spans_and_italian_offices() -> None:
    """A place that begins with a listed name is not a person. Only namings within the span are
    returned. Italian offices of Swiss councillors are found, alone and beside the name.
    """
    gazetteer = Gazetteer(shipped_speakers(), "zh")
    assert gazetteer.find("克里米亚和巴赫穆特方向有战斗。", DAY) == []
    namings = [Naming(0, 3, "a"), Naming(4, 8, "b"), Naming(9, 14, "c")]
    assert namings_between(namings, 4, 8) == [namings[1]]
    assert namings_between(namings, 0, 12) == namings[:2]
    text = (
        "Ignazio Cassis è giunto a Lindmar. Il capo del DFAE ha sottolineato che il ghiaccio è"
        " sottile."
    )
    assert find(text, "it", shipped_speakers()) == [("cassis", "sottolineato")]


def test_the_shipped_leaders() -> None:
    """Each leader at a meeting has a statement with that day's offices; Li Qiang has two."""
    text = (
        "President Xi Jinping stressed that ports come first. Premier Li Qiang attended the talks"
        " and urged patience. "
        "Vice Premier Zhang Guoqing, also a member of the Political Bureau, called for quiet."
    )
    assert people_in(text, "en", shipped_speakers()) == ["xi_jinping", "li_qiang", "zhang_guoqing"]
    offices = Gazetteer(shipped_speakers(), "en").offices("li_qiang", DAY)
    assert offices
    assert set(offices.split("; ")) == {
        "premier",
        "member of the Standing Committee of the Political Bureau of the CPC Central Committee",
    }


@cases(
    "day, people",
    (dt.date(2023, 12, 31), ["berset"]),
    (dt.date(2024, 1, 15), ["amherd"]),
    (dt.date(2020, 1, 15), []),
)
def test_the_president_of_the_day(day: dt.date, people: list[str]) -> None:
    """An office refers to the named person who holds it on the day of publication."""
    text = {2023: "Alain Berset kam. ", 2024: "Viola Amherd kam. "}.get(day.year, "")
    office = "Die Bundespräsidentin" if day.year == 2024 else "Der Bundespräsident"
    assert (
        people_in(f"{text}{office} betonte, dass das Eis dünn ist.", "de", shipped_speakers(), day)
        == people
    )


def test_offices_select_namesakes_and_have_a_language() -> None:
    """The office in the sentence selects one of two people with the same name. Offices are in the
    language of the text, also with a region subtag, or in English if that language has none.
    """
    people = tuple(
        speaker(office, "en", "Ann Lee", f"minister of {office}", "Lee")
        for office in ("ports", "schools")
    )
    assert people_in("Ann Lee, minister of schools, said that ice is thin.", "en", people) == [
        "schools"
    ]
    assert people_in("Ann Lee said that ice is thin.", "en", people) == []
    forms = [
        speaker("blum", language, "Ida Blum", office)
        for language, office in (("en", "president"), ("de-CH", "Präsidentin"))
    ]
    found = [Gazetteer(forms, language).offices("blum", DAY) for language in ("de", "fr")]
    assert found == ["Präsidentin", "president"]
