"""Parse typed words: alternatives such as ``tax|levy``, also joined by AND, OR, NOT and NEAR/5.

Operators have capitals, as in Media Cloud and Factiva; ``W/5`` (LexisNexis) and ``NEAR5`` (Factiva)
are NEAR/5. Quotation marks make a word of an operator.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_ALTERNATIVES = 20  # of a query
MAX_DISTANCE = 100  # words
MAX_DEPTH = 10  # parentheses
_QUOTES = '"“”„ '
_ASCII = str.maketrans("（）“”„", '()"""')
_TOKEN = re.compile(r'"[^"]*"|[()]|[^\s()"]+|"')
_OPERATOR = re.compile(r"AND|OR|NOT|NEAR/?[0-9]*|[Ww]/[0-9]+")


class WordQueryError(ValueError):
    """An invalid query; the message is one sentence for the user."""


class Words(NamedTuple):
    """Words of which a text contains at least one; a trailing ``*`` matches any ending."""

    alternatives: tuple[str, ...]


class Operation(NamedTuple):
    """Two queries joined by an operator; NEAR also has the largest distance in words."""

    operator: str
    left: Query
    right: Query
    distance: int = 0


Query = Words | Operation


def parse_words(text: str) -> Query:
    """Return the query of typed words, which without an operator are alternatives as typed.

    Raises WordQueryError.
    """
    tokens = _TOKEN.findall(text.translate(_ASCII))
    if not any(map(_OPERATOR.fullmatch, tokens)):
        return _read_words(text)
    parser = _Parser([")", *reversed(tokens)])
    query = parser.read_group(0)
    if parser.tokens:
        raise WordQueryError("A closing parenthesis has no opening one: add or remove one.")
    return query


def _read_words(text: str) -> Words:
    parts = dict.fromkeys(" ".join(part.strip(_QUOTES).split()) for part in text.split("|"))
    words = Words(tuple(part for part in parts if any(map(str.isalnum, part))))
    if not words.alternatives or len(words.alternatives) > MAX_ALTERNATIVES:
        raise WordQueryError(
            f"Invalid words {text[:200]!r}: use letters or digits, with up to {MAX_ALTERNATIVES}"
            " alternatives."
        )
    return words


class _Parser:
    """A reader of tokens, of which the next is the last of a list."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self._count = 0

    def read_group(self, depth: int) -> Query:
        """Return the query up to its closing parenthesis."""
        query, used = self._read_near(depth), set()
        while (joint := self._take()) != ")":
            if joint == "AND" and self._operator() == "NOT":
                joint = self._take()
            if joint not in {"AND", "OR", "NOT"}:
                raise WordQueryError(f"Put AND, OR, NOT or NEAR/5 before {joint}.")
            used.add(joint == "OR")
            query = _join(joint, query, self._read_near(depth))
        if len(used) > 1:
            raise WordQueryError(
                "Put parentheses around the parts with OR or with AND and NOT, because databases"
                " read them in different orders, as in tax AND (climate OR carbon)."
            )
        return query

    def _read_near(self, depth: int) -> Query:
        query = self._read_operand(depth)
        if self._operator() != "NEAR":
            return query
        token = self._take()
        distance = int(token.lstrip("NEARWw/")[:4] or 0)
        if not 0 < distance <= MAX_DISTANCE:
            raise WordQueryError(
                f"{token} needs a number of words from 1 to {MAX_DISTANCE}, as in tax NEAR/5"
                " climate."
            )
        right = self._read_operand(depth)
        if not (isinstance(query, Words) and isinstance(right, Words)):
            raise WordQueryError(
                f"{token} needs words on both sides, or words with OR in parentheses."
            )
        return Operation("NEAR", query, right, distance)

    def _read_operand(self, depth: int) -> Query:
        words: list[str] = []
        while self.tokens and self._operator() is None and self.tokens[-1] not in {"(", ")"}:
            words.append(self._take())
        if words:
            read = _read_words(" ".join(words))
            self._count += len(read.alternatives)
            if self._count > MAX_ALTERNATIVES:
                raise WordQueryError(f"Use at most {MAX_ALTERNATIVES} words or phrases in a query.")
            return read
        if self._take() != "(" or depth == MAX_DEPTH:
            raise WordQueryError(
                "Put words before and after each of AND, OR, NOT and NEAR/5, as in climate AND (tax"
                f" OR levy) NOT carbon, in at most {MAX_DEPTH} parentheses."
            )
        return self.read_group(depth + 1)

    def _operator(self) -> str | None:
        """Return the next token if it is an operator; NEAR of any form and number is NEAR."""
        token = self.tokens[-1] if self.tokens else ""
        if not _OPERATOR.fullmatch(token):
            return None
        return token if token in {"AND", "OR", "NOT"} else "NEAR"

    def _take(self) -> str:
        if not self.tokens:
            raise WordQueryError("A closing parenthesis is missing: add one.")
        return self.tokens.pop()


def _join(operator: str, left: Query, right: Query) -> Query:
    if operator == "OR" and isinstance(left, Words) and isinstance(right, Words):
        return Words(tuple(dict.fromkeys(left.alternatives + right.alternatives)))
    return Operation(operator, left, right)
