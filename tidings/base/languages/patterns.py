r"""Compile the patterns that users write for RE2, whose time is linear in the text.

``\w``, ``\d``, ``\s`` and ``\b`` are not ASCII only: classes become Unicode properties, and for
``\b`` the searched text gets a mark at each word boundary, which all other elements skip.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

import re2

_MARK = "\ufdd0"  # a noncharacter, which no text contains
_CLASSES = {"w": r"\p{L}\p{N}_", "d": r"\p{Nd}", "s": r"\t-\r\x1c-\x20\x{85}\p{Z}"}
_TOKEN = re.compile(
    r"""(?P<escape>\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x\{[0-9a-fA-F]+\}|x[0-9a-fA-F]{2}|p\{\w+\}|p[A-Z]|[\s\S]|$))
    |(?P<set>\[\^?\]?(?:\\[\s\S]|[^\]\\])*\])
    |(?P<group>\((?:\?(?:P?<\w+>|[ims]+\)|[ims]*:|.?=|<?!)?)?)
    |(?P<repeat>[*+?]|\{\d*,?\d*\})
    |(?P<other>[\s\S])""",
    re.VERBOSE,
)
_STARTS = {r"\b": _MARK, r"\A": r"\A", "^": "^"}
_INSTEAD = {
    "(?=": "(?= looks ahead: match the following text as well",
    "(?!": "(?! looks ahead: list the texts that may follow",
    "(?<=": "(?<= looks behind: match the preceding text as well",
    "(?<!": "(?<! looks behind: list the texts that may precede",
    "(?P=": "(?P= refers to a group: write out its alternatives",
    r"\B": r"\B is not supported: write the neighbouring letters, such as \w",
    r"\W": r"\W cannot be in brackets: write \p{L} for [^\W\d_], or (?:\W|x) for [\Wx]",
    r"\D": r"\D cannot be in brackets: write (?:\D|x) for [\Dx]",
    r"\S": r"\S cannot be in brackets: write (?:\S|x) for [\Sx]",
}


class PatternError(ValueError):
    """A pattern that cannot be used. The message states the reason, and what to write instead."""


class UserPattern:
    """A compiled pattern."""

    def __init__(self, pattern: str, *, ignores_case: bool = False) -> None:
        """Compile the pattern. Raise PatternError if RE2 does not support it."""
        elements = [(match.lastgroup or "", match[0]) for match in _TOKEN.finditer(pattern)]
        # as many as one place of the text may need
        self._marks = _MARK * elements.count(("escape", r"\b"))
        options = re2.Options()
        options.case_sensitive = not ignores_case
        options.log_errors, options.never_capture = False, True
        try:
            self._compiled = re2.compile(_translate(elements, is_marked=bool(self._marks)), options)
        except (re2.error, UnicodeEncodeError) as error:
            reason = "it contains half of a character"
            if isinstance(error, re2.error):
                reason = error.args[0].decode()
            advice = "use only its syntax, as docs/howto/theme.md describes"
            raise PatternError(f"RE2 refuses it ({reason}): {advice}") from None

    def occurs_in(self, text: str) -> bool:
        """Return whether the pattern matches anywhere in the text."""
        marked = re.sub(r"\b", self._marks, text) if self._marks else text
        return self._compiled.search(marked.encode("utf-8", "replace")) is not None


compile_pattern = functools.lru_cache(maxsize=1024)(UserPattern)
"""Return the compiled pattern. Raises PatternError if RE2 does not support it."""


def check_pattern(pattern: str, place: str) -> None:
    """Raise PatternError, whose sentence begins with ``place``, if a pattern is invalid."""
    try:
        compile_pattern(pattern)
    except PatternError as error:
        problem = f"{pattern[:80]!r} is not a valid regular expression: {error}"
        raise PatternError(f"{place} {problem}.") from error


def _translate(elements: list[tuple[str, str]], *, is_marked: bool) -> str:
    """Return the pattern for RE2. Raise PatternError for an element without equivalent."""
    skip = f"{_MARK}*" * is_marked
    translated = []
    for kind, part in elements:
        if kind == "group" and part in _INSTEAD:
            raise PatternError(_INSTEAD[part])
        if part in _STARTS:
            translated.append(_STARTS[part])
        elif part in {r"\z", r"\Z", "$"}:
            translated.append(rf"{skip}\z")
        elif kind in {"group", "repeat"} or part in {"|", ")"}:
            translated.append(part.replace("{,", "{0,"))  # RE2 would read {,3} as text
        else:
            atom = _ATOMS.get(kind, str)(part)
            atom = f"[^{_MARK}]" if part == "." else atom  # folded texts and URLs are single lines
            translated.append(f"(?:{skip}{atom})" if skip else atom)
    return "".join(translated)


def _set(part: str) -> str:
    if "[:" in part:
        raise PatternError(r"[: : ] knows only ASCII: write \w, \d, \s or \p{L}")
    start = 2 if part.startswith("[^") else 1
    inner = re.sub(
        r"\\(?:[uU][0-9a-fA-F]+|[\s\S])",
        lambda match: _escape(match[0], is_inside=True),
        part[start:-1],
    )
    return f"[^{_MARK}{inner}]" if start == 2 else f"[{inner}]"


def _escape(part: str, *, is_inside: bool = False) -> str:
    r"""Return an escape for RE2. Negated classes exclude the mark."""
    letter = part[1:2]
    if letter in _CLASSES:
        return _CLASSES[letter] if is_inside else f"[{_CLASSES[letter]}]"
    if letter.lower() in _CLASSES and not is_inside:
        return f"[^{_MARK}{_CLASSES[letter.lower()]}]"
    if letter in "uU" and len(part) > 2:
        return rf"\x{{{part[2:]}}}"
    if letter in {*"123456789"}:
        raise PatternError(f"{part} refers to a group: write out its alternatives")
    if letter.isalnum() and letter not in "xpnrtfva0":
        other = f"{part} is not supported: write the characters that it should match"
        raise PatternError(_INSTEAD.get(part, other))
    return part


_ATOMS: dict[str, Callable[[str], str]] = {"set": _set, "escape": _escape}
