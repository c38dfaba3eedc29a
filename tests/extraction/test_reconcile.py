"""The second opinion decides on doubtful paragraphs and not on prose."""

from __future__ import annotations

from tidings.extraction.extractors import second_opinion
from tidings.extraction.parse import Element, parse
from tidings.extraction.text import Block
from tidings.extraction.trim import needs_second_opinion, reconcile

PROSE = [
    Block("p", text, 0.0)
    for text in (
        (
            "The council will pave the market square with stone from the quarry above the town "
            "before"
            " the winter."
        ),
        (
            "Traders keep their places; only the fish stalls move to the northern side until the "
            "work"
            " is done."
        ),
        (
            "The bill of nine hundred thousand is shared by the town and the region, half each, "
            "over"
            " three years."
        ),
    )
]
LABEL = Block("p", "Photo album of the old square", 0.0)


def test_a_label_that_only_one_extractor_finds_is_removed() -> None:
    """A line that is not a sentence needs both extractors; prose needs one."""
    assert reconcile([*PROSE, LABEL], PROSE) == PROSE
    assert reconcile([*PROSE, LABEL], [*PROSE, LABEL]) == [*PROSE, LABEL]


def test_prose_that_only_the_other_extractor_finds_is_inserted() -> None:
    """A paragraph that only the second opinion contains is inserted between the same neighbours."""
    assert reconcile([PROSE[0], PROSE[2]], PROSE) == PROSE
    assert reconcile([*PROSE[:2]], [*PROSE, LABEL]) == PROSE


def test_footnotes_and_lines_that_introduce_a_list_remain() -> None:
    """Footnotes and lines that end with a colon belong to the sentences around them."""
    lines = [
        Block("p", "The stalls that move:", 0.0),
        Block("p", "* without the ice cream cart", 0.0),
    ]
    assert reconcile([*PROSE, *lines], PROSE) == [*PROSE, *lines]


def test_a_second_opinion_with_another_text_is_ignored() -> None:
    """A second opinion without an article, or one that would remove over a fifth of the text,
    removes nothing.
    """
    assert reconcile([*PROSE, LABEL], PROSE[:1]) == [*PROSE, LABEL]
    values = [
        Block("p", f"Stall {number} · twelve square metres · northern side", 0.0)
        for number in range(8)
    ]
    assert reconcile([*PROSE, *values], PROSE) == [*PROSE, *values]


def test_plain_prose_needs_no_second_opinion() -> None:
    """A second opinion is needed only if much text is doubtful or outside the candidate."""
    assert not needs_second_opinion(PROSE, outside=0.0)
    assert not needs_second_opinion([Block("h2", "What changes", 0.0), *PROSE], outside=0.0)
    assert needs_second_opinion([*PROSE, LABEL], outside=0.0)
    assert needs_second_opinion(PROSE, outside=0.4)


def test_the_tree_is_not_changed() -> None:
    """The second opinion works on a copy without boilerplate, and does not change the tree."""
    body = "".join(f"<p>{block.text}</p>" for block in PROSE)
    tree: Element = parse(
        f"<html><body><article>{body}<div id=more><p>{LABEL.text}, and more of that"
        f" kind.</p></div></article></body></html>"
    )
    count = sum(1 for _ in tree.iter())
    blocks = second_opinion(tree, [tree.get_element_by_id("more")])
    assert [block.text for block in blocks] == [block.text for block in PROSE]
    assert sum(1 for _ in tree.iter()) == count


def test_items_and_code_that_only_one_extractor_finds_stay() -> None:
    """The second extractor often lacks list items and code, so that its silence says nothing about
    them.
    """
    blocks = [*PROSE, Block("li", "Two new jetties", 0.0), Block("pre", "ships = 7", 0.0)]
    assert reconcile([*blocks, LABEL], PROSE) == blocks


def test_long_lines_of_scripts_without_full_stops_are_prose() -> None:
    """A Thai paragraph and a short Chinese sentence need no second opinion."""
    thai = Block("p", ("สภาเมืองนับจำนวนเรือในท่าเรือเก่าและถามว่าใครจะจ่ายค่าคลองใหม่ที่จะเปิดในปีหน้า"), 0.0)
    chinese = Block("p", "市议会清点了旧港口的船只，并询问谁将支付新运河的费用。", 0.0)
    assert not needs_second_opinion([thai, chinese, thai, chinese], outside=0.0)
