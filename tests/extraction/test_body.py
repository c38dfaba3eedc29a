"""The choice among candidates."""

from tidings.extraction.text import Block
from tidings.extraction.vote import choose

ARTICLE = tuple(
    Block(
        "p",
        f"In the {n}th year of the harbour works the council counted {n * 7} ships and"
        f" asked who would pay. " * 2,
        0.0,
    )
    for n in range(6, 12)
)
LINKS = tuple(
    Block("li", f"Ferry to island number {n} leaves later because of fog in the north", 1.0)
    for n in range(20)
)


def test_two_candidates_that_found_a_list_of_links_do_not_outvote_an_article() -> None:
    """Lists of links cannot win a vote if another candidate contains a text."""
    assert (
        choose(
            {"marked": LINKS, "dense": LINKS, "trafilatura": ARTICLE},
            ["marked", "dense", "trafilatura"],
        )[0]
        == "trafilatura"
    )


def test_a_list_of_links_is_chosen_on_a_page_of_links() -> None:
    """If no candidate contains a text, the list of links is chosen and the page becomes an
    index.
    """
    title = (Block("h1", "Ferries today", 0.0),)
    assert (
        choose(
            {"marked": LINKS, "dense": LINKS, "trafilatura": title},
            ["marked", "dense", "trafilatura"],
        )[0]
        == "marked"
    )
