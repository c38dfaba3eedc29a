"""Listing pages that were written after the rules for selectors were fixed. Do not tune the rules on them."""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import TYPE_CHECKING

from tests.flows.fetch.listing_pages import News, Page, frame, make_news, teaser, words, written

if TYPE_CHECKING:
    from collections.abc import Callable


def _govuk_like(language: str) -> Page:
    news = make_news(language, 12, "/government/news/{number}-slug")
    items = "".join(
        '<li class="gem-c-document-list__item"><div class="gem-c-document-list__item-title"><a '
        f'data-track="{n}" class="govuk-link" href="{item.path}">'
        f'{escape(item.title)}</a></div><p class="gem-c-document-list__item-description">'
        f'{escape(teaser(language, n))}</p><ul class="gem-c-document-list__item-metadata">'
        '<li class="attribute">Type: news</li><li class="attribute">Updated: <time '
        f'datetime="{item.day:%Y-%m-%d}">{written(item.day, language)}</time></li></ul></li>'
        for n, item in enumerate(news)
    )
    facets = "".join(
        f'<li><label><input type="checkbox"><a href="/search?topic={n}">{escape(item.title[:24])}</a></label></li>'
        for n, item in enumerate(news[:6])
    )
    body = (
        f'<div class="facets"><ul>{facets}</ul></div><div class="finder-results"><ul '
        f'class="gem-c-document-list">{items}</ul></div>'
    )
    body += (
        '<nav class="govuk-pagination"><div class="govuk-pagination__next"><a '
        f'class="govuk-pagination__link" href="/news/?page=2"><span>{words(language)[6]}</span><span> '
        "page</span><span>: 2 of 40</span></a></div></nav>"
    )
    return Page("document list", language, frame(language, body), news, "/news/?page=2")


def _split_dates(language: str) -> Page:
    news = make_news(language, 8, "/eventi-news/{number}")
    items = "".join(
        f'<div class="item clearfix"><div class="date"><span class="day">{item.day.day}</span> <span '
        f'class="month">{written(item.day, language).split()[1]}</span> '
        f'<span class="year">{item.day.year}</span></div><div class="txt"><h4><a href="{item.path}">'
        f"{escape(item.title)}</a></h4><p>{escape(teaser(language, n))}</p></div></div>"
        for n, item in enumerate(news)
    )
    return Page("dates in parts", language, frame(language, f'<section id="elenco">{items}</section>'), news)


def _nested_tables(language: str) -> Page:
    news = make_news(language, 14, "/art/{month}/art_{number}.html")
    rows = "".join(
        '<tr><td height="26" width="4%"><img src="/dot.gif"></td><td width="76%"><a '
        f'href="{item.path}" target="_blank">{escape(item.title)}</a></td>'
        f'<td width="20%" align="center">[{written(item.day, language, "%Y-%m-%d")}]</td></tr>'
        for item in news
    )
    side = "".join(f'<tr><td><a href="/col/{n}">{words(language)[n % 4]}</a></td></tr>' for n in range(8))
    body = (
        f'<table width="1000"><tr><td valign="top"><table>{side}</table></td><td><table width="98%">'
        f"<tbody>{rows}</tbody></table></td></tr></table>"
    )
    return Page("tables in tables", language, frame(language, body, classes=("", "", "")), news)


def _date_in_link(language: str) -> Page:
    news = make_news(language, 10, "/xwdt/{day}/{number}.shtml")
    rows = "".join(
        f'<li><a href="{item.path}"><i>{escape(item.title)}</i><em>{written(item.day, language, "%Y-%m-%d")}</em></a></li>'
        for item in news
    )
    older = (
        '<div class="fanye"><span>1</span><a href="index_2.shtml">2</a><a href="index_3.shtml">3</a>'
        f'<a href="index_2.shtml">{words(language)[6]}</a><a href="index_9.shtml">9</a></div>'
    )
    return Page(
        "dates in links",
        language,
        frame(language, f'<div class="gl-list"><ul>{rows}</ul>{older}</div>'),
        news,
        "/news/index_2.shtml",
    )


