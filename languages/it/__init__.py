"""Italian."""

from tidings.languages.it.candidates import BOUNDS
from tidings.languages.it.clauses import CLAUSES
from tidings.languages.it.speakers import SPEAKERS
from tidings.languages.it.variants import inflections
from tidings.languages.record import Language
from tidings.languages.words import words

LANGUAGE = Language(
    code="it",
    clauses=CLAUSES,
    speakers=SPEAKERS,
    bounds=BOUNDS,
    inflections=inflections,
    titles=words(
        "signor signora sig presidente ministro ministra federale consigliere consigliera capo segretario segretaria "
        "direttore direttrice ambasciatore ambasciatrice omologo"
    ),
    particles_of_titles=words("il lo la l della dello del dei degli delle dell e di al alla"),
    posting_words=words("in a al alla nel nella nei negli nelle per presso contro con"),
    abbreviated_titles=words("sig"),
)
