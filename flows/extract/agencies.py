"""The news agencies that bylines and credits name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# How pages write them, in lower case, and the usual short name.
AGENCIES = {
    "xinhua": "Xinhua",
    "xinhua news agency": "Xinhua",
    "新华社": "Xinhua",
    "新华网": "Xinhua",
    "reuters": "Reuters",
    "路透社": "Reuters",
    "ap": "AP",
    "associated press": "AP",
    "the associated press": "AP",
    "afp": "AFP",
    "agence france-presse": "AFP",
    "法新社": "AFP",
    "dpa": "dpa",
    "apa": "APA",
    "sda": "SDA",
    "keystone-sda": "SDA",
    "ats": "ATS",
    "keystone-ats": "ATS",
    "ansa": "ANSA",
    "efe": "EFE",
    "agencia efe": "EFE",
    "lusa": "Lusa",
    "tass": "TASS",
    "interfax": "Interfax",
    "ria novosti": "RIA Novosti",
    "kyodo": "Kyodo",
    "kyodo news": "Kyodo",
    "共同通信": "Kyodo",
    "jiji press": "Jiji Press",
    "時事通信": "Jiji Press",
    "yonhap": "Yonhap",
    "연합뉴스": "Yonhap",
    "bloomberg": "Bloomberg",
    "pti": "PTI",
    "ani": "ANI",
    "upi": "UPI",
    "sid": "SID",
    "epd": "epd",
    "kna": "KNA",
    "belga": "Belga",
    "anp": "ANP",
    "ritzau": "Ritzau",
    "ntb": "NTB",
    "tt": "TT",
    "stt": "STT",
    "čtk": "ČTK",
    "pap": "PAP",
    "mti": "MTI",
    "中新社": "China News Service",
    "中国新闻社": "China News Service",
    "中央社": "CNA",
    "央视": "CCTV",
    "央视网": "CCTV",
    "央视网消息": "CCTV",
    "cctv": "CCTV",
    "anadolu": "Anadolu",
    "dts": "dts",
}


def agencies_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the news agencies that bylines and credits name, by their usual short names, each once."""
    found: dict[str, None] = {}
    for text in texts:
        for part in re.split(r"[|/,;()（）\s]*[|/,;()（）]\s*|\s+[-–—]\s*|\s{2,}|(?<=\w)\s+(?=\d)", text):
            if name := AGENCIES.get(part.strip(" .:：-–").casefold()):
                found[name] = None
    return tuple(found)
