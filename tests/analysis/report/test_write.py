"""Test the files of the report: content, links, files that are kept or removed, and escaping."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb
import pytest
from lxml import html

from tests.analysis.report.sample_releases import write_files, write_ordinary_release
from tests.analysis.report.small_release import TABLES, count_again
from tests.cases import cases
from tidings.analysis.report import read_manifest, write_report
from tidings.analysis.report.render import (
    file_name,
    format_day,
    format_points,
    format_share,
    safe_url,
)
from tidings.analysis.report.write import replace_file
from tidings.storage.lake import WarehouseError


def _pages(folder: Path) -> dict[str, Any]:
    return {
        path.relative_to(folder).as_posix(): html.parse(path).getroot()
        for path in folder.rglob("*.html")
    }


def read_files(folder: Path) -> dict[str, str]:
    """Return the content of each file of a report but the manifest, by its path."""
    paths = [
        path for path in folder.rglob("*.*") if path.is_file() and path.name != "manifest.json"
    ]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def _figures(page: Any) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(page.xpath("//script[@id='figures']/text()")[0])
    return figures


@cases("name", "ordinary_report", "hostile_report")
def test_every_link_resolves(name: str, request: pytest.FixtureRequest) -> None:
    """Links lead to existing files and anchors, and every other URL is HTTP or HTTPS."""
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
    """An earlier version's release yields a sentence with the command to run, and no file."""
    with duckdb.connect(write_ordinary_release(tmp_path / "r.duckdb")) as con:
        con.execute("drop table measures.theme_peaks")
        with pytest.raises(WarehouseError, match="Run `tidings release` first"):
            write_report(con, tmp_path / "report")
    assert not list((tmp_path / "report").iterdir())


def test_gap_has_no_share(ordinary_report: Path) -> None:
    """A week without coverage has no share, weeks without the theme have a share of zero."""
    page = _pages(ordinary_report)["themes/grain.html"]
    small = next(figure for figure in _figures(page).values() if "most" in figure["signals"])
    by_week = {row[0]: row[2] for row in small["rows"]}
    assert by_week["2026-04-06"] is None
    assert by_week["2026-03-30"] == 0
    assert by_week["2026-05-18"] == 1


def test_mention_is_marked_in_its_sentence(ordinary_report: Path) -> None:
    """A mention is marked in its sentence, with its source, in English and Chinese."""
    pages = _pages(ordinary_report)
    for theme, language, phrase, sentence in (
        ("water", None, "clean water", "The council wants clean water, and soon."),
        ("grain", "zh", "粮食安全", "会议指出，粮食安全是头等大事。"),
    ):
        mention = pages[f"themes/{theme}.html"].xpath("//ol[contains(@class, 'mentions')]/li")[0]
        quotation = mention.find(".//blockquote")
        assert (quotation.text_content(), quotation.xpath("string(mark)")) == (sentence, phrase)
        assert quotation.get("lang") == language or theme == "water"
        assert mention.xpath(".//h3/a/@href")[0].startswith("https://news.example/")


def test_areas_and_themes_without_articles(ordinary_report: Path) -> None:
    """An area shows the mentions of its themes; a theme without articles has no charts."""
    page = _pages(ordinary_report)["themes/supply.html"]
    marked = set(page.xpath("//mark/text()"))
    assert marked == {"clean water", "粮食安全"}
    assert {"../themes/water.html", "../themes/grain.html"} <= set(page.xpath("//@href"))
    page = _pages(ordinary_report)["themes/dust.html"]
    assert "No article mentions this theme yet." in page.text_content()
    assert not page.xpath("//script[@id='figures']")


def test_a_complete_report_can_be_kept(tmp_path: Path) -> None:
    """A release's complete report is kept; one without a file or of another release is not."""
    release, folder = write_ordinary_release(tmp_path / "r.duckdb"), tmp_path / "report"
    first = write_files(release, folder)
    kept = write_files(release, folder, is_kept=True)
    assert (first.is_written, kept.is_written, kept.file_count) == (True, False, first.file_count)
    assert sorted(read_manifest(folder).files) == sorted(read_files(folder))
    (folder / "method.html").unlink()
    assert write_files(release, folder, is_kept=True).is_written
    with duckdb.connect(release) as con:
        con.execute("update ops.releases set release_id = 'r2'")
    assert write_files(release, folder, is_kept=True).is_written
    assert "release r2" in (folder / "themes/grain.html").read_text()


def test_a_report_removes_only_its_own_stale_files(tmp_path: Path) -> None:
    """Partial files and pages of deleted themes go, files outside the report stay."""
    release, folder = write_ordinary_release(tmp_path / "r.duckdb"), tmp_path / "report"
    write_files(release, folder)
    (folder / ".index.html.part").write_text("half")
    outside = tmp_path / "precious.txt"
    outside.write_text("kept")
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"feed.xml"', '"feed.xml", "../precious.txt"'))
    with duckdb.connect(release) as con:
        con.execute("delete from ref.themes where theme_id = 'dust'")
        count_again(con)
    assert write_files(release, folder).removed == 1
    assert not (folder / "themes/dust.html").exists()
    assert not (folder / ".index.html.part").exists()
    assert outside.read_text() == "kept"


def test_a_failure_names_the_page(tmp_path: Path) -> None:
    """If a page cannot be written, the error names the page instead of its temporary file."""
    (tmp_path / ".index.html.part").mkdir()
    with pytest.raises(IsADirectoryError, match=r"/index\.html'$"):
        replace_file(tmp_path / "index.html", "text")


def test_hostile_texts_are_escaped(hostile_report: Path) -> None:
    """No text of a release becomes an element, an attribute or a URL of another scheme."""
    for path, page in _pages(hostile_report).items():
        for script in page.xpath("//script"):
            assert script.get("src") or script.get("type") == "application/json", path
        assert not page.xpath(
            "//img | //svg | //iframe | //object | //@onerror | //@onload | //@onmouseover"
        ), path
        for url in page.xpath("//@href"):
            assert not re.match(r"\s*(javascript|data:t|vbscript)", url, re.IGNORECASE)
        assert "49" not in page.xpath("string(//ol[contains(@class, 'mentions')])").split()
        names = page.xpath("//h1//text() | //h3//text() | //li//a/text()")
        assert max(map(len, names)) < 400
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


NO_LINKS = "javascript:alert(1) data:text/html,x //evil.example ftp://x.example http://[".split()


@cases("url", *NO_LINKS, " JavaScript:alert(1)", "", None)
def test_only_web_urls_are_linked(url: str | None) -> None:
    """Only HTTP and HTTPS URLs with a host become links."""
    assert safe_url(url) is None
    assert safe_url("https://news.example/a?b=c") == "https://news.example/a?b=c"


def test_file_names_are_plain_and_unique() -> None:
    """Each ID gives a file name that needs no escaping, and different IDs give different names."""
    names = ["a b", "x" * 300, "", *"a/b a\\b a:b ../a a-b 粮食 安全 index CON".split()]
    files = [file_name(name) for name in names]
    assert len({name.lower() for name in files}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*\.html", name) for name in files)


def test_formats() -> None:
    """Dates, shares and differences have fixed formats that do not depend on the locale."""
    assert format_day(dt.date(2026, 3, 4)) == "4 Mar 2026"
    assert (format_share(None), format_share(0.0), format_points(-0.051)) == ("–", "0.0%", "−5.1")
