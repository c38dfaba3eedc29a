"""Matching: one test per rule of the word list."""

import datetime as dt
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import cases
from tidings.annotation.matching import Matcher
from tidings.annotation.phrases import EXCLUDE_WINDOW, Phrase

DAY = dt.date(2023, 9, 25)


def found(
    text: str, *phrases: Phrase, language: str | None = "en", on: dt.date | None = DAY
) -> list[str]:
    """Return the matched words of the text, in order."""
    return [text[hit.start : hit.end] for hit in Matcher(phrases).match(text, language, on)]


def phrase(words: str, **more: object) -> Phrase:
    """Return an English phrase of a theme."""
    fields: Any = {"phrase_id": "p1", "theme_id": "t1", "language": "en", "phrase": words, **more}
    return Phrase(**fields)


@cases(
    "words, text, expected",
    ("supply chain", "Supply‑chain and supply\nchain", ["Supply‑chain", "supply\nchain"]),
    ("supply chain", "supply chains, supply, chain", []),
    ("new industrialization", "New industrialisation…", ["New industrialisation"]),
    ("labor market", "the labour market", ["labour market"]),
    ("four goals", "for goals", []),
    ("people's congress", "People’s Congress", ["People’s Congress"]),
    ("made in china", "“Made in China”", ["Made in China"]),
    ("carbon tax", "carbon\n\ntax", []),
    ("ai", "said AI (ai) maid", ["AI", "ai"]),
)
def test_words_and_spellings(words: str, text: str, expected: list[str]) -> None:
    """Dashes, line ends and spelling variants match; word boundaries and paragraphs count."""
    assert found(text, phrase(words)) == expected


def test_inflected_prefix_and_excluded_phrases() -> None:
    """An inflected phrase matches plural and verb forms of its last word, a prefix every word that
    begins with it, to its end. A match of exclude_regex near a hit removes it.
    """
    text = "carbon taxes, carbon taxed, green policies"
    shown = found(text, phrase("carbon tax", match_type="inflected"))
    assert shown == ["carbon taxes", "carbon taxed"]
    assert found(text, phrase("green policy", match_type="inflected")) == ["green policies"]
    assert found(text, phrase("carbon tax")) == []
    text = "decarbonising, undecarbonised Decarbonisation."
    shown = found(text, phrase("decarbon*", match_type="prefix"))
    assert shown == ["decarbonising", "Decarbonisation"]
    rule = phrase("industrial security", exclude_regex=r"social\s+security")
    assert found("industrial security", rule) == ["industrial security"]
    assert found("Social security and industrial security", rule) == []


def test_languages_without_spaces_have_no_boundaries() -> None:
    """Chinese, Japanese and Thai phrases match in running text, also half-width kana; Latin letters
    at an edge must not be part of a longer word.
    """
    plain = Phrase("z1", "t1", "zh", "新型工业化", "substring")
    latin = Phrase("z2", "t2", "zh", "5G网络", "substring")
    shown = found("推进新型工业化，新型工业化道路", plain, language="zh-CN")
    assert shown == ["新型工业化", "新型工业化"]
    assert found("建设５G网络和15G网络", latin, language="zh") == ["５G网络"]
    trailing = Phrase("z3", "t3", "zh", "网络5G", "substring")
    assert found("网络5GB和网络5G。", trailing, language="zh") == ["网络5G"]
    japanese = Phrase("j1", "t1", "ja", "カーボンニュートラル", "substring")
    thai = Phrase("t1", "t1", "th", "เศรษฐกิจดิจิทัล", "substring")
    assert found("脱炭素とｶｰﾎﾞﾝﾆｭｰﾄﾗﾙを", japanese, language="ja-JP") == ["ｶｰﾎﾞﾝﾆｭｰﾄﾗﾙ"]
    assert found("นโยบายเศรษฐกิจดิจิทัลของ", thai, language="th") == ["เศรษฐกิจดิจิทัล"]


