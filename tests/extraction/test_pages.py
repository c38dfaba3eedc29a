"""Golden pages: the folder pages/ contains inputs and expected outputs side by side."""

import datetime as dt
import json
from pathlib import Path

import pytest

from tidings.extraction import Cleaned, Page, clean

PAGES = Path(__file__).parent / "pages"
FETCHED = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)


def plain(value: object) -> object:
    """Return a value as in JSON."""
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.json")), ids=lambda path: path.stem)
def test_golden_page(path: Path) -> None:
    """Every field of the expected output has its value."""
    golden = json.loads(path.read_text("utf-8"))
    url = f"https://www.inland.example/{path.stem}"
    body, given = path.with_suffix(".html").read_bytes(), {"zone": "UTC"} | golden["page"]
    found = clean(Page(url, url, body, given.get("content_type"), FETCHED, given["zone"]))
    assert isinstance(found, Cleaned), found
    assert {name: plain(getattr(found, name)) for name in golden["expected"]} == golden["expected"]
