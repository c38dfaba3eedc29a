"""Listing pages as templates: those that served to develop the rules for selectors, and those
written afterwards.

Do not tune the rules on HELD_OUT. In a template, ``i`` is an item, ``n`` its number and ``w`` the
labels of its language.
"""

import datetime as dt
from html import escape

from tests.fetch.listing_pages import News, Page, frame, make_news, teaser, words, written


def fill(template: str, language: str, items: list[News]) -> list[str]:
    """Return a template filled for each item."""
    filled = []
    for n, item in enumerate(items):
        texts = {
            "title": escape(item.title),
            "link": f'<a href="{item.path}">{escape(item.title)}</a>',
            "date": written(item.day, language),
            "teaser": escape(teaser(language, n)),
        }
        filled.append(template.format(i=item, n=n, third=n % 3, w=words(language), **texts))
    return filled


def make_page(  # noqa: PLR0917 - the columns of a table
    name: str,
    language: str,
    count: int,
    path: str,
    item: str,
    body: str = "{items}",
    older: str | None = None,
    *,
    other: tuple[int, str] = (0, ""),
    aside: str = "",
    classes: tuple[str, str, str] = ("site-header", "main", "site-footer"),
    has_dates: bool = True,
    url: str = "/news/",
) -> Page:
    """Return a page whose ``body`` contains ``items``, and ``others``: the number and the template
    of other links.

    ``rows`` contains the items in rows of three, ``first`` and ``second`` the first five and the
    others. ``aside`` has the same fields as ``body``.
    """
    news = make_news(language, count, path)
    filled = fill(item, language, news)
    rows = (
        f'<div class="row">{"".join(filled[start : start + 3])}</div>'
        for start in range(0, count, 3)
    )
    parts = {
        "items": "".join(filled),
        "rows": "".join(rows),
        "first": "".join(filled[:5]),
        "second": "".join(filled[5:]),
    }
    parts["others"] = "".join(fill(other[1], language, news[: other[0]]))
    w = words(language)
    html = frame(
        language, body.format(w=w, **parts), aside=aside.format(w=w, **parts), classes=classes
    )
    return Page(name, language, html, news, older, has_dates, url)


def _by_month(language: str) -> Page:
    news = make_news(language, 20, "/press/{number}")
    months: dict[str, list[News]] = {}
    for item in news:
        months.setdefault(written(item.day, language).split()[-2], []).append(item)
    row = '<li><span>{i.day:%d.%m.%Y}</span> <a href="{i.path}">{title}</a></li>'
    body = "".join(
        f"<h2>{month}</h2><ul>{''.join(fill(row, language, items))}</ul>"
        for month, items in months.items()
    )
    return Page(
        "lists by month", language, frame(language, f'<div id="archive">{body}</div>'), news
    )


def _day_headings(language: str) -> Page:
    news = make_news(language, 10, "/topics/{number}.html")
    days = [item.day for item in news[:5] for _ in range(2)]
    news = [item._replace(day=day) for item, day in zip(news, days, strict=True)]
    rows = fill('<li><a href="{i.path}">{title}</a></li>', language, news)
    body = "".join(
        f'<h3>{written(days[n], language)}</h3><ul class="newslist">{rows[n]}{rows[n + 1]}</ul>'
        for n in range(0, 10, 2)
    )
    return Page("headings with dates", language, frame(language, body), news)


def _featured(language: str) -> Page:
    news = make_news(language, 11, "/newsroom/{year}/{number}")
    when = '<span class="when">{date}</span>'
    picture = '<div class="lead-story"><a href="{i.path}"><img src="/l.jpg"></a>'
    lead = f"{picture}<h2>{{link}}</h2>{when}</div>"
    story = f'<article class="story"><h3 class="story__head">{{link}}</h3>{when}</article>'
    stories = "".join(fill(story, language, news[1:]))
    body = f'{fill(lead, language, news[:1])[0]}<div class="stories">{stories}</div>'
    return Page("list below a main story", language, frame(language, body), news[1:])


