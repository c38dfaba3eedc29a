"""Folding text and mapping offsets back."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import cases
from tidings.annotation.folding import align, fold, fold_by_definition, locate

TRICKY = (
    "ab\u09c7\u09be"
    " -…ßẞｶﾞe\u0301\u00ad한\u1100\u1161\u11a8ﬁİ'’\n"
    "①ａ\u0345ΐ\u0308\u0301😀\u200bSσς\u0e33𝐀𠀋⼯㎢㈱㋿Ⓐ℠"
)


@settings(deadline=None)  # the first text waits for the table
@given(st.text(alphabet=TRICKY, max_size=12) | st.text(max_size=20))
def test_fast_folding_equals_its_definition(text: str) -> None:
    """The table gives the same result as NFKC and case folding of the whole text, for any text."""
    assert fold(text).text == fold_by_definition(text)
    assert align(text).text == fold_by_definition(text)


@settings(deadline=None)  # the first text waits for the table
@given(st.text(alphabet=TRICKY, max_size=8), st.text(alphabet=TRICKY, max_size=8))
def test_place_leads_back_to_the_word(before: str, after: str) -> None:
    """Offsets of a word between spaces select the whole word in the stored text, in any context."""
    text = f"{before} FInance‑Act {after}"
    folded = fold(text)
    start = folded.text.index(" finance act ") + 1
    begin, end = locate(folded, start, start + len("finance act"))
    assert text[begin:end] == "FInance‑Act"


@cases(
    "text, expected",
    ("High‑Quality", "high quality"),
    ("ＡＩ＋", "ai "),
    ("sup\u00adply", "supply"),
    ("Straße", "straße"),
    ("cafe\u0301", "café"),
    ("it’s", "it s"),
    ("x™", "x "),
    ("10㎢", "10km2"),
    ("新型⼯业化", "新型工业化"),
    ("ﬁscal", "fiscal"),
)
def test_spellings_that_fold_alike(text: str, expected: str) -> None:
    """Dashes and symbols become spaces, wide letters narrow, invisible ones go, ß remains."""
    assert fold(text).text == expected


def test_latin_folds_by_definition() -> None:
    """Characters up to Latin Extended-A fold by the definition, alone and inside a word."""
    for code in range(0x180):
        text = f"a{chr(code)}b {chr(code)}"
        assert fold(text).text == fold_by_definition(text)
    assert fold("AZaz 09 ÄÖ[").text == "azaz 09 äö "


@cases("text", "e\u0301", "\u09c7\u09be", "\u1100\u1161\u11a8", "\u1112\u1161\u11c2", "ｶﾞ")
def test_characters_that_compose(text: str) -> None:
    """Characters that NFKC composes fold by the definition, with any second character."""
    assert fold(f"a {text} b").text == fold_by_definition(f"a {text} b")


def test_rare_letters_are_one_unit() -> None:
    """A letter beyond the basic plane folds to one unit, a symbol without letters to a space."""
    for char in ("𠀋", "∭", "℀"):
        assert len(fold(f"a{char}b").text) == len("a b")


@cases(
    "text, word, source",
    ("5 ㎢ area", "km2", "㎢"),
    ("a ﬁn b", "fin", "ﬁn"),
    ("a cﬁ b", "cf", "cﬁ"),
)
def test_a_place_inside_a_ligature(text: str, word: str, source: str) -> None:
    """A span that ends or begins inside a character's expansion covers the whole character."""
    folded = fold(text)
    start = folded.text.index(word)
    begin, end = locate(folded, start, start + len(word))
    assert text[begin:end] == source
