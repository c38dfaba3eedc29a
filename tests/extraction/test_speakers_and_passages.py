"""Names of speakers stay in minutes, hidden text and headings are not lost, and a listing with a
passage is an article.
"""

from __future__ import annotations

from tests.extraction.read import article_of, page_of
from tidings.base.writing import names_speaker
from tidings.extraction.quality import has_passage
from tidings.extraction.text import Block
from tidings.extraction.trim import is_appeal

SPEECHES = [
    f"The harbour budget of district {number} rose by {number + 2} percent because the ferry needs"
    f" a second pier. "
    f"The council of town {number} asked for a new bridge, and the committee will vote on the plan"
    f" in the winter."
    for number in range(8)
]
URL = "https://council.example/debates/harbour-budget-second-reading"


def read(body: str) -> str:
    """Return the text of a page."""
    return article_of(
        page_of(f"<html><body><h1>Harbour budget</h1>{body}</body></html>", URL)
    ).body_text


def test_names_of_speakers_stay() -> None:
    """A speaker's name remains above the speech: as a label with a colon, as a link in a heading,
    and as a link in a line.
    """
    templates = (
        "<div class='talk'><span>Ms Able {0}:</span> <p>{1}</p></div>",
        "<h4><a href='/m/{0}'>Mr Baker {0} (North)</a></h4><p>{1}</p>",
        "<li><div><a href='/m/{0}'>Lady Cole {0} (South)</a></div><p>{1}</p></li>",
    )
    for template in templates:
        posts = "".join(template.format(number, speech) for number, speech in enumerate(SPEECHES))
        text = read(f"<div>{posts}</div>")
        assert all(speech in text for speech in SPEECHES)
        assert text.count("Able") + text.count("Baker") + text.count("Cole") == len(SPEECHES)


def test_headings_that_a_table_of_contents_repeats_stay() -> None:
    """Headings remain if the page links them at its top, though one extractor drops them."""
    toc = "".join(
        f"<li><a href='#p{number}'>Part {number} of the plan</a></li>" for number in range(8)
    )
    parts = "".join(
        f"<h2 id='p{number}'>Part {number} of the plan</h2><p>{speech}</p>"
        for number, speech in enumerate(SPEECHES)
    )
    text = read(f"<div class='toc'><ul>{toc}</ul></div><div class='report'>{parts}</div>")
    assert [text.count(f"Part {number} of the plan") for number in range(8)] == [1] * 8


def test_hidden_text_with_much_of_the_page_is_read() -> None:
    """Text behind a button is part of the article if it has much of its text; a short hidden part
    is not.
    """
    first, rest = (
        "".join(f"<p>{speech}</p>" for speech in part) for part in (SPEECHES[:3], SPEECHES[3:])
    )
    text = read(f"<article>{first}<div style='display:none'>{rest}</div></article>")
    assert all(speech in text for speech in SPEECHES)
    text = read(
        f"<article>{first}{rest}<div style='display:none'><p>Thank you for your vote, it was"
        f" counted.</p></div></article>"
    )
    assert "Thank you" not in text


def test_passage_needs_consecutive_paragraphs_with_much_of_the_text() -> None:
    """Paragraphs one after another are a passage, unlike teasers between links; in Chinese with
    half as many characters.
    """
    prose = [Block("p", speech, 0.0) for speech in SPEECHES]
    link = Block("h3", "Another report about the harbour", 1.0)
    assert has_passage(prose)
    assert not has_passage([block for paragraph in prose for block in (link, paragraph)])
    assert not has_passage([*[link] * 200, *prose[:3]])
    assert not has_passage([])
    assert has_passage(
        [
            Block(
                "p", "港口预算因渡轮需要第二个码头而增加，委员会将在冬季就该计划进行表决。" * 7, 0.0
            )
        ]
    )


def test_name_of_a_speaker_begins_with_a_title() -> None:
    """A title with a name is a speaker; a sentence that begins with a title is not."""
    names = (
        "Mr Able (North)",
        "Dr. Baker, Minister of Transport",
        "The Deputy Speaker: order",
        "Frau Cole",
        "Präsidentin Dorn",
    )
    others = (
        "Mr Able opposed it. He left.",
        "Further reading",
        "Miss",
        "The ministry of transport",
        "Drivers of ferries",
    )
    assert [names_speaker(line) for line in names] == [True] * len(names)
    assert [names_speaker(line) for line in others] == [False] * len(others)


def test_consent_and_conditions_of_forms_are_appeals() -> None:
    """A request for consent in the first person and the conditions of a form are removed, and news
    about consent stays.
    """
    appeals = (
        "We and our 842 partners store information on your device, such as cookies, and process"
        " personal data. " * 3,
        "Wir und unsere 120 Partner speichern Informationen auf Ihrem Gerät.",
        "By clicking the button, you confirm that you are over 16 and agree to our terms.",
        "Cancel at any time",
    )
    news = (
        (
            "The commission proposed a law on cookies, which limits the personal data that "
            "partners of"
            " a site may process."
        ),
        "By signing up for the treaty, the minister said, the country agrees to inspections.",
    )
    assert [is_appeal(text) for text in appeals] == [True] * len(appeals)
    assert [is_appeal(text) for text in news] == [False] * len(news)
