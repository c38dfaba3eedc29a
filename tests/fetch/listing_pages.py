"""Listing pages of invented ministries in many kinds of markup, with their true items."""

import datetime as dt
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

NEWEST = dt.date(2026, 5, 29)
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre"
    " dicembre",
    "es": (
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
    ),
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}
HEADLINES = {
    "en": """Minister opens the new harbour office in Norwick
        Consultation on fees for river permits begins
        Statement on the meeting of transport councils
        Funding for twelve village libraries approved
        New rules for seed imports from next spring
        Visit of the delegation from the northern islands
        Report on water quality in public baths published
        Secretary appoints members of the grain board
        Agreement on rail links with the eastern provinces signed
        Emergency fund for hail damage extended""",
    "de": """Ministerin eröffnet das neue Hafenamt in Nordwick
        Anhörung zu Gebühren für Flusslizenzen beginnt
        Erklärung zum Treffen der Verkehrsräte
        Förderung für zwölf Dorfbibliotheken bewilligt
        Neue Regeln für die Einfuhr von Saatgut
        Besuch der Delegation von den nördlichen Inseln
        Bericht über die Wasserqualität der Bäder liegt vor
        Staatssekretär beruft Mitglieder des Getreiderats
        Abkommen über Bahnverbindungen nach Osten unterzeichnet
        Nothilfe für Hagelschäden wird verlängert""",
    "fr": """La ministre inaugure le nouvel office du port
        Ouverture de la consultation sur les permis fluviaux
        Déclaration sur la réunion des conseils des transports
        Financement de douze bibliothèques de village
        Nouvelles règles pour les importations de semences
        Visite de la délégation des îles du nord
        Publication du rapport sur la qualité des eaux
        Nomination des membres du conseil des céréales
        Signature de l'accord sur les liaisons ferroviaires
        Prolongation du fonds d'urgence contre la grêle""",
    "it": """La ministra inaugura il nuovo ufficio del porto
        Al via la consultazione sui permessi fluviali
        Dichiarazione sulla riunione dei consigli dei trasporti
        Approvati i fondi per dodici biblioteche di paese
        Nuove regole per l'importazione di sementi
        Visita della delegazione delle isole del nord
        Pubblicato il rapporto sulla qualità delle acque
        Nominati i membri del consiglio dei cereali
        Firmato l'accordo sui collegamenti ferroviari
        Prorogato il fondo di emergenza per la grandine""",
    "es": """La ministra inaugura la nueva oficina del puerto
        Comienza la consulta sobre permisos fluviales
        Declaración sobre la reunión de los consejos de transporte
        Aprobados los fondos para doce bibliotecas rurales
        Nuevas normas para importar semillas
        Visita de la delegación de las islas del norte
        Publicado el informe sobre la calidad del agua
        Nombrados los miembros del consejo de cereales
        Firmado el acuerdo sobre enlaces ferroviarios
        Prorrogado el fondo de emergencia por granizo""",
    "zh": """部长出席北港新办公楼启用仪式
        关于内河许可收费征求意见的通知
        关于交通委员会会议的声明
        十二家乡村图书馆获得资金支持
        明年春季起实施种子进口新规定
        北方岛屿代表团来访
        公共浴场水质报告正式发布
        粮食委员会成员任命公告
        与东部省份签署铁路连接协议
        冰雹灾害应急资金延长使用期限""",
    "ja": """北港の新しい事務所の開所式について
        河川許可の手数料に関する意見募集を開始します
        運輸評議会の会合に関する声明
        村の図書館十二館への支援を決定しました
        種子の輸入に関する新しい規則について
        北の島々からの代表団の訪問
        公衆浴場の水質に関する報告書を公表しました
        穀物審議会の委員の任命について
        東部の県との鉄道協定に署名しました
        ひょう被害に対する緊急基金の延長""",
    "ko": """북항 신청사 개소식에 장관 참석
        하천 허가 수수료에 관한 의견 수렴 시작
        교통 위원회 회의에 관한 성명
        마을 도서관 열두 곳에 대한 지원 확정
        내년 봄부터 종자 수입 규정 변경
        북쪽 섬 대표단의 방문
        공중목욕탕 수질 보고서 공개
        곡물 위원회 위원 임명 안내
        동부 지방과 철도 연결 협정 체결
        우박 피해 긴급 기금 기한 연장""",
    "ru": """Министр открыла новое портовое управление
        Начались консультации о сборах за речные разрешения
        Заявление о встрече транспортных советов
        Одобрено финансирование двенадцати сельских библиотек
        Новые правила ввоза семян со следующей весны
        Визит делегации с северных островов
        Опубликован доклад о качестве воды
        Назначены члены зернового совета
        Подписано соглашение о железнодорожном сообщении
        Продлён фонд помощи пострадавшим от града""",
    "ar": """الوزيرة تفتتح مكتب الميناء الجديد في الشمال
        بدء المشاورات بشأن رسوم تصاريح الأنهار
        بيان حول اجتماع مجالس النقل
        الموافقة على تمويل اثنتي عشرة مكتبة ريفية
        قواعد جديدة لاستيراد البذور في الربيع المقبل
        زيارة وفد الجزر الشمالية إلى العاصمة
        نشر التقرير عن جودة المياه العامة
        تعيين أعضاء مجلس الحبوب الوطني
        توقيع اتفاق الربط بالسكك الحديدية
        تمديد صندوق الطوارئ لأضرار البرد""",
}
WORDS = {  # home, about the ministry, contact, services, privacy, read more, next page
    "en": "Home|About the ministry|Contact and addresses|Services for companies|Privacy"
    " statement|Read more|Next",
    "de": "Startseite|Das Ministerium|Kontakt und Anfahrt|Leistungen für Unternehmen|Erklärung zum "
    "Datenschutz|Weiterlesen|Weiter",
    "fr": "Accueil|Le ministère|Contact et adresses|Services aux entreprises|Protection des"
    " données|Lire la suite|Suivant",
    "it": "Home|Il ministero|Contatti e indirizzi|Servizi alle imprese|Informativa sulla"
    " privacy|Leggi tutto|Successiva",
    "es": "Inicio|El ministerio|Contacto y direcciones|Servicios para empresas|Aviso de"
    " privacidad|Leer más|Siguiente",
    "zh": "首页|机构概况介绍|联系我们和地址|企业服务办事大厅|隐私保护声明|详细|下一页",
    "ja": (
        "ホーム|省の概要と組織|お問い合わせ先|事業者向けの手続き|個人情報保護方針|詳しく見る|次へ"
    ),
    "ko": (
        "홈|부처 소개와 조직|연락처와 찾아오시는 길|기업 민원 서비스|개인정보 처리방침|자세히 "
        "보기|다음"
    ),
    "ru": "Главная|О министерстве|Контакты и адреса|Услуги для предприятий|Политика"
    " конфиденциальности|Подробнее|Следующая",
    "ar": "الرئيسية|عن الوزارة ومهامها|الاتصال والعناوين|خدمات الشركات والأفراد|سياسة"
    " الخصوصية|اقرأ المزيد|التالي",
}


