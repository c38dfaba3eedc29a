"""Words of coded articles that the word list missed are suggested to a reviewer."""

import pytest

from tests.analysis.coding.coded_release import coded_release
from tidings.analysis.coding.recall import suggest_words
from tidings.analysis.inputs import InputError


def test_words_of_missed_articles_come_first() -> None:
    """Words that only missed articles contain are listed by language, those of all articles and
    known phrases are not. A theme below counts for its area.
    """
    *counts, words = suggest_words(coded_release(), "industry")
    assert counts == [9, 10, 41]
    listed = {row.words: row for row in words}
    assert listed["cobot arm"][1:5] == ("en", 6, 0, 0)
    assert any("协作" in words for words in listed)
    assert not {"news", "rain", "factory robots"} & listed.keys()
    *_, words = suggest_words(coded_release(180, 30), "industry", "zh")
    assert {row.language for row in words} == {"zh"}


@pytest.mark.parametrize(
    ("coded", "missed", "reason"), [(49, 9, "needs 50"), (60, 0, "missed no coded article")]
)
def test_too_few_codings_are_explained(coded: int, missed: int, reason: str) -> None:
    """The comparison needs 50 coded articles and one that was missed."""
    with pytest.raises(InputError, match=reason):
        suggest_words(coded_release(coded, missed), "industry")
