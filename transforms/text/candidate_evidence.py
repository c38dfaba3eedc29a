"""Kinds of evidence for a candidate phrase other than a verb, and the characters that end a sequence of words."""

HEADED, QUOTED = "head noun", "quote"
"""A head noun at the end of a sequence (in French and Italian its beginning); quotation marks around it."""

CLAUSE_SIGNS = '.,;:!?()[]"“”„«»‹›\n–—…•'
"""Characters that end a sequence of words."""
