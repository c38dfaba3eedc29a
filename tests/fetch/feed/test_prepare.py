"""Decoding of a feed's bytes."""

from __future__ import annotations

import pytest

from tidings.fetch.feed.prepare import decode_feed

CHINESE = "外交部发言人就有关问题答记者问，中方对此表示欢迎。会议强调要坚持稳中求进。"
TEXTS = {
    "gb18030": CHINESE,
    "gbk": CHINESE,
    "gb2312": CHINESE,
    "big5": "外交部發言人就有關問題答記者問，會議強調要堅持穩中求進。",
    "shift_jis": "政府は会見で、今後の方針について説明しました。",
    "euc-kr": "정부는 오늘 기자회견에서 앞으로의 방침을 설명했다.",
    "windows-1252": "Der Bundesrat hat über die Änderung für das nächste Jahr beschlossen.",
}


def document(text: str, name: str) -> str:
    return (
        f'<?xml version="1.0"'
        f' encoding="{name}"?><rss><channel><title>{text}</title></channel></rss>'
    )


@pytest.mark.parametrize("name", TEXTS)
def test_a_declared_encoding_is_read(name: str) -> None:
    """A declared encoding is used; gb2312 and gbk are read as their superset."""
    text, problem = decode_feed(document(TEXTS[name], name).encode(name), None)
    assert TEXTS[name] in text
    assert problem is None


@pytest.mark.parametrize("name", TEXTS)
def test_an_encoding_that_says_it_is_utf_8_is_rescued_and_told(name: str) -> None:
    """If the declared encoding is wrong, the encoding is guessed from the bytes, and the problem is
    reported.
    """
    text, problem = decode_feed(
        document(TEXTS[name], "utf-8").encode(name), "text/xml; charset=utf-8"
    )
    assert TEXTS[name] in text
    assert (problem or "").startswith("The declared encoding is utf-8")


def test_the_servers_charset_counts_where_the_document_has_none() -> None:
    """The XML declaration has priority over the server's charset."""
    assert CHINESE in decode_feed(f"<rss>{CHINESE}</rss>".encode("gbk"), "text/xml; charset=GBK")[0]
    assert (
        CHINESE
        in decode_feed(document(CHINESE, "gbk").encode("gbk"), "text/xml; charset=iso-8859-1")[0]
    )


@pytest.mark.parametrize("name", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_mark_or_a_wide_encoding_is_seen(name: str) -> None:
    """UTF-16 and UTF-32 are detected by their byte-order mark or their zero bytes."""
    assert CHINESE in decode_feed(document(CHINESE, "x-unknown").encode(name), None)[0]


def test_a_few_broken_bytes_are_no_other_encoding() -> None:
    """A long UTF-8 text with one damaged character is read as UTF-8, and the damage is reported."""
    body = document(CHINESE * 20, "utf-8").encode()
    spoilt = body[:200] + b"\xff" + body[200:]
    text, problem = decode_feed(spoilt, None)
    assert "稳中求进" in text
    assert problem == "Some bytes are invalid in its encoding."
