"""Test saved questions: their pages, feeds, news and errors."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lxml import etree

from tests.analysis.report.sample_releases import write_files, write_ordinary_release
from tidings.analysis.explore import saved
from tidings.analysis.explore.database import QueryTimeoutError
from tidings.analysis.explore.saved import SavedQuestions, read_saved, write_saved
from tidings.analysis.inputs import InputError
from tidings.analysis.report.write import ATOM, QUESTIONS, entry_ids

HEADER = "question_id,name,query\n"
ROW = (
    'compact,"<b>Harbour</b>'
    ' compact",?s=words:港湾协同&s=theme:energy_transition&by=day&at=2026-06-01_2026-06-07\n'
)


@pytest.fixture
def lake(sample_night: Any, tmp_path: Path) -> Any:
    """Return the sample's release with an empty report."""
    return SimpleNamespace(report=tmp_path / "report", release_file=sample_night.lake.release_file)


def save(folder: Path, rows: str) -> list[Path]:
    (folder / "saved_questions.csv").write_text(HEADER + rows, encoding="utf-8")
    return [folder]


def test_page_and_feed_of_a_question(lake: Any, tmp_path: Path) -> None:
    """A question has a page with charts and articles and a feed, which go with its row."""
    seeds = save(tmp_path, ROW)
    assert write_saved(lake, seeds, pytest.fail) == 1
    folder = lake.report / "questions"
    page = etree.HTML((folder / "compact.html").read_text("utf-8"))
    assert page.findtext(".//h1") == "<b>Harbour</b> compact"
    assert len(page.findall(".//figure")) == 2
    charts = page.iterfind(".//figure/div[@role='img']")
    assert all("The share was" in chart.get("aria-label", "") for chart in charts)
    assert "港湾协同" in [mark.text for mark in page.iterfind(".//blockquote/mark")]
    assert [link.get("href") for link in page.iterfind(".//link[@rel='stylesheet']")] == [
        "../assets/report.css"
    ]
    categories = etree.parse(folder / "compact.xml").findall(f"{{{ATOM}}}entry/{{{ATOM}}}category")
    assert "burst" in {category.get("term") for category in categories}
    assert "compact.html" in (folder / "index.html").read_text("utf-8")
    assert write_saved(lake, save(tmp_path, ""), pytest.fail) == 0
    assert list(folder.iterdir()) == []


def test_news_are_sent_once(lake: Any, tmp_path: Path) -> None:
    """The first feed sends nothing; later, new entries of the last seven days are sent once."""
    sent: list[Any] = []
    seeds = save(tmp_path, "education,Education,?s=theme:education\n")

    def write() -> int:
        return write_saved(lake, seeds, pytest.fail, lambda *news: sent.append(news))

    write()
    assert sent == []
    feed = lake.report / "questions" / "education.xml"
    known = entry_ids(feed)
    assert known
    root = etree.parse(feed).getroot()
    for entry in root.findall(f"{{{ATOM}}}entry"):
        root.remove(entry)
    feed.write_bytes(etree.tostring(root))
    write()
    write()
    assert entry_ids(feed) == known
    title = "Tidings: Education (invented sample data)"
    assert sent == [(title, ["New speaker: Eleanor Whitcombe"])]


def test_new_speakers_have_english_names(lake: Any, tmp_path: Path) -> None:
    """A listed person whose first statement is in Chinese has the English name of the list."""
    seeds = save(tmp_path, "ai,AI,?s=theme:ai_governance&measure=mentions\n")
    write_saved(lake, seeds, pytest.fail)
    page = etree.HTML((lake.report / "questions" / "ai.html").read_text("utf-8"))
    news = " ".join(str(page.xpath("string(.//*[@aria-labelledby='news'])")).split())
    assert "28 Aug 2026 New speaker: Eleanor Whitcombe" in news
    assert "埃莉诺" not in news