def _breaks(language: str) -> Page:
    news = make_news(language, 10, "/presse/archiv/{number}.html")
    rows = "<br>".join(
        f'{written(item.day, language, "%d.%m.%Y")}: <a href="{item.path}">{escape(item.title)}</a>' for item in news
    )
    return Page("lines with breaks", language, frame(language, f'<div id="inhalt"><p>{rows}</p></div>'), news)


def _date_after(language: str) -> Page:
    news = make_news(language, 9, "/comunicados/{number}")
    rows = "".join(
        f'<h3><a href="{item.path}">{escape(item.title)}</a></h3><div class="meta">'
        f"{written(item.day, language)}</div><p>{escape(teaser(language, n))}</p>"
        for n, item in enumerate(news)
    )
    return Page(
        "headings without containers",
        language,
        frame(
            language, f'<div class="contenido">{rows}</div><a class="siguiente" href="/news/?start=9">{words(language)[6]} »</a>'
        ),
        news,
        "/news/?start=9",
    )


def _featured(language: str) -> Page:
    news = make_news(language, 11, "/newsroom/{year}/{number}")
    first = news[0]
    top = (
        f'<div class="lead-story"><a href="{first.path}"><img src="/l.jpg"></a><h2><a '
        f'href="{first.path}">{escape(first.title)}</a></h2>'
        f'<span class="when">{written(first.day, language)}</span></div>'
    )
    rows = "".join(
        f'<article class="story"><h3 class="story__head"><a href="{item.path}">{escape(item.title)}</a>'
        f'</h3><span class="when">{written(item.day, language)}</span></article>'
        for item in news[1:]
    )
    return Page("list below a main story", language, frame(language, top + f'<div class="stories">{rows}</div>'), news[1:])


def _tailwind(language: str) -> Page:
    news = make_news(language, 10, "/en/press/{number}")
    items = "".join(
        '<li class="flex flex-col gap-2 border-b py-4 md:flex-row"><time class="w-32 text-sm '
        f'text-gray-600" datetime="{item.day:%Y-%m-%d}">{written(item.day, language)}</time>'
        f'<a class="text-lg font-bold hover:underline" href="{item.path}">{escape(item.title)}</a></li>'
        for item in news
    )
    older = (
        '<div class="mt-8 flex justify-between"><span class="opacity-50">‹</span><a class="px-3 py-2" '
        f'href="/news/?offset=10" aria-label="{words(language)[6]}">›</a></div>'
    )
    return Page(
        "layout classes",
        language,
        frame(language, f'<div class="mx-auto max-w-4xl"><ul class="divide-y">{items}</ul>{older}</div>'),
        news,
        "/news/?offset=10",
    )


def _hashed(language: str) -> Page:
    news = make_news(language, 9, "/aktuelles/{number}-meldung")
    items = "".join(
        '<div class="sc-bdVaJa kYpQwz"><div class="Teaser_date__x7Kq2">'
        f'{written(item.day, language)}</div><div class="Teaser_body__Qw91z"><h3 '
        'class="Teaser_headline__aB3dE">'
        f'<a href="{item.path}">{escape(item.title)}</a></h3><p>{escape(teaser(language, n))}</p></div></div>'
        for n, item in enumerate(news)
    )
    return Page(
        "generated classes", language, frame(language, f'<div id="__next"><div class="css-0 eQxyz1">{items}</div></div>'), news
    )


