"""Faults that show only between rows: orphans, codes, twins, and phrases that bring nothing."""

from tidings.seeds.checks import check_all, check_domains, check_phrases, check_themes, find_orphans, find_twins
from tidings.transforms.text.variants import spell_out


def a_theme(theme_id, parent_id="", cap_code="18"):
    return {"theme_id": theme_id, "parent_id": parent_id, "label_en": "Label", "cap_code": cap_code, "kind": "theme"}


def a_phrase(phrase, theme_id="trade", language="en", match_type="phrase", role="include", **more):
    row = {"phrase_id": phrase, "theme_id": theme_id, "language": language, "phrase": phrase}
    return row | {"match_type": match_type, "role": role} | more


def told(*rows):
    return check_phrases(list(rows), spell_out)


def test_codes_and_parents_of_themes():
    """Code 11 is no area; a parent must exist, stand at the top and have the same code."""
    assert check_themes([a_theme("trade"), a_theme("tariffs", "trade")]) == []
    assert "'11' is no major topic" in check_themes([a_theme("odd", cap_code="11")])[0]
    assert "'18a' is no major topic" in check_themes([a_theme("odd", cap_code="18a")])[0]
    assert "there is no theme_id 'nowhere'" in check_themes([a_theme("odd", "nowhere")])[0]
    assert "is not that of trade" in check_themes([a_theme("trade"), a_theme("odd", "trade", "5")])[0]
    deep = [a_theme("trade"), a_theme("tariffs", "trade"), a_theme("odd", "tariffs")]
    assert check_themes(deep) == ["themes, odd: its parent tariffs is itself under trade."]


def test_a_theme_of_ones_own_may_have_no_code():
    """An empty code is unknown, not wrong."""
    assert check_themes([a_theme("own", cap_code="")]) == []


def test_orphans_are_told_and_empty_cells_are_not():
    """A phrase of an unknown theme is an orphan; a feed without a publisher has one derived later."""
    assert find_orphans("theme_phrases", [a_phrase("tariff", "gone")], "theme_id", [a_theme("trade")], "theme_id") == [
        "theme_phrases, tariff: there is no theme_id 'gone'."
    ]
    feed = {"feed_id": "f", "url": "https://example.org/", "publisher_id": ""}
    assert find_orphans("feeds", [feed], "publisher_id", [], "publisher_id") == []


def test_one_address_is_one_feed():
    """Two rows with one address, whatever the case and the final slash, are twins."""
    rows = [{"feed_id": "a", "url": "https://Example.org/x/"}, {"feed_id": "b", "url": "https://example.org/x"}]
    assert find_twins("feeds", rows, "url") == ["feeds: a and b have the same url."]
    assert find_twins("feeds", [rows[0], {"feed_id": "b", "url": "https://example.org/y"}], "url") == []


def test_a_domain_has_one_owner():
    """Two publishers that claim a domain for the same day are reported; one after the other they may own it."""
    rows = [{"publisher_id": "a", "domains": "x.org|y.org"}, {"publisher_id": "b", "domains": "z.org|Y.org"}]
    assert check_domains(rows) == ["publishers: y.org belongs to a and b."]
    rows = [{"publisher_id": "a", "domains": "y.org ../2024-12-31"}, {"publisher_id": "b", "domains": "y.org 2025-01-01/.."}]
    assert check_domains(rows) == []
    rows[1]["domains"] = "y.org 2024-12-31/.."
    assert check_domains(rows) == ["publishers: y.org belongs to a and b."]


def test_spellings_that_the_matcher_treats_alike_are_duplicates():
    """Hyphen, case, -ise and Chinese width make no other phrase; another theme or language does."""
    assert "are looked for as the same letters" in told(a_phrase("green-tech plan"), a_phrase("Green tech plan"))[0]
    assert "are looked for as the same letters" in told(a_phrase("new industrialization"), a_phrase("new industrialisation"))[0]
    assert told(a_phrase("green plan"), a_phrase("green plan", "health", phrase_id="other")) == []
    assert told(a_phrase("plan"), a_phrase("plan", language="de", phrase_id="other")) == []


def test_a_phrase_not_in_normal_form_is_told():
    """Full-width letters are folded away in texts, so a list should not hold them."""
    assert "normal form NFKC" in told(a_phrase("ＡＩ治理", language="zh", match_type="substring"))[0]


def test_a_longer_phrase_that_a_shorter_one_finds_is_told():
    """It finds nothing by itself: Chinese by letters, other languages by words."""
    assert told(a_phrase("green plan"), a_phrase("national green plan")) == [
        "theme_phrases, national green plan: green plan finds it already (en)."
    ]
    zh = {"language": "zh", "match_type": "substring"}
    assert told(a_phrase("数字经济", **zh), a_phrase("发展数字经济", **zh))
    assert told(a_phrase("port"), a_phrase("sports plan")) == []
    assert told(a_phrase("port", match_type="prefix"), a_phrase("my portal plan"))


def test_a_longer_phrase_may_be_needed():
    """With a source its life counts; with conditions, or as an exclusion, or where it takes away another theme's, it matters."""
    short = a_phrase("green plan")
    assert told(short, a_phrase("national green plan", source="Gazette, 2024-01-01")) == []
    assert told(short, a_phrase("national green plan", valid_from="2024-01-01")) == []
    assert told(short, a_phrase("national green plan", role="exclude")) == []
    assert told(a_phrase("green plan", requires_any="law"), a_phrase("national green plan")) == []
    assert told(short, a_phrase("green plan budget"), a_phrase("plan budget", "money")) == []


def test_references_are_asked_of_tables_that_are_given():
    """An analyst's own phrases can be checked without the bundled themes, or with them."""
    tables = {"theme_phrases": [a_phrase("tariff", "gone")]}
    assert check_all(tables, spell_out) == []
    assert len(check_all(tables | {"themes": [a_theme("trade")]}, spell_out)) == 1
