"""The figures of Explore's API are those of the marts and of the SQL that it returns."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tidings.analysis.explore import articles as listing
from tidings.analysis.explore import word_index
from tidings.analysis.explore.answers import answer
from tidings.analysis.explore.database import OpenRelease
from tidings.analysis.explore.question import parse_question
from tidings.annotation.udf import register_word_hits
from tidings.storage.release import open_release

THEMES = ("theme:digital_economy", "theme:energy_transition", "area:transportation")
MARTS = {
    "day": ("theme_daily", "published_on"),
    "week": ("theme_weekly", "week_start_on"),
    "month": ("theme_monthly", "month_start_on"),
}
OUTLETS = "&outlet=sample_daily&outlet=sample_gazette&outlet=sample_ministry"
WORDS = "words:数字经济|digital economy|Digitalwirtschaft"
FREE = (
    "s=theme:digital_economy&language=zh&by=month",
    "s=theme:digital_economy&outlet=sample_daily",
    "s=theme:digital_economy&value=index&by=month",
    "s=theme:digital_economy&theme=technology",
    "s=area:transportation&s=theme:digital_economy&from=2026-07-01&to=2026-07-20",
    f"s={WORDS}",
    f"s={WORDS}&by=day&unit=stories&value=count",
    f"s={WORDS}&s=theme:digital_economy&language=de&value=index",
    "s=words:harb*&outlet=sample_daily&by=month",
    "s=language:zh&s=language:de&value=count",
    "s=speaker:sample_lin_zhiyuan&by=month",
)


@pytest.fixture(scope="module")
def con(sample_night: Any) -> Iterator[Any]:
    """Return a connection such as `tidings sql` opens."""
    with open_release(sample_night.lake) as connection:
        register_word_hits(connection)
        yield connection


def rows_of(answered: Any) -> list[tuple[Any, ...]]:
    """Return the rows of all series in the order of the SQL."""
    columns = "period_start_on period_end_on count total value low high is_gap is_open".split()
    rows = [
        (entry["key"], *(row[name] for name in columns))
        for entry in answered["series"]
        for row in entry["rows"]
    ]
    return sorted(rows, key=lambda row: row[:2])


@pytest.mark.parametrize("measure", ["about", "mentions"])
@pytest.mark.parametrize("series", THEMES)
@pytest.mark.parametrize(
    ("by", "filters"), [(by, text) for by in MARTS for text in ("", OUTLETS, "&unit=stories")]
)
def test_themes_equal_the_marts(  # noqa: PLR0917
    ask: Any, con: Any, series: str, measure: str, by: str, filters: str
) -> None:
    """A theme's rows are those of the marts, also where articles are counted for a filter."""
    mart, start = MARTS[by]
    prefix, count = (
        ("about_", "about_count") if measure == "about" else ("mention_", "article_count")
    )
    answered = ask("series", f"s={series}&by={by}&measure={measure}{filters}")
    assert rows_of(answered) == con.execute(answered["sql"]).fetchall()
    columns = (
        f"{start}, {count}, total_count, {prefix}share, {prefix}share_low, {prefix}share_high,"
        f" covered_days = 0, is_complete"
    )
    expected = con.execute(
        f"select {columns} from {mart} where theme_id = ? order by 1", [series.partition(":")[2]]
    ).fetchall()
    found = [
        (
            *(
                row[name]
                for name in ("period_start_on", "count", "total", "value", "low", "high", "is_gap")
            ),
            row,
        )
        for row in answered["series"][0]["rows"]
    ]
    assert len(found) == len(expected)
    for mine, theirs in zip(found, expected, strict=True):
        assert mine[0] == theirs[0]
        if not filters:
            assert mine[:7] == pytest.approx(theirs[:7])
        assert (
            theirs[7] == (not mine[7]["is_gap"] and not mine[7]["is_open"]) or "outlet" in filters
        )


