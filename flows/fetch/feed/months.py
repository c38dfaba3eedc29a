"""Month names of the languages that the registry's publishers write, without accents, as readers of dates meet them."""

from __future__ import annotations

import unicodedata

# Twelve months a language, a semicolon after the last; forms of one month are parted by a bar. Genitives where dates use them.
_NAMES = """
january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sept|sep october|oct
november|nov december|dec;
januar|janner|jan februar|feb marz|mar|mrz april|apr mai juni|jun juli|jul august|aug september|sep oktober|okt
november|nov dezember|dez;
janvier|janv fevrier|fevr|fev mars avril|avr mai juin juillet|juil aout septembre|sept octobre|oct novembre|nov
decembre|dec;
gennaio|gen febbraio|feb marzo|mar aprile|apr maggio|mag giugno|giu luglio|lug agosto|ago settembre|set ottobre|ott
novembre|nov dicembre|dic;
enero|ene febrero|feb marzo|mar abril|abr mayo|may junio|jun julio|jul agosto|ago septiembre|setiembre|sep octubre|oct
noviembre|nov diciembre|dic;
janeiro|jan fevereiro|fev marco|mar abril|abr maio|mai junho|jun julho|jul agosto|ago setembro|set outubro|out
novembro|nov dezembro|dez;
januari|jan februari|feb maart|mrt april|apr mei juni|jun juli|jul augustus|aug september|sep oktober|okt november|nov
december|dec;
januari|jan februari|feb mars|mar april|apr maj juni|jun juli|jul augusti|aug september|sep oktober|okt november|nov
december|dec;
januar|jan februar|feb marts|mar april|apr maj juni|jun juli|jul august|aug september|sep oktober|okt november|nov
december|dec;
januar|jan februar|feb mars|mar april|apr mai juni|jun juli|jul august|aug september|sep oktober|okt november|nov
desember|des;
stycznia|styczen|sty lutego|luty|lut marca|marzec|mar kwietnia|kwiecien|kwi maja|maj czerwca|czerwiec|cze
lipca|lipiec|lip sierpnia|sierpien|sie wrzesnia|wrzesien|wrz pazdziernika|pazdziernik|paz listopada|listopad|lis
grudnia|grudzien|gru;
ledna|leden unora|unor brezna|brezen dubna|duben kvetna|kveten cervna|cerven cervence|cervenec srpna|srpen zari
rijna|rijen listopadu|listopad prosince|prosinec;
ianuarie|ian februarie|feb martie|mar aprilie|apr mai iunie|iun iulie|iul august|aug septembrie|sept octombrie|oct
noiembrie|noi decembrie|dec;
januar|jan februar|feb marcius|mar aprilis|apr majus|maj junius|jun julius|jul augusztus|aug szeptember|szept
oktober|okt november|nov december|dec;
января|январь|янв февраля|февраль|фев марта|март|мар апреля|апрель|апр мая|маи|май июня|июнь|июн июля|июль|июл
августа|август|авг сентября|сентябрь|сен|сент октября|октябрь|окт ноября|ноябрь|ноя|нояб декабря|декабрь|дек;
січня|сiчня|січень лютого|лютий березня|березень квітня|квiтня|квітень травня|травень червня|червень липня|липень
серпня|серпень вересня|вересень жовтня|жовтень листопада|листопад грудня|грудень;
ocak|oca subat|sub mart|mar nisan|nis mayıs|mayis|may haziran|haz temmuz|tem agustos|agu eylul|eyl ekim|eki
kasım|kasim|kas aralık|aralik|ara;
ιανουαριου|ιαν φεβρουαριου|φεβ μαρτιου|μαρ απριλιου|απρ μαιου|μαι ιουνιου|ιουν ιουλιου|ιουλ αυγουστου|αυγ
σεπτεμβριου|σεπ οκτωβριου|οκτ νοεμβριου|νοε δεκεμβριου|δεκ;
يناير فبراير مارس ابريل|أبريل مايو يونيو يوليو اغسطس|أغسطس سبتمبر اكتوبر|أكتوبر نوفمبر ديسمبر;
januari|jan februari|feb maret|mar april|apr mei juni|jun juli|jul agustus|agu september|sep oktober|okt november|nov
desember|des;
جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر;
जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर;
มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม;
"""


def bare(text: str) -> str:
    """Return text in lower case and without accents."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def _table() -> dict[str, int]:
    found: dict[str, int] = {}
    for line in _NAMES.split(";"):
        for number, forms in enumerate(line.split(), 1):
            for form in forms.split("|"):
                # Czech and Polish call different months listopad: what was there first stands.
                found.setdefault(bare(form), number)
    return found


MONTHS = _table()
