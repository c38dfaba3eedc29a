"""Tests of the terms of an article and their flags."""

from __future__ import annotations

from tests.cases import cases
from tidings.annotation.event_terms import (
    FLAGS,
    IN_TITLE,
    IS_KEY,
    IS_LOWER,
    find_event_terms,
    find_term,
)


@cases(
    "word, flags",
    ("harbour", IN_TITLE | IS_LOWER),  # in the title, and in lower case
    ("17", IN_TITLE | IS_KEY),  # a number
    ("anna", IN_TITLE | IS_KEY),  # a name in title and lead
    ("lindmar", 0),  # a name in the lead
    ("bridge", IS_LOWER),
    ("2024", IS_KEY),
)
def test_flags_of_terms(word: str, flags: int) -> None:
    """A term's flags state whether the title has it, whether it is in lower case anywhere, and
    whether it is a key: a number, or a name in both title and lead. Marks have no flags.
    """
    found = find_event_terms("Anna opens harbour 17", "In Lindmar a bridge met Anna in 2024.", "en")
    by_term = {term & ~FLAGS: term & FLAGS for term in found.terms}
    # digits have no case, so the flag of small letters is not asked of them
    assert by_term[find_term(word, "en")] & ~(IS_LOWER * word.isdigit()) == flags
    assert not any(mark & FLAGS for mark in found.marks)


@cases(
    "people, count",
    ("Anna Muster, Karl Renn and Ivo Falk", 6),
    ("Anna Muster, Karl Renn, Ivo Falk, and Tove Hallberg", 2),
    ("Anna Muster and Karl Renn and Mayors Ivo P. Falk, Tove Hallberg, and Mona Sund", 2),
)
def test_a_list_of_people_counts_as_its_first(people: str, count: int) -> None:
    """Of four people or more in a list, only the first one's names are terms: the same people sign
    many letters.
    """
    terms = {term & ~FLAGS for term in find_event_terms("", f"Today, {people} met.", "en").terms}
    assert len(terms - {find_term(word, "en") for word in ("today", "met")}) == count
