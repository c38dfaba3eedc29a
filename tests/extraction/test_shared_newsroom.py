"""The Swiss releases of ../shared/newsroom, if it exists: each page's text is compared with its
source message.

    python -m tests.extraction.test_shared_newsroom

compares all pages and prints those that differ; the test compares every fortieth.
"""

import datetime as dt
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from tidings.extraction import Cleaned, Page, clean

NEWSROOM = Path(__file__).parents[3] / "shared" / "newsroom"
HOME = "http://127.0.1.2:8600"
FETCHED = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
pytestmark = pytest.mark.skipif(
    not (NEWSROOM / "swiss.zip").exists(), reason="needs ../shared/newsroom"
)


def letters(text: str) -> str:
    """Return the letters and digits of a text."""
    return re.sub(r"[\W_]+", "", text)


def releases() -> Iterator[tuple[str, bytes, str, str]]:
    """Yield URL, page, title and text (lead and body) of every release in every language."""
    spec = importlib.util.spec_from_file_location("newsroom", NEWSROOM / "serve.py")
    assert spec
    assert spec.loader
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
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
    """Return the number of compared pages, and URL and lengths of those that differ."""
    count, different = 0, list[tuple[str, int, int]]()
    for number, (url, body, title, text) in enumerate(releases()):
        if number % every:
            continue
        cleaned = clean(Page(url, url, body, "text/html; charset=utf-8", FETCHED, "Europe/Zurich"))
        count += 1
        read = letters(cleaned.body_text) if isinstance(cleaned, Cleaned) else ""
        if read != letters(text) or (
            isinstance(cleaned, Cleaned) and letters(cleaned.title) != letters(title)
        ):
            different.append((url, len(letters(text)), len(read)))
    return count, different


def test_the_text_of_a_release_equals_its_message() -> None:
    """The text is lead and body, letter by letter, without contacts, links and teasers."""
    count, different = differing(every=40)
    assert count > 60
    assert different == []


if __name__ == "__main__":
    compared, different = differing(every=1)
    sys.stdout.write(
        "".join(f"{url}: {true} letters, {read} read\n" for url, true, read in different)
    )
    sys.stdout.write(f"{compared} pages compared, {len(different)} differ\n")
