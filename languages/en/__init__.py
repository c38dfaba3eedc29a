"""English."""

from tidings.languages.en.candidates import BOUNDS
from tidings.languages.en.clauses import CLAUSES
from tidings.languages.en.speakers import SPEAKERS
from tidings.languages.en.variants import inflections, spellings
from tidings.languages.record import Language
from tidings.languages.words import words

LANGUAGE = Language(
    code="en",
    clauses=CLAUSES,
    speakers=SPEAKERS,
    bounds=BOUNDS,
    spellings=spellings,
    inflections=inflections,
    titles=words(
        "mr mrs ms dr prof sir president premier minister chancellor governor commissioner secretary councillor "
        "ambassador head leader counterpart"
    ),
    particles_of_titles=words("of the a an and for on in at to"),
    posting_words=words("to for in on at with against from"),
    abbreviated_titles=words("mr mrs ms dr prof"),
)