@cases("before", *"ﬁ İ ㎢ ß e\u0301 ｶﾞ ΐ 😀 𝐀 ㍿ 𠀋 เ\u0e33 \u00ad 한".split())
def test_places_are_those_of_the_text_as_stored(before: str) -> None:
    """Offsets select the stored words even after characters that change length in folding."""
    text = f"{before}{before} Carbon‑Tax {before} carbon tax"
    assert found(text, phrase("carbon tax")) == ["Carbon‑Tax", "carbon tax"]
    spaceless = f"{before}新型⼯业化{before}新型工业化"
    shown = found(spaceless, Phrase("z1", "t1", "zh", "新型工业化", "substring"), language="zh")
    assert shown == ["新型⼯业化", "新型工业化"]


def test_a_sign_at_the_end_must_stand_there() -> None:
    """A phrase that ends with a plus needs it, unlike a shorter phrase of another theme."""
    plus = Phrase("z1", "t1", "zh", "人工智能+", "substring")
    short = Phrase("z2", "t2", "zh", "人工智能", "substring")
    assert found("推进人工智能＋行动", plus, short, language="zh") == ["人工智能＋"]
    assert found("5G、人工智能、物联网", plus, short, language="zh") == ["人工智能"]
    assert found("发展人工智能", plus, language="zh") == []


def test_phrases_apply_to_their_language_and_days() -> None:
    """A phrase matches texts in its own language, all phrases texts in an unknown one, from their
    first to their last valid day; a text without a day always.
    """
    german = Phrase("d1", "t1", "de", "Schuldenbremse")
    assert found("Schuldenbremse", german, language="de-CH") == ["Schuldenbremse"]
    assert found("Schuldenbremse", german, language="en") == []
    assert found("Schuldenbremse", german, language=None) == ["Schuldenbremse"]
    street = Phrase("d2", "t1", "de", "große Straße")
    assert found("grosse strasse", street, language="de") == ["grosse strasse"]
    rule = phrase("new normal", valid_from=DAY, valid_to=DAY)
    assert found("new normal", rule) == ["new normal"]
    assert found("new normal", rule, on=DAY - dt.timedelta(1)) == []
    assert found("new normal", rule, on=DAY + dt.timedelta(1)) == []
    assert found("new normal", rule, on=None) == ["new normal"]


def test_the_longest_of_overlapping_phrases_remains() -> None:
    """Of overlapping phrases, the leftmost and then the longest remains; the search continues after
    it. An exclude phrase removes the hits within it of its own theme only.
    """
    words = ("digital economy", "digital", "economy plan")
    rules = [phrase(word, phrase_id=word, theme_id=word) for word in words]
    assert found("digital economy plan, digital", *rules) == ["digital economy", "digital"]
    rules = [
        phrase("green paper", phrase_id="p1"),
        phrase("green paper towel", phrase_id="p2", role="exclude"),
        phrase("paper", phrase_id="p3", theme_id="t2"),
    ]
    shown = found("green paper towels? A green paper towel. A green paper.", *rules)
    assert shown == ["green paper", "paper", "green paper"]


def test_same_words_in_two_themes_hit_both_once() -> None:
    """Two themes with a phrase each get the hit; a theme that lists it twice gets one."""
    twice = [phrase("carbon tax", phrase_id="p2"), phrase("carbon-tax", phrase_id="p1")]
    matcher = Matcher([*twice, phrase("carbon tax", phrase_id="p3", theme_id="t2")])
    found = [(hit.phrase_id, hit.theme_id) for hit in matcher.match("a carbon tax", "en", DAY)]
    assert found == [("p1", "t1"), ("p3", "t2")]


