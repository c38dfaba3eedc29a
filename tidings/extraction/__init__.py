"""Convert the bytes of a page to an article.

Start with `article`, which has the steps in order. README.md lists the modules of each step.
"""

from tidings.extraction.article import clean, clean_batch, explain
from tidings.extraction.records import (
    Cleaned,
    ExtractionRule,
    Hint,
    Page,
    Unclean,
    read_rules,
    rules_version,
)

__all__ = [
    "Cleaned", "ExtractionRule", "Hint", "Page", "Unclean", "clean", "clean_batch", "explain",
    "read_rules", "rules_version",
]  # fmt: skip
