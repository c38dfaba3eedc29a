"""The Swiss releases of ../shared/newsroom, where it is there: each page's text against the message that it was made of.

    python -m tests.flows.extract.test_shared_newsroom

compares all of them and prints those that differ; the test takes every fortieth.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup

from tidings.flows.extract import Cleaned, Page, clean

if TYPE_CHECKING:
    from collections.abc import Iterator

NEWSROOM = Path(__file__).parents[4] / "shared" / "newsroom"
HOME = "http://127.0.1.2:8600"
FETCHED = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
pytestmark = pytest.mark.skipif(not (NEWSROOM / "swiss.zip").exists(), reason="needs ../shared/newsroom")


def letters(text: str) -> str:
    """Return a text's letters and digits."""
    return re.sub(r"[\W_]+", "", text)


def releases() -> Iterator[tuple[str, bytes, str, str]]:
    """Yield address, page, title and text (lead and body) of every release in every language."""
    told = importlib.util.spec_from_file_location("newsroom", NEWSROOM / "serve.py")
    assert told
    assert told.loader
    module: Any = importlib.util.module_from_spec(told)
    told.loader.exec_module(module)
    swiss = module.Swiss()
    for language in module.LANGS:
        for item in swiss.items(language):
            body = BeautifulSoup(item["body"], "lxml").get_text()
            yield (
                f"{HOME}/{language}/news/{item['id']}.html",
                swiss.page(language, item, HOME),
                item["title"],
                item["lead"] + body,
            )


def differing(every: int) -> tuple[int, list[tuple[str, int, int]]]:
    """Return how many pages were compared, and of those that differ the address, missing and added letters."""
    count, found = 0, []
    for number, (url, body, title, text) in enumerate(releases()):
        if number % every:
            continue
        cleaned = clean(Page(url, url, body, "text/html; charset=utf-8", FETCHED, "Europe/Zurich"))
        count += 1
        read = letters(cleaned.body_text) if isinstance(cleaned, Cleaned) else ""
        if read != letters(text) or (isinstance(cleaned, Cleaned) and letters(cleaned.title) != letters(title)):
            found.append((url, len(letters(text)), len(read)))
    return count, found


def test_the_text_of_a_release_is_that_of_its_message() -> None:
    """Letter by letter: lead and body, no contact, no link, no share line, no teaser."""
    count, found = differing(every=40)
    assert count > 60
    assert found == []


if __name__ == "__main__":
    compared, different = differing(every=1)
    sys.stdout.write("".join(f"{url}: {true} letters, {read} read\n" for url, true, read in different))
    sys.stdout.write(f"{compared} pages compared, {len(different)} differ\n")
