"""The names of the months as pages write them, in the languages that policy news is met in."""

from __future__ import annotations

import re

_FULL = {
    1: "january januar jänner janvier enero gennaio janeiro januari styczeń stycznia leden ledna ocak januára siječnja január "
    "января січня ianuarie tammikuuta tammikuu ιανουαρίου gener januara јануара януари يناير",
    2: "february februar feber février fevrier febrero febbraio fevereiro februari luty lutego únor února şubat februára "
    "veljače február февраля лютого februarie helmikuuta φεβρουαρίου febrer februara фебруара февруари فبراير",
    3: "march märz maerz mrz mars marzo março maart marzec marca březen března mart ožujka március марта березня martie "
    "maaliskuuta μαρτίου març maret март مارس",
    4: "april avril abril aprile kwiecień kwietnia duben dubna nisan apríla travnja április апреля квітня aprilie huhtikuuta "
    "απριλίου aprila априла април أبريل",
    5: "may mai mayo maggio maio mei maj maja květen května mayıs mája svibnja május мая травня toukokuuta μαΐου maig маја "
    "май مايو",
    6: "june juni juin junio giugno junho czerwiec czerwca červen června haziran júna lipnja június июня червня iunie "
    "kesäkuuta ιουνίου juny juna јуна юни يونيو",
    7: "july juli juillet julio luglio julho lipiec lipca červenec července temmuz júla srpnja július июля iulie heinäkuuta "
    "ιουλίου juliol jula јула юли يوليو",
    8: "august août aout agosto augustus augusti sierpień sierpnia srpen srpna ağustos augusta kolovoza augusztus августа "
    "серпня elokuuta αυγούστου agost agustus avgusta августа август أغسطس",
    9: "september septembre septiembre setiembre settembre setembro wrzesień września září eylül septembra rujna szeptember "
    "сентября вересня septembrie syyskuuta σεπτεμβρίου setembre септембра септември سبتمبر",
    10: "october oktober octobre octubre ottobre outubro październik października říjen října ekim októbra október октября "
    "жовтня octombrie lokakuuta οκτωβρίου octubre oktobra октобра октомври أكتوبر",
    11: "november novembre noviembre novembro listopad listopada listopadu kasım novembra studenoga ноября noiembrie "
    "marraskuuta νοεμβρίου новембра ноември نوفمبر",
    12: "december dezember décembre decembre diciembre dicembre dezembro grudzień grudnia prosinec prosince desember aralık "
    "decembra prosinca декабря грудня decembrie joulukuuta δεκεμβρίου desembre децембра декември ديسمبر",
}
_SHORT = (
    "sept=9 mär=3 mrz=3 dez=12 okt=10 déc=12 fév=2 févr=2 avr=4 juil=7 ene=1 abr=4 ago=8 dic=12 gen=1 mag=5 giu=6 lug=7 "
    "set=9 ott=10 out=10 mai=5 jän=1 aoû=8 янв=1 фев=2 мар=3 апр=4 июн=6 июл=7 авг=8 сен=9 окт=10 ноя=11 дек=12"
)
NAMED = {name: month for month, names in _FULL.items() for name in names.split(" ")}
NAMED |= {name[:3]: month for month, names in _FULL.items() for name in names.split()[:3]}
NAMED |= {name: int(month) for name, month in (pair.split("=") for pair in _SHORT.split())}
MONTH = r"(?P<month>" + "|".join(sorted(map(re.escape, NAMED), key=len, reverse=True)) + r")\b\.?"