def _wordpress(language: str) -> Page:
    news = make_news(language, 10, "/{year}/05/post-{number}/")
    items = "".join(
        f'<article id="post-{n}" class="post-{n} post type-post status-publish '
        f'{"sticky" if not n else ""} hentry category-news"><header class="entry-header"><h2 '
        'class="entry-title">'
        f'<a href="{item.path}" rel="bookmark">{escape(item.title)}</a></h2><div class="entry-meta"><a '
        f'href="{item.path}"><time class="entry-date published" '
        f'datetime="{item.day:%Y-%m-%d}T09:00:00+00:00">'
        f'{written(item.day, language)}</time><time class="updated" '
        'datetime="2026-06-01T09:00:00+00:00"></time></a> <a href="/author/press">Press office</a>'
        "</div></header>"
        f'<div class="entry-summary"><p>{escape(teaser(language, n))} <a class="more-link" '
        f'href="{item.path}">{words(language)[5]}</a></p></div></article>'
        for n, item in enumerate(news)
    )
    recent = (
        '<aside class="widget-area"><section class="widget widget_recent_entries"><ul>'
        + "".join(f'<li><a href="{item.path}">{escape(item.title)}</a></li>' for item in news[:5])
        + "</ul></section></aside>"
    )
    older = (
        '<nav class="navigation posts-navigation"><div class="nav-previous"><a href="/news/page/2/">'
        f"{'Older posts' if language == 'en' else words(language)[6]}</a></div></nav>"
    )
    return Page("weblog", language, frame(language, items + older, aside=recent), news, "/news/page/2/")


def _korean_board(language: str) -> Page:
    news = make_news(language, 10, "/bbs/view.do?id={number}")
    rows = "".join(
        f'<tr><td class="num">{120 - n}</td><td class="subject"><a href="{item.path}">'
        f'{escape(item.title)}</a></td><td class="dept"><a href="/dept/{n % 3}">'
        f"{words(language)[1]}</a></td>"
        f'<td class="date">{written(item.day, language, "%Y.%m.%d")}</td><td>{30 + n}</td></tr>'
        for n, item in enumerate(news)
    )
    older = (
        '<div class="paging"><a class="on" href="?pageIndex=1">1</a><a href="?pageIndex=2">2</a><a '
        'href="?pageIndex=3">3</a><a class="btn_next" href="?pageIndex=2"><img alt="" src="/n.gif">'
        "</a></div>"
    )
    return Page(
        "board",
        language,
        frame(language, f'<table class="board_list"><tbody>{rows}</tbody></table>{older}'),
        news,
        "/news/?pageIndex=2",
    )


def _japanese_news(language: str) -> Page:
    news = make_news(language, 12, "/press/{number}.html")
    rows = "".join(
        '<li class="news-item"><p class="news-date">'
        f'令和{item.day.year - 2018}年{item.day.month}月{item.day.day}日</p><p class="news-cat">'
        f'{words(language)[3]}</p><p class="news-ttl"><a href="{item.path}">{escape(item.title)}</a>'
        "</p></li>"
        for item in news
    )
    return Page("imperial years", language, frame(language, f'<ul class="m-list">{rows}</ul>'), news)


def _arabic_blocks(language: str) -> Page:
    news = make_news(language, 8, "/ar/news/{number}")
    items = "".join(
        f'<div class="news-block"><a href="{item.path}" class="img"><img alt="{escape(item.title)}" '
        f'src="/x{n}.png"></a><div class="text"><span>{written(item.day, language)}</span>'
        f'<a href="{item.path}"><h4>{escape(item.title)}</h4></a></div></div>'
        for n, item in enumerate(news)
    )
    return Page(
        "blocks",
        language,
        frame(
            language,
            f'<div class="news-page">{items}<div class="pages"><a href="/ar/news?page=2">{words(language)[6]}</a></div></div>',
        ).replace("<html ", '<html dir="rtl" '),
        news,
        "/ar/news?page=2",
        path="/ar/news",
    )


def _russian_dates(language: str) -> Page:
    news = make_news(language, 10, "/press/events/{number}/")
    items = "".join(
        f'<div class="b-news__item"><a class="b-news__link" href="{item.path}">{escape(item.title)}</a>'
        f'<div class="b-news__date">{written(item.day, language)}, 15:{20 + n}</div></div>'
        for n, item in enumerate(news)
    )
    return Page(
        "dates below",
        language,
        frame(
            language,
            f'<div class="b-news">{items}</div><div class="b-pager"><a href="/news/?page=2">{words(language)[6]} →</a></div>',
        ),
        news,
        "/news/?page=2",
    )


def _yearless(language: str) -> Page:
    news = make_news(language, 10, "/zwgk/{number}.html")
    rows = "".join(
        f'<li><span class="fr">{item.day:%m-%d}</span><a href="{item.path}">{escape(item.title)}</a></li>' for item in news
    )
    return Page("dates without a year", language, frame(language, f'<div class="right-con"><ul>{rows}</ul></div>'), news)


