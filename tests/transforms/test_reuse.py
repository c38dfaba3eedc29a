"""Passages that two texts share: marks, offsets, and the rows of ``reuse``."""

import random

import pytest

from tests.transforms.conftest import TinyLake
from tidings.annotation.passages import (
    MIN_CHARACTERS,
    MIN_WORDS,
    find_shared_passages,
    mark_passages,
)

RNG = random.Random(3)
WORDS = [
    "".join(RNG.choices("bcdfglmnprst", k=2)) + RNG.choice("aeiou") + RNG.choice("lmnr")
    for _ in range(3000)
]


def write(count: int, gap: str = " ") -> str:
    """Return a text of invented words, or of Chinese characters if joined without a space."""
    return gap.join(
        RNG.choice(WORDS) if gap else chr(0x4E00 + RNG.randrange(3000)) for _ in range(count)
    )


def test_every_passage_of_thirty_words_is_found() -> None:
    """Texts with 30 common words or 50 characters share a mark, and offsets cut out the passage."""
    for trial in range(200):
        gap = " " if trial % 2 else ""
        passage = write(RNG.randint(MIN_WORDS if gap else MIN_CHARACTERS, 90), gap)
        text = gap.join([write(RNG.randint(1, 200), gap), passage, write(RNG.randint(1, 50), gap)])
        other = gap.join([write(RNG.randint(1, 50), gap), passage, write(RNG.randint(1, 200), gap)])
        assert set(mark_passages(text)) & set(mark_passages(other))
        (found,) = find_shared_passages(text, other)
        assert passage in text[found.start_offset : found.end_offset]
        shown = text[found.start_offset : found.end_offset]
        assert shown == other[found.other_start_offset : found.other_end_offset]


def test_shorter_passages_are_ignored() -> None:
    """A passage of 29 words, a text of 29 words and an empty text share nothing."""
    passage = write(MIN_WORDS - 1)
    texts = (f"{write(40)} {passage} {write(40)}" for _ in range(2))
    assert find_shared_passages(*texts) == []
    assert mark_passages(passage) == mark_passages("") == []
    assert find_shared_passages("", passage) == []


def test_capitals_and_punctuation_do_not_end_a_passage() -> None:
    """A copy may differ in capitals, punctuation and line breaks; offsets are each text's own."""
    passage = write(40)
    copied = passage.capitalize().replace(" ", ",\n", 1)
    (found,) = find_shared_passages(passage, f"“{copied}”")
    assert (found.start_offset, found.end_offset, found.word_count) == (0, len(passage), 40)
    assert (found.other_start_offset, found.other_end_offset) == (1, 1 + len(copied))


@pytest.mark.slow
def test_reuse_names_who_carried_an_official_text(lake: TinyLake) -> None:
    """A later article of another outlet is listed with its delay, an article after eight days is
    not; changes are followed.
    """
    passage = write(60)

    def add(key: str, outlet: str, day: str, hour: str, text: str) -> object:
        at = f"2023-09-{day} {hour}:00:00+00"
        return lake.add_article(key, outlet, f"2023-09-{day}", key, text, published_at=at)

    source = add("source", "gazette", "01", "08", f"{write(50)} {passage}")
    copy = add("copy", "daily", "01", "14", f"{passage} {write(80)}")
    own = add("own", "gazette", "02", "14", f"{passage} {write(80)}")
    lake.build(select="+reuse")
    query = (
        "select source_article_id, article_id, delay_hours, start_offset, end_offset,"
        " word_count from measures.reuse"
    )
    assert lake.rows(query) == [(source, copy, 6.0, 0, len(passage), 60)]
    late = add("late", "daily", "09", "14", f"{passage} {write(80)}")
    lake.build(select="+reuse")
    expected = {(source, copy, 6.0, 0, len(passage), 60), (own, late, 168.0, 0, len(passage), 60)}
    assert set(lake.rows(query)) == expected
    lake.con.execute(
        "update ref.publishers set publisher_type = 'independent' where publisher_id = 'gazette'"
    )
    lake.build(select="+reuse")
    assert lake.rows(query) == []