def _events_beside(language: str) -> Page:
    news = make_news(language, 6, "/salle-de-presse/{number}")
    coming = [
        News(item.title, item.day + dt.timedelta(days=90), f"/agenda/{n}")
        for n, item in enumerate(news)
    ]
    row = '<li><a href="{i.path}">{title}</a> <small>({date})</small></li>'
    past, events = ("".join(fill(row, language, items)) for items in (news, coming))
    body = (
        f'<section class="communiques"><h2>1</h2><ul>{past}</ul></section>'
        f'<section class="agenda"><h2>2</h2><ul>{events}</ul></section>'
    )
    return Page("list beside coming events", language, frame(language, body), news)


def _drupal(language: str) -> Page:
    item = (
        '<div class="views-row views-row-{n} views-row-{third}"><div class="views-field'
        ' views-field-created"><span class="field-content">{date}</span></div><div'
        ' class="views-field views-field-title"><span class="field-content"><a href="{i.path}"'
        ' hreflang="xx">{title}</a></span></div></div>'
    ).replace("xx", language)
    body = (
        '<div class="view view-press"><div class="view-content">{items}</div><nav'
        ' class="pager"><ul class="pager__items"><li class="is-active"><a'
        ' href="?page=0">1</a></li><li><a href="?page=1">2</a></li><li class="pager__item'
        ' pager__item--next"><a href="?page=1" rel="next">››</a></li></ul></nav></div>'
    )
    path = "/press-releases/{year}/item-{number}"
    return make_page(
        "drupal", language, 12, path, item, body, "/news/?page=1",
        other=(5, '<li><a href="/topics/{n}">{title}</a></li>'),
        aside='<aside class="sidebar"><h2>+</h2><ul>{others}</ul></aside>',
    )  # fmt: skip


def _table(language: str) -> Page:
    item = (
        '<tr class="odd{third}"><td>{n}</td><td>{date}</td><td><a href="{i.path}">{title}</a></td>'
        '<td><a href="/files/{n}.pdf">PDF (1{n} kB)</a></td></tr>'
    )
    body = (
        '<table class="releases"><thead><tr><th>#</th><th></th><th></th></tr></thead><tbody>{items}'
        '</tbody></table><p class="pages"><b>1</b> <a href="?p=2">2</a> <a href="?p=3">3</a></p>'
    )
    return make_page("table of releases", language, 10, "/doc/{number}", item, body, "/news/?p=2")


def _cards(language: str) -> Page:
    item = (
        '<div class="col-md-4"><article class="card card--{n}"><a class="card-image"'
        ' href="{i.path}"><img src="/i{n}.jpg" alt=""></a><div class="card-body"><span'
        ' class="badge"><a href="/rubrique/{third}">{w[3]}</a></span><h2 class="h5"><a'
        ' href="{i.path}">{title}</a></h2><p'
        ' class="card-date">{date}</p><p>{teaser}</p></div></article></div>'
    )
    body = (
        '{rows}<nav aria-label="Pagination"><ul class="pagination"><li class="page-item'
        ' active"><span>1</span></li><li class="page-item"><a class="page-link"'
        ' href="/news/?page=2">2</a></li><li class="page-item"><a class="page-link"'
        ' aria-label="{w[6]}" href="/news/?page=2">&raquo;</a></li></ul></nav>'
    )
    return make_page(
        "cards in rows", language, 9, "/actualites/{number}", item, body, "/news/?page=2"
    )


