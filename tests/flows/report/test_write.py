"""The report as files: whole whatever a release holds, written where something changed, and deaf to hostile texts."""

from __future__ import annotations

import datetime as dt
import json
import re
from urllib.parse import unquote, urlsplit

import duckdb
import pytest
from lxml import html

from tidings.flows.report import Manifest, read_manifest, write_report
from tidings.flows.report.render import file_name, safe_url


def _pages(folder):
    return {path.relative_to(folder).as_posix(): html.parse(path).getroot() for path in folder.rglob("*.html")}


def _figures(page):
    return json.loads(page.xpath("//script[@id='figures']/text()")[0])


@pytest.mark.parametrize("name", ["ordinary_report", "hostile_report"])
def test_every_link_resolves(name, request):
    """Every link inside the report leads to a file of it, and every address outside is http or https."""
    folder = request.getfixturevalue(name)
    checked = 0
    for path, page in _pages(folder).items():
        for address in page.xpath("//@href | //@src"):
            parts = urlsplit(address)
            if parts.scheme in {"http", "https"} or address == "data:,":
                continue
            assert parts.scheme == "", address
            target = (folder / path).parent / unquote(parts.path) if parts.path else folder / path
            assert target.is_file(), f"{path} → {address}"
            if parts.fragment and target.suffix == ".html":
                assert html.parse(target).getroot().get_element_by_id(parts.fragment) is not None
            checked += 1
    assert checked > 50


def test_a_release_without_the_later_marts_is_told_whole(ordinary_report):
    """Where a mart is missing the report says so and shows the rest."""
    page = _pages(ordinary_report)["index.html"]
    assert "This release does not contain bursts." in page.text_content()
    assert "phrase_lives" in _pages(ordinary_report)["method.html"].text_content()
    assert {"themes/water.html", "themes/supply.html", "outlets/gazette.html", "candidates.html"} <= _pages(
        ordinary_report
    ).keys()


def test_a_rise_is_told_with_its_figures(ordinary_report):
    """Grain, in none of the weeks before and in all of the last three, heads the first page with its share."""
    page = _pages(ordinary_report)["index.html"]
    assert page.xpath("string(//h1)") == "Food security rose most"
    # 20 of 56 articles of both outlets in the last 28 days, none of 56 in the 28 before less the gazette's week of gaps
    assert "35.7% of articles in the last 28 days, compared with 0.0%" in " ".join(page.text_content().split())


def test_a_gap_is_open_and_never_zero(ordinary_report):
    """In the gazette's own series the week without coverage has no share, and its neighbours have zero."""
    page = _pages(ordinary_report)["themes/grain.html"]
    small = next(figure for figure in _figures(page).values() if figure["chart"] == "small_share")
    by_week = {row[0]: row[2] for row in small["rows"]}
    assert by_week["2026-04-06"] is None
    assert by_week["2026-03-30"] == 0
    assert by_week["2026-05-18"] == 1


def test_an_unfinished_month_has_a_hollow_dot(ordinary_report):
    """The running month is marked as running; finished ones are not."""
    page = _pages(ordinary_report)["themes/water.html"]
    months = _figures(page)["share-month"]["rows"]
    assert [row[-1] for row in months] == [1, 1, 2]


def test_evidence_is_marked_in_its_own_sentence(ordinary_report):
    """A mention stands in its sentence, the phrase marked, in Chinese as in English, with a link to the source."""
    pages = _pages(ordinary_report)
    english = pages["themes/water.html"].xpath("//ol[contains(@class, 'mentions')]//blockquote")[0]
    assert english.text_content() == "The council wants clean water, and soon."
    assert english.xpath("string(mark)") == "clean water"
    chinese = pages["themes/grain.html"].xpath("//ol[contains(@class, 'mentions')]//blockquote")[0]
    assert chinese.text_content() == "会议指出，粮食安全是头等大事。"
    assert chinese.xpath("string(mark)") == "粮食安全"
    assert chinese.get("lang") == "zh"
    assert (
        pages["themes/grain.html"].xpath("//ol[contains(@class, 'mentions')]//h3/a/@href")[0].startswith("https://news.example/")
    )


