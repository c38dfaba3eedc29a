"""Aboutness: the themes and areas of articles, in the warehouse and by ``tidings tag``."""

from typing import Any

from tests.cases import cases
from tests.transforms.conftest import TinyLake, phrase_row
from tidings.annotation.tagging import Tagger, Text
from tidings.paths import SEEDS
from tidings.storage.reference import read_seed

THEMES = [
    ("environment", "", "7", "theme"),
    ("water", "environment", "7", "theme"),
    ("trade", "", "18", "theme"),
    ("slogan", "", "20", "formulation"),
]
PHRASES = [
    ("p1", "water", "clean water"),
    ("p2", "trade", "exports"),
    ("p3", "environment", "the climate"),
    ("p4", "slogan", "shared future"),
]
WATER, TRADE, SLOGAN = "Clean water flows. ", "Exports grew again. ", "A shared future is near. "
NOTHING = "Nothing. "


def tagger() -> Tagger:
    """Return a tagger with two policy areas, a theme below the first, and a formulation."""
    columns = ("theme_id", "parent_id", "cap_code", "kind")
    phrases: list[Any] = [phrase_row(*row) for row in PHRASES]
    return Tagger(phrases, [dict(zip(columns, row, strict=True)) for row in THEMES])


@cases(
    "title, body, about",
    ("Clean water", NOTHING * 30 + TRADE * 60, {"water", "trade"}),
    ("Clean water", NOTHING * 30 + TRADE * 61, {"trade"}),
    ("News", WATER + TRADE * 5, {"water", "trade"}),
    ("News", WATER + TRADE * 6, {"trade"}),
    ("News", WATER * 2 + NOTHING * 30 + TRADE * 48, {"water", "trade"}),
    ("News", WATER * 2 + NOTHING * 30 + TRADE * 49, {"trade"}),
    ("News", NOTHING * 30 + WATER * 3 + TRADE * 36, {"water", "trade"}),
    ("News", NOTHING * 30 + WATER * 3 + TRADE * 37, {"trade"}),
    ("News", NOTHING * 60 + WATER, set()),
    ("News", NOTHING * 60 + WATER * 2 + TRADE * 10, {"water", "trade"}),
    ("News", NOTHING * 60 + WATER * 2 + TRADE * 11, {"trade"}),
    ("News", NOTHING * 60 + WATER * 3 + TRADE * 18, {"water", "trade"}),
    ("News", NOTHING * 60 + WATER * 3 + TRADE * 19, {"trade"}),
    ("News", NOTHING * 60 + "Clean water. " * 3 + TRADE * 2, {"trade"}),
    ("News", NOTHING * 60 + SLOGAN * 5 + TRADE * 20, {"slogan", "trade"}),
    ("News", NOTHING * 60 + SLOGAN * 5 + TRADE * 21, {"trade"}),
    ("Shared future", NOTHING * 60 + TRADE * 60, {"slogan", "trade"}),
    ("", "Exports grew.", {"trade"}),
)
def test_an_article_is_about_themes_with_enough_weight(
    title: str, body: str, about: set[str]
) -> None:
    """A theme needs weight 3, and a sixth of the leading theme's or, with a place in title or
    opening, a twelfth; weight 2 suffices with a fifth. A place in the lead weighs 2, one in the
    title 5, and one directly behind another nothing. A formulation needs a quarter, or the title.
    """
    [found] = tagger().tag([Text(title, body, "en", None)])
    assert {theme["theme_id"] for theme in found["themes"] if theme["is_about"]} == about


def test_areas_are_ranked_and_state_where_they_were_found() -> None:
    """The title weighs more than later mentions, and an area counts the mentions of its themes."""
    body = NOTHING * 30 + "The climate. Exports."
    [found] = tagger().tag([Text("Clean water", body, "en", None)])
    names = ("area_id", "cap_code", "is_main", "assigned_by")
    shown = [tuple(area[name] for name in names) for area in found["areas"]]
    assert shown == [("environment", 7, True, "title"), ("trade", 18, False, "body")]
    result = [(theme["theme_id"], theme["mention_count"]) for theme in found["themes"]]
    assert result == [("environment", 1), ("trade", 1), ("water", 1)]


@cases(
    "title, body, areas",
    (
        "俄称击落乌无人机 乌称打击俄军阵地",
        "俄罗斯国防部称，击落多架乌军无人机。乌克兰国防部称，打击了俄军导弹系统。",
        ["international_affairs", "defense"],
    ),
    ("坚定不移推动高质量发展", "会议指出，高质量发展是首要任务。", ["government_operations"]),
)
def test_the_shipped_words_name_the_area_first_that_an_analyst_would(
    title: str, body: str, areas: list[str]
) -> None:
    """A war abroad is international affairs first, and a slogan is no macroeconomics."""
    phrases = read_seed("theme_phrases", [SEEDS])
    themes = read_seed("themes", [SEEDS])
    [found] = Tagger(phrases, themes).tag([Text(title, body, "zh", None)])
    assert [area["area_id"] for area in found["areas"]] == areas


def test_texts_without_phrases_have_no_themes() -> None:
    """Each text has its own result, also an empty one and one in a language without phrases."""
    texts = (("", "", None), ("", "Exports", "xx"), ("Exports", "", "en-GB"))
    found = tagger().tag([Text(*(*text, None)) for text in texts])
    assert [[theme["theme_id"] for theme in row["themes"]] for row in found] == [[], [], ["trade"]]


def test_the_warehouse_has_the_same_themes(lake: TinyLake) -> None:
    """article_themes and article_areas equal the tagger's, also after a change of themes."""
    lake.con.execute("delete from ref.themes; delete from ref.theme_phrases")
    for theme, parent, code, kind in THEMES:
        row: Any = {"theme_id": theme, "parent_id": parent or None, "cap_code": code, "kind": kind}
        lake.insert("ref.themes", row)
    lake.insert("ref.theme_phrases", *(phrase_row(*row) for row in PHRASES))
    texts = {
        "a": ("Clean water", "Exports. " * 9),
        "b": ("News", "Exports and the climate."),
        "c": ("News", "Nothing."),
    }
    ids = {key: lake.add_article(key, "north", "2023-09-05", *text) for key, text in texts.items()}
    lake.build(select="+article_areas +theme_mentions")
    tagged = tagger().tag([Text(*text, "en", None) for text in texts.values()])

    def expected(kind: str, *columns: str) -> set[Any]:
        found = zip(ids.values(), tagged, strict=True)
        return {
            (key, *(row[name] for name in columns)) for key, result in found for row in result[kind]
        }

    own = "semi join lake.marts.theme_mentions as m using (article_id, theme_id)"
    query = f"select article_id, theme_id, is_about from lake.marts.article_themes {own}"
    assert set(lake.rows(query)) == expected("themes", "theme_id", "is_about")
    columns = ("area_id", "area_rank", "is_main", "assigned_by")
    query = f"select article_id, {', '.join(columns)} from lake.marts.article_areas"
    assert set(lake.rows(query)) == expected("areas", *columns)
    change = "parent_id = 'trade', cap_code = 18 where theme_id = 'water'"
    lake.con.execute(f"update ref.themes set {change}")
    lake.build(select="+article_areas +theme_mentions")
    areas = lake.rows(f"{query} where article_id = '{ids['a']}'")
    assert areas == [(ids["a"], "trade", 1, True, "title")]
