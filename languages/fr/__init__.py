"""French."""

from tidings.languages.fr.candidates import BOUNDS
from tidings.languages.fr.clauses import CLAUSES
from tidings.languages.fr.speakers import SPEAKERS
from tidings.languages.fr.variants import inflections
from tidings.languages.record import Language
from tidings.languages.words import words

LANGUAGE = Language(
    code="fr",
    clauses=CLAUSES,
    speakers=SPEAKERS,
    bounds=BOUNDS,
    inflections=inflections,
    titles=words(
        "m mm mme monsieur madame mlle ministre présidente président fédéral fédérale conseiller conseillère secrétaire "
        "ambassadeur ambassadrice chef cheffe directeur homologue"
    ),
    particles_of_titles=words("de du des la le les et l d un une à"),
    posting_words=words("en au aux à pour auprès chez contre avec dans"),
    abbreviated_titles=words("m mme mm"),
)
