"""From the bytes of a page to what it says: decode, parse once, metadata, body, clean, quality.

`decode` makes text of bytes · `parse` the one tree · `declared` collects what the page says of itself, from which `title`,
`byline`, `published` and `links` choose · `candidates` says where the text may stand, `body` lets candidates agree or vote,
`text` has BeautifulSoup read the paragraphs · `quality` says what is cut off and what is no article · `article` puts it
together · `batch` does many pages in workers that can be killed. A publisher's own `rules` come before all that.
"""

from tidings.flows.extract.article import clean, explain
from tidings.flows.extract.batch import clean_batch
from tidings.flows.extract.records import Cleaned, Hint, Page, Unclean
from tidings.flows.extract.rules import ExtractionRule, read_rules, rules_version

__all__ = [
    "Cleaned",
    "ExtractionRule",
    "Hint",
    "Page",
    "Unclean",
    "clean",
    "clean_batch",
    "explain",
    "read_rules",
    "rules_version",
]
