"""The difference between tables of contents and articles with lists."""

from tidings.flows.extract.quality import _is_contents

ITEMS = [
    "水库今日蓄水",
    "2026年果园丰收",
    "图书馆延长开放时间",
    "5座桥梁完成检修",
    "山村通了公交",
    "渔港休渔期结束",
    "剧院重新开放",
    "果蔬价格平稳",
]


def test_a_headline_that_begins_with_a_digit_does_not_end_the_table() -> None:
    """An item that begins with a digit is not recognised, but the other items still make a table of contents."""
    assert _is_contents(["今日主要内容：", " ".join(f"{number}.{item}；" for number, item in enumerate(ITEMS, 1))])


def test_a_sentence_before_the_items_makes_an_article() -> None:
    """The same items after a sentence are a list in an article."""
    listed = " ".join(f"{number}.{item}；" for number, item in enumerate(ITEMS, 1))
    assert not _is_contents(["市政府今天公布了下列工程的进展。", listed])
