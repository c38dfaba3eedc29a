"""Patterns of users: the meaning that Python's ``re`` gives them, in linear time."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import cases
from tidings import demo as sample
from tidings.annotation.folding import fold
from tidings.base.languages.patterns import PatternError, check_pattern, compile_pattern
from tidings.paths import SEEDS

TEXTS = Path(sample.__file__).parent / "texts"
PARTS = [
    *r"\b \w \W \d \D \s \S . x ß è 港 3 _ \. [a-zé] [^x] [\w-] [^\w] [\d\s] (x|\b) (?:è\b)? (?i:X)"
    r" x* 3{,2} \u00e8".split(),
    " ",
]


def own_patterns(name: str, column: str) -> list[str]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return sorted({row[column] for row in csv.DictReader(file)} - {""})


SLOW = r"""
import resource
from tidings.base.languages.patterns import compile_pattern
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
for pattern in (r"(\w+\s?)+!", r"(\b\w+\b\s?)+!", "(x*)*y", "(x+x+)+y"):
    assert not compile_pattern(pattern, ignores_case=True).occurs_in("x" * 100_000)
"""


def test_linear_time() -> None:
    """A pattern on which re takes hours ends within 20 seconds of CPU time."""
    subprocess.run([sys.executable, "-c", SLOW], check=True)


def test_shipped_patterns() -> None:
    """Every bundled exclude_regex matches the same parts of the sample's texts as in re."""
    words = " ".join(
        fold(path.read_text(encoding="utf-8")).text for path in sorted(TEXTS.glob("*.t*"))
    )
    windows = [words[start : start + 600] for start in range(0, len(words), 500)]
    patterns = own_patterns("theme_phrases", "exclude_regex")
    matched = 0
    for pattern in patterns:
        usual, ours = (
            re.compile(pattern, re.IGNORECASE),
            compile_pattern(pattern, ignores_case=True),
        )
        found = [ours.occurs_in(window) for window in windows]
        assert found == [usual.search(window) is not None for window in windows], pattern
        matched += any(found)
    assert matched > 50


def test_shipped_url_patterns() -> None:
    """Every bundled url_pattern matches the same URLs as with Python's re."""
    urls = [
        "https://tv.example/2023/10/31/VIDEabc_1.shtml",
        "https://tv.example/2023/10/31/ARTIabc.shtml",
    ]
    for pattern in own_patterns("extraction_rules", "url_pattern"):
        assert [compile_pattern(pattern).occurs_in(url) for url in urls] == [
            bool(re.search(pattern, url)) for url in urls
        ]


@settings(deadline=None)  # a busy machine takes longer
@given(
    st.sampled_from(["", "^"]),
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=6),
    st.sampled_from(["", "$"]),
    st.text("xX3è_ß港. é", max_size=8),
)
def test_unicode_classes(start: str, parts: list[str], end: str, text: str) -> None:
    r"""Classes and \b have their Unicode meaning, in every position of a pattern."""
    pattern = "".join([start, *parts, end])
    assert compile_pattern(pattern).occurs_in(text) == bool(re.search(pattern, text))


@cases(
    "pattern, reason",
    (r"tax(?!payer)", "looks ahead"),
    (r"(?<=new )tax", "looks behind"),
    (r"(\w+) \1", r"\1 refers to a group"),
    (r"(?P<word>\w+) (?P=word)", "refers to a group"),
    (r"\Btax", "neighbouring letters"),
    (r"[^\W\d_]+", r"write \p{L}"),
    (r"[[:alpha:]]", r"write \w"),
    (r"\Qtax", r"\Q is not supported"),
    ("(tax", "missing )"),
    ("tax++", "bad repetition operator"),
    ("(?>tax)", "invalid"),
    ("tax\\", "trailing"),
    ("(?:(?:tax{100}){100}){100}", "RE2 refuses it"),
    ("tax\ud800", "half of a character"),
)
def test_refused_patterns(pattern: str, reason: str) -> None:
    """An element that RE2 lacks is refused in a sentence with its place and the alternative."""
    with pytest.raises(PatternError) as refusal:
        check_pattern(pattern, "theme_phrases.csv, tax-1: exclude_regex")
    sentence = str(refusal.value)
    assert sentence.startswith("theme_phrases.csv, tax-1: exclude_regex ")
    assert reason in sentence
    assert sentence.count("\n") == 0
    assert sentence.endswith(".")


def test_lone_surrogate() -> None:
    """Half of a character in a text, from a damaged page, matches nothing and does not raise."""
    assert compile_pattern("tax").occurs_in("\ud800 tax")
    assert not compile_pattern("a").occurs_in("\ud800")
