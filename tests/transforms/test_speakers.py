"""Who is meant by a name: short names, namesakes, and the shipped list."""

import datetime as dt

import pytest

from tests.transforms.speech import DAY, find, people_in, shipped_speakers, speaker
from tidings.transforms.text.speakers import Gazetteer, Naming, hold_between


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("常驻联合国代表赵京表示，港口要保持开放。", ["zhao_envoy"]),
        ("最高法院院长赵京表示，港口要保持开放。赵京指出，船只要安全。", ["zhao_court", "zhao_court"]),
        ("赵京表示，港口要保持开放。", []),
        ("村民莫罗表示，港口要保持开放。", []),
        ("亨利·莫罗表示，港口要保持开放。", []),
    ],
)
def test_namesakes(text, people):
    """Of two people with one name the office beside it tells which; a commoner or a longer foreign name is somebody else."""
    assert people_in(text, "zh") == people


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("秦主席指出，港口要保持开放。", ["qin"]),
        ("秦博远到港口考察。\n\n总书记强调，港口要保持开放。", ["qin"]),
        ("总书记强调，港口要保持开放。", []),
        ("中共中央总书记、国家主席秦博远强调，港口要保持开放。", ["qin"]),
    ],
)
def test_short_names_in_chinese(text, people):
    """A surname with an office names a person; an office alone means its holder once the text has named the holder."""
    assert people_in(text, "zh") == people


def test_a_place_that_begins_with_a_name():
    """A place whose first signs are a listed name is no person: 克里米亚, 巴赫穆特."""
    gazetteer = Gazetteer(shipped_speakers(), "zh")
    assert gazetteer.find("克里米亚和巴赫穆特方向有战斗。", DAY) == []


def test_the_shipped_leaders():
    """Each leader of a meeting has a statement, with the offices of that day; Li Qiang has two."""
    text = (
        "President Xi Jinping stressed that ports come first. Premier Li Qiang attended the talks and urged patience. "
        "Vice Premier Zhang Guoqing, also a member of the Political Bureau, called for quiet."
    )
    assert people_in(text, "en", shipped_speakers()) == ["xi_jinping", "li_qiang", "zhang_guoqing"]
    offices = Gazetteer(shipped_speakers(), "en").offices("li_qiang", DAY)
    assert set(offices) == {"premier", "member of the Standing Committee of the Political Bureau of the CPC Central Committee"}


@pytest.mark.parametrize(
    ("day", "people"), [(dt.date(2023, 12, 31), ["berset"]), (dt.date(2024, 1, 15), ["amherd"]), (dt.date(2020, 1, 15), [])]
)
def test_the_president_of_the_day(day, people):
    """An office that changes hands means who is named and holds it on the day of publication."""
    text = {2023: "Alain Berset kam. ", 2024: "Viola Amherd kam. "}.get(day.year, "")
    office = "Die Bundespräsidentin" if day.year == 2024 else "Der Bundespräsident"
    assert people_in(f"{text}{office} betonte, dass das Eis dünn ist.", "de", shipped_speakers(), day) == people


def test_italian_offices():
    """Swiss councillors have Italian offices, alone and beside the name."""
    text = "Ignazio Cassis è giunto a Lindmar. Il capo del DFAE ha sottolineato che il ghiaccio è sottile."
    assert find(text, "it", shipped_speakers()) == [("cassis", "sottolineato")]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Brandthaus said that ice is thin. Mr Brandt said that boats wait.", ["brandt"]),
        ("Claire Moreau came. Yesterday Moreau said that ice is thin.", ["moreau"]),
        ("Claire Moreau met Paul  Moreau. Moreau said that ice is thin.", []),
    ],
)
def test_parts_of_other_names(text, people):
    """A longer word that contains a name is ignored; a first name before a surname within a sentence means somebody else."""
    assert people_in(text, "en") == people


def test_office_of_english_namesakes():
    """Of two people with the same name, the person with the office in the sentence is meant; without an office, neither is."""
    people = tuple(speaker(office, "en", "Ann Lee", f"minister of {office}", "Lee") for office in ("ports", "schools"))
    assert people_in("Ann Lee, minister of schools, said that ice is thin.", "en", people) == ["schools"]
    assert people_in("Ann Lee said that ice is thin.", "en", people) == []


def test_language_of_offices():
    """Offices are in the text's language, also with a region subtag, or in English if the list has none in that language."""
    rows = [speaker("blum", language, "Ida Blum", office) for language, office in (("en", "president"), ("de-CH", "Präsidentin"))]
    assert [Gazetteer(rows, language).offices("blum", DAY) for language in ("de", "fr")] == [["Präsidentin"], ["president"]]


def test_namings_within_a_span():
    """Only namings that begin and end within the span are returned."""
    namings = [Naming(0, 3, "a"), Naming(4, 8, "b"), Naming(9, 14, "c")]
    assert hold_between(namings, 4, 8) == [namings[1]]
    assert hold_between(namings, 0, 12) == namings[:2]