DEVELOPED = [
    make_page(
        "typo3", "de", 10, "/presse/mitteilung/{number}-{year}",
        '<div class="news-list-item articletype-0"><span class="news-list-date"><time'
        ' datetime="{i.day}">{i.day:%d.%m.%Y}</time></span><h3><a title="{title}"'
        ' href="{i.path}">{title}</a></h3><div class="teaser-text"><p>{teaser}</p><a class="more"'
        ' href="{i.path}">{w[5]}</a></div></div>',
        '<div class="news-list-view">{items}<ul class="f3-widget-paginator"><li'
        ' class="current">1</li><li><a href="/news/page-2">'
        '2</a></li><li class="next"><a href="/news/page-2">{w[6]}</a></li></ul></div>',
        "/news/page-2",
    ),
    make_page(
        "list with dates in spans", "zh", 15, "/news/{month}/t{day}_{number}.html",
        '<li><a href="{i.path}" target="_blank"'
        ' title="{title}">{title}</a><span>{i.day}</span></li>',
        '<div class="fl w700"><ul class="list_01">{items}</ul></div><div class="fr"><ul'
        ' class="link_list"><li><a href="/a">{w[3]}'
        '</a></li><li><a href="/b">{w[1]}</a></li></ul></div>', classes=("top", "wrap", "foot"),
    ),
    make_page(
        "dl", "ja", 10, "/p/{number}", "<dt>{date}</dt><dd>{link}</dd>", "<dl>{items}</dl>"
    ),
    make_page(
        "headlines only", "fr", 10, "/communique/{number}", "<li>{link}</li>",
        '<ul class="liste">{items}</ul>', has_dates=False,
    ),
    make_page(
        "cards that are links", "en", 8, "/news/{year}/notice-{number}",
        '<a class="news-card css-1q2w3e4r" href="{i.path}"><span'
        ' class="news-card__date">{date}</span><span'
        ' class="news-card__title">{title}</span><span class="news-card__text">{teaser}</span></a>',
        '<div class="news-grid">{items}</div>',
    ),
    make_page(
        "headings with a link below", "es", 8, "/noticias/{number}",
        '<div class="noticia"><h3>{title}</h3><p class="fecha">{date}</p><p>{teaser}</p><a'
        ' class="boton" href="{i.path}">{w[5]}'
        "</a></div>", '{items}<div class="paginador"><a href="?pagina=2">{w[6]} &gt;</a></div>',
        "/news/?pagina=2",
    ),
    make_page("paragraphs", "de", 10, "/a/{number}", '<p class="datum">{date}</p><p>{link}</p>'),
    _drupal("en"), _drupal("ar"), _table("es"), _table("ko"), _cards("fr"), _cards("it"),
    _by_month("ru"), _day_headings("ja"),
]  # fmt: skip

