"""Convert the bytes of a page to an article.

Read the modules in this order:

- `article`: the steps in order; start here
- `records`: page in, article or named outcome out; `rules`: a publisher's own selectors, and the
  explanation of a result
- `parse`: text to the only tree, after `base.decode` has converted bytes to text
- `page_metadata`: the declarations of the page (JSON-LD, meta elements, links)
- `body`: the article's text, from `candidates`, or by a vote if they disagree; `text` cleans the
  chosen part with BeautifulSoup and reads its paragraphs; `noise` recognises boilerplate;
  `reconcile` checks doubtful paragraphs with a second extractor; `trim` cuts both ends and removes
  offers, consent and captions; `vote` chooses; `recheck` compares the choice with the page
- `page_kind`: what kind of page it is; `region` measures and reads pages that are not articles, and
  `posts` those of forums
- `confidence`: the probability that the text is right
- `title`: title, standfirst and section; `authors`; `dateline`: place and news agencies
- `publication_date`: the date, chosen among declared dates and `visible_dates`; `base.dates` parses
  a written date
- `document`: PDF and Word files instead of pages, and the documents to which a page only leads.
  `pdf_words` reads the words of a PDF with their places, `pdf_layout` the lines in reading order
  and `pdf` the paragraphs; `docx` reads Word files
- `language`, `quality` (cut-off texts, pages that are not articles), `measures` (word count, hash,
  signature, limits)
- `normalise`: an article to the rows of the warehouse; `batch`: many pages in worker processes
"""

from tidings.extraction.article import clean, explain
from tidings.extraction.batch import clean_batch
from tidings.extraction.records import Cleaned, Hint, Page, Unclean
from tidings.extraction.rules import ExtractionRule, read_rules, rules_version

__all__ = [
    "Cleaned", "ExtractionRule", "Hint", "Page", "Unclean", "clean", "clean_batch", "explain",
    "read_rules", "rules_version",
]  # fmt: skip
