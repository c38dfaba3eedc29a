"""Kinds of evidence for a candidate phrase other than a verb, and the characters that end a
sequence of words.
"""

HEADED, QUOTED = "head noun", "quote"
"""A head noun at the end of a sequence (in French and Italian its beginning); quotation marks
around it.
"""

CLAUSE_SIGNS = '.,;:!?()[]"“”„«»‹›\n–—…•'
"""Characters that end a sequence of words."""


def replace_surrogates(text: str) -> str:
    """Return a text of the same length with ? for each half of a surrogate pair, which the searches
    cannot encode.
    """
    return text.encode("utf-8", "replace").decode("utf-8")
