"""Speakers of minutes, hidden text and headings remain; a listing with a passage is a text."""

from tests.cases import cases
from tests.extraction.read import article_of, page_of
from tidings.base.writing import names_speaker
from tidings.extraction.quality import has_passage
from tidings.extraction.text import Block
from tidings.extraction.trim import is_appeal

SPEECHES = [
    f"The harbour budget of district {number} rose by {number + 2} percent because the ferry needs"
    f" a second pier. The council of town {number} asked for a new bridge, and the committee will"
    " vote on the plan in the winter."
    for number in range(8)
]
PROSE = [f"<p>{speech}</p>" for speech in SPEECHES]
HIDDEN = "<div style='display:none'>{}</div>"


def read(body: str) -> str:
    """Return the text of a page, which contains all speeches."""
    html = f"<html><body><h1>Harbour budget</h1>{body}</body></html>"
    url = "https://council.example/debates/harbour-budget-second-reading"
    text = article_of(page_of(html, url)).body_text
    assert all(speech in text for speech in SPEECHES)
    return text


@cases(
    "template",
    "<div class='talk'><span>Ms Able {0}:</span> {1}</div>",
    "<h4><a href='/m/{0}'>Mr Able {0} (North)</a></h4>{1}",
    "<li><div><a href='/m/{0}'>Lady Able {0} (South)</a></div>{1}</li>",
    ids=["label", "link in a heading", "link in a line"],
)
def test_names_of_speakers_stay(template: str) -> None:
    """A speaker's name remains above the speech."""
    posts = "".join(template.format(number, speech) for number, speech in enumerate(PROSE))
    assert read(f"<div>{posts}</div>").count("Able") == len(SPEECHES)


def test_headings_that_a_table_of_contents_repeats_stay() -> None:
    """Headings remain if the page links them at its top, though one extractor drops them."""
    heads = [f"Part {number} of the plan" for number in range(8)]
    toc = "".join(f"<li><a href='#p{number}'>{head}</a></li>" for number, head in enumerate(heads))
    parts = "".join(
        f"<h2 id='p{number}'>{head}</h2>{PROSE[number]}" for number, head in enumerate(heads)
    )
    text = read(f"<div class='toc'><ul>{toc}</ul></div><div class='report'>{parts}</div>")
    assert [text.count(head) for head in heads] == [1] * 8


def test_hidden_text_with_much_of_the_page_is_read() -> None:
    """Text behind a button is read if it has much of the article; a short part is not."""
    read(f"<article>{''.join(PROSE[:3])}{HIDDEN.format(''.join(PROSE[3:]))}</article>")
    thanks = HIDDEN.format("<p>Thank you for your vote, it was counted.</p>")
    assert "Thank you" not in read(f"<article>{''.join(PROSE)}{thanks}</article>")


SPOKEN = [Block("p", speech, 0.0) for speech in SPEECHES]
LINK = Block("h3", "Another report about the harbour", 1.0)
CHINESE = Block("p", "港口预算因渡轮需要第二个码头而增加，委员会将在冬季进行表决。" * 8, 0.0)


@cases(
    "blocks, expected",
    (SPOKEN, True),
    ([block for paragraph in SPOKEN for block in (LINK, paragraph)], False),
    ([*[LINK] * 200, *SPOKEN[:3]], False),
    ([], False),
    ([CHINESE], True),
    ids=["paragraphs", "teasers", "few", "none", "Chinese"],
)
def test_passage_needs_consecutive_paragraphs_with_much_of_the_text(
    blocks: list[Block], expected: bool
) -> None:
    """Consecutive paragraphs are a passage, teasers are not; Chinese needs half the length."""
    assert has_passage(blocks) == expected


@cases(
    "line, expected",
    ("Mr Able (North)", True),
    ("Dr. Baker, Minister of Transport", True),
    ("The Deputy Speaker: order", True),
    ("Frau Cole", True),
    ("Präsidentin Dorn", True),
    ("Mr Able opposed it. He left.", False),
    ("Further reading", False),
    ("Miss", False),
    ("The ministry of transport", False),
    ("Drivers of ferries", False),
)
def test_name_of_a_speaker_begins_with_a_title(line: str, expected: bool) -> None:
    """A title with a name is a speaker; a sentence that begins with a title is not."""
    assert names_speaker(line) == expected


@cases(
    "text, expected",
    ("We and our 842 partners store cookies and process personal data. " * 6, True),
    ("Wir und unsere 120 Partner speichern Informationen auf Ihrem Gerät.", True),
    ("By clicking the button, you confirm that you are over 16 and agree to our terms.", True),
    ("Cancel at any time", True),
    ("The commission proposed a law on the personal data that partners may process.", False),
    ("By signing up for the treaty, he said, the country agrees to inspections.", False),
)
def test_consent_and_conditions_of_forms_are_appeals(text: str, expected: bool) -> None:
    """Requests for consent and conditions of a form are removed, news about consent stays."""
    assert is_appeal(text) == expected
