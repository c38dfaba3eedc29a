"""German."""

from tidings.languages.de.candidates import BOUNDS
from tidings.languages.de.grammar import VERB_SECOND
from tidings.languages.de.speakers import SPEAKERS
from tidings.languages.de.variants import inflections, spellings
from tidings.languages.record import Language
from tidings.languages.words import words

LANGUAGE = Language(
    code="de",
    verb_second=VERB_SECOND,
    speakers=SPEAKERS,
    has_capital_nouns=True,
    bounds=BOUNDS,
    spellings=spellings,
    inflections=inflections,
    titles=words(
        "herr frau herrn dr prof bundesrat bundesrätin bundespräsident bundespräsidentin präsident präsidentin minister "
        "ministerin staatssekretär staatssekretärin botschafter botschafterin leiter leiterin chef chefin vorsteher "
        "vorsteherin direktor direktorin amtskollege amtskollegin"
    ),
    particles_of_titles=words("der die das den dem des und für von vom im in zu zum zur am"),
    posting_words=words("in im für bei beim zu zur zum nach gegen mit"),
    abbreviated_titles=words("dr prof"),
)
