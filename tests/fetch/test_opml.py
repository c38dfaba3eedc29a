"""Export and import of the registry as OPML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.fetch.opml import OpmlError, read_opml, write_opml

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=20
).filter(lambda text: text == text.strip())
ROWS = st.lists(
    st.fixed_dictionaries(
        {"feed_id": TEXT, "url": TEXT.map("https://a.example/".__add__), "title": TEXT},
        optional={"language": TEXT, "topics": TEXT},
    ),
    max_size=4,
)


@given(ROWS)
def test_opml_files_are_read(rows: list[dict[str, str]]) -> None:
    """Each row is a URL and title; folders are topics or outlines without a URL."""
    assert read_opml(write_opml(rows)) == [
        {"url": row["url"], "title": row["title"]} for row in rows
    ]
    text = b"""<?xml version="1.0"?><opml version="1.0"><head/><body><outline text="Policy">
    <outline text="Trade">
    <outline type="rss" title="A feed" xmlUrl="https://a.example/feed"
    htmlUrl="https://a.example/"/></outline></outline></body></opml>"""
    row = {"url": "https://a.example/feed", "title": "A feed", "topics": "Policy|Trade"}
    assert read_opml(text) == [row]


@pytest.mark.parametrize("body", [b"", b"<opml>", b"<rss/>", b"text"])
def test_what_is_no_opml_is_told(body: bytes) -> None:
    """An invalid file raises OpmlError with one sentence."""
    with pytest.raises(OpmlError, match="OPML"):
        read_opml(body)
