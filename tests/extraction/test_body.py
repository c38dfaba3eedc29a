"""The choice among candidates."""

from tests.cases import cases
from tidings.extraction.body import choose, prefer
from tidings.extraction.text import Block

ARTICLE = tuple(
    Block("p", f"In year {n} the council counted {n * 7} ships and asked who would pay. " * 2, 0.0)
    for n in range(6, 12)
)
LINKS = tuple(
    Block("li", f"Ferry to island number {n} leaves later because of fog in the north", 1.0)
    for n in range(20)
)


@cases(
    "other, expected",
    (ARTICLE, "trafilatura"),
    ((Block("h1", "Ferries today", 0.0),), "marked"),
    ids=["article", "title"],
)
def test_lists_of_links_do_not_outvote_a_text(other: tuple[Block, ...], expected: str) -> None:
    """A list of links that two candidates found wins only if no candidate has a text."""
    candidates = {"marked": LINKS, "dense": LINKS, "trafilatura": other}
    assert choose(candidates, [*candidates])[0] == expected


@cases("count, expected", (5, "dense"), (2, "trafilatura"))
def test_a_candidate_within_the_winner_precedes_it(count: int, expected: str) -> None:
    """The rest of the winner is mostly text beside the article, unless it is most of the winner."""
    candidates = {"dense": ARTICLE[:count], "trafilatura": ARTICLE}
    assert prefer(["dense"], candidates, "trafilatura") == expected