def test_invalid_rows_are_reported(lake: Any, tmp_path: Path) -> None:
    """Each invalid row and unknown series is one sentence with the row; others are answered."""
    wrong = "a,A,?s=theme:nothing\nb,B,?from=2026-06-01\nc,C,?s=theme:x&by=year\n"
    seeds = save(tmp_path, wrong + ROW)
    lines: list[str] = []
    assert write_saved(lake, seeds, lines.append) == 1
    places = [f"saved_questions.csv, {row}" for row in "abc"]
    assert sorted(line.split(":")[0] for line in lines) == places
    read = {entry.question_id: entry.question.by for entry in read_saved(seeds, lines.append)}
    assert read["compact"] == "day"


def test_slow_questions_do_not_stop_the_others(
    lake: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question that takes too long is one sentence, and the other questions are answered."""
    original = saved._write_question

    def write(release: Any, folder: Path, entry: Any, send: Any) -> set[str]:
        if entry.question_id == "slow":
            raise QueryTimeoutError("The query was stopped.")
        return original(release, folder, entry, send)

    monkeypatch.setattr(saved, "_write_question", write)
    lines: list[str] = []
    seeds = save(tmp_path, "slow,S,?s=theme:digital_economy\n" + ROW)
    assert write_saved(lake, seeds, lines.append) == 1
    assert lines == ["saved_questions.csv, slow: The query was stopped."]


def test_a_whole_url_is_a_question(tmp_path: Path) -> None:
    """The query may be the URL of Explore, and words may contain a question mark."""
    rows = "url,U,http://127.0.0.1:8650/?s=words:why?|rail&at=2026-08-13_2026-08-13\nplain,P,s=words:why?\n"
    questions = read_saved(save(tmp_path, rows), pytest.fail)
    assert [question.question.series[0].id for question in questions] == ["why?|rail", "why?"]


def test_report_links_to_saved_questions(tmp_path: Path) -> None:
    """Every page of the report links to the saved questions while there are some."""
    release, report = write_ordinary_release(tmp_path / "tidings.duckdb"), tmp_path / "report"
    (report / "questions").mkdir(parents=True)
    (report / QUESTIONS).touch()
    for is_linked in (True, False):
        write_files(release, report)
        for page in (report / "index.html", report / "themes" / "grain.html"):
            assert (QUESTIONS in page.read_text("utf-8")) == is_linked
        lake: Any = SimpleNamespace(report=report, release_file=release)
        assert write_saved(lake, save(tmp_path, ""), pytest.fail) == 0


def test_the_page_saves_in_the_file_of_the_user(tmp_path: Path) -> None:
    """A question saved by a click is a row of the last folder, which the nightly run reads; only
    its rows can be deleted, and other columns remain. A name is saved once.
    """
    first, own = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    save(first, "old,Old,?s=words:rail\n")
    questions = SavedQuestions((first, own))
    for name in (" Tax  碳税 ", "Tax, 碳税"):
        questions.add(name, "?s=words:tax AND 碳")
    rows = questions.rows()
    owned = {row["question_id"]: row["is_own"] for row in rows}
    assert owned == {"old": False, "tax_碳税": True, "tax_碳税_2": True}
    assert rows[1]["url"] == "/?s=words:tax AND 碳"
    read = read_saved((first, own), pytest.fail)
    assert [entry.name for entry in read] == ["Old", "Tax 碳税", "Tax, 碳税"]
    questions.delete("tax_碳税")
    refused = SavedQuestions((own,), "This server only reads.")
    acts: list[tuple[Any, tuple[str, ...], str]] = [
        (questions.delete, ("old",), "no saved question"),
        (questions.add, ("", "?s=words:rail"), "1 to 200"),
        (questions.add, ("tax, 碳税", "?s=words:rail"), "already saved"),
        (questions.add, ("x", "?from=2026-01-01"), "no series"),
        (refused.add, ("x", "s=words:x"), "only"),
        (refused.delete, ("tax_碳税_2",), "only"),
    ]
    for act, values, words in acts:
        with pytest.raises(InputError, match=words):
            act(*values)
    assert [row["question_id"] for row in questions.rows()] == ["old", "tax_碳税_2"]
