"""Read and write dictionaries of other programs: LIWC (.dic), Yoshikoder (.ykd), Lexicoder (.lcd,
.lc3) and CSV with the columns category and phrase.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from lxml import etree

from tidings.base.decode import decode

Reader = Callable[[bytes], Iterator["Entry"]]
Writer = Callable[[dict[str, list[str]]], str]

MAX_BYTES = 20_000_000
_OTHER_WILDCARD = re.compile(r"[*?].")
_CONDITION = re.compile(r"[<(\[]")


class DictionaryError(ValueError):
    """The file is no dictionary; the message is one sentence for the user."""


class Entry(NamedTuple):
    """A phrase of a category; a final * matches any ending. ``problem``: why it is not used."""

    category: str
    phrase: str
    problem: str = ""


def read_dictionary(data: bytes, kind: str) -> list[Entry]:
    """Return the entries of a dictionary file; ``kind`` is its ending.

    Raises: DictionaryError: If the kind is unknown, or the file is too large or has another form.
    """
    read, _ = _find_kind(kind)
    if len(data) > MAX_BYTES:
        raise DictionaryError(f"The dictionary is larger than {MAX_BYTES // 10**6} MB.")
    entries = [_check(entry) for entry in read(data)]
    if not entries:
        raise DictionaryError(f"The file has no entries of the form {kind}.")
    return list(dict.fromkeys(entries))


def write_dictionary(entries: Iterable[Entry], kind: str) -> str:
    """Return the text of a dictionary file. Raises DictionaryError if the kind is unknown."""
    _, write = _find_kind(kind)
    by_category: dict[str, list[str]] = {}
    for entry in entries:
        by_category.setdefault(entry.category, []).append(entry.phrase)
    return write(by_category)


def _find_kind(kind: str) -> tuple[Reader, Writer]:
    if kind not in _KINDS:
        raise DictionaryError(f"Unknown kind {kind!r}: use {', '.join(_KINDS)}.")
    return _KINDS[kind]


def _check(entry: Entry) -> Entry:
    phrase, problem = " ".join(entry.phrase.split()), entry.problem
    if not problem and _OTHER_WILDCARD.search(phrase.removesuffix("*") + "."):
        problem = "has a wildcard before its end"
    return Entry(" ".join(entry.category.split()), phrase, problem)


def _read_text(data: bytes) -> Iterator[str]:
    for line in decode(data, None).splitlines():
        if line := line.strip():
            yield line


def _read_liwc(data: bytes) -> Iterator[Entry]:
    """Yield the entries of a .dic file: numbered categories, then phrases with numbers."""
    names: dict[str, str] = {}
    marks = 0
    for line in _read_text(data):
        if line == "%":
            marks += 1
        elif marks == 1:
            number, _, name = line.partition("\t")
            names[number.strip()] = name.strip()
        elif marks:
            phrase, *cells = line.split("\t")
            for cell in filter(None, map(str.strip, cells)):
                if _CONDITION.search(cell) or "/" in cell:
                    yield Entry(cell, phrase, "depends on the words around it")
                elif cell in names:
                    yield Entry(names[cell], phrase)
                else:
                    yield Entry(cell, phrase, "has a category without a name")


def _read_xml(data: bytes) -> Iterator[Entry]:
    """Yield the entries of Yoshikoder and Lexicoder 2: cnode is a category, pnode a phrase."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise DictionaryError(f"The dictionary is no XML: {error.msg}.") from error
    for node in root.iter("pnode"):
        parent = node.getparent()
        category = "" if parent is None else str(parent.get("name") or "")
        yield Entry(category, str(node.get("name") or node.text or ""))


def _read_lines(data: bytes) -> Iterator[Entry]:
    category = ""
    for line in _read_text(data):
        if line.startswith("+"):
            category = line[1:]
        else:
            yield Entry(category, line)


def _read_csv(data: bytes) -> Iterator[Entry]:
    reader = csv.DictReader(_read_text(data))
    if not {"category", "phrase"} <= set(reader.fieldnames or ()):
        raise DictionaryError("The CSV file needs the columns category and phrase.")
    for row in reader:
        yield Entry(row["category"] or "", row["phrase"] or "")


def _write_liwc(by_category: dict[str, list[str]]) -> str:
    numbers = {name: str(number) for number, name in enumerate(by_category, 1)}
    of_phrase: dict[str, list[str]] = {}
    for name, phrases in by_category.items():
        for phrase in phrases:
            of_phrase.setdefault(phrase, []).append(numbers[name])
    head = [f"{number}\t{name}" for name, number in numbers.items()]
    body = ["\t".join((phrase, *ids)) for phrase, ids in of_phrase.items()]
    return "\n".join(("%", *head, "%", *body, ""))


def _write_xml(by_category: dict[str, list[str]]) -> str:
    top = etree.Element("dictionary", style="")
    root = etree.SubElement(top, "cnode", name="themes", desc="")
    for name, phrases in by_category.items():
        node = etree.SubElement(root, "cnode", name=name, desc="")
        for phrase in phrases:
            etree.SubElement(node, "pnode", name=phrase)
    return etree.tostring(top, encoding="unicode", pretty_print=True)


def _write_lines(by_category: dict[str, list[str]]) -> str:
    groups = ("\n".join((f"+{name}", *phrases)) for name, phrases in by_category.items())
    return "\n".join(groups) + "\n"


def _write_csv(by_category: dict[str, list[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("category", "phrase"))
    writer.writerows((name, phrase) for name, phrases in by_category.items() for phrase in phrases)
    return out.getvalue()


_KINDS: dict[str, tuple[Reader, Writer]] = {
    "dic": (_read_liwc, _write_liwc),
    "ykd": (_read_xml, _write_xml),
    "lcd": (_read_xml, _write_xml),
    "lc3": (_read_lines, _write_lines),
    "csv": (_read_csv, _write_csv),
}
