"""Listing pages of invented ministries in many kinds of markup, with the items that a reader of the page would name."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

NEWEST = dt.date(2026, 5, 29)
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
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
    "en": "Home|About the ministry|Contact and addresses|Services for companies|Privacy statement|Read more|Next",
    "de": "Startseite|Das Ministerium|Kontakt und Anfahrt|Leistungen für Unternehmen|Erklärung zum Datenschutz|Weiterlesen|Weiter",
    "fr": "Accueil|Le ministère|Contact et adresses|Services aux entreprises|Protection des données|Lire la suite|Suivant",
    "it": "Home|Il ministero|Contatti e indirizzi|Servizi alle imprese|Informativa sulla privacy|Leggi tutto|Successiva",
    "es": "Inicio|El ministerio|Contacto y direcciones|Servicios para empresas|Aviso de privacidad|Leer más|Siguiente",
    "zh": "首页|机构概况介绍|联系我们和地址|企业服务办事大厅|隐私保护声明|详细|下一页",
    "ja": "ホーム|省の概要と組織|お問い合わせ先|事業者向けの手続き|個人情報保護方針|詳しく見る|次へ",
    "ko": "홈|부처 소개와 조직|연락처와 찾아오시는 길|기업 민원 서비스|개인정보 처리방침|자세히 보기|다음",
    "ru": "Главная|О министерстве|Контакты и адреса|Услуги для предприятий|Политика конфиденциальности|Подробнее|Следующая",
    "ar": "الرئيسية|عن الوزارة ومهامها|الاتصال والعناوين|خدمات الشركات والأفراد|سياسة الخصوصية|اقرأ المزيد|التالي",
}


class News(NamedTuple):
    """An invented item: headline, day and path."""

    title: str
    day: dt.date
    path: str


@dataclass
class Page:
    """A listing page and its truth. ``next_path`` is None if no link leads to older items; ``has_dates`` is False without dates."""

    name: str
    language: str
    html: str
    items: list[News]
    next_path: str | None = None
    has_dates: bool = True
    path: str = "/news/"
    extra: dict[str, str] = field(default_factory=dict)


def make_news(language: str, count: int = 10, form: str = "/news/{year}/{number}.html") -> list[News]:
    """Return invented items of a language, the newest first, two to five days apart."""
    titles = [line.strip() for line in HEADLINES[language].splitlines()]
    days = [NEWEST - dt.timedelta(days=3 * number + number % 3) for number in range(count)]
    return [
        News(titles[number % 10], day, form.format(year=day.year, number=900 - number, day=f"{day:%Y%m%d}", month=f"{day:%Y%m}"))
        for number, day in enumerate(days)
    ]


def written(day: dt.date, language: str, form: str = "") -> str:
    """Return a day as pages of a language write it; ``form`` is a strftime pattern that replaces the usual one."""
    if form:
        return day.strftime(form)
    if language in {"zh", "ja"}:
        return f"{day.year}年{day.month}月{day.day}日"
    if language == "ko":
        return f"{day.year}. {day.month}. {day.day}."
    month = MONTHS[language].split()[day.month - 1]
    return {
        "en": f"{day.day} {month} {day.year}",
        "de": f"{day.day}. {month} {day.year}",
        "es": f"{day.day} de {month} de {day.year}",
        "ru": f"{day.day} {month} {day.year} г.",
    }.get(language, f"{day.day} {month} {day.year}")


def teaser(language: str, number: int) -> str:
    """Return a paragraph about another item, longer than a headline."""
    titles = [line.strip() for line in HEADLINES[language].splitlines()]
    return ". ".join([titles[(number + 3) % 10], titles[(number + 5) % 10], titles[(number + 7) % 10]]) + "."


def words(language: str) -> list[str]:
    """Return the labels of a language, in the order of WORDS."""
    return WORDS[language].split("|")


def frame(language: str, body: str, *, aside: str = "", classes: tuple[str, str, str] = ("site-header", "main", "site-footer")) -> str:
    """Return a whole page: menu, body, a box of other links, and footer."""
    home, about, contact, services, privacy, *_ = words(language)
    menu = "".join(f'<li><a href="/{path}">{escape(text)}</a></li>' for path, text in enumerate([home, about, contact, services]))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(about)}</title></head><body>'
        f'<header class="{classes[0]}"><nav><ul>{menu}</ul></nav></header><div class="{classes[1]}"><h1>{escape(about)}</h1>{body}</div>'
        f'{aside}<footer class="{classes[2]}"><ul><li><a href="/privacy">{escape(privacy)}</a></li>'
        f'<li><a href="/contact">{escape(contact)}</a></li><li><a href="/services">{escape(services)}</a></li></ul></footer></body></html>'
    )


def pager(language: str, form: str) -> str:
    """Return links to the pages 1 to 3 and to the next page, which is the second one."""
    label = words(language)[-1]
    return form.format(next=label)


def _typo3(language: str) -> Page:
    news = make_news(language, 10, "/presse/mitteilung/{number}-{year}")
    items = "".join(
        f'<div class="news-list-item articletype-0"><span class="news-list-date"><time datetime="{item.day:%Y-%m-%d}">'
        f'{written(item.day, language, "%d.%m.%Y")}</time></span><h3><a title="{escape(item.title)}" href="{item.path}">{escape(item.title)}</a>'
        f'</h3><div class="teaser-text"><p>{escape(teaser(language, n))}</p><a class="more" href="{item.path}">{words(language)[5]}</a></div></div>'
        for n, item in enumerate(news)
    )
    older = f'<ul class="f3-widget-paginator"><li class="current">1</li><li><a href="/news/page-2">2</a></li><li class="next"><a href="/news/page-2">{words(language)[6]}</a></li></ul>'
    return Page("typo3", language, frame(language, f'<div class="news-list-view">{items}{older}</div>'), news, "/news/page-2")


def _drupal(language: str) -> Page:
    news = make_news(language, 12, "/press-releases/{year}/item-{number}")
    items = "".join(
        f'<div class="views-row views-row-{n + 1} {"views-row-odd" if n % 2 else "views-row-even"}"><div class="views-field views-field-created">'
        f'<span class="field-content">{written(item.day, language)}</span></div><div class="views-field views-field-title"><span class="field-content">'
        f'<a href="{item.path}" hreflang="{language}">{escape(item.title)}</a></span></div></div>'
        for n, item in enumerate(news)
    )
    older = '<nav class="pager"><ul class="pager__items"><li class="is-active"><a href="?page=0">1</a></li><li><a href="?page=1">2</a></li><li class="pager__item pager__item--next"><a href="?page=1" rel="next">››</a></li></ul></nav>'
    aside = '<aside class="sidebar"><h2>+</h2><ul>' + "".join(
        f'<li><a href="/topics/{n}">{escape(item.title)}</a></li>' for n, item in enumerate(news[4:9])
    ) + "</ul></aside>"
    return Page("drupal", language, frame(language, f'<div class="view view-press"><div class="view-content">{items}</div>{older}</div>', aside=aside), news, "/news/?page=1")


def _chinese_list(language: str) -> Page:
    news = make_news(language, 15, "/news/{month}/t{day}_{number}.html")
    items = "".join(
        f'<li><a href=".{item.path.removeprefix("/news")}" target="_blank" title="{escape(item.title)}">{escape(item.title)}</a><span>{written(item.day, language, "%Y-%m-%d")}</span></li>'
        for item in news
    )
    return Page("list with dates in spans", language, frame(language, f'<div class="fl w700"><ul class="list_01">{items}</ul></div><div class="fr"><ul class="link_list"><li><a href="/a">{words(language)[3]}</a></li><li><a href="/b">{words(language)[1]}</a></li></ul></div>', classes=("top", "wrap", "foot")), news)


def _table(language: str) -> Page:
    news = make_news(language, 10, "/doc/{number}")
    rows = "".join(
        f'<tr class="{"odd" if n % 2 else "even"}"><td>{n + 1}</td><td>{written(item.day, language)}</td><td><a href="{item.path}">{escape(item.title)}</a></td>'
        f'<td><a href="/files/{n}.pdf">PDF (1{n} kB)</a></td></tr>'
        for n, item in enumerate(news)
    )
    return Page("table of releases", language, frame(language, f'<table class="releases"><thead><tr><th>#</th><th></th><th></th><th></th></tr></thead><tbody>{rows}</tbody></table><p class="pages"><strong>1</strong> <a href="?p=2">2</a> <a href="?p=3">3</a></p>'), news, "/news/?p=2")


def _definition_list(language: str) -> Page:
    news = make_news(language, 10, "/presse/{number}.html")
    rows = "".join(f'<dt>{written(item.day, language)}</dt><dd><a href="{item.path}">{escape(item.title)}</a></dd>' for item in news)
    return Page("definition list", language, frame(language, f"<dl>{rows}</dl>"), news)


def _headlines_only(language: str) -> Page:
    news = make_news(language, 10, "/communique/{number}")
    rows = "".join(f'<li><a href="{item.path}">{escape(item.title)}</a></li>' for item in news)
    return Page("headlines only", language, frame(language, f'<ul class="liste">{rows}</ul>'), news, None, has_dates=False)


def _cards(language: str) -> Page:
    news = make_news(language, 9, "/actualites/{number}")
    cards = [
        f'<div class="col-md-4"><article class="card {"card--big" if not n else ""}"><a class="card-image" href="{item.path}"><img src="/i{n}.jpg" alt=""></a>'
        f'<div class="card-body"><span class="badge"><a href="/rubrique/{n % 3}">{words(language)[3]}</a></span><h2 class="h5"><a href="{item.path}">{escape(item.title)}</a></h2>'
        f'<p class="card-date">{written(item.day, language)}</p><p>{escape(teaser(language, n))}</p></div></article></div>'
        for n, item in enumerate(news)
    ]
    rows = "".join(f'<div class="row">{"".join(cards[start : start + 3])}</div>' for start in range(0, 9, 3))
    older = f'<nav aria-label="Pagination"><ul class="pagination"><li class="page-item active"><span>1</span></li><li class="page-item"><a class="page-link" href="/news/?page=2">2</a></li><li class="page-item"><a class="page-link" aria-label="{words(language)[6]}" href="/news/?page=2">&raquo;</a></li></ul></nav>'
    return Page("cards in rows", language, frame(language, rows + older), news, "/news/?page=2")


def _whole_card_links(language: str) -> Page:
    news = make_news(language, 8, "/news/{year}/notice-{number}")
    items = "".join(
        f'<a class="news-card css-1q2w3e4r" href="{item.path}"><span class="news-card__date">{written(item.day, language)}</span>'
        f'<span class="news-card__title">{escape(item.title)}</span><span class="news-card__text">{escape(teaser(language, n))}</span></a>'
        for n, item in enumerate(news)
    )
    return Page("cards that are links", language, frame(language, f'<div class="news-grid">{items}</div>'), news)


def _by_month(language: str) -> Page:
    news = make_news(language, 20, "/press/{number}")
    body, month = "", ""
    for item in news:
        if f"{item.day:%Y-%m}" != month:
            body += ("</ul>" if month else "") + f"<h2>{written(item.day, language).split()[-2] if language not in ('zh', 'ja', 'ko') else item.day.month}</h2><ul>"
            month = f"{item.day:%Y-%m}"
        body += f'<li><span>{written(item.day, language, "%d.%m.%Y")}</span> <a href="{item.path}">{escape(item.title)}</a></li>'
    return Page("lists by month", language, frame(language, f'<div id="archive">{body}</ul></div>'), news)


def _read_more(language: str) -> Page:
    news = make_news(language, 8, "/noticias/{number}")
    items = "".join(
        f'<div class="noticia"><h3>{escape(item.title)}</h3><p class="fecha">{written(item.day, language)}</p><p>{escape(teaser(language, n))}</p>'
        f'<a class="boton" href="{item.path}">{words(language)[5]}</a></div>'
        for n, item in enumerate(news)
    )
    return Page("headings with a link below", language, frame(language, items + f'<div class="paginador"><a href="?pagina=2">{words(language)[6]} &gt;</a></div>'), news, "/news/?pagina=2")


def _paragraphs(language: str) -> Page:
    news = make_news(language, 10, "/aktuell/{number}.htm")
    items = "".join(f'<p class="datum">{written(item.day, language)}</p><p><a href="{item.path}">{escape(item.title)}</a></p>' for item in news)
    return Page("paragraphs", language, frame(language, items), news)


def _day_headings(language: str) -> Page:
    news = make_news(language, 5, "/topics/{number}a.html")
    both = [News(item.title, news[n // 2].day, item.path) for n, item in enumerate(make_news(language, 10, "/topics/{number}.html"))]
    body = "".join(
        f'<h3>{written(both[n].day, language)}</h3><ul class="newslist"><li><a href="{both[n].path}">{escape(both[n].title)}</a></li>'
        f'<li><a href="{both[n + 1].path}">{escape(both[n + 1].title)}</a></li></ul>'
        for n in range(0, 10, 2)
    )
    return Page("headings with dates", language, frame(language, body), both)


DEVELOPED: list[Callable[[], Page]] = [
    lambda: _typo3("de"),
    lambda: _drupal("en"),
    lambda: _chinese_list("zh"),
    lambda: _table("es"),
    lambda: _table("ko"),
    lambda: _definition_list("ja"),
    lambda: _headlines_only("fr"),
    lambda: _cards("fr"),
    lambda: _cards("it"),
    lambda: _whole_card_links("en"),
    lambda: _by_month("ru"),
    lambda: _read_more("es"),
    lambda: _paragraphs("de"),
    lambda: _day_headings("ja"),
    lambda: _drupal("ar"),
]