def test_a_parent_shows_its_childrens_mentions(ordinary_report):
    """An area counts an article of any theme below it, and links to the themes below."""
    page = _pages(ordinary_report)["themes/supply.html"]
    marked = set(page.xpath("//mark/text()"))
    assert marked == {"clean water", "粮食安全"}
    assert {"../themes/water.html", "../themes/grain.html"} <= set(page.xpath("//@href"))


def test_a_theme_never_met_says_so(ordinary_report):
    """A theme without a mention has a page that says that nothing is held, and no chart of zeros."""
    page = _pages(ordinary_report)["themes/dust.html"]
    assert "No article mentions this theme yet." in page.text_content()
    assert not page.xpath("//script[@id='figures']")


def test_without_texts_the_snippet_stands_in(tmp_path, makers):
    """A release that leaves body texts out still shows its mentions, unmarked rather than marked at a wrong place."""
    makers.write(makers.ordinary(tmp_path / "r.duckdb", with_text=False), tmp_path / "report")
    page = _pages(tmp_path / "report")["themes/water.html"]
    assert page.xpath("//ol[contains(@class, 'mentions')]//blockquote")[0].text_content() == "…clean water…"
    assert not page.xpath("//mark")


def test_writing_twice_changes_nothing(tmp_path, makers):
    """A second report of the same release writes no file, and a third none but the one that went missing."""
    release = makers.ordinary(tmp_path / "r.duckdb")
    first = makers.write(release, tmp_path / "report")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "report").rglob("*.*") if path.name != "manifest.json"}
    second = makers.write(release, tmp_path / "report")
    assert (first.written, first.unchanged) == (first.pages, 0)
    assert (second.written, second.unchanged) == (0, first.pages)
    assert before == {path: path.stat().st_mtime_ns for path in before}
    (tmp_path / "report" / "method.html").unlink()
    assert makers.write(release, tmp_path / "report").written == 1


def test_only_pages_that_changed_are_written(tmp_path, makers):
    """A mention more on a day long past rewrites the pages of its theme and area; they alone name the new release."""
    release, folder = makers.ordinary(tmp_path / "r.duckdb"), tmp_path / "report"
    makers.write(release, folder)
    with duckdb.connect(release) as con:
        con.execute(
            "insert into marts.theme_mentions select article_id, 'water', 'p_water', 'body_text', 25, 36, '', publisher_id,"
            " published_on, language from core.articles where publisher_id = 'daily' and published_on = date '2026-03-03'"
        )
        con.execute("update ops.releases set release_id = 'r2'")
        makers.count_again(con)
    makers.write(release, folder)
    named = {
        path for path, release_id in read_manifest(folder).releases.items() if release_id == "r2" and path.startswith("themes/")
    }
    assert named == {"themes/water.html", "themes/supply.html"}
    assert "release r2" in (folder / "themes/water.html").read_text()
    assert "release r1" in (folder / "themes/grain.html").read_text()
    assert '"r2"' in (folder / "assets/release.js").read_text()


def test_a_lost_page_and_a_torn_run_are_made_good(tmp_path, makers):
    """A page that went missing is written again, a killed run's file harms nothing, a theme that went takes its page along."""
    release, folder = makers.ordinary(tmp_path / "r.duckdb"), tmp_path / "report"
    makers.write(release, folder)
    (folder / "themes/water.html").unlink()
    (folder / ".index.html.part").write_text("half")
    with duckdb.connect(release) as con:
        con.execute("delete from ref.themes where theme_id = 'dust'")
        makers.count_again(con)
    made = makers.write(release, folder)
    assert (folder / "themes/water.html").is_file()
    assert not (folder / "themes/dust.html").exists()
    assert made.removed == 1