def _accordion(language: str) -> Page:
    news = make_news(language, 10, "/dok/{number}.html")
    panels = ""
    for start in range(0, 10, 5):
        rows = "".join(
            f'<tr><td class="c1">{written(item.day, language)}</td><td class="c2"><a class="intern" '
            f'href="{item.path}">{escape(item.title)}</a></td></tr>'
            for item in news[start : start + 5]
        )
        panels += (
            f'<div class="panel"><h3 class="panel-title"><a href="#p{start}">{start}</a></h3><table '
            f'class="table table-striped">{rows}</table></div>'
        )
    return Page("tables in panels", language, frame(language, f'<main role="main">{panels}</main>'), news)


def _linked_teasers(language: str) -> Page:
    news = make_news(language, 10, "/notizie/{number}")
    items = "".join(
        f'<div class="teaser"><h3 class="teaser-title"><a href="{item.path}">{escape(item.title)}</a>'
        f'</h3><p class="teaser-text"><a href="{item.path}">{escape(teaser(language, n))}</a></p><p '
        f'class="teaser-info">{written(item.day, language)} | '
        f'<a href="/tema/{n % 4}">{words(language)[3]}</a></p></div>'
        for n, item in enumerate(news)
    )
    service = "".join(
        f'<div class="box"><h3 class="teaser-title"><a href="/servizi/{n}">{escape(words(language)[n % 5])} {n}</a></h3></div>'
        for n in range(12)
    )
    return Page(
        "teasers beside services",
        language,
        frame(language, f'<div class="col-left">{items}</div><div class="col-right">{service}</div>'),
        news,
    )


def _two_digit_years(language: str) -> Page:
    news = make_news(language, 10, "/mitteilungen/{number}")
    items = "".join(
        f'<div class="zeile"><span>{item.day:%d.%m.%y}</span><span><a href="{item.path}">{escape(item.title)}</a></span></div>'
        for item in news
    )
    return Page("short years", language, frame(language, f'<div class="zeilen">{items}</div>'), news)


def _events_beside(language: str) -> Page:
    news = make_news(language, 6, "/salle-de-presse/{number}")
    items = "".join(
        f'<li><a href="{item.path}">{escape(item.title)}</a> <small>({written(item.day, language)})</small></li>' for item in news
    )
    events = "".join(
        f'<li><a href="/agenda/{n}">{escape(item.title)}</a> <small>'
        f"({written(item.day + dt.timedelta(days=90), language)})</small></li>"
        for n, item in enumerate(news)
    )
    body = (
        f'<section class="communiques"><h2>1</h2><ul>{items}</ul></section><section class="agenda"><h2>'
        f"2</h2><ul>{events}</ul></section>"
    )
    return Page("list beside coming events", language, frame(language, body), news)


def _short_list(language: str) -> Page:
    news: list[News] = make_news(language, 3, "/annonces/{number}")
    items = "".join(
        f'<div class="annonce"><p><b>{written(item.day, language)}</b></p><p><a href="{item.path}">'
        f"{escape(item.title)}</a></p></div>"
        for item in news
    )
    return Page("three items", language, frame(language, f"<div>{items}</div>"), news)


HELD_OUT: list[Callable[[], Page]] = [
    lambda: _govuk_like("en"),
    lambda: _split_dates("it"),
    lambda: _nested_tables("zh"),
    lambda: _date_in_link("zh"),
    lambda: _breaks("de"),
    lambda: _date_after("es"),
    lambda: _featured("en"),
    lambda: _tailwind("en"),
    lambda: _hashed("de"),
    lambda: _wordpress("en"),
    lambda: _korean_board("ko"),
    lambda: _japanese_news("ja"),
    lambda: _arabic_blocks("ar"),
    lambda: _russian_dates("ru"),
    lambda: _yearless("zh"),
    lambda: _accordion("de"),
    lambda: _linked_teasers("it"),
    lambda: _two_digit_years("de"),
    lambda: _events_beside("fr"),
    lambda: _short_list("fr"),
]
