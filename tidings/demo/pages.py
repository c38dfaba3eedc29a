"""Write article pages: one template per outlet, with the text and the elements around it."""

from __future__ import annotations

import datetime as dt
import html
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from string import Template

from tidings.demo.outlets import OUTLETS
from tidings.demo.records import Article
from tidings.demo.wordings import LANGUAGES, Line, read_names

TEMPLATES = Path(__file__).parent / "templates"
MONTHS = {
    "en": ("June", "July", "August"),
    "de": ("Juni", "Juli", "August"),
}
JOBS = ("Policy Editor", "Political Correspondent", "Regional Reporter")


@cache
def _read_template(name: str) -> Template:
    return Template((TEMPLATES / f"{name}.html").read_text("utf-8"))


@cache
def _read_furniture() -> dict[str, tuple[Line, ...]]:
    return read_names("sidebar.txt")


def esc(text: str) -> str:
    """Return text that is escaped for HTML and XML, including attributes."""
    return html.escape(text, quote=True)


def write_date(at: dt.datetime, language: str) -> str:
    """Return a visible date and time in the outlet's time zone, without the zone."""
    if language == "zh":
        return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
    month = MONTHS[language][at.month - 6]
    if language == "de":
        return f"{at.day}. {month} {at.year}, {at:%H:%M} Uhr"
    return f"{month} {at.day}, {at.year} {at:%H:%M}"


def _write_list(lines: Iterable[Line], number: int, tag: str = "li") -> str:
    return "".join(
        f'<{tag}><a href="/more/{n}.html">{esc(line[number])}</a></{tag}>'
        for n, line in enumerate(lines)
    )


def _fill_furniture(language: str) -> dict[str, str]:
    number, words = LANGUAGES.index(language), _read_furniture()
    single = {slot: esc(lines[0][number]) for slot, lines in words.items() if len(lines) == 1}
    lists = {slot: _write_list(lines, number) for slot, lines in words.items() if len(lines) > 1}
    return {**single, **lists}


def write_byline(article: Article) -> str:
    """Return the byline with author or agency in the outlet's form; empty if there is none."""
    if article.outlet == "daily" and article.agencies:
        return (
            f"来源：{article.agencies[0]}"
            if article.language == "zh"
            else (f"Source: {article.agencies[0]}")
        )
    if not article.authors:
        return ""
    author = article.authors[0]
    if article.outlet == "daily":
        return f"By {author}, {JOBS[len(author) % len(JOBS)]}"
    return {"zh": f"记者 {author}", "de": f"Von {author}"}.get(article.language, f"By {author}")


def _write_jsonld(article: Article) -> str:
    site = OUTLETS[article.outlet].site_name(article.page_language)
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": article.published_at.isoformat(),
        "inLanguage": article.page_language,
        "articleSection": article.section,
        "publisher": {"@type": "Organization", "name": site},
    }
    if article.authors:
        data["author"] = [{"@type": "Person", "name": name} for name in article.authors]
    if article.is_truncated:
        data["isAccessibleForFree"] = False
    return json.dumps(data, ensure_ascii=False).replace("</", "<\\/")


def _write_structured(article: Article) -> str:
    """Return JSON-LD for every second day of the daily; other pages have only a visible date."""
    if article.published_at.day % 2:
        return ""
    return f'<script type="application/ld+json">{_write_jsonld(article)}</script>'


def write_page(
    article: Article, now: dt.datetime, versions: Iterable[Article], others: Iterable[Article]
) -> bytes:
    """Return the article's page at `now`, in the outlet's encoding.

    `versions` are its language versions, including itself; `others` are the items in a round-up.
    """
    text, furniture = article.text_at(now), _fill_furniture(article.page_language)
    edited = article.modified_at is not None and now >= article.modified_at
    modified = (
        (
            f'<meta property="article:modified_time"'
            f' content="{article.modified_at:%Y-%m-%dT%H:%M:%S%z}">'
        )
        if edited
        else ""
    )
    links = (
        f'<link rel="alternate" hreflang="{v.page_language}" href="{v.url}">' for v in versions
    )
    figure = ""
    if article.outlet == "daily" and len(article.key) % 3 == 0:
        figure = (
            f'<figure><img src="/img/a.jpg"'
            f' alt=""><figcaption>{furniture["caption"]}</figcaption></figure>'
        )
    values = {
        **furniture,
        "lang": article.page_language,
        "title": esc(text.title),
        "site": esc(OUTLETS[article.outlet].site_name(article.page_language)),
        "url": article.url,
        "section": esc(article.section),
        "iso": article.published_at.isoformat(),
        "date": write_date(article.published_at, article.page_language),
        "byline": esc(write_byline(article)),
        "author": esc(", ".join(article.authors)),
        "source": esc(OUTLETS["agency"].site_name(article.language)),
        "paragraphs": "\n".join(f"<p>{esc(paragraph)}</p>" for paragraph in text.paragraphs),
        "alternates": "\n".join(links),
        "jsonld": _write_jsonld(article),
        "structured": _write_structured(article),
        "modified": modified,
        "figure": figure,
        "paywall": f'<div class="paywall">{furniture["paywall"]}</div>'
        if article.is_truncated
        else "",
        "items": "".join(
            f'<li><a href="{other.path}">{esc(other.title)}</a></li>' for other in others
        ),
    }
    name = "roundup" if article.excluded_reason == "round_up" else article.outlet
    page = _read_template(name).substitute(values)
    return page.encode("gb18030" if article.outlet == "ministry" else "utf-8")