def test_a_manifest_cannot_reach_outside(tmp_path, makers):
    """A manifest that names a file outside of the report does not get it removed."""
    release, folder = makers.ordinary(tmp_path / "r.duckdb"), tmp_path / "report"
    outside = tmp_path / "precious.txt"
    outside.write_text("kept")
    with duckdb.connect(release, read_only=True) as con:
        write_report(con, folder, Manifest({"../precious.txt": "x"}, {"../precious.txt": "r0"}))
    assert outside.read_text() == "kept"


def test_hostile_texts_stay_texts(hostile_report):
    """No text of an article, a theme, a phrase or an outlet becomes an element, an attribute, or an address of another scheme."""
    for path, page in _pages(hostile_report).items():
        for script in page.xpath("//script"):
            assert script.get("src") or script.get("type") == "application/json", path
        assert not page.xpath("//img | //svg | //iframe | //object | //@onerror | //@onload | //@onmouseover"), path
        assert not [
            address for address in page.xpath("//@href") if re.match(r"\s*(javascript|data:t|vbscript)", address, re.IGNORECASE)
        ]
        assert "49" not in page.xpath("string(//ol[contains(@class, 'mentions')])").split()
        assert max(len(text) for text in page.xpath("//h1//text() | //h3//text() | //li//a/text()")) < 400
    assert all(hostile_report in path.resolve().parents for path in hostile_report.rglob("*"))
    assert not list(hostile_report.parent.glob("*evil*"))


def test_hostile_texts_are_still_shown(hostile_report):
    """Nothing is swallowed: the reader sees the title as it was written."""
    page = _pages(hostile_report)[f"themes/{file_name('<i>theme</i>')}"]
    assert "<script>document.title = 'pwned'</script>" in page.text_content()
    assert "</script><b>bold</b>" in page.xpath("//mark/text()")


def test_an_empty_release_makes_a_report(tmp_path):
    """A release of which nothing is held yet makes a first page that says so."""
    with duckdb.connect(tmp_path / "r.duckdb") as con:
        from tests_small_release import TABLES, count_again

        con.execute(TABLES)
        count_again(con)
        made = write_report(con, tmp_path / "report")
    assert "No articles yet" in made.index.read_text()


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
def test_only_web_addresses_are_linked(url):
    """Nothing but http and https with a host becomes a link."""
    assert safe_url(url) is None
    assert safe_url("https://news.example/a?b=c") == "https://news.example/a?b=c"