def test_filtered_counts_equal_the_marts(ask: Any, con: Any) -> None:
    """Counts by outlet, by language and of stories are those of the marts, with their shares."""
    [daily] = ask("series", "s=theme:digital_economy&outlet=sample_daily&by=day&measure=mentions")[
        "series"
    ]
    expected = con.execute(
        "select published_on, article_count, total_count, mention_share, mention_share_low,"
        " mention_share_high, is_gap"
        " from theme_outlet_daily"
        " where theme_id = 'digital_economy' and publisher_id = 'sample_daily' order by 1"
    ).fetchall()
    assert [tuple(row.values())[:1] + tuple(row.values())[2:8] for row in daily["rows"]] == expected
    [monthly] = ask("series", "s=theme:digital_economy&language=zh&by=month")["series"]
    expected = con.execute(
        "select date_trunc('month', articles.published_on)::date as month,"
        " count_if(themes.is_about)::bigint as hits, count(*) as total, hits / total,"
        " wilson_low(hits, total), wilson_high(hits, total)"
        " from articles semi join outlet_daily using (publisher_id, published_on)"
        " left join article_themes as themes on articles.article_id = themes.article_id"
        " and themes.theme_id = 'digital_economy'"
        " where primary_language(articles.language) = 'zh' and excluded_reason is null"
        " group by all order by 1"
    ).fetchall()
    assert [
        tuple(row.values())[:1] + tuple(row.values())[2:7] for row in monthly["rows"]
    ] == expected
    [stories] = ask("series", "s=theme:digital_economy&unit=stories&measure=mentions")["series"]
    expected = con.execute(
        "select week_start_on, story_count from theme_weekly where theme_id = 'digital_economy'"
        " order by 1"
    ).fetchall()
    assert [(row["period_start_on"], row["count"]) for row in stories["rows"]] == expected


def test_confidence_removes_doubtful_texts_and_keeps_those_without_an_estimate(
    ask: Any, con: Any
) -> None:
    """The filter applies to counts, totals and lists; a text that a rule defines remains."""
    answered = ask(
        "series",
        "s=outlet:sample_agency&s=outlet:sample_ministry&confidence=0.95&by=month&value=count",
    )
    assert rows_of(answered) == con.execute(answered["sql"]).fetchall()
    counts = {
        series["key"]: sum(row["count"] for row in series["rows"]) for series in answered["series"]
    }
    expected = con.execute(
        "select 'outlet:' || publisher_id, count(distinct text_id) filter"
        " (coalesce(extraction_confidence, 1) >= .95), count(distinct text_id) from articles"
        " join article_stories using (article_id)"
        " where publisher_id in ('sample_agency', 'sample_ministry') and excluded_reason is null"
        " group by all order by 1"
    ).fetchall()
    assert [(key, counts[key]) for key in sorted(counts)] == [row[:2] for row in expected]
    assert [kept < stored for _, kept, stored in expected] == [True, False]
    listed = ask("articles", "s=outlet:sample_agency&confidence=0.95")
    assert listed["article_count"] == expected[0][1]


def test_charts_marts_and_lists_agree(ask: Any) -> None:
    """A theme beside another kind of series is counted from its articles, with the same result as
    from the mart, and the articles of a list are as many as the count of its period.
    """
    for by in MARTS:
        whole = ask("series", f"s=theme:digital_economy&by={by}")["series"][0]
        counted = ask("series", f"s=theme:digital_economy&s=words:rail&by={by}")["series"][0]
        assert [tuple(row.values()) for row in whole["rows"]] == [
            tuple(row.values()) for row in counted["rows"]
        ]
    for series in ("theme:digital_economy", WORDS, "speaker:sample_lin_zhiyuan"):
        for row in ask("series", f"s={series}&by=month")["series"][0]["rows"]:
            days = f"from={row['period_start_on']}&to={row['period_end_on']}"
            assert ask("articles", f"s={series}&{days}")["article_count"] == row["count"]


@pytest.mark.parametrize("query", FREE)
def test_sql_returns_the_same_rows(ask: Any, con: Any, query: str) -> None:
    """The SQL of an answer returns its rows in `tidings sql`, with articles behind them."""
    answered = ask("series", query)
    rows = rows_of(answered)
    assert any(row[3] for row in rows)
    found = [tuple(row) for row in con.execute(answered["sql"]).fetchall()]
    assert [row[:5] for row in found] == [row[:5] for row in rows]
    assert [row[5:8] for row in found] == [
        tuple(pytest.approx(cell, nan_ok=True) if cell else cell for cell in row[5:8])
        for row in rows
    ]
    for name in ("articles", "mentions", "events"):
        answered = ask(name, query)
        count = con.execute(f"select count(*) from ({answered['sql']})").fetchone()[0]
        assert count == answered[f"{name.removesuffix('s')}_count"]
        listed = [tuple(row.values())[:7] for row in answered[name]]
        assert [
            tuple(row)[:7] for row in con.execute(answered["sql"]).fetchall()[: len(listed)]
        ] == listed


