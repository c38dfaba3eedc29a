"""Dictionaries of other programs are read and written, and what they cannot share is named."""

import pytest

from tests.cases import cases
from tidings.annotation import dictionaries
from tidings.annotation.dictionaries import (
    DictionaryError,
    Entry,
    read_dictionary,
    write_dictionary,
)

LIWC = "%\n1\tenergy\n2\tjobs\n%\nwind farm*\t1\nwage\t1\t2\nw*rk\t2\nlike\t(02 134)125\nrain\t9\n"
YOSHIKODER = """<?xml version="1.0"?>
<dictionary style="555"><cnode name="root"><cnode name="energy" desc=""><pnode name="wind  farm*"/>
<cnode name="coal"><pnode name="pit"/></cnode></cnode></cnode></dictionary>"""


@cases(
    "kind, text, expected",
    ("dic", LIWC, [
        ("energy", "wind farm*", ""), ("energy", "wage", ""), ("jobs", "wage", ""),
        ("jobs", "w*rk", "has a wildcard before its end"),
        ("(02 134)125", "like", "depends on the words around it"),
        ("9", "rain", "has a category without a name"),
    ]),
    ("ykd", YOSHIKODER, [("energy", "wind farm*", ""), ("coal", "pit", "")]),
    ("lc3", "+energy\nwind farm*\n", [("energy", "wind farm*", "")]),
    ("csv", "\ufeffcategory,phrase\nenergy,风电\n", [("energy", "风电", "")]),
)  # fmt: skip
def test_each_format_is_read(kind: str, text: str, expected: list[tuple[str, str, str]]) -> None:
    """Entries have category and phrase, and a problem if the word list cannot express them."""
    assert read_dictionary(text.encode(), kind) == [Entry(*row) for row in expected]


@cases("kind", "dic", "ykd", "lcd", "lc3", "csv")
def test_a_written_dictionary_is_read_again(kind: str) -> None:
    """Each format returns the entries that were written, also with characters of XML and CSV."""
    entries = [Entry("energy", "wind farm*"), Entry("energy", 'R&D, "heat"'), Entry("jobs", "风电")]
    assert read_dictionary(write_dictionary(entries, kind).encode(), kind) == entries


@cases(
    "kind, text, reason",
    ("doc", "x", "Unknown kind 'doc'"),
    ("ykd", "<dictionary", "no XML"),
    ("lcd", '<!DOCTYPE d [<!ENTITY a SYSTEM "/x">]><d><pnode name="&a;"/></d>', "no XML"),
    ("csv", "a,b\n1,2\n", "needs the columns"),
    ("dic", "no categories\n", "no entries"),
    ("lc3", "x" * 101, "larger than"),
)
def test_a_file_of_another_form_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, kind: str, text: str, reason: str
) -> None:
    """Unknown kinds, other contents and files above the limit are refused."""
    monkeypatch.setattr(dictionaries, "MAX_BYTES", 100)
    with pytest.raises(DictionaryError, match=reason):
        read_dictionary(text.encode(), kind)