HELD_OUT = [
    make_page(
        "document list", "en", 12, "/government/news/{number}-slug",
        '<li class="gem-c-document-list__item"><div class="gem-c-document-list__item-title"><a'
        ' data-track="{n}" class="govuk-link" href="{i.path}">{title}</a></div><p'
        ' class="gem-c-document-list__item-description">{teaser}</p><ul'
        ' class="gem-c-document-list__item-metadata"><li class="attribute">Type: news</li><li'
        ' class="attribute">Updated: <time datetime="{i.day}">{date}</time></li></ul></li>',
        '<div class="facets"><ul>{others}</ul></div><div class="finder-results"><ul'
        ' class="gem-c-document-list">{items}</ul></div><nav class="govuk-pagination"><div'
        ' class="govuk-pagination__next"><a class="govuk-pagination__link"'
        ' href="/news/?page=2"><span>{w[6]}</span><span> page</span><span>: 2 of'
        ' 40</span></a></div></nav>', "/news/?page=2",
        other=(6, '<li><input type="checkbox"><a href="/search?topic={n}">{title}</a></li>'),
    ),
    make_page(
        "dates in parts", "it", 8, "/eventi-news/{number}",
        '<div class="item clearfix"><div class="date"><span class="day">{i.day.day}</span> <span'
        ' class="month">maggio</span> <span class="year">{i.day.year}</span></div>'
        '<div class="txt"><h4>{link}</h4><p>{teaser}</p></div></div>',
        '<section id="elenco">{items}</section>',
    ),
    make_page(
        "tables in tables", "zh", 14, "/art/{month}/art_{number}.html",
        '<tr><td height="26" width="4%"><img src="/dot.gif"></td><td width="76%">{link}</td>'
        '<td width="20%" align="center">[{i.day}]</td></tr>',
        '<table width="1000"><tr><td valign="top"><table>{others}</table></td><td><table'
        ' width="98%"><tbody>{items}</tbody></table></td></tr></table>', classes=("", "", ""),
        other=(8, '<tr><td><a href="/col/{n}">{w[3]}</a></td></tr>'),
    ),
    make_page(
        "dates in links", "zh", 10, "/xwdt/{day}/{number}.shtml",
        '<li><a href="{i.path}"><i>{title}</i><em>{i.day}</em></a></li>',
        '<div class="gl-list"><ul>{items}</ul><div class="fanye"><span>1</span><a'
        ' href="index_2.shtml">2</a><a href="index_3.shtml">3</a><a'
        ' href="index_2.shtml">{w[6]}</a><a href="index_9.shtml">9</a></div></div>',
        "/news/index_2.shtml",
    ),
    make_page(
        "lines with breaks", "de", 10, "/presse/archiv/{number}.html",
        "{i.day:%d.%m.%Y}: {link}<br>", '<div id="inhalt"><p>{items}</p></div>',
    ),
    make_page(
        "headings without containers", "es", 9, "/comunicados/{number}",
        '<h3><a href="{i.path}">{title}</a></h3><div class="meta">{date}</div><p>{teaser}</p>',
        '<div class="contenido">{items}</div><a class="siguiente" href="/news/?start=9">{w[6]}'
        ' »</a>', "/news/?start=9",
    ),
    make_page(
        "layout classes", "en", 10, "/en/press/{number}",
        '<li class="flex flex-col gap-2 border-b py-4 md:flex-row"><time class="w-32 text-sm'
        ' text-gray-600" datetime="{i.day}">{date}</time><a class="text-lg font-bold'
        ' hover:underline" href="{i.path}">{title}</a></li>',
        '<div class="mx-auto max-w-4xl"><ul class="divide-y">{items}</ul><div class="mt-8 flex'
        ' justify-between"><span class="opacity-50">‹</span><a class="px-3 py-2"'
        ' href="/news/?offset=10" aria-label="{w[6]}">›</a></div></div>',
        "/news/?offset=10",
    ),
    make_page(
        "generated classes", "de", 9, "/aktuelles/{number}-meldung",
        '<div class="sc-bdVaJa kYpQwz"><div class="Teaser_date__x7Kq2">{date}</div><div'
        ' class="Teaser_body__Qw91z"><h3 class="Teaser_headline__aB3dE"><a'
        ' href="{i.path}">{title}</a></h3><p>{teaser}</p></div></div>',
        '<div id="__next"><div class="css-0 eQxyz1">{items}</div></div>',
    ),
    make_page(
        "weblog", "en", 10, "/{year}/05/post-{number}/",
        '<article id="post-{n}" class="post-{n} post type-post status-publish hentry'
        ' category-news"><header class="entry-header"><h2 class="entry-title"><a href="{i.path}"'
        ' rel="bookmark">{title}</a></h2><div class="entry-meta"><a href="{i.path}"><time'
        ' class="entry-date published" datetime="{i.day}T09:00:00+00:00">{date}</time><time'
        ' class="updated" datetime="2026-06-01T09:00:00+00:00"></time></a> <a'
        ' href="/author/press">Press office</a></div></header><div'
        ' class="entry-summary"><p>{teaser} <a class="more-link"'
        ' href="{i.path}">{w[5]}</a></p></div></article>',
        '{items}<nav class="navigation posts-navigation"><div class="nav-previous"><a'
        ' href="/news/page/2/">Older posts</a></div>'
        "</nav>", "/news/page/2/", other=(5, '<li><a href="{i.path}">{title}</a></li>'),
        aside='<aside class="widget-area"><section class="widget'
              ' widget_recent_entries"><ul>{others}</ul></section></aside>',
    ),
    make_page(
        "board", "ko", 10, "/bbs/view.do?id={number}",
        '<tr><td class="num">12{n}</td><td class="subject"><a href="{i.path}">{title}</a></td><td'
        ' class="dept"><a href="/dept/{third}">{w[1]}</a></td><td'
        ' class="date">{i.day:%Y.%m.%d}</td><td>3{n}</td></tr>',
        '<table class="board_list"><tbody>{items}</tbody></table><div class="paging"><a class="on"'
        ' href="?pageIndex=1">1</a><a'
        ' href="?pageIndex=2">2</a><a href="?pageIndex=3">3</a><a class="btn_next"'
        ' href="?pageIndex=2"><img alt="" src="/n.gif">'
        "</a></div>", "/news/?pageIndex=2",
    ),
    make_page(
        "imperial years", "ja", 12, "/press/{number}.html",
        '<li class="news-item"><p class="news-date">令和8年{i.day.month}月{i.day.day}日</p><p'
        ' class="news-cat">{w[3]}</p><p class="news-ttl">{link}</p></li>',
        '<ul class="m-list">{items}</ul>',
    ),
    make_page(
        "blocks", "ar", 8, "/ar/news/{number}",
        '<div class="news-block"><a href="{i.path}" class="img"><img alt="{title}"'
        ' src="/x{n}.png"></a><div class="text"><span>'
        '{date}</span><a href="{i.path}"><h4>{title}</h4></a></div></div>',
        '<div class="news-page">{items}<div class="pages"><a'
        ' href="/ar/news?page=2">{w[6]}</a></div></div>', "/ar/news?page=2",
        url="/ar/news",
    ),
    make_page(
        "dates below", "ru", 10, "/press/events/{number}/",
        '<div class="b-news__item"><a class="b-news__link" href="{i.path}">{title}</a><div'
        ' class="b-news__date">{date}, 15:2{n}</div></div>', '<div class="b-news">{items}</div>'
        '<div class="b-pager"><a href="/news/?page=2">{w[6]} →</a></div>', "/news/?page=2",
    ),
    make_page(
        "dates without a year", "zh", 10, "/zwgk/{number}.html",
        '<li><span class="fr">{i.day:%m-%d}</span><a href="{i.path}">{title}</a></li>',
        '<div class="right-con"><ul>{items}</ul></div>',
    ),
    make_page(
        "tables in panels", "de", 10, "/dok/{number}.html",
        '<tr><td class="c1">{date}</td><td class="c2"><a class="intern"'
        ' href="{i.path}">{title}</a></td></tr>',
        '<main role="main"><div class="panel"><h3 class="panel-title"><a'
        ' href="#p0">0</a></h3><table class="table table-striped">{first}</table></div><div'
        ' class="panel"><h3 class="panel-title"><a href="#p5">5</a></h3><table class="table'
        ' table-striped">{second}</table></div></main>',
    ),
    make_page(
        "teasers beside services", "it", 10, "/notizie/{number}",
        '<div class="teaser"><h3 class="teaser-title"><a href="{i.path}">{title}</a></h3><p'
        ' class="teaser-text"><a href="{i.path}">{teaser}</a></p><p class="teaser-info">{date} |'
        ' <a href="/tema/{third}">{w[3]}</a></p></div>',
        '<div class="col-left">{items}</div><div class="col-right">{others}</div>',
        other=(10, '<h3 class="teaser-title"><a href="/servizi/{n}">{w[3]} {n}</a></h3>'),
    ),
    make_page(
        "short years", "de", 10, "/mitteilungen/{number}",
        '<div class="zeile"><span>{i.day:%d.%m.%y}</span><span>{link}</span></div>',
        '<div class="zeilen">{items}</div>',
    ),
    make_page(
        "three items", "fr", 3, "/annonces/{number}",
        '<div class="annonce"><p><b>{date}</b></p><p>{link}</p></div>', "<div>{items}</div>",
    ),
    _featured("en"), _events_beside("fr"),
]  # fmt: skip
