"""Test the overview and theme pages: bursts, added themes, shares, English and Explore."""

import uuid
from pathlib import Path
from typing import Any

import duckdb
import pytest
from lxml import html

from tests.analysis.report.sample_releases import write_files, write_ordinary_release
from tests.analysis.report.small_release import compare_shares, count_again
from tidings.analysis.report.render import explore_url, format_points
from tidings.analysis.report.write import write_report

CHANGES = [
    (
        "insert into measures.bursts values ('theme', 'grain', '2026-05-04', '2026-05-12', 9, 9, 9,"
        " false),"
        " ('phrase', 'p_grain', '2026-05-06', '2026-05-14', 3, 9, 9, false),"
        " ('phrase', 'p_grain', '2026-03-06', '2026-03-14', 3, 9, 9, false),"
        " ('phrase', 'p_water', '2026-05-06', '2026-05-20', 2, 9, 9, true)"
    ),
    "update core.articles set translation_key = 'https://gazette.example/' || published_on",
    (
        "update core.articles set publisher_id = 'gazette' where publisher_id = 'daily' and"
        " published_on = '2026-05-24'"
    ),
    (
        "insert into ref.candidate_reviews values ('Clean water', 'en', '2026-05-02', 'accepted'),"
        " ('粮食安全', 'zh', '2026-05-20', 'accepted'), ('dust', 'en', '2026-05-21', 'rejected')"
    ),
    (
        "insert into marts.candidate_phrases values ('en', 'blue roofs', 7, 2.5, 3, 0, 1,"
        " '2026-05-20', 'daily', ['head_noun'], ['…blue roofs…'], [])"
    ),
    (
        "update marts.phrase_lives set first_publisher_id = 'daily',"
        " first_seen_on = if(theme_id = 'water', date '2026-05-21', date '2026-05-20'),"
        " novelty = if(theme_id = 'grain', 'certain', 'probable')"
    ),
    (
        "insert into ref.first_uses values"
        " ('粮食安全', 'zh', '2026-05-19', true, 'Speech', 'Mayor Lee', 'a page')"
    ),
    (
        "update marts.outlet_daily set is_gap = true"
        " where publisher_id = 'daily' and published_on = '2026-05-05'"
    ),
]
# two versions of each article in other languages
VERSIONS = "update marts.outlet_daily set article_count = 3 * text_count"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a report with bursts, translations, reviews and a gap day with an article."""
    folder = tmp_path_factory.mktemp("overview")
    release = write_ordinary_release(folder / "tidings.duckdb")
    with duckdb.connect(release) as con:
        for change in CHANGES:
            con.execute(change)
        count_again(con)
        con.execute(VERSIONS)
    write_files(release, folder / "report")
    return folder / "report"


@pytest.fixture(scope="module")
def overview(report: Path) -> Any:
    """Return the parsed overview."""
    return html.parse(report / "index.html").getroot()


def test_added_themes_and_new_phrases_are_on_the_overview(overview: Any) -> None:
    """The overview lists the themes with accepted phrases, the last one first. A certain first use
    is “since” its day, with the document that coined the phrase; another is
    “probably since” its day, behind the certain ones.
    """
    [added] = overview.xpath("//section[@aria-labelledby='glance-added']")
    assert added.xpath(".//li/a/text()") == ["Food security", "Clean water"]
    assert "20 May: 20 articles" in added.text_content()
    uses = [
        " ".join(item.text_content().split()).rpartition(", ")[0]
        for item in overview.xpath("//section[@aria-labelledby='glance-new']//li")
    ]
    assert uses == [
        "粮食安全 coined on 19 May: Speech, Mayor Lee; here since 20 May",
        "clean water probably since 21 May",
    ]


def test_the_title_of_an_event_is_a_link(tmp_path: Path) -> None:
    """The title of a report links to it, and is said to be one of several; the name of an occasion,
    which no report has as its title, is neither. A line with fewer reports than its event has
    states the event's number.
    """
    release = write_ordinary_release(tmp_path / "tidings.duckdb")
    with duckdb.connect(release) as con:
        compare_shares(con)
        con.execute(
            "insert into marts.front_page by name select 'event' as kind, rank, text, 'en' as"
            " language, '2026-05-20' as first_on, '2026-05-22' as last_on, 1 as outlet_count, 3 as"
            " report_count, []::varchar[] as themes, themes as speakers, ids as article_ids"
            " from (select list(article_id order by url) as ids, min_by(title, url) as title"
            " from core.articles where published_on between '2026-05-20' and '2026-05-22'),"
            " (values (1, null), (2, 'Rain fair')) as names (rank, name),"
            " lateral (select coalesce(name, title) as text)"
        )
        con.execute(
            "insert into marts.front_page by name select * replace (3 as rank, uuid() as event_id,"
            " 1 as report_count) from marts.front_page where kind = 'event' and rank = 1;"
            "insert into marts.front_page by name select * replace (4 as rank, 2 as report_count)"
            " from marts.front_page where kind = 'event' and rank = 3;"
            "insert into marts.event_days by name select event_id, unnest(['2026-05-20'::date,"
            " '2026-05-21']) as event_day_on, 2 as report_count, 1 as outlet_count, text as title"
            " from marts.front_page where kind = 'event' and rank = 3"
        )
        write_report(con, tmp_path / "report")
    overview = html.parse(tmp_path / "report" / "index.html").getroot()
    title, name, *partly = overview.xpath("//ol[contains(@class, 'happened')]/li")
    assert title.xpath("./b/a/@href")
    assert "title of one of 3 reports" in title.text_content()
    assert name.xpath("string(./b)") == "Rain fair"
    assert not name.xpath("./b/a")
    assert "title of" not in name.text_content()
    assert all("whole event: 4 reports on 2 days" in line.text_content() for line in partly)
    assert len(partly) == 2
    assert "whole event" not in title.text_content()


def test_coined_phrase_is_not_called_older(tmp_path: Path) -> None:
    """A first appearance that may be later than the first use is marked, unless a document coined
    the phrase; the page names the day of an earlier document.
    """
    release = write_ordinary_release(tmp_path / "tidings.duckdb")
    with duckdb.connect(release) as con:
        con.execute(
            "update marts.phrase_lives set first_seen_is_certain = false, first_seen_on ="
            " '2026-05-20', novelty = if(theme_id = 'grain', 'certain', 'here'), documented_on ="
            " if(theme_id = 'grain', date '2026-05-19', date '2026-06-19')"
        )
        write_report(con, tmp_path / "report")
    first = {
        theme: page.xpath("string(//table[@id='phrase-table']/tbody/tr[1]/td[5])")
        for theme in ("grain", "water")
        for page in [html.parse(tmp_path / f"report/themes/{theme}.html")]
    }
    assert first["grain"] == "20 May 2026 in a document of 19 May 2026"
    assert first["water"] == "≤ 20 May 2026"


def test_figures_are_explained(report: Path) -> None:
    """A theme page states how many articles its charts count on gap days. The page of an outlet
    divides articles by texts. Candidates show rank and evidence in words. A change that rounds to
    zero has no minus sign.
    """
    page = html.parse(report / "themes/grain.html").getroot()
    assert "8 of 168 articles in these charts were published on gap days." in page.text_content()
    page = html.parse(report / "outlets/daily.html").getroot()
    cells = page.xpath("//section[@aria-labelledby='themes']//tbody/tr[1]/td")
    assert [cell.text_content().strip() for cell in cells[:2]] == ["28 of 83", "33.7%"]
    page = html.parse(report / "candidates.html").getroot()
    assert page.xpath("//tbody//span[@class='tag']/text()") == ["ends in a policy noun"]
    assert page.xpath("string(//tbody/tr/td[1])") == "7"
    assert "in the order of their rank" in page.text_content()
    assert format_points(-0.0002) == "+0.0"


def test_outlet_lists_a_text_once(tmp_path: Path) -> None:
    """The page of an outlet links to one version of its newest texts, the English one if any."""
    release = write_ordinary_release(tmp_path / "tidings.duckdb")
    with duckdb.connect(release) as con:
        for number, (text, language) in enumerate(
            [(1, "de"), (1, "en"), (1, "fr"), (2, "de"), (None, "it")]
        ):
            con.execute(
                "insert into core.articles by name select uuid() as article_id, 'daily' as"
                " publisher_id, $1 as title, $2 as language, date '2026-05-23' as published_on,"
                " 'https://daily.example/' || $1 as url",
                [f"T{number} {language}", language],
            )
            con.execute(
                "insert into marts.article_stories select article_id, $1::uuid, null"
                " from core.articles where title = $2 and $1 is not null",
                [text and str(uuid.UUID(int=text)), f"T{number} {language}"],
            )
        write_report(con, tmp_path / "report")
    page = html.parse(tmp_path / "report/outlets/daily.html").getroot()
    titles = page.xpath("//section[@aria-labelledby='newest']//li/a/text()")
    assert sorted(title for title in titles if title.startswith("T")) == ["T1 en", "T3 de", "T4 it"]


def test_pages_state_what_counts_once(report: Path, tmp_path: Path) -> None:
    """Pages of outlets with several languages, and no others, state that a text counts once."""
    release = write_ordinary_release(tmp_path / "tidings.duckdb")
    with duckdb.connect(release) as con:
        write_report(con, tmp_path / "report")
    pages = ("index.html", "themes/grain.html")
    several, one = (
        [html.parse(folder / page).getroot().text_content() for page in pages]
        for folder in (report, tmp_path / "report")
    )
    assert "Figures count a text in several languages once: 168 in all." in several[0]
    assert "a text in several languages counts once" in several[1]
    assert "newest articles, of a text in several languages from each." in several[1]
    assert not any("several languages" in page for page in one)


def test_sentences_have_english(report: Path) -> None:
    """A Chinese sentence names its theme in English and links to the declared English version."""
    page = html.parse(report / "themes/grain.html").getroot()
    first, second = page.xpath("(//ol[contains(@class, 'mentions')]/li)[position() <= 2]")
    assert "粮食安全 – Food security (theme)" in first.xpath("string(.//p[@class='gloss'])")
    assert first.xpath(".//p[@class='gloss']/a/text()") == ["English version by the source"]
    assert second.xpath(".//p[@class='gloss']/a") == []
    water = html.parse(report / "themes/water.html").getroot()
    assert water.xpath("//ol[contains(@class, 'mentions')]//p[@class='gloss']") == []


def test_body_has_a_statement_under_any_of_its_names(tmp_path: Path) -> None:
    """A body counts under its English name, and the theme page quotes the newest statement under
    one of its names in the article's language; names of another country's body are not meant.
    """
    release = write_ordinary_release(tmp_path / "tidings.duckdb")
    with duckdb.connect(release) as con:
        [(article, day)] = con.execute(
            "update core.articles set language = 'zh' where article_id = (select article_id from"
            " core.articles where publisher_id = 'daily' order by published_on desc limit 1)"
            " returning article_id, published_on"
        ).fetchall()
        con.execute("update ref.publishers set country = 'CN' where publisher_id = 'daily'")
        con.execute(
            "insert into measures.body_names values ('zh', '港办', '', 'Harbour Office'),"
            " ('zh', '港务署', 'TW', 'Port of Elsewhere')"
        )
        for name in ("港办", "港务署"):
            con.execute(
                "insert into marts.statements by name select $1 as article_id, $2 as speaker,"
                " speaker as speaker_name, 'body' as speaker_kind, concat($2, '称') as sentence,"
                " ['grain'] as theme_ids, $3::date as published_on, 'zh-CN' as language",
                [article, name, day],
            )
        con.execute(
            "insert into measures.speaker_shares_monthly by name select 'grain' as theme_id,"
            " date_trunc('month', $1::date) as month_start_on, 'body' as speaker_kind,"
            " unnest(['Harbour Office', 'Port of Elsewhere']) as speaker, speaker as speaker_name,"
            " 1 as statement_count, 1 as article_count",
            [day],
        )
        write_report(con, tmp_path / "report")
    page = html.parse(tmp_path / "report" / "themes/grain.html")
    quotes = {
        item.findtext(".//b"): item.xpath("string(blockquote)")
        for item in page.xpath("//ul[@id='speaker-list']/li")
    }
    assert quotes == {"Harbour Office": "港办称", "Port of Elsewhere": ""}


def test_pages_link_to_explore(report: Path) -> None:
    """Every page states the command and the URL that show its series in Explore."""
    urls = {
        path.relative_to(report).as_posix(): html.parse(path)
        .getroot()
        .xpath("string(//details[@class='explore']//a/@href)")
        for path in report.rglob("*.html")
    }
    assert urls["themes/grain.html"] == "http://127.0.0.1:8650/?s=theme:grain"
    assert urls["themes/supply.html"] == "http://127.0.0.1:8650/?s=area:supply"
    assert urls["outlets/daily.html"] == "http://127.0.0.1:8650/?s=outlet:daily"
    assert urls["method.html"] == "http://127.0.0.1:8650/"
    assert all(urls.values())
    hostile = "http://127.0.0.1:8650/?s=theme:%3Ca+b%3E%26%22%27%24"
    assert explore_url(["theme:<a b>&\"'$"]) == hostile
