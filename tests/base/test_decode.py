"""Decoding of pages and feeds, independent of wrong labels."""

import bz2
import gzip
import lzma
import random
import struct
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import cases
from tidings.base.decode import decode, decode_labelled, is_binary

SAMPLES = {
    "gb18030": "市政府昨天公布了新的河道整治计划，预计年底前完成。",
    "big5": "市政府昨天公布了新的河道整治計劃，預計年底前完成。",
    "euc_jp": "市は昨日、新しい河川の整備計画を発表しました。年末までに終わる見込みです。",
    "cp932": "市は昨日、新しい河川の整備計画を発表しました。年末までに終わる見込みです。",
    "cp949": "시는 어제 새로운 하천 정비 계획을 발표했다. 연말까지 끝날 예정이다.",
    "cp1251": (
        "Городской совет вчера объявил новый план очистки реки, работы закончат к концу года."
    ),
    "cp1252": "Der Stadtrat hat gestern beschlossen, die Brücke für Fußgänger zu öffnen – endlich.",
    "gbk": "市政府昨天公布了新的河道整治计划，预计年底前完成。",
    "cp1250": "Rada města včera schválila nový plán úpravy řeky, práce skončí do konce příštího"
    " roku.",
    "cp1253": "Το δημοτικό συμβούλιο ανακοίνωσε χθες νέο σχέδιο για τον καθαρισμό του ποταμού.",
    "cp1254": "Belediye meclisi dün yeni ırmak düzenleme planını açıkladı, işler yıl sonunda"
    " bitecek.",
    "cp1255": "מועצת העיר הודיעה אתמול על תוכנית חדשה להסדרת הנהר, והעבודות יסתיימו עד סוף השנה.",
    "cp1256": "أعلن مجلس المدينة أمس خطة جديدة لتنظيم مجرى النهر وستنتهي الأعمال قبل نهاية العام.",
    "cp1257": "Miesto taryba vakar paskelbė naują upės tvarkymo planą, darbai baigsis iki metų"
    " pabaigos.",
    "koi8_r": (
        "Городской совет вчера объявил новый план очистки реки, работы закончат к концу года."
    ),
}
LABELS = {"gb18030": "gb2312", "cp932": "shift_jis", "cp949": "euc-kr", "cp1252": "iso-8859-1"}
LABELS |= {"euc_jp": "euc-jp", "koi8_r": "koi8-r"}
LABELS |= {f"cp125{n}": f"windows-125{n}" for n in (0, 1, 3, 4, 5, 6, 7)}
WIDE = ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]


@pytest.mark.parametrize("codec", SAMPLES)
def test_a_labelled_page_is_decoded_as_in_browsers(codec: str) -> None:
    """A page in any of these encodings, with its usual label, is decoded completely."""
    page = f'<meta charset="{LABELS.get(codec, codec)}"><p>{SAMPLES[codec]}</p>'.encode(codec)
    assert SAMPLES[codec] in decode(page, None)


@cases("codec", "gb18030", "big5", "euc_jp", "cp932", "cp949")
def test_a_wrong_label_is_recognised(codec: str) -> None:
    """A multi-byte page with the label iso-8859-1 is not decoded as accented letters."""
    page = f'<meta charset="iso-8859-1"><p>{SAMPLES[codec] * 4}</p>'.encode(codec)
    assert SAMPLES[codec] in decode(page, "text/html; charset=iso-8859-1")


@pytest.mark.parametrize("codec", SAMPLES)
def test_a_wrong_utf_8_label_is_recognised(codec: str) -> None:
    """The words of a page with a wrong label, or without a label, show its encoding."""
    page = f"<p>{SAMPLES[codec] * 4}</p>".encode(codec)
    assert SAMPLES[codec] in decode(page, "text/html; charset=utf-8")
    assert SAMPLES[codec] in decode(page, None)


@cases("codec", "gb18030", "big5", "euc_jp", "cp932", "cp949")
def test_a_short_text_without_a_label_is_not_cyrillic(codec: str) -> None:
    """Ten characters suffice for Chinese, Japanese and Korean, twenty for ISO 8859-2."""
    assert SAMPLES[codec][:10] in decode(f"<h1>{SAMPLES[codec][:10]}</h1>".encode(codec), None)
    polish = "Środki wróciły późną wiosną, ponieważ są żądane"
    assert polish in decode(f"<p>{polish}</p>".encode("iso8859_2"), None)


