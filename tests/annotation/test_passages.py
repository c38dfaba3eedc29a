"""Tests of the marks by which texts that share a passage are found."""

from tidings.annotation.passages import mark_passages


def test_a_passage_has_the_same_marks_wherever_it_stands() -> None:
    """Winnowing: the marks are the lowest of each window, so all of a passage but those of its ends
    are marks of every text that contains it, and far fewer than its words.
    """
    passage = " ".join(f"word{number}" for number in range(600))
    alone = mark_passages(passage)
    behind = mark_passages(" ".join(f"other{number}" for number in range(400)) + " " + passage)
    assert 10 < len(alone) < 100
    assert len({*alone} - {*behind}) <= 1
