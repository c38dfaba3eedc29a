"""Aboutness: the themes and areas of articles, in the warehouse and by ``tidings tag``."""

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
    phrases = [
        {
            "phrase_id": key,
            "theme_id": theme,
            "language": "en",
            "phrase": words,
            "match_type": "phrase",
            "role": "include",
        }
        for key, theme, words in PHRASES
    ]
    return Tagger(
        phrases,
        [
            dict(zip(("theme_id", "parent_id", "cap_code", "kind"), row, strict=True))
            for row in THEMES
        ],
    )


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
    [found] = tagger().tag(
        [Text("Clean water", "Nothing. " * 30 + "The climate. Exports.", "en", None)]
    )
    shown = [
        (area["area_id"], area["cap_code"], area["is_main"], area["assigned_by"])
        for area in found["areas"]
    ]
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
    found = tagger().tag(
        [
            Text("", "", None, None),
            Text("", "Exports", "xx", None),
            Text("Exports", "", "en-GB", None),
        ]
    )
    assert [[theme["theme_id"] for theme in row["themes"]] for row in found] == [[], [], ["trade"]]


def test_the_warehouse_has_the_same_themes(lake: TinyLake) -> None:
    """article_themes and article_areas equal the tagger's, also after a change of themes."""
    lake.con.execute("delete from ref.themes; delete from ref.theme_phrases")
    for theme, parent, code, kind in THEMES:
        lake.insert(
            "ref.themes", theme_id=theme, parent_id=parent or None, cap_code=code, kind=kind
        )
    lake.insert("ref.theme_phrases", *(phrase_row(*row) for row in PHRASES))
    texts = {
        "a": ("Clean water", "Exports. " * 9),
        "b": ("News", "Exports and the climate."),
        "c": ("News", "Nothing."),
    }
    ids = {key: lake.add_article(key, "north", "2023-09-05", *text) for key, text in texts.items()}
    lake.build(select="+article_areas +theme_mentions")
    expected_themes, expected_areas = set(), set()
    for key, found in zip(
        texts, tagger().tag([Text(*text, "en", None) for text in texts.values()]), strict=True
    ):
        expected_themes |= {(ids[key], row["theme_id"], row["is_about"]) for row in found["themes"]}
        expected_areas |= {
            (ids[key], row["area_id"], row["area_rank"], row["is_main"], row["assigned_by"])
            for row in found["areas"]
        }
    own = "semi join lake.marts.theme_mentions as m using (article_id, theme_id)"
    shown = set(
        lake.rows(
            f"select distinct article_id, theme_id, is_about from lake.marts.article_themes {own}"
        )
    )
    assert shown == expected_themes
    query = (
        "select article_id, area_id, area_rank, is_main, assigned_by from lake.marts.article_areas"
    )
    assert set(lake.rows(query)) == expected_areas
    lake.con.execute(
        "update ref.themes set parent_id = 'trade', cap_code = 18 where theme_id = 'water'"
    )
    lake.build(select="+article_areas +theme_mentions")
    assert lake.rows(f"{query} where article_id = '{ids['a']}'") == [
        (ids["a"], "trade", 1, True, "title")
    ]
