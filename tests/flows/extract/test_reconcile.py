"""The second opinion: heard on what is no prose, silent on what is."""

from __future__ import annotations

from tidings.flows.extract.parse import parse
from tidings.flows.extract.reconcile import is_open, second_opinion, settle
from tidings.flows.extract.text import Block

PROSE = [
    Block("p", text, 0.0)
    for text in (
        "The council will pave the market square with stone from the quarry above the town before the winter.",
        "Traders keep their places; only the fish stalls move to the northern side until the work is done.",
        "The bill of nine hundred thousand is shared by the town and the region, half each, over three years.",
    )
]
LABEL = Block("p", "Photo album of the old square", 0.0)


def test_a_label_that_only_one_reader_holds_goes():
    """What is no sentence needs both readers; prose needs one."""
    assert settle([*PROSE, LABEL], PROSE) == PROSE
    assert settle([*PROSE, LABEL], [*PROSE, LABEL]) == [*PROSE, LABEL]


def test_prose_that_only_the_other_reader_holds_comes_to_its_place():
    """A paragraph that stands between two others there stands between them here."""
    assert settle([PROSE[0], PROSE[2]], PROSE) == PROSE
    assert settle([*PROSE[:2]], [*PROSE, LABEL]) == PROSE


def test_footnotes_and_lines_that_lead_over_to_a_list_stay():
    """A footnote and what ends in a colon belong to the sentences around them."""
    lines = [Block("p", "The stalls that move:", 0.0), Block("p", "* without the ice cream cart", 0.0)]
    assert settle([*PROSE, *lines], PROSE) == [*PROSE, *lines]


def test_who_finds_next_to_nothing_or_another_page_is_not_heard():
    """A reader that found no article, or would take a fifth of the text away, takes nothing away."""
    assert settle([*PROSE, LABEL], PROSE[:1]) == [*PROSE, LABEL]
    values = [Block("p", f"Stall {number} · twelve square metres · northern side", 0.0) for number in range(8)]
    assert settle([*PROSE, *values], PROSE) == [*PROSE, *values]


def test_plain_prose_needs_no_second_opinion():
    """It is asked for where much is doubted or much of the page's text stands elsewhere, and costs nothing else."""
    assert not is_open(PROSE, outside=0.0)
    assert not is_open([Block("h2", "What changes", 0.0), *PROSE], outside=0.0)
    assert is_open([*PROSE, LABEL], outside=0.0)
    assert is_open(PROSE, outside=0.4)


def test_the_tree_is_as_it_was():
    """A second opinion takes the tree apart in a copy, without what is beside the article."""
    body = "".join(f"<p>{block.text}</p>" for block in PROSE)
    tree = parse(
        f"<html><body><article>{body}<div id=more><p>{LABEL.text}, and more of that kind.</p></div></article></body></html>"
    )
    count = sum(1 for _ in tree.iter())
    found = second_opinion(tree, [tree.get_element_by_id("more")])
    assert [block.text for block in found] == [block.text for block in PROSE]
    assert sum(1 for _ in tree.iter()) == count


def test_contacts_that_the_page_keeps_beside_its_text_are_not_added_to_it():
    """What the second opinion holds below its end may stay where the text holds it too, and is no reason to add it."""
    contact = Block("p", "Questions are answered by the office of the harbour on Friday, from two to four in the afternoon.", 0.0)
    assert settle(PROSE, [*PROSE, contact], PROSE) == PROSE
    assert settle([*PROSE, LABEL], [*PROSE, LABEL, contact], PROSE) == [*PROSE, LABEL]