def test_priority_of_bytes_documents_and_servers() -> None:
    """Valid UTF-8 has priority over labels, also with one damaged character, which is reported;
    UTF-16 is recognised by its mark or its zero bytes; the declaration of the document has priority
    over the server.
    """
    page = '<meta charset="gb2312">Brücke'.encode()
    assert "Brücke" in decode(page, "text/html; charset=windows-1252")
    assert decode("<p>Brücke</p>".encode("utf-16"), None) == "<p>Brücke</p>"
    assert decode("<p>Brücke</p>".encode("utf-16-le"), None) == "<p>Brücke</p>"
    bare, declared = f"<rss>{CHINESE}</rss>", document(CHINESE, "gbk")
    assert CHINESE in decode(bare.encode("gbk"), "text/xml; charset=GBK")
    assert CHINESE in decode(declared.encode("gbk"), "text/xml; charset=iso-8859-1")
    body = document(CHINESE * 20, "utf-8").encode()
    spoilt = body[:200] + b"\xff" + body[200:]
    text, problem = decode_labelled(spoilt, None)
    assert "稳中求进" in text
    assert problem == "Some bytes are invalid in its encoding."


@cases("codec", *SAMPLES, "utf-8", *WIDE[:-1], "iso2022_jp", "iso2022_kr", "hz")
def test_a_page_in_any_encoding_is_text(codec: str) -> None:
    """A page is text in each encoding, also with a control character or zeros at its end."""
    language = {"iso2022_jp": "cp932", "iso2022_kr": "cp949", "hz": "gbk"}.get(codec, codec)
    sample = SAMPLES.get(language, SAMPLES["gb18030"])
    body = f"<html><title>Notice</title><p>{sample}</p></html>".encode(codec)
    assert not is_binary(body)
    assert not is_binary(body + b"\0" * 512)
    assert not is_binary("<p>a\x0bb</p>".encode("utf-16" if codec == "utf-16" else "utf-8"))


def _noise(size: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(size)


TEXT = "".join(SAMPLES.values()).encode() * 20
HEAD = struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0)
CHUNKS = (b"IHDR" + HEAD, b"IDAT" + zlib.compress(_noise(3_104, 1)), b"IEND")
FILES = {
    "noise": _noise(4_000, 2),
    "noise after a mark": b"\xff\xfe" + _noise(4_000, 3),
    "png": b"\x89PNG\r\n\x1a\n"
    + b"".join(
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in CHUNKS
    ),
    "gif": (
        b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0!\xf9\x04\x01\0\0\0\0,"
        b"\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
    ),
    "gzip": gzip.compress(TEXT),
    "bzip2": bz2.compress(TEXT),
    "xz": lzma.compress(TEXT),
    "zip": b"PK\x03\x04 ...",
    "program": Path(sys.executable).resolve().read_bytes()[:200_000],
    "sound": b"RIFF\x24\x08\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0"
    + struct.pack("<500h", *range(-250, 250)),
    "read as latin-1": _noise(4_000, 4).decode("latin-1").encode(),
    "read as UTF-8": _noise(4_000, 5).decode("utf-8", "replace").encode(),
}


@pytest.mark.parametrize("name", FILES)
def test_files_are_not_text(name: str) -> None:
    """Images, archives, sounds, programs and random bytes are not text, also once decoded."""
    assert is_binary(FILES[name])


@settings(deadline=None)  # the first guess builds the tables of frequent characters
@given(st.binary(max_size=400), st.none() | st.text(max_size=40))
def test_any_bytes_yield_text(body: bytes, content_type: str | None) -> None:
    """Decoding never raises, and bytes that contain letters never yield an empty text."""
    text = decode(body, content_type)
    assert isinstance(text, str)
    assert text.strip() or not any(33 <= byte < 127 for byte in body[2:]) or len(body) < 4


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
    head = f'<?xml version="1.0" encoding="{name}"?>'
    return f"{head}<rss><channel><title>{text}</title></channel></rss>"


@pytest.mark.parametrize("name", TEXTS)
def test_a_declared_encoding_is_read(name: str) -> None:
    """A declared encoding is used; gb2312 and gbk are read as their superset."""
    text, problem = decode_labelled(document(TEXTS[name], name).encode(name), None)
    assert TEXTS[name] in text
    assert problem is None


@pytest.mark.parametrize("name", TEXTS)
def test_an_encoding_that_says_it_is_utf_8_is_rescued_and_told(name: str) -> None:
    """A wrong declared encoding is replaced by the bytes' encoding, and reported."""
    page = document(TEXTS[name], "utf-8").encode(name)
    text, problem = decode_labelled(page, "text/xml; charset=utf-8")
    assert TEXTS[name] in text
    assert (problem or "").startswith("The declared encoding is utf-8")


@cases("name", *WIDE)
def test_a_mark_or_a_wide_encoding_is_seen(name: str) -> None:
    """UTF-16 and UTF-32 are detected by their byte-order mark or their zero bytes."""
    assert CHINESE in decode_labelled(document(CHINESE, "x-unknown").encode(name), None)[0]
