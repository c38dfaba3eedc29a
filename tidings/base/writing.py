"""Measure lines in any script: words, length, and the end of a sentence."""

from __future__ import annotations

import re

# scripts that do not separate words: kana and Han; the alphabets of Thai, Lao, Burmese and Khmer
HAN = "\u3040-\u30ff\u3400-\u9fff"
ALPHABETS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\uaa60-\uaa7f"
_WIDE = re.compile(f"[{HAN}\uf900-\ufaff\uac00-\ud7af]")
# vowel signs of India and Tibet, which are not letters for Python
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0966-\u0df3\u0f40-\u0fbc"
_WORD = re.compile(f"(?:[^\\W\\d_{HAN}{ALPHABETS}]|[{_MARKS}]){{2,}}")
# usual characters per word
_PER_WORD = ((re.compile(f"[{HAN}]"), 2), (re.compile(f"[{ALPHABETS}]"), 5))
_END = 100  # characters searched for the end of a sentence
# Thai and Lao have no full stop.
_SENTENCE = re.compile(r"[.!?…。！？”\"»)）؟۔।။།។][^\w]*$|[\u0e00-\u0eff]{40}$")

# A speaker's title, name and perhaps office or party.
_SPEAKER = re.compile(
    r"(?:(?:mr|mrs|ms|miss|dr|sir|dame|lord|lady|baroness|hon|senator|herr|frau|abg|präsident(?:in)?|m|mme|sr|sra)\b\.?"
    r"|the (?:(?:prime )?minister|president|chair\w*|(?:deputy )?speaker|secretary of"
    r" state)\b)[^.!?]{2,80}(?:\.[^.!?]{0,20})?$",
    re.IGNORECASE,
)


def estimate_words(line: str) -> int:
    """Return the number of words of two letters or more, estimated in scripts without spaces."""
    unspaced = sum(-(-len(sign.findall(line)) // usual) for sign, usual in _PER_WORD)
    return len(_WORD.findall(line)) + unspaced


def width(line: str) -> int:
    """Return a line's length in letters; a Chinese, Japanese or Korean character counts as two."""
    return len(line) if line.isascii() else len(line) + len(_WIDE.findall(line))


def ends_sentence(line: str) -> bool:
    """Return whether a line ends like a sentence; in Thai and Lao, with a long run of letters."""
    return bool(_SENTENCE.search(line, max(0, len(line) - _END)))


def names_speaker(line: str) -> bool:
    """Return whether a line is a speaker's title and name, perhaps with office or party."""
    return len(line) <= 120 and bool(_SPEAKER.match(line))