def test_file_names_are_plain_and_apart():
    """An id becomes a file name that needs no escaping; different ids never share one."""
    names = ["a/b", "a\\b", "a:b", "../a", "a b", "a-b", "粮食", "安全", "index", "CON", "x" * 300, ""]
    made = [file_name(name) for name in names]
    assert len({name.lower() for name in made}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*\.html", name) for name in made)


def test_days_are_told_in_words():
    """A date reads the same on every machine."""
    from tidings.flows.report.render import format_day, format_points, format_share

    assert format_day(dt.date(2026, 3, 4)) == "4 Mar 2026"
    assert (format_share(None), format_share(0.0), format_points(-0.051)) == ("–", "0.0%", "−5.1")


def test_a_page_whose_sources_are_as_they_were_is_not_read(tmp_path, makers, monkeypatch):
    """After one more mention of water only the pages of water and of its area are composed; the others are kept unread."""
    from tidings.flows.report import pages as composing

    release = makers.ordinary(tmp_path / "r.duckdb")
    makers.write(release, tmp_path / "report")
    composed = []
    original = composing.theme_page
    monkeypatch.setattr(composing, "theme_page", lambda readings, theme: composed.append(theme) or original(readings, theme))
    with duckdb.connect(release) as con:
        article = con.execute("select article_id from core.articles where language = 'en' order by all limit 1").fetchone()[0]
        con.execute(
            "insert into marts.theme_mentions select ?, 'water', 'p_water', 'title', 0, 1, 'A', 'daily', published_on, 'en'"
            " from core.articles where article_id = ?",
            [article, article],
        )
        makers.count_again(con)
    makers.write(release, tmp_path / "report")
    assert sorted(composed) == ["supply", "water"]


@pytest.mark.parametrize(
    ("change", "page"),
    [
        ("update core.articles set title = 'Another title' where language = 'zh'", "themes/grain.html"),
        ("update core.articles set body_text = replace(body_text, '头等', '一等') where language = 'zh'", "themes/grain.html"),
        ("update core.articles set title = 'Another title' where language = 'zh'", "outlets/gazette.html"),
        ("update ref.publishers set name = 'The Gazetteer' where publisher_id = 'gazette'", "themes/grain.html"),
        ("update ref.themes set label_en = 'Safe food' where theme_id = 'grain'", "themes/supply.html"),
        ("update ref.theme_phrases set phrase = '粮食' where phrase_id = 'p_grain'", "themes/grain.html"),
        ("update marts.outlet_daily set is_gap = true where publisher_id = 'daily'", "outlets/daily.html"),
        ("insert into marts.bursts values ('phrase', 'p_grain', '2026-05-01', '2026-05-20', 3, 9, 9, true)", "themes/grain.html"),
        ("insert into ref.speakers values ('x', 'en', 'X')", "themes/grain.html"),
        ("update marts.statements set sentence = 'It snowed.'", "themes/supply.html"),
        ("update marts.phrase_lives set half_life_days = 40", "themes/grain.html"),
        ("insert into marts.coverage values ('f', 'gazette', 'feed', '2026-05-20', 3, 2, 1, 0, 'x')", "outlets/gazette.html"),
        ("delete from marts.theme_mentions where theme_id = 'water' and published_on > '2026-05-10'", "outlets/daily.html"),
    ],
)  # fmt: skip
def test_whatever_a_page_shows_makes_it_anew(tmp_path, makers, change, page):
    """A title, a text, a name, a label, a review, a gap, a burst: after each the page is what a whole report would show."""
    release = makers.ordinary(tmp_path / "r.duckdb", with_lives=True)
    with duckdb.connect(release) as con:
        con.execute(
            "insert into marts.statements select article_id, 'x', 'Minister', 'It rained.', ['grain'], published_on, language"
            " from core.articles"
            " where language = 'zh' and published_on = '2026-05-20'"
        )
        con.execute(
            "insert into marts.phrase_lives select 'p_grain', 'grain', published_on, 'gazette', article_id, false, published_on,"
            " '2026-05-24', 4, 1, null, 21 from core.articles where language = 'zh' and published_on = '2026-05-04'"
        )
    makers.write(release, tmp_path / "report")
    before = (tmp_path / "report" / page).read_text(encoding="utf-8")
    with duckdb.connect(release) as con:
        con.execute(change)
        makers.count_again(con)
    makers.write(release, tmp_path / "report")
    makers.write(release, tmp_path / "whole")
    after = (tmp_path / "report" / page).read_text(encoding="utf-8")
    assert after == (tmp_path / "whole" / page).read_text(encoding="utf-8")
    assert after != before


def test_what_was_rare_of_late_is_looked_for_further_back(tmp_path, makers, monkeypatch):
    """A theme or outlet with few articles in the last ten days shows twenty all the same, and an older one's title counts."""
    from tidings.flows.report import temp_tables

    release, folder = makers.ordinary(tmp_path / "r.duckdb"), tmp_path / "report"
    makers.write(release, tmp_path / "wide")
    monkeypatch.setattr(temp_tables, "RECENT_DAYS", 10)
    makers.write(release, folder)
    for page in ("themes/water.html", "themes/supply.html", "outlets/daily.html"):
        assert (folder / page).read_text(encoding="utf-8") == (tmp_path / "wide" / page).read_text(encoding="utf-8")
    with duckdb.connect(release) as con:
        con.execute("update core.articles set title = 'Put right' where language = 'en' and published_on = '2026-05-07'")
        makers.count_again(con)
    makers.write(release, folder)
    assert "Put right" in (folder / "outlets/daily.html").read_text(encoding="utf-8")
    assert "Put right" in (folder / "themes/water.html").read_text(encoding="utf-8")
