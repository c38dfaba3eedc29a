"""Listing pages that served to develop the rules for selectors."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from tests.flows.fetch.listing_pages import News, Page, frame, make_news, teaser, words, written

if TYPE_CHECKING:
    from collections.abc import Callable


def _typo3(language: str) -> Page:
    news = make_news(language, 10, "/presse/mitteilung/{number}-{year}")
    items = "".join(
        f'<div class="news-list-item articletype-0"><span class="news-list-date"><time datetime="{item.day:%Y-%m-%d}">'
        f'{written(item.day, language, "%d.%m.%Y")}</time></span><h3><a title="{escape(item.title)}" '
        f'href="{item.path}">{escape(item.title)}</a>'
        f'</h3><div class="teaser-text"><p>{escape(teaser(language, n))}</p><a class="more" '
        f'href="{item.path}">{words(language)[5]}</a></div></div>'
        for n, item in enumerate(news)
    )
    older = (
        '<ul class="f3-widget-paginator"><li class="current">1</li><li><a href="/news/page-2">2</a>'
        f'</li><li class="next"><a href="/news/page-2">{words(language)[6]}</a></li></ul>'
    )
    return Page("typo3", language, frame(language, f'<div class="news-list-view">{items}{older}</div>'), news, "/news/page-2")


def _drupal(language: str) -> Page:
    news = make_news(language, 12, "/press-releases/{year}/item-{number}")
    items = "".join(
        f'<div class="views-row views-row-{n + 1} {"views-row-odd" if n % 2 else "views-row-even"}">'
        '<div class="views-field views-field-created">'
        f'<span class="field-content">{written(item.day, language)}</span></div><div '
        'class="views-field views-field-title"><span class="field-content">'
        f'<a href="{item.path}" hreflang="{language}">{escape(item.title)}</a></span></div></div>'
        for n, item in enumerate(news)
    )
    older = (
        '<nav class="pager"><ul class="pager__items"><li class="is-active"><a href="?page=0">1</a>'
        '</li><li><a href="?page=1">2</a></li><li class="pager__item pager__item--next"><a '
        'href="?page=1" rel="next">››</a></li></ul></nav>'
    )
    aside = (
        '<aside class="sidebar"><h2>+</h2><ul>'
        + "".join(f'<li><a href="/topics/{n}">{escape(item.title)}</a></li>' for n, item in enumerate(news[4:9]))
        + "</ul></aside>"
    )
    return Page(
        "drupal",
        language,
        frame(language, f'<div class="view view-press"><div class="view-content">{items}</div>{older}</div>', aside=aside),
        news,
        "/news/?page=1",
    )


def _chinese_list(language: str) -> Page:
    news = make_news(language, 15, "/news/{month}/t{day}_{number}.html")
    items = "".join(
        f'<li><a href=".{item.path.removeprefix("/news")}" target="_blank" '
        f'title="{escape(item.title)}">{escape(item.title)}</a><span>'
        f"{written(item.day, language, '%Y-%m-%d')}</span></li>"
        for item in news
    )
    return Page(
        "list with dates in spans",
        language,
        frame(
            language,
            f'<div class="fl w700"><ul class="list_01">{items}</ul></div><div class="fr"><ul '
            f'class="link_list"><li><a href="/a">{words(language)[3]}</a></li><li><a href="/b">'
            f"{words(language)[1]}</a></li></ul></div>",
            classes=("top", "wrap", "foot"),
        ),
        news,
    )


def _table(language: str) -> Page:
    news = make_news(language, 10, "/doc/{number}")
    rows = "".join(
        f'<tr class="{"odd" if n % 2 else "even"}"><td>{n + 1}</td><td>'
        f'{written(item.day, language)}</td><td><a href="{item.path}">{escape(item.title)}</a></td>'
        f'<td><a href="/files/{n}.pdf">PDF (1{n} kB)</a></td></tr>'
        for n, item in enumerate(news)
    )
    return Page(
        "table of releases",
        language,
        frame(
            language,
            '<table class="releases"><thead><tr><th>#</th><th></th><th></th><th></th></tr></thead><tbody>'
            f'{rows}</tbody></table><p class="pages"><strong>1</strong> <a href="?p=2">2</a> <a '
            'href="?p=3">3</a></p>',
        ),
        news,
        "/news/?p=2",
    )


def _definition_list(language: str) -> Page:
    news = make_news(language, 10, "/presse/{number}.html")
    rows = "".join(
        f'<dt>{written(item.day, language)}</dt><dd><a href="{item.path}">{escape(item.title)}</a></dd>' for item in news
    )
    return Page("definition list", language, frame(language, f"<dl>{rows}</dl>"), news)


def _headlines_only(language: str) -> Page:
    news = make_news(language, 10, "/communique/{number}")
    rows = "".join(f'<li><a href="{item.path}">{escape(item.title)}</a></li>' for item in news)
    return Page("headlines only", language, frame(language, f'<ul class="liste">{rows}</ul>'), news, None, has_dates=False)


def _cards(language: str) -> Page:
    news = make_news(language, 9, "/actualites/{number}")
    cards = [
        f'<div class="col-md-4"><article class="card {"card--big" if not n else ""}"><a '
        f'class="card-image" href="{item.path}"><img src="/i{n}.jpg" alt=""></a>'
        f'<div class="card-body"><span class="badge"><a href="/rubrique/{n % 3}">'
        f'{words(language)[3]}</a></span><h2 class="h5"><a href="{item.path}">{escape(item.title)}</a>'
        "</h2>"
        f'<p class="card-date">{written(item.day, language)}</p><p>{escape(teaser(language, n))}</p></div></article></div>'
        for n, item in enumerate(news)
    ]
    rows = "".join(f'<div class="row">{"".join(cards[start : start + 3])}</div>' for start in range(0, 9, 3))
    older = (
        '<nav aria-label="Pagination"><ul class="pagination"><li class="page-item active"><span>'
        '1</span></li><li class="page-item"><a class="page-link" href="/news/?page=2">2</a></li><li '
        f'class="page-item"><a class="page-link" aria-label="{words(language)[6]}" '
        'href="/news/?page=2">&raquo;</a></li></ul></nav>'
    )
    return Page("cards in rows", language, frame(language, rows + older), news, "/news/?page=2")


def _whole_card_links(language: str) -> Page:
    news = make_news(language, 8, "/news/{year}/notice-{number}")
    items = "".join(
        f'<a class="news-card css-1q2w3e4r" href="{item.path}"><span class="news-card__date">'
        f"{written(item.day, language)}</span>"
        f'<span class="news-card__title">{escape(item.title)}</span><span class="news-card__text">'
        f"{escape(teaser(language, n))}</span></a>"
        for n, item in enumerate(news)
    )
    return Page("cards that are links", language, frame(language, f'<div class="news-grid">{items}</div>'), news)


def _by_month(language: str) -> Page:
    news = make_news(language, 20, "/press/{number}")
    body, month = "", ""
    for item in news:
        if f"{item.day:%Y-%m}" != month:
            body += (
                ("</ul>" if month else "")
                + f"<h2>{written(item.day, language).split()[-2] if language not in ('zh', 'ja', 'ko') else item.day.month}</h2>"
                "<ul>"
            )
            month = f"{item.day:%Y-%m}"
        body += f'<li><span>{written(item.day, language, "%d.%m.%Y")}</span> <a href="{item.path}">{escape(item.title)}</a></li>'
    return Page("lists by month", language, frame(language, f'<div id="archive">{body}</ul></div>'), news)


def _read_more(language: str) -> Page:
    news = make_news(language, 8, "/noticias/{number}")
    items = "".join(
        f'<div class="noticia"><h3>{escape(item.title)}</h3><p class="fecha">'
        f"{written(item.day, language)}</p><p>{escape(teaser(language, n))}</p>"
        f'<a class="boton" href="{item.path}">{words(language)[5]}</a></div>'
        for n, item in enumerate(news)
    )
    return Page(
        "headings with a link below",
        language,
        frame(language, items + f'<div class="paginador"><a href="?pagina=2">{words(language)[6]} &gt;</a></div>'),
        news,
        "/news/?pagina=2",
    )


def _paragraphs(language: str) -> Page:
    news = make_news(language, 10, "/aktuell/{number}.htm")
    items = "".join(
        f'<p class="datum">{written(item.day, language)}</p><p><a href="{item.path}">{escape(item.title)}</a></p>'
        for item in news
    )
    return Page("paragraphs", language, frame(language, items), news)


def _day_headings(language: str) -> Page:
    news = make_news(language, 5, "/topics/{number}a.html")
    both = [
        News(item.title, news[n // 2].day, item.path) for n, item in enumerate(make_news(language, 10, "/topics/{number}.html"))
    ]
    body = "".join(
        f'<h3>{written(both[n].day, language)}</h3><ul class="newslist"><li><a href="{both[n].path}">'
        f"{escape(both[n].title)}</a></li>"
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