class News(NamedTuple):
    """An invented item: headline, day and path."""

    title: str
    day: dt.date
    path: str


@dataclass
class Page:
    """A listing page and its truth. ``next_path`` is None without a link to older items."""

    name: str
    language: str
    html: str
    items: list[News]
    next_path: str | None = None
    has_dates: bool = True
    path: str = "/news/"


def make_news(
    language: str, count: int = 10, form: str = "/news/{year}/{number}.html"
) -> list[News]:
    """Return invented items of a language, the newest first, two to five days apart."""
    titles = [line.strip() for line in HEADLINES[language].splitlines()]
    days = [NEWEST - dt.timedelta(days=3 * number + number % 3) for number in range(count)]
    parts = ({"day": f"{day:%Y%m%d}", "month": f"{day:%Y%m}", "year": day.year} for day in days)
    paths = [form.format(number=900 - number, **part) for number, part in enumerate(parts)]
    return [News(titles[number % 10], day, paths[number]) for number, day in enumerate(days)]


def written(day: dt.date, language: str, form: str = "") -> str:
    """Return a day as pages of a language write it; ``form`` replaces the strftime pattern."""
    if form:
        return day.strftime(form)
    if language in {"zh", "ja"}:
        return f"{day.year}年{day.month}月{day.day}日"
    if language == "ko":
        return f"{day.year}. {day.month}. {day.day}."
    month = MONTHS[language].split()[day.month - 1]
    forms = {"de": "{}. {} {}", "es": "{} de {} de {}", "ru": "{} {} {} г."}
    return forms.get(language, "{} {} {}").format(day.day, month, day.year)


def teaser(language: str, number: int) -> str:
    """Return a paragraph about another item, longer than a headline."""
    titles = [line.strip() for line in HEADLINES[language].splitlines()]
    return ". ".join(titles[(number + step) % 10] for step in (3, 5, 7)) + "."


def words(language: str) -> list[str]:
    """Return the labels of a language, in the order of WORDS."""
    return WORDS[language].split("|")


def frame(
    language: str,
    body: str,
    *,
    aside: str = "",
    classes: tuple[str, str, str] = ("site-header", "main", "site-footer"),
) -> str:
    """Return a whole page: menu, body, a box of other links, and footer."""
    home, about, contact, services, privacy, *_ = words(language)
    menu = "".join(
        f'<li><a href="/{path}">{escape(text)}</a></li>'
        for path, text in enumerate([home, about, contact, services])
    )
    return (
        f'<!doctype html><html lang="{language}"{" dir=rtl" * (language == "ar")}>'
        f'<head><meta charset="utf-8"><title>{escape(about)}</title></head><body>'
        f'<header class="{classes[0]}"><nav><ul>{menu}</ul></nav></header><div'
        f' class="{classes[1]}">'
        f"<h1>{escape(about)}</h1>{body}</div>"
        f'{aside}<footer class="{classes[2]}"><ul><li><a href="/privacy">{escape(privacy)}</a></li>'
        f'<li><a href="/contact">{escape(contact)}</a></li><li><a href="/services">'
        f"{escape(services)}</a></li></ul></footer></body></html>"
    )
