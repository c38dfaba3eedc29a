"""Statements about rights in hostile files and pages cost little time and memory."""

import resource
import time
from collections.abc import Callable

import pytest

from tests.cases import cases
from tidings.fetch import rights
from tidings.fetch.rights import MAX_FILE_BYTES, Statement, find_reservation

ORIGIN = "https://example.org"
RSL = '<rsl xmlns="https://rslstandard.org/rsl">'
TEXTS = RSL + "<content url='/'><license>"
ENTITIES = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
DOCTYPE = f"<!DOCTYPE rsl [<!ENTITY a0 'aaaaaaaaaa'>{ENTITIES}"


def fill(text: str, part: str, end: str = "", size: int = MAX_FILE_BYTES) -> str:
    """Return a text of nearly ``size`` characters, most of which are a repeated part."""
    return text + part * ((size - len(text) - len(end)) // len(part)) + end


def numbered(text: str, part: str, end: str = "", size: int = MAX_FILE_BYTES) -> str:
    return text + " ".join(part.format(n) for n in range(size // (len(part) + 5))) + end


LICENCES = {
    "contents": fill(RSL, "<content/>", "</rsl>"),
    "licences": fill(RSL + "<content url='/'>", "<license/>", "</content></rsl>"),
    "permits": fill(TEXTS, "<permits/>", "</license></content></rsl>"),
    "words": numbered(TEXTS + "<permits>", "w{}", "</permits></license></content></rsl>"),
    "attributes": numbered(RSL + "<content ", "a{}=''", "/></rsl>"),
    "namespaces": numbered(RSL, "<x xmlns:p{0}='u{0}'>"),
    "depth": fill(RSL, "<a>"),
    "paths": fill(RSL, "<content url='/" + "%41*" * 60 + "'/>", "</rsl>"),
    "entities": fill(f"{DOCTYPE}]>{RSL}", "&a9;", "</rsl>"),
    "entities in attributes": fill(f"{DOCTYPE}]>{RSL}<content url='", "&a9;", "'/></rsl>"),
    "defaults": f"{DOCTYPE}<!ATTLIST content url CDATA '&a9;'>]>{RSL}<content/></rsl>",
    "outside": f"<!DOCTYPE rsl [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>{RSL}&a;</rsl>",
}
FILES = {
    "nested": fill("", "[") + fill("", "]"),
    "lists": fill("[", "[],", "[]]"),
    "digits": fill("[", "1", "]"),
    "rules": fill("[", '{"location":"/*a","tdm-reservation":1},', "1]"),
    "keys": "[{" + ",".join(f'"{n}":1' for n in range(25_000)) + "}]",
}
PAGE = "<html><head><meta name='tdm-reservation' content=1>"
PAGES = {
    "attributes": numbered(PAGE + "<meta ", "a{}", ">", 131_000),
    "elements": fill(PAGE, "<meta name=robots content=noai>", size=131_000),
    "depth": fill(PAGE, "<b>", size=131_000),
    "open": fill(PAGE, "<meta ", size=131_000),
    "comments": fill(PAGE, "<!--", size=131_000),
    "scripts": fill(PAGE, "<script>", size=131_000),
}
ROBOTS = {
    "uses": fill("User-agent: *\n", "Content-Usage: /*a*a*a*b search=n\n"),
    "groups": fill("", "User-agent: tdm\nDisallow: /a\n"),
    "names": "".join(f"User-agent: tdm{n}\n" for n in range(14_000)) + "Disallow: /a\n" * 999,
}
CASES: list[tuple[Callable[[str], object], dict[str, str]]] = [
    (lambda text: rights.read_licence(text, ORIGIN), LICENCES),
    (rights.read_tdmrep, FILES),
    (lambda text: rights.read_meta_statements(text.encode()), PAGES),
    (lambda text: rights.read_robots_statements.__wrapped__(text, "tidings"), ROBOTS),
]


@pytest.mark.parametrize(
    ("read", "text"), [(read, text) for read, texts in CASES for text in texts.values()]
)
def test_a_hostile_text_costs_little(read: Callable[[str], object], text: str) -> None:
    """The largest text of each kind takes less than .4 s of CPU and 64 MB, and reads no file."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    found = read(text)
    assert time.process_time() - began < 0.4
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 64_000
    assert "root:" not in str(found)


def test_a_thousand_patterns_cost_little() -> None:
    """Each of 1,000 patterns with 400 wildcards is compared with a long path."""
    pattern = "/" + "%61*" * 400 + "b"
    statements = [Statement("content_usage", "", rights.RESERVED, pattern)] * 1_000
    began = time.process_time()
    assert find_reservation(statements, f"{ORIGIN}/{'%61' * 1_350}") is None
    assert time.process_time() - began < 1.0


@cases(
    "page, meanings",
    (b"<META content='1' Name='TDM-Reservation'>", ["reserved"]),
    (b"<meta name=tdm-reservation content=0><body><meta name=tdm-reservation content=1>",
     ["permitted"]),
    (b"<!-- <meta name=tdm-reservation content=1> --><meta name=robots content='noAI, x'>",
     ["ai_only"]),
    (b"<script>'<meta name=tdm-reservation content=1>'</script>", []),
)  # fmt: skip
def test_meta_elements_of_the_head_are_read(page: bytes, meanings: list[str]) -> None:
    """Comments, scripts and the body state nothing."""
    assert [one.meaning for one in rights.read_meta_statements(page)] == meanings
