"""Rewritten articles are clustered into stories, and an incremental build equals a full build."""

import datetime as dt
import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.transforms.conftest import TinyLake, copied
from tidings.extraction.measures import minhash

LETTERS = "bcdfghklmnprstvz"
STORIES = 100


def make_sentence(rng: random.Random, words: list[str]) -> str:
    """Return a sentence of common and rare words."""
    count = rng.randint(9, 25)
    places = (min(int(rng.paretovariate(0.7)), len(words) - 1) for _ in range(count))
    return " ".join(words[place] for place in places).capitalize() + "."


def rewrite(rng: random.Random, sentences: list[str], words: list[str]) -> list[str]:
    """Return a text with 5 to 30 % of its sentences replaced, dropped or moved."""
    made = list(sentences)
    for _ in range(max(1, round(len(sentences) * rng.uniform(0.05, 0.3)))):
        place = rng.randrange(len(made))
        kind = rng.choice(("replace", "drop", "move"))
        if kind == "replace":
            made[place] = make_sentence(rng, words)
        else:
            moved = made.pop(place)
            if kind == "move":
                made.insert(rng.randrange(len(made) + 1), moved)
    return made


@pytest.fixture
def planted(lake: TinyLake) -> tuple[TinyLake, dict[str, int]]:
    """A lake of stories in one to four outlets, rewritten in each, and each article's story."""
    rng = random.Random(5)
    ends = "aeiou", LETTERS
    words = ["".join([*rng.choices(LETTERS, k=2), *map(rng.choice, ends)]) for _ in range(3000)]
    truth, rows = {}, []
    for story in range(STORIES):
        sentences = [make_sentence(rng, words) for _ in range(rng.randint(10, 30))]
        start = dt.date(2023, 8, 1) + dt.timedelta(rng.randrange(30))
        for version in range(rng.choice((1, 1, 2, 3, 4))):
            text = " ".join(sentences if version == 0 else rewrite(rng, sentences, words))
            day = start + dt.timedelta(min(version, rng.randrange(4)))
            rows.append((f"{story}-{version}", f"outlet{version}", str(day), text))
            truth[f"{story}-{version}"] = story
    rng.shuffle(rows)
    with lake.at_once():
        for key, outlet, published_on, text in rows:
            lake.add_article(key, outlet, published_on, key, text, signature=minhash(text))
    lake.as_of = dt.datetime(2023, 9, 10, tzinfo=dt.UTC)
    return lake, truth


def found_stories(lake: TinyLake) -> dict[str, object]:
    """Return the story of each article, by the article's key."""
    rows: Any = lake.rows(
        "select a.title, s.story_id from core.articles a join"
        " marts.article_stories s using (article_id)"
    )
    return dict(rows)


@pytest.mark.slow
def test_planted_rewrites_come_together(planted: tuple[TinyLake, dict[str, int]]) -> None:
    """98 % of the pairs of a story are found, 99 % of the pairs found are correct, and first
    outlets are correct.
    """
    lake, truth = planted
    lake.build(select="+stories")
    found = found_stories(lake)
    pairs = [
        (truth[a] == truth[b], found[a] == found[b]) for a, b in itertools.combinations(truth, 2)
    ]
    same = sum(is_one for is_one, _ in pairs)
    both = sum(is_one and is_found for is_one, is_found in pairs)
    assert same > 100
    assert both / same >= 0.98
    assert both / sum(is_found for _, is_found in pairs) >= 0.99
    firsts = lake.rows(
        "select title, first_publisher_id, outlet_count from marts.stories where outlet_count > 1"
    )
    assert len(firsts) > 25
    for title, first, _ in firsts:
        assert lake.rows(
            f"select publisher_id from core.articles where title like"
            f" '{str(title).split('-')[0]}-%'"
            " order by published_on, published_at nulls last, first_seen_at, article_id limit 1"
        ) == [(first,)]


@pytest.mark.slow
def test_declared_translations_are_one_story(lake: TinyLake) -> None:
    """Versions with a publisher's key form one story, whatever text and day; other keys do not."""

    def add(code: str, day: str, key: str | None) -> None:
        more = {"language": code, "translation_key": key}
        lake.add_article(code, "gazette", f"2023-09-{day}", code, f"text in {code}", **more)

    for code, day in (("de", "01"), ("fr", "01"), ("en", "03")):
        add(code, day, "k1")
    lake.add_article("other", "daily", "2023-09-01", "other", "text", translation_key="k1")
    lake.build(select="+stories")
    found = lake.rows(
        "select article_count, outlet_count, languages from marts.stories order by article_count"
    )
    assert found == [(1, 1, ["en"]), (3, 1, ["de", "en", "fr"])]
    add("fr", "01", None)
    lake.build(select="+stories")
    assert lake.rows("select article_count from marts.stories order by all") == [(1,), (1,), (2,)]


