"""The names of the months in dates of pages and feeds, in the languages of the registered publishers and some more.

A text has twelve parts separated by spaces, one per month. ``|`` separates the forms of a month; ``-`` means no further form.
Languages with a folder define theirs in ``languages/<code>/months.py``; Chinese writes months as numbers.
"""

from __future__ import annotations

import importlib
import re
import unicodedata
from pathlib import Path

from tidings.languages import CODES

# Genitives where dates use them. Croatian, Slovak and similar languages list only the forms that the lines above them lack.
_OTHER_LANGUAGES = {
    "es": "enero|ene febrero|feb marzo|mar abril|abr mayo|may junio|jun julio|jul agosto|ago septiembre|setiembre|sep "
    "octubre|oct noviembre|nov diciembre|dic",
    "pt": "janeiro|jan fevereiro|fev março|mar abril|abr maio|mai junho|jun julho|jul agosto|ago setembro|set outubro|out "
    "novembro|nov dezembro|dez",
    "nl": "januari|jan februari|feb maart|mrt april|apr mei juni|jun juli|jul augustus|aug september|sep oktober|okt "
    "november|nov december|dec",
    "sv": "januari|jan februari|feb mars|mar april|apr maj juni|jun juli|jul augusti|aug september|sep oktober|okt november|nov "
    "december|dec",
    "da": "januar|jan februar|feb marts|mar april|apr maj juni|jun juli|jul august|aug september|sep oktober|okt november|nov "
    "december|dec",
    "no": "januar|jan februar|feb mars|mar april|apr mai juni|jun juli|jul august|aug september|sep oktober|okt november|nov "
    "desember|des",
    "pl": "stycznia|styczeń|sty lutego|luty|lut marca|marzec|mar kwietnia|kwiecień|kwi maja|maj czerwca|czerwiec|cze "
    "lipca|lipiec|lip sierpnia|sierpień|sie września|wrzesień|wrz października|październik|paź listopada|listopad|lis "
    "grudnia|grudzień|gru",
    "cs": "ledna|leden února|únor března|březen dubna|duben května|květen června|červen července|červenec srpna|srpen září "
    "října|říjen listopadu|listopad prosince|prosinec",
    "ro": "ianuarie|ian februarie|feb martie|mar aprilie|apr mai iunie|iun iulie|iul august|aug septembrie|sept octombrie|oct "
    "noiembrie|noi decembrie|dec",
    "hu": "január|jan február|feb március|mar április|apr május|maj június|jun július|jul augusztus|aug szeptember|szept "
    "október|okt november|nov december|dec",
    "ru": "января|январь|янв февраля|февраль|фев марта|март|мар апреля|апрель|апр мая|май июня|июнь|июн июля|июль|июл "
    "августа|август|авг сентября|сентябрь|сен|сент октября|октябрь|окт ноября|ноябрь|ноя|нояб декабря|декабрь|дек",
    "uk": "січня|сiчня|січень лютого|лютий березня|березень квітня|квiтня|квітень травня|травень червня|червень липня|липень "
    "серпня|серпень вересня|вересень жовтня|жовтень листопада|листопад грудня|грудень",
    "tr": "ocak|oca şubat|sub mart|mar nisan|nis mayıs|mayis|may haziran|haz temmuz|tem ağustos|agu eylül|eyl ekim|eki "
    "kasım|kasim|kas aralık|aralik|ara",
    "el": "ιανουαρίου|ιαν φεβρουαρίου|φεβ μαρτίου|μαρ απριλίου|απρ μαΐου|μαι ιουνίου|ιουν ιουλίου|ιουλ αυγούστου|αυγ "
    "σεπτεμβρίου|σεπ οκτωβρίου|οκτ νοεμβρίου|νοε δεκεμβρίου|δεκ",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "id": "januari|jan februari|feb maret|mar april|apr mei juni|jun juli|jul agustus|agu september|sep oktober|okt november|nov "
    "desember|des",
    "ur": "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
    "hi": "जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
    "th": "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
    "fi": "tammikuuta|tammikuu helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta "
    "marraskuuta joulukuuta",
    "ca": "gener febrer març - maig juny juliol agost setembre - - desembre",
    "hr": "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna - studenoga prosinca",
    "sk": "januára februára - apríla mája júna júla augusta septembra októbra novembra decembra",
    "sl": "januara februara - aprila - juna jula avgusta septembra oktobra novembra decembra",
    "sr": "јануара фебруара - априла маја јуна јула - септембра октобра новембра децембра",
    "bg": "януари февруари - април - юни юли - септември октомври ноември декември",
}


def without_accents(text: str) -> str:
    """Return text in lower case and without accents."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def _collect() -> dict[str, int]:
    """Return the number of each month by its names in all languages, as pages write them, in lower case."""
    folder = Path(__file__).parent
    own = [code for code in CODES if (folder / code / "months.py").is_file()]
    texts = [importlib.import_module(f"tidings.languages.{code}.months").MONTHS for code in own]
    names: dict[str, int] = {}
    for text in (*texts, *_OTHER_LANGUAGES.values()):
        for number, forms in enumerate(text.split(), 1):
            for form in forms.split("|"):
                # Croatian and Czech use "listopad" for different months. The first language in the table has priority.
                names.setdefault(form, number)
    names.pop("-")
    return names


def _pattern(names: list[str]) -> str:
    """Return alternatives grouped by their first letter, which Python's regular expressions try faster than a flat list."""
    groups: dict[str, list[str]] = {}
    for name in sorted(names, key=len, reverse=True):
        groups.setdefault(name[0], []).append(re.escape(name[1:]))
    return "|".join(f"{re.escape(letter)}(?:{'|'.join(rest)})" for letter, rest in groups.items())


MONTHS = _collect()
"""Months by name, in lower case, as pages write them."""
MONTHS_WITHOUT_ACCENTS = {without_accents(name): number for name, number in reversed(MONTHS.items())}
"""The same months by name without accents."""
MONTH = rf"(?P<month>{_pattern(list(MONTHS))})\b\.?"
"""Pattern of a month's name; the group ``month`` is a key of ``MONTHS`` in other capitals."""