def test_required_words_within_the_window() -> None:
    """Required words count only in the window, whole unless they end with an asterisk."""
    rule = phrase(
        "supply chain*", match_type="prefix", requires_any="resilien*|secure", window_chars=20
    )
    assert found("Resilient supply chains", rule) == ["supply chains"]
    assert found("insecurely made supply chains", rule) == []
    assert found("resilient " + "x " * 20 + "supply chains", rule) == []
    open_window = phrase("supply chain*", match_type="prefix", requires_any="resilien*")
    assert found("resilient " + "x " * 20 + "supply chains", open_window) == ["supply chains"]
    assert found("supply chains " + "x " * 20 + "resilient", open_window) == ["supply chains"]
    assert found("supply chains", open_window) == []
    own = phrase("resilient supply", requires_any="resilien*")
    assert found("resilient supply", own) == []


@cases("window, reach", (None, EXCLUDE_WINDOW), (30, 30))
def test_reach_of_exclude_regex(window: int | None, reach: int) -> None:
    """exclude_regex applies to the hit and 100 characters, or the phrase's window, around it."""
    assert EXCLUDE_WINDOW == 100
    rule = phrase("industrial security", exclude_regex=r"social\b", window_chars=window)
    text = "industrial security"
    for pattern in (f"social{{}}{text}", f"{text}{{}}social"):
        assert found(pattern.format(" " * (reach - len("social"))), rule) == []
        assert found(pattern.format(" " * (reach - len("social") + 1)), rule) == [text]
    assert found(text, phrase(text, exclude_regex="trial sec", window_chars=0)) == []


@settings(deadline=None)  # the first text waits for the table
@given(st.text(alphabet="ab -é新业x…ß'\n", max_size=30))
def test_hits_equal_a_plain_search(text: str) -> None:
    """Matching finds the same phrases as a simple search over folded words, for any text."""
    hits = found(text, phrase("ab a"), phrase("é", phrase_id="p2", theme_id="t2"))
    folded = "".join(char.casefold() if char.isalnum() else " " for char in text.replace("ß", "s"))
    assert len(hits) == len(re.findall(r"(?<= )(?:ab a|é)(?= )", f" {folded} "))


def test_general_words_count_only_in_articles_about_their_theme() -> None:
    """A general word counts with its theme in the title, often in the body, or a required word."""
    words = [
        phrase("tariffs", salience="2"),
        phrase("customs union", phrase_id="p2"),
        phrase("duty", phrase_id="p3", salience="title", requires_any="import*", window_chars=20),
    ]
    matcher = Matcher(words)

    def counted(title: str, body: str) -> list[str]:
        fields = zip((title, body), matcher.match_article(title, body, "en", DAY), strict=True)
        return [text[hit.start : hit.end] for text, hits in fields for hit in hits]

    assert counted("News", "Of tariffs they said nothing.") == []
    assert counted("News", "Tariffs here, tariffs there.") == ["Tariffs", "tariffs"]
    assert counted("News", "Tariffs of the customs union.") == ["Tariffs", "customs union"]
    assert counted("New tariffs", "A duty.") == ["tariffs", "duty"]
    assert counted("The customs union", "No tariffs.") == ["customs union", "tariffs"]
    # a word that needs more does not support one that needs less
    assert counted("News", "A duty. Later: tariffs and a duty.") == []
    assert counted("News", "Tariffs, tariffs. " + "More text. " * 300) == []
    assert counted("News", "A duty on imports.") == ["duty"]
    assert counted("", "Tariffs." + " More." * 100) == ["Tariffs"]
    assert counted("", "More. " * 100 + "Tariffs.") == []


def test_a_dropped_general_word_frees_what_it_covered() -> None:
    """A phrase within a dropped general word is found, unless it is dropped too."""
    words = [
        phrase("school budget", salience="2"),
        phrase("budget", phrase_id="p2", theme_id="t2"),
        phrase("school", phrase_id="p3", theme_id="t3", salience="2"),
    ]
    title, body = Matcher(words).match_article("News", "The school budget grew.", "en", DAY)
    assert title == []
    assert [hit.phrase_id for hit in body] == ["p2"]