# Title and text by language.
RELEASES = {
    "en": "Dam at Korrin: 48.7 million for 312 families|The Council of Korrin grants 4,817 flood",
    "de": "Damm in Korrin: 48,7 Millionen für 312 Familien|Der Rat von Korrin gewährt 4817 nach",
    "fr": "Barrage de Korrin: 48,7 millions pour 312|Le Conseil de Korrin accorde 4 817 aux",
}
SHORT = {
    "en": "Road near Vossach closed|The work takes 73 weeks",
    "de": "Sperre bei Vossach|Die Arbeiten dauern 73 Wochen",
}
OTHERS = {
    "en": "Rail fares rise by 5.6 percent|Zellin Railways published its 2031 timetable of 27 May",
    "de": "Tunnel bei Vossach bleibt bis 19 Uhr zu|Bauarbeiten von Obrecht dauern 73 Wochen",
}


# Texts, URL, days and times of September, and the languages of each text that is found.
VERSIONS: dict[str, tuple[Any, str, tuple[str, ...], list[list[str]]]] = {
    "words": (RELEASES, "/{}/dam-{}", ("02", "02", "02"), [["de", "en", "fr"]]),
    "next day": (RELEASES, "/{}/dam-{}", ("02", "03", "02"), [["de", "en", "fr"]]),
    "days apart": (RELEASES, "/{}/dam-{}", ("02", "05", "08"), [["de"], ["en"], ["fr"]]),
    "number": (SHORT, "/{}/news/{}-97134.html", ("02", "02"), [["de", "en"]]),
    "path": (SHORT, "/{}/news/road", ("02", "02"), [["de", "en"]]),
    "date": (SHORT, "/20230902/{}/news-{}", ("02", "02"), [["de"], ["en"]]),
    "too few": (SHORT, "/{}/9713-{}", ("02", "02"), [["de"], ["en"]]),
    "counter": (OTHERS, "/{}/news/{}-97134.html", ("02", "02"), [["de"], ["en"]]),
    "own time": (SHORT, "/{}/9713-{}", ("02 08:07", "02 08:07"), [["de", "en"]]),
    "nothing": (OTHERS, "/{}/news/{}-97134.html", ("02 08:07", "02 08:07"), [["de"], ["en"]]),
}


@pytest.fixture(scope="module")
def versions(empty_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyLake]:
    """A built lake with an outlet for each case of VERSIONS, copied by another in Swedish."""
    lake = copied(empty_lake, tmp_path_factory.mktemp("versions"), tmp_path_factory)
    with lake.at_once():
        for case, (texts, urls, times, _) in VERSIONS.items():
            for (code, text), time in zip(texts.items(), times, strict=True):
                day, minute = f"2023-09-{time} 08:00".split()[:2]
                title, body = text.split("|")
                url = f"http://{case}.example{urls.format(code, title.split()[0])}"
                more = {"language": code, "url": url, "published_at": f"{day} {minute}:00+00"}
                lake.add_article(f"{case} {code}", case, day, title, body, **more)
            title, body = f"{texts['en']} again".split("|")
            lake.add_article(f"{case} copy", "copy", "2023-09-02", title, body, language="sv")
    lake.build(select="+stories")
    yield lake
    lake.con.close()


@pytest.mark.parametrize("case", VERSIONS)
def test_undeclared_versions_are_one_story(versions: TinyLake, case: str) -> None:
    """Undeclared versions share rare words and numbers within a day: a few, if a number or path of
    their URLs and their times are the same, or if both have a time of their own. A date
    shows nothing, nor does a URL without words, nor do URL and time without any shared word.
    English has the release's ID, or else the first language. A copy joins no story.
    """
    expected = VERSIONS[case][-1]
    stories = (
        "select story_id from marts.article_stories inner join core.articles using (article_id)"
        f" where publisher_id = '{case}'"
    )
    query = f"select languages from marts.stories where story_id in ({stories}) order by all"
    assert versions.rows(query) == [(languages,) for languages in expected]
    assert versions.rows(
        "select a.language, r.language from marts.article_stories inner join core.articles as a"
        " using (article_id) inner join core.articles as r on text_id = r.article_id where"
        f" a.publisher_id = '{case}' order by all"
    ) == sorted((code, "en" if len(found) > 1 else code) for found in expected for code in found)


@pytest.mark.slow
def test_theme_tables_count_a_release_once(lake: TinyLake) -> None:
    """A text counts with its English version, on the day of that version, in counts and totals;
    outlet_daily also counts the other version, and article_themes has its themes.
    """
    for code, day, body in (
        ("zh", "02", "工业机器人 4817 312 73"),
        ("en", "03", "River basin 4817 312 73"),
    ):
        url = f"http://gazette.example/{code}/97134.html"
        lake.add_article(code, "gazette", f"2023-09-{day}", code, body, language=code, url=url)
    lake.build(select="+theme_outlet_daily +theme_weekly +theme_pairs_monthly")
    assert lake.rows(
        "select day(published_on), article_count, text_count from marts.outlet_daily"
        " where article_count > 0 order by all"
    ) == [(2, 1, 0), (3, 1, 1)]
    expected = [("industry", 0, 0, 1), ("robots", 0, 0, 1), ("water", 1, 2, 1)]
    for table in ("weekly", "outlet_daily"):
        assert expected == lake.rows(
            "select theme_id, article_count, version_count, total_count from"
            f" marts.theme_{table} where total_count > 0 order by all"
        )
    query = "select theme_id, language, is_counted from marts.article_themes order by all"
    expected_themes = [("industry", "zh", False), ("robots", "zh", False), ("water", "en", True)]
    assert lake.rows(query) == expected_themes
