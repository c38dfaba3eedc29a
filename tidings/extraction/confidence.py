"""Estimate the probability that an extracted text is right: a logistic model in ``confidence.csv``,
which ``benchmarks/extraction_confidence.py --write`` fits to pages with known texts.
"""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tidings.extraction.body import AGREE, Body, prose_of
from tidings.extraction.document import DOCUMENTS
from tidings.extraction.page_kind import ARTICLE
from tidings.extraction.records import Cleaned
from tidings.extraction.text import Block, chars_of

GOOD = 0.8  # word F1 from which a text is right; the confidence is the probability of reaching it
LOW = 0.8  # a lower confidence has a doubt
TABLE = Path(__file__).with_suffix(".csv")
_WORDS = 20  # added to counts of words, so that texts of a few words do not differ much


@dataclass(frozen=True, slots=True)
class Weight:
    """A feature, its mean on the pages of the fit, its weight, and its name as a doubt; the row
    ``constant`` has the log odds of an average page.
    """

    feature: str
    mean: float
    weight: float
    doubt: str


with TABLE.open(encoding="utf-8", newline="") as _file:
    MODEL = tuple(
        Weight(row["feature"], float(row["mean"]), float(row["weight"]), row["doubt"])
        for row in csv.DictReader(_file)
    )


def measure_features(element_count: int, body: Body, article: Cleaned) -> dict[str, float] | None:
    """Return the features of a text, or None if a rule, the feed or a document defines it.

    ``element_count`` is the number of elements of the page without scripts.
    """
    if body.is_given or article.extractor in DOCUMENTS:
        return None
    kept, chosen = set(article.paragraphs), {block.text for block in body.blocks}
    paragraphs = [Block("p", text, 0.0) for text in article.paragraphs]
    chars, before = max(1, chars_of(paragraphs)), max(1, chars_of(body.blocks))
    return {
        "words_per_element": math.log((article.measures.word_count + _WORDS) / (1 + element_count)),
        "is_unconfirmed": float((body.agreement or 0.0) < AGREE),
        "is_other_kind": float(body.page_kind != ARTICLE),
        "is_mixed": float("second" in body.candidates),
        "prose_share": prose_of(paragraphs) / chars,
        "added_share": chars_of(b for b in paragraphs[1:] if b.text not in chosen) / chars,
        "removed_share": 1 - chars_of(b for b in body.blocks if b.text in kept) / before,
    }


def estimate(features: Mapping[str, float]) -> float:
    """Return the probability, 0 to 1, that the word F1 of a text is at least GOOD."""
    odds = sum(contributions(features).values()) + sum(
        row.weight for row in MODEL if row.feature == "constant"
    )
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def contributions(features: Mapping[str, float]) -> dict[str, float]:
    """Return by how much each feature raises the log odds of an average page, the lowest first."""
    parts = {
        row.doubt: row.weight * (features[row.feature] - row.mean)
        for row in MODEL
        if row.feature in features
    }
    return dict(sorted(parts.items(), key=lambda part: part[1]))


def doubt_of(features: Mapping[str, float]) -> str | None:
    """Return the main reason for a confidence below LOW, or None."""
    return next(iter(contributions(features))) if estimate(features) < LOW else None
