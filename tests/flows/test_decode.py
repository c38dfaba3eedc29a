"""Decoding of bytes, independent of wrong labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.flows.decode import decode

SAMPLES = {
    "gb18030": "市政府昨天公布了新的河道整治计划，预计年底前完成。",
    "big5": "市政府昨天公布了新的河道整治計劃，預計年底前完成。",
    "euc_jp": "市は昨日、新しい河川の整備計画を発表しました。年末までに終わる見込みです。",
    "cp932": "市は昨日、新しい河川の整備計画を発表しました。年末までに終わる見込みです。",
    "cp949": "시는 어제 새로운 하천 정비 계획을 발표했다. 연말까지 끝날 예정이다.",
    "cp1251": "Городской совет вчера объявил новый план очистки реки, работы закончат к концу года.",
    "cp1252": "Der Stadtrat hat gestern beschlossen, die Brücke für Fußgänger zu öffnen – endlich.",
    "gbk": "市政府昨天公布了新的河道整治计划，预计年底前完成。",
    "cp1250": "Rada města včera schválila nový plán úpravy řeky, práce skončí do konce příštího roku.",
    "cp1253": "Το δημοτικό συμβούλιο ανακοίνωσε χθες νέο σχέδιο για τον καθαρισμό του ποταμού.",
    "cp1254": "Belediye meclisi dün yeni ırmak düzenleme planını açıkladı, işler yıl sonunda bitecek.",
    "cp1255": "מועצת העיר הודיעה אתמול על תוכנית חדשה להסדרת הנהר, והעבודות יסתיימו עד סוף השנה.",
    "cp1256": "أعلن مجلس المدينة أمس خطة جديدة لتنظيم مجرى النهر وستنتهي الأعمال قبل نهاية العام.",
    "cp1257": "Miesto taryba vakar paskelbė naują upės tvarkymo planą, darbai baigsis iki metų pabaigos.",
    "koi8_r": "Городской совет вчера объявил новый план очистки реки, работы закончат к концу года.",
}
LABELS = {
    "gb18030": "gb2312",
    "cp932": "shift_jis",
    "cp949": "euc-kr",
    "cp1251": "windows-1251",
    "cp1252": "iso-8859-1",
    "euc_jp": "euc-jp",
    "koi8_r": "koi8-r",
} | {f"cp125{n}": f"windows-125{n}" for n in (0, 3, 4, 5, 6, 7)}


@pytest.mark.parametrize("codec", SAMPLES)
def test_a_labelled_page_is_decoded_as_in_browsers(codec: str) -> None:
    """A page in any of these encodings, with its usual label, is decoded completely."""
    page = f'<meta charset="{LABELS.get(codec, codec)}"><p>{SAMPLES[codec]}</p>'.encode(codec)
    assert SAMPLES[codec] in decode(page, None)


@pytest.mark.parametrize("codec", ["gb18030", "big5", "euc_jp", "cp932", "cp949"])
def test_a_wrong_label_is_recognised(codec: str) -> None:
    """A multi-byte page with the label iso-8859-1 is not decoded as accented letters."""
    page = f'<meta charset="iso-8859-1"><p>{SAMPLES[codec] * 4}</p>'.encode(codec)
    assert SAMPLES[codec] in decode(page, "text/html; charset=iso-8859-1")


@pytest.mark.parametrize("codec", ["gb18030", "big5", "euc_jp", "cp932", "cp949", "cp1251", "cp1252"])
def test_a_wrong_utf_8_label_is_recognised(codec: str) -> None:
    """The words of a page with a wrong label, or without a label, show its encoding."""
    page = f"<p>{SAMPLES[codec] * 4}</p>".encode(codec)
    assert SAMPLES[codec] in decode(page, "text/html; charset=utf-8")
    assert SAMPLES[codec] in decode(page, None)


def test_utf_8_has_priority_over_labels() -> None:
    """Valid UTF-8 is decoded as UTF-8, even with other labels in header and page."""
    assert "Brücke" in decode('<meta charset="gb2312">Brücke'.encode(), "text/html; charset=windows-1252")


def test_utf_16_is_recognised_without_a_label() -> None:
    """UTF-16 is recognised by its byte order mark or its zero bytes."""
    assert decode("<p>Brücke</p>".encode("utf-16"), None) == "<p>Brücke</p>"
    assert decode("<p>Brücke</p>".encode("utf-16-le"), None) == "<p>Brücke</p>"


@given(st.binary(max_size=400), st.none() | st.text(max_size=40))
def test_any_bytes_yield_text(body: bytes, content_type: str | None) -> None:
    """Decoding never raises, and bytes that contain letters never yield an empty text."""
    text = decode(body, content_type)
    assert isinstance(text, str)
    assert text.strip() or not any(33 <= byte < 127 for byte in body[2:]) or len(body) < 4