def test_words_count_as_a_phrase_would(ask: Any, con: Any) -> None:
    """Typed words that are a phrase without conditions occur in the phrase's articles."""
    phrases = con.execute(
        "select phrase_id, phrase, p.language, count(distinct article_id) from theme_phrases as p"
        " join theme_mentions using (phrase_id) where match_type in ('phrase', 'substring') and"
        " salience is null"
        " and requires_any is null and exclude_regex is null group by all order by 4 desc, 1 limit"
        " 12"
    ).fetchall()
    assert len(phrases) == 12
    for phrase_id, phrase, language, count in phrases:
        words = ask("articles", f"s=words:{phrase}&language={language}")["article_count"]
        own = ask("articles", f"s=phrase:{phrase_id}")["article_count"]
        assert own == count
        assert words >= own
        overlapping = con.execute(
            "select count(distinct article_id) from articles where excluded_reason is null and"
            " lower(language[:2]) = ?"
            " and len(word_hits(title, body_text, language, ?)) > 0",
            [language[:2], phrase],
        ).fetchone()[0]
        assert words == overlapping


@pytest.mark.parametrize(
    "series", ["theme:digital_economy", "words:数字经济|digital economy|Digitalwirtschaft"]
)
def test_pages_of_mentions_are_all_mentions(
    ask: Any, monkeypatch: pytest.MonkeyPatch, series: str
) -> None:
    """Pages have a file's mentions in order; for words in many articles, the count is a minimum."""
    query = f"s={series}&s=speaker:sample_lin_zhiyuan&measure=mentions"
    everything = ask("mentions", f"{query}&format=csv")
    assert (
        ask("mentions", query)["mention_count"]
        == everything["mention_count"]
        == len(everything["mentions"])
    )
    monkeypatch.setattr(listing, "MENTION_ARTICLES", 3)
    monkeypatch.setattr(listing, "MENTION_PAGE", len(everything["mentions"]) // 4)
    assert ask("mentions", f"{query}&format=csv")["mentions"] == everything["mentions"]
    pages = [ask("mentions", f"{query}&page={page}") for page in range(1, 6)]
    added = {"gloss", "english_url"}
    shown = [
        {name: row[name] for name in row if name not in added}
        for page in pages
        for row in page["mentions"]
    ]
    assert shown == everything["mentions"]
    assert all(page["is_count_exact"] is not series.startswith("words") for page in pages)
    articles = {row["article_id"] for row in everything["mentions"]}
    assert len(articles) <= pages[0]["mention_count"] <= len(everything["mentions"])


def test_answers_with_an_index_are_the_same(
    release: OpenRelease, ask: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Typed words have the same answers with an index of words as without one."""
    path = tmp_path / "tidings.duckdb"
    shutil.copyfile(release.path, path)
    monkeypatch.setattr(word_index, "FEW_ARTICLES", 0)
    assert word_index.update_index(path)
    indexed = OpenRelease(path)
    for words in (
        "数字经济|digital economy|Digitalwirtschaft",
        "harb*",
        "of the",
        "港口|Hafen",
        "is the",
    ):
        for name in ("series", "articles", "mentions", "events"):
            asked = parse_question([("s", f"words:{words}"), ("by", "month")])
            assert answer(indexed, name, asked) == ask(name, f"s=words:{words}&by=month"), (
                words,
                name,
            )
    indexed.close()


def test_speakers_and_phrases_are_named(release: OpenRelease, ask: Any) -> None:
    """Groups and unnamed bodies and persons count together without a name, and are no series. A
    choice of a phrase names its language, as the same letters are phrases of several.
    """
    found = ask("statements", "s=theme:digital_economy")["speakers"]
    assert {row["speaker"] == row["speaker_kind"] for row in found} == {True, False}
    assert all((row["speaker_name"] is None) == (row["speaker"] == row["speaker_kind"])
               for row in found)  # fmt: skip
    assert not any(f"speaker:{row['speaker_kind']}" in release.choices for row in found)
    found = ask("choices", "q=bundesrat")["choices"] + ask("choices", "q=digital")["choices"]
    notes = {row["kind"]: row["language_note"] for row in found if row["kind"] != "words"}
    assert notes["phrase"] in {"English", "French", "German"}
    assert notes["theme"] is None


def test_the_names_of_a_body_are_one_speaker(release: OpenRelease, tmp_path: Path) -> None:
    """Names in ``body_names`` count together, in the choices, the chart and the lists, as the
    report counts them; none of them is a choice of its own, but each finds the body.
    """
    path = tmp_path / "tidings.duckdb"
    shutil.copyfile(release.path, path)
    with duckdb.connect(path) as con:
        names = con.execute(
            "select any_value(language)[:2], speaker, count(*) from marts.statements where"
            " speaker_kind = 'body' and speaker != 'body' group by 2 order by 3 desc, 2 limit 2"
        ).fetchall()
        for language, name, _ in names:
            con.execute(
                "insert into measures.body_names values (?, ?, '', 'Joint Board')",
                [language, name],
            )
    joined, key = OpenRelease(path), "speaker:Joint Board"

    def count(name: str, series: str) -> Any:
        return answer(joined, name, parse_question([("s", series)]))

    assert not joined.choices.keys() & {f"speaker:{name}" for _, name, _ in names}
    assert all(name.casefold() in joined.choices[key]["text"] for _, name, _ in names)
    number = sum(row[2] for row in names)
    assert count("mentions", key)["mention_count"] == number
    found = count("statements", key)
    assert found["statement_count"] == number
    (speaker,) = found["speakers"]
    assert (speaker["speaker_name"], joined.choices[key]["label"]) == ("Joint Board", "Joint Board")
    shown = sum(row["count"] for row in count("series", key)["series"][0]["rows"])
    assert shown == count("articles", key)["article_count"] == joined.choices[key]["count"]
    joined.close()


def test_choices_count_texts_as_the_list_of_articles_does(ask: Any) -> None:
    """The number beside a choice is that of the articles that it lists, of all kinds."""
    shown = {row["key"]: row["count"] for row in ask("choices", "")["choices"]}
    assert {key.partition(":")[0] for key in shown} >= {"outlet", "speaker", "phrase"}
    listed = {key: ask("articles", f"s={key}")["article_count"] for key in shown}
    assert shown == listed


def test_the_share_of_a_rise_names_its_days(con: Any, ask: Any) -> None:
    """An event behind several peaks has the share and the number of articles of the peak of which
    it has most, a week or a burst, and the days of this peak.
    """
    (series,) = ask("series", "s=theme:food_security")["series"]
    found = {
        tuple(map(str, (event["share_of_rise"], event["article_count"], *event["rise"].values())))
        for event in series["events"]
    }
    peaks = con.execute(
        "select rise_share, article_count, start_on, end_on from theme_peaks where theme_id ="
        " 'food_security' qualify rise_share = max(rise_share) over (partition by event_id)"
    ).fetchall()
    assert found
    assert found <= {tuple(map(str, peak)) for peak in peaks}


def test_listed_speakers_have_english_names(release: OpenRelease, ask: Any) -> None:
    """A listed person is named in English, in whatever language the most statements are."""
    with release.cursor() as con:
        query = "select person_id, name from speakers where language = 'en'"
        listed = dict(con.execute(query).fetchall())
        (theme,) = con.execute(
            "select theme_ids[1] from statements where speaker in ? and theme_ids != []"
            " order by language = 'zh' desc, article_id limit 1",
            [[*listed]],
        ).fetchall()[0]
    names = {row["speaker"]: row["speaker_name"] for row in
             ask("statements", f"s=theme:{theme}")["speakers"]}  # fmt: skip
    found = names.keys() & listed
    assert found
    assert {name: names[name] for name in found} == {name: listed[name] for name in found}
