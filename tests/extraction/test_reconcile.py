"""The second opinion decides on doubtful paragraphs and not on prose."""

from tests.cases import cases
from tidings.extraction.extractors import second_opinion
from tidings.extraction.parse import Element, parse
from tidings.extraction.text import Block
from tidings.extraction.trim import needs_second_opinion, reconcile

PROSE = [
    Block("p", text, 0.0)
    for text in (
        "The council will pave the market square with stone from the quarry above the town.",
        "Traders keep their places; only the fish stalls move to the northern side until then.",
        "The bill of nine hundred thousand is shared by the town and the region over years.",
    )
]
LABEL = Block("p", "Photo album of the old square", 0.0)
ITEMS = [Block("li", "Two new jetties", 0.0), Block("pre", "ships = 7", 0.0)]
VALUES = [Block("p", f"Stall {number} · twelve square metres · north", 0.0) for number in range(8)]
THAI = Block("p", "สภาเมืองนับจำนวนเรือในท่าเรือเก่าและถามว่าใครจะจ่ายค่าคลองใหม่ที่จะเปิดในปีหน้า", 0.0)
CHINESE = Block("p", "市议会清点了旧港口的船只，并询问谁将支付新运河的费用。", 0.0)


@cases(
    "first, second, expected",
    # a line that is not a sentence needs both extractors; prose needs one
    ([*PROSE, LABEL], PROSE, PROSE),
    ([*PROSE, LABEL], [*PROSE, LABEL], [*PROSE, LABEL]),
    # prose that only the second opinion contains is inserted between the same neighbours
    ([PROSE[0], PROSE[2]], PROSE, PROSE),
    (PROSE[1:], [*PROSE, LABEL], PROSE),
    # prose below the text, or more prose than the text has, belongs to other articles
    (PROSE[:2], PROSE, PROSE[:2]),
    (PROSE[2:], PROSE, PROSE[2:]),
    # items of a list and code stay
    ([*PROSE, *ITEMS, LABEL], PROSE, [*PROSE, *ITEMS]),
    # a second opinion without an article, or that would remove over a fifth, removes nothing
    ([*PROSE, LABEL], PROSE[:1], [*PROSE, LABEL]),
    ([*PROSE, *VALUES], PROSE, [*PROSE, *VALUES]),
)
def test_the_second_opinion_decides_on_doubtful_paragraphs(
    first: list[Block], second: list[Block], expected: list[Block]
) -> None:
    """It removes doubtful lines that it lacks, and adds prose."""
    assert reconcile(first, second) == expected


@cases(
    "blocks, outside, expected",
    (PROSE, 0.0, False),
    ([Block("h2", "What changes", 0.0), *PROSE], 0.0, False),
    ([THAI, CHINESE] * 2, 0.0, False),  # prose without full stops or of few characters
    ([*PROSE, LABEL], 0.0, True),
    (PROSE, 0.4, True),
)
def test_plain_prose_needs_no_second_opinion(
    blocks: list[Block], outside: float, expected: bool
) -> None:
    """A second opinion is needed only if much text is doubtful or outside the candidate."""
    assert needs_second_opinion(blocks, outside) == expected


def test_the_tree_is_not_changed() -> None:
    """The second opinion works on a copy without boilerplate, and does not change the tree."""
    body = "".join(f"<p>{block.text}</p>" for block in PROSE)
    more = f"<div id=more><p>{LABEL.text}, and more of that kind.</p></div>"
    tree: Element = parse(f"<html><body><article>{body}{more}</article></body></html>")
    count = sum(1 for _ in tree.iter())
    blocks = second_opinion(tree, [tree.get_element_by_id("more")])
    assert [block.text for block in blocks] == [block.text for block in PROSE]
    assert sum(1 for _ in tree.iter()) == count
