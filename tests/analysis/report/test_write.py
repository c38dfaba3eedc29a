"""Test the files of the report: content, links, incremental writing and escaping."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import duckdb
import pytest
from lxml import html

from tests.analysis.report.sample_releases import GRAIN, WATER, write_files, write_ordinary_release
from tests.analysis.report.small_release import (
    LAST,
    TABLES,
    Article,
    add_day,
    count_again,
    insert_article,
    write_release,
)
from tidings.analysis.report import Manifest, read_manifest, write_report
from tidings.analysis.report.render import (
    file_name,
    format_day,
    format_points,
    format_share,
    safe_url,
)
from tidings.storage.lake import WarehouseError

if TYPE_CHECKING:
    from pathlib import Path


def _pages(folder: Path) -> dict[str, Any]:
    return {
        path.relative_to(folder).as_posix(): html.parse(path).getroot()
        for path in folder.rglob("*.html")
    }


def read_files(folder: Path) -> dict[str, str]:
    """Return the content of each file of a report except the manifest, by its path in the
    folder.
    """
    paths = [
        path for path in folder.rglob("*.*") if path.is_file() and path.name != "manifest.json"
    ]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def _figures(page: Any) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(page.xpath("//script[@id='figures']/text()")[0])
    return figures


@pytest.mark.parametrize("name", ["ordinary_report", "hostile_report"])
def test_every_link_resolves(name: str, request: pytest.FixtureRequest) -> None:
    """Every link within the report leads to an existing file and anchor, and every other URL is
    HTTP or HTTPS.
    """
    folder = request.getfixturevalue(name)
    checked = 0
    for path, page in _pages(folder).items():
        for url in page.xpath("//@href | //@src"):
            parts = urlsplit(url)
            if parts.scheme in {"http", "https"} or url == "data:,":
                continue
            assert parts.scheme == "", url
            target = (folder / path).parent / unquote(parts.path) if parts.path else folder / path
            assert target.is_file(), f"{path} → {url}"
            if parts.fragment and target.suffix == ".html":
                assert html.parse(target).getroot().get_element_by_id(parts.fragment) is not None
            checked += 1
    assert checked > 50


def test_a_release_without_a_table_of_the_report_is_refused(tmp_path: Path) -> None:
    """If an earlier version made a release, one sentence names the command that makes a new one,
    and no file is written.
    """
    with duckdb.connect(write_ordinary_release(tmp_path / "r.duckdb")) as con:
        con.execute("drop table marts.theme_peaks")
        with pytest.raises(WarehouseError, match="Run `tidings release` first"):
            write_report(con, tmp_path / "report")
    assert not list((tmp_path / "report").iterdir())


def test_overview_shows_the_largest_rise(ordinary_report: Path) -> None:
    """The heading of the overview names the theme that rose most and its course, and the text
    contains both shares.
    """
    page = _pages(ordinary_report)["index.html"]
    assert page.xpath("string(//h1)") == "Food security is rising"
    # 20 of 56 articles of both outlets in the last 28 days, and none in the previous 28 days
    assert "35.7% of articles in the last 28 days, compared with 0.0%" in " ".join(
        page.text_content().split()
    )


def test_gap_has_no_share(ordinary_report: Path) -> None:
    """In the gazette's series the week without coverage has no share, and weeks without the theme
    have a share of zero.
    """
    page = _pages(ordinary_report)["themes/grain.html"]
    small = next(figure for figure in _figures(page).values() if "most" in figure["signals"])
    by_week = {row[0]: row[2] for row in small["rows"]}
    assert by_week["2026-04-06"] is None
    assert by_week["2026-03-30"] == 0
    assert by_week["2026-05-18"] == 1


def test_mention_is_marked_in_its_sentence(ordinary_report: Path) -> None:
    """A mention is shown in its sentence with the phrase marked and the source linked, in English
    and Chinese.
    """
    pages = _pages(ordinary_report)
    english = pages["themes/water.html"].xpath("//ol[contains(@class, 'mentions')]//blockquote")[0]
    assert english.text_content() == "The council wants clean water, and soon."
    assert english.xpath("string(mark)") == "clean water"
    chinese = pages["themes/grain.html"].xpath("//ol[contains(@class, 'mentions')]//blockquote")[0]
    assert chinese.text_content() == "会议指出，粮食安全是头等大事。"
    assert chinese.xpath("string(mark)") == "粮食安全"
    assert chinese.get("lang") == "zh"
    assert (
        pages["themes/grain.html"]
        .xpath("//ol[contains(@class, 'mentions')]//h3/a/@href")[0]
        .startswith("https://news.example/")
    )


def test_area_shows_mentions_of_its_themes(ordinary_report: Path) -> None:
    """A policy area shows the mentions of its themes and links to their pages."""
    page = _pages(ordinary_report)["themes/supply.html"]
    marked = set(page.xpath("//mark/text()"))
    assert marked == {"clean water", "粮食安全"}
    assert {"../themes/water.html", "../themes/grain.html"} <= set(page.xpath("//@href"))


def test_theme_without_articles(ordinary_report: Path) -> None:
    """The page of a theme without articles states this and has no charts."""
    page = _pages(ordinary_report)["themes/dust.html"]
    assert "No article mentions this theme yet." in page.text_content()
    assert not page.xpath("//script[@id='figures']")


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    """A second report of the same release writes no file, and a third writes only the file that is
    missing.
    """
    release = write_ordinary_release(tmp_path / "r.duckdb")
    first = write_files(release, tmp_path / "report")
    before = {
        path: path.stat().st_mtime_ns
        for path in (tmp_path / "report").rglob("*.*")
        if path.name != "manifest.json"
    }
    second = write_files(release, tmp_path / "report")
    assert (first.written, second.written, second.pages) == (first.pages, 0, first.pages)
    assert before == {path: path.stat().st_mtime_ns for path in before}
    (tmp_path / "report" / "method.html").unlink()
    assert write_files(release, tmp_path / "report").written == 1


def test_only_changed_pages_are_written(tmp_path: Path) -> None:
    """A new mention on an early day changes only the pages of its theme and area, and only these
    name the new release.
    """
    release, folder = write_ordinary_release(tmp_path / "r.duckdb"), tmp_path / "report"
    write_files(release, folder)
    with duckdb.connect(release) as con:
        con.execute(
            "insert into marts.theme_mentions select article_id, 'water', 'p_water', 'body_text',"
            " 25, 36, '', publisher_id,"
            " published_on, language from core.articles where publisher_id = 'daily' and"
            " published_on = date '2026-03-03'"
        )
        con.execute("update ops.releases set release_id = 'r2'")
        count_again(con)
    write_files(release, folder)
    named = {
        path
        for path, release_id in read_manifest(folder).releases.items()
        if release_id == "r2" and path.startswith("themes/")
    }
    assert named == {"themes/water.html", "themes/supply.html"}
    assert "release r2" in (folder / "themes/water.html").read_text()
    assert "release r1" in (folder / "themes/grain.html").read_text()
    assert '"r2"' in (folder / "assets/release.js").read_text()


def test_a_day_without_news_rewrites_only_pages_with_days(tmp_path: Path) -> None:
    """A day that moves no share rewrites the overview, the outlets and the method, but no page of a
    theme or outlet.
    """
    release = write_release(
        tmp_path / "r.duckdb",
        [
            Article(
                "daily",
                LAST - dt.timedelta(days),
                f"Clean water, number {days}.".lower(),
                themes=[WATER] if days % 2 else [],
            )
            for days in range(3, 9)
        ],
        publishers=[("daily", "The Daily")],
        themes=[
            ("supply", None, "Supply"),
            ("water", "supply", "Clean water"),
            ("dust", None, "Dust"),
        ],
        phrases=[("p_water", "water", "en", "clean water")],
    )
    written = []
    for _ in range(2):  # the first day begins a week
        with duckdb.connect(release) as con:
            add_day(con)
            count_again(con)
        before = read_files(tmp_path / "report")
        write_files(release, tmp_path / "report")
        after = read_files(tmp_path / "report")
        written.append(
            {
                path
                for path, content in after.items()
                if before.get(path) != content and path.endswith(".html")
            }
        )
    assert "themes/dust.html" in written[0]
    assert written[1] == {"index.html", "outlets.html", "method.html"}


@pytest.mark.slow
def test_each_night_yields_the_pages_of_a_new_report(tmp_path: Path) -> None:
    """After each of several nights, every file of the report equals that of a report written from
    scratch.
    """
    release = write_ordinary_release(tmp_path / "r.duckdb")
    first, second, third = (LAST + dt.timedelta(days) for days in (3, 4, 6))
    nights: list[list[str | Article]] = [
        [],  # a new week
        [],  # a day without news
        [
            Article(
                "daily",
                first,
                "Clean water and 粮食安全 for all: clean water.",
                themes=[("water", "p_water", "clean water"), GRAIN],
            )
        ],
        [
            (
                f"update marts.outlet_daily set is_gap = true, gap_reason = 'feed_down' where"
                f" published_on = '{second}'"
            )
        ],
        [
            (
                "insert into ref.theme_phrases values ('p_mud', 'dust', 'en', 'mud', 'phrase',"
                " 'include', null, 'x')"
            ),
            (
                "insert into ref.themes values ('mud', 'dust', 'Mud', null, null, null, 'theme', "
                "null,"
                " null, null, null)"
            ),
        ],
        [Article("gazette", third, "There is mud.", themes=[("dust", "p_mud", "mud")])],
        [
            "delete from ref.themes where theme_id = 'mud'",
            f"delete from core.articles where published_on = '{first}'",
        ],
        *([] for _ in range(9)),  # a new month; days leave the windows
    ]
    write_files(release, tmp_path / "report")
    for number, changes in enumerate(nights):
        with duckdb.connect(release) as con:
            add_day(con)
            for change in changes:
                insert_article(con, change) if isinstance(change, Article) else con.execute(change)
            count_again(con)
        write_files(release, tmp_path / "report")
        write_files(release, tmp_path / f"whole{number}")
        assert read_files(tmp_path / "report") == read_files(tmp_path / f"whole{number}"), number


def test_next_run_repairs_the_report(tmp_path: Path) -> None:
    """The next run writes a missing page, ignores a partial file and removes the page of a deleted
    theme.
    """
    release, folder = write_ordinary_release(tmp_path / "r.duckdb"), tmp_path / "report"
    write_files(release, folder)
    (folder / "themes/water.html").unlink()
    (folder / ".index.html.part").write_text("half")
    with duckdb.connect(release) as con:
        con.execute("delete from ref.themes where theme_id = 'dust'")
        count_again(con)
    result = write_files(release, folder)
    assert (folder / "themes/water.html").is_file()
    assert not (folder / "themes/dust.html").exists()
    assert result.removed == 1


def test_manifest_cannot_remove_other_files(tmp_path: Path) -> None:
    """A manifest entry outside the report does not cause the removal of that file."""
    release, folder = write_ordinary_release(tmp_path / "r.duckdb"), tmp_path / "report"
    outside = tmp_path / "precious.txt"
    outside.write_text("kept")
    with duckdb.connect(release, read_only=True) as con:
        write_report(con, folder, Manifest({"../precious.txt": "x"}, {"../precious.txt": "r0"}))
    assert outside.read_text() == "kept"


def test_hostile_texts_are_escaped(hostile_report: Path) -> None:
    """No text of an article, theme, phrase or outlet becomes an element, an attribute or a URL of
    another scheme.
    """
    for path, page in _pages(hostile_report).items():
        for script in page.xpath("//script"):
            assert script.get("src") or script.get("type") == "application/json", path
        assert not page.xpath(
            "//img | //svg | //iframe | //object | //@onerror | //@onload | //@onmouseover"
        ), path
        assert not [
            url
            for url in page.xpath("//@href")
            if re.match(r"\s*(javascript|data:t|vbscript)", url, re.IGNORECASE)
        ]
        assert "49" not in page.xpath("string(//ol[contains(@class, 'mentions')])").split()
        assert (
            max(len(text) for text in page.xpath("//h1//text() | //h3//text() | //li//a/text()"))
            < 400
        )
    assert all(hostile_report in path.resolve().parents for path in hostile_report.rglob("*"))
    assert not list(hostile_report.parent.glob("*evil*"))


def test_hostile_texts_are_shown(hostile_report: Path) -> None:
    """The page shows a hostile title as it was written."""
    page = _pages(hostile_report)[f"themes/{file_name('<i>theme</i>')}"]
    assert "<script>document.title = 'pwned'</script>" in page.text_content()
    assert "</script><b>bold</b>" in page.xpath("//mark/text()")


def test_report_of_an_empty_release(tmp_path: Path) -> None:
    """The overview of a release without articles states that there are none."""
    with duckdb.connect(tmp_path / "r.duckdb") as con:
        con.execute(TABLES)
        count_again(con)
        result = write_report(con, tmp_path / "report")
    assert "No articles yet" in result.index.read_text()


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "ftp://x.example",
        "http://[",
        "",
        None,
    ],
)
def test_only_web_urls_are_linked(url: str | None) -> None:
    """Only HTTP and HTTPS URLs with a host become links."""
    assert safe_url(url) is None
    assert safe_url("https://news.example/a?b=c") == "https://news.example/a?b=c"


def test_file_names_are_plain_and_unique() -> None:
    """Each ID gives a file name that needs no escaping, and different IDs give different names."""
    names = [
        "a/b",
        "a\\b",
        "a:b",
        "../a",
        "a b",
        "a-b",
        "粮食",
        "安全",
        "index",
        "CON",
        "x" * 300,
        "",
    ]
    files = [file_name(name) for name in names]
    assert len({name.lower() for name in files}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*\.html", name) for name in files)


def test_formats() -> None:
    """Dates, shares and differences have fixed formats that do not depend on the locale."""
    assert format_day(dt.date(2026, 3, 4)) == "4 Mar 2026"
    assert (format_share(None), format_share(0.0), format_points(-0.051)) == ("–", "0.0%", "−5.1")


@pytest.mark.parametrize(
    ("change", "page"),
    [
        ("update core.articles set title = 'Another title' where language = 'zh'",
         "themes/grain.html"),
        (("update core.articles set body_text = replace(body_text, '头等', '一等'),"
          " content_hash = '' where language = 'zh'"),
         "themes/grain.html"),
        ("update core.articles set title = 'Another title' where language = 'zh'",
         "outlets/gazette.html"),
        ("update ref.publishers set name = 'The Gazetteer' where publisher_id = 'gazette'",
         "themes/grain.html"),
        ("update ref.themes set label_en = 'Safe food' where theme_id = 'grain'",
         "themes/supply.html"),
        ("update ref.theme_phrases set phrase = '粮食' where phrase_id = 'p_grain'",
         "themes/grain.html"),
        ("update marts.outlet_daily set is_gap = true where publisher_id = 'daily'",
         "outlets/daily.html"),
        (("insert into marts.bursts values ('phrase', 'p_grain', '2026-05-01', '2026-05-20', 3, 9,"
         " 9, true)"), "themes/grain.html"),
        ("update marts.speaker_shares_monthly set speaker_name = 'Anna Frei'", "themes/grain.html"),
        ("update marts.statements set sentence = 'It snowed.'", "themes/supply.html"),
        ("update marts.phrase_lives set half_life_days = 40", "themes/grain.html"),
        (("insert into marts.coverage values ('f', 'gazette', 'feed', '2026-05-20', 3, 2, 1, 0, "
          "'x')"), "outlets/gazette.html"),
        (("delete from marts.theme_mentions where theme_id = 'water' and published_on > "
          "'2026-05-10'"), "outlets/daily.html"),
    ],
)  # fmt: skip
def test_every_shown_value_updates_the_page(tmp_path: Path, change: str, page: str) -> None:
    """After a change to any value that a page shows, the page equals that of a new report."""
    release = write_ordinary_release(tmp_path / "r.duckdb")
    with duckdb.connect(release) as con:
        con.execute(
            "insert into marts.statements select article_id, 'x', 'X', 'person', 'Minister', 'It"
            " rained.', ['grain'],"
            " published_on, language from core.articles where language = 'zh' and published_on ="
            " '2026-05-20'"
        )
        con.execute(
            "insert into marts.speaker_shares_monthly"
            " select unnest(['grain', 'supply']), '2026-05-01', 'person', 'x', 'Xu', 1, 1, 0, 0"
        )
        con.execute(
            "update marts.phrase_lives set first_seen_on = published_on, first_publisher_id ="
            " 'gazette',"
            " first_article_id = a.article_id, first_seen_is_certain = true, observed_day_count ="
            " 400, peak_on = published_on,"
            " last_seen_on = '2026-05-24', half_life_days = 4 from core.articles as a"
            " where phrase_id = 'p_grain' and a.language = 'zh' and a.published_on = '2026-05-04'"
        )
    write_files(release, tmp_path / "report")
    before = (tmp_path / "report" / page).read_text(encoding="utf-8")
    with duckdb.connect(release) as con:
        con.execute(change)
        count_again(con)
    write_files(release, tmp_path / "report")
    write_files(release, tmp_path / "whole")
    after = (tmp_path / "report" / page).read_text(encoding="utf-8")
    assert after == (tmp_path / "whole" / page).read_text(encoding="utf-8")
    assert after != before
