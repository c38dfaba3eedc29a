"""Test the extraction of the sentence around a mention."""

from hypothesis import given
from hypothesis import strategies as st

from tests.cases import cases
from tidings.analysis.report.render import REACH, find_sentence


@cases(
    "text, phrase, expected",
    ("One. Two has it here. Three.", "it", "Two has it here."),
    ("第一句。第二句提到共同富裕。第三句。", "共同富裕", "第二句提到共同富裕。"),
    ("“先发展。”他说，绿色发展很重要！完。", "绿色发展", "他说，绿色发展很重要！"),
    (
        "Heading\n\nBody with a word and 3.5 per cent. Next.",
        "word",
        "Body with a word and 3.5 per cent.",
    ),
    ("no stop at all around word", "word", "no stop at all around word"),
    ("word", "word", "word"),
)
def test_sentence_ends(text: str, phrase: str, expected: str) -> None:
    """Latin and Chinese full stops and empty lines end a sentence; decimal points do not."""
    start = text.index(phrase)
    language = "en" if text.isascii() else "zh"
    before, marked, after, _ = find_sentence(text, start, start + len(phrase), language)
    assert before + marked + after == expected
    assert marked == phrase


@given(st.text("ab .。!\n，é𠀀", max_size=1200), st.data())
def test_sentence_keeps_the_text(text: str, data: st.DataObject) -> None:
    """In any text, the mark is at the offsets, and both sides are unchanged and short enough."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))

    def line(part: str) -> str:
        return part.replace("\n", " ")

    before, marked, after, _ = find_sentence(text, start, end, None)
    assert marked == line(text[start:end])
    assert line(text[:start]).endswith(before.lstrip("…"))
    assert line(text[end:]).startswith(after.rstrip("…"))
    assert max(len(before), len(after)) <= REACH + 1
