"""The hints on a page that lead to its sources."""

from tests.cases import table
from tests.fetch.loopback import NOW
from tidings.fetch.source_search import find_day_url, study_page

URL = "https://ministry.example/press/"


def test_news_sections_are_found_in_many_languages() -> None:
    """Links whose text or path means news or press are sections; links to other hosts are not."""
    texts = {
        "/a": "Pressemitteilungen",
        "/b": "新闻发布",
        "/c": "お知らせ",
        "/press-room": "Room",
        "/about": "About us",
    }
    links = "".join(f'<a href="{path}">{text}</a>' for path, text in texts.items())
    page = f'<html><body>{links}<a href="https://other.example/news">News</a></body></html>'
    study = study_page(
        page.encode(), "text/html; charset=utf-8", "https://ministry.example/", "UTC", NOW
    )
    found = {section.rpartition("/")[2] for section in study.sections}
    assert found == {"a", "b", "c", "press-room"}


@table("""
    url | pattern
    https://a.example/lm/day/20260530.shtml | https://a.example/lm/day/{yyyy}{mm}{dd}.shtml
    https://a.example/2026/05/30/ | https://a.example/{yyyy}/{mm}/{dd}/
    # an archive of years ago
    https://a.example/2019/05/30/ | None
    https://a.example/news/20261399 | None
    https://a.example/news/ | None
""")
def test_a_date_in_the_url_becomes_a_pattern(url: str, pattern: str | None) -> None:
    """A recent date in a listing's URL yields the pattern for the listings of other days."""
    assert find_day_url(url, NOW) == pattern


@table("""
    body | obstacle
    <form><input type="password"></form> | the page requires a login
    <div id="app"></div><script src="/app.js"></script> | scripts build the page in the browser, and
        Tidings does not run them
    <p>Nothing new.</p><a href="/">Home</a> | None
""")
def test_the_reason_for_an_empty_page_is_named(body: str, obstacle: str | None) -> None:
    """A login form, or scripts with hardly a link or text, explain why a page shows no items."""
    found = study_page(f"<html><body>{body}</body></html>".encode(), None, URL, "UTC", NOW).obstacle
    assert found == obstacle
