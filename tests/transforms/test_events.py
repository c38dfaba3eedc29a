"""Articles about one event are found in other words, outlets and languages, and over days."""

import datetime as dt
from collections.abc import Iterable
from itertools import islice, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.conftest import TinyLake, copies_of
from tidings.annotation.event_days import (
    MAX_ARTICLES,
    EventArticle,
    KnownWords,
    group_day,
)
from tidings.annotation.event_terms import find_event_terms
from tidings.annotation.event_tracks import DayGroup, track_events
from tidings.annotation.linkage import Vectors, split_items

SELECT = "events event_days article_events"


def reports(*lines: str) -> tuple[tuple[str, str, str, str], ...]:
    """Return the reports of lines with outlet, day of September 2023, title and text."""
    cells = (line.split(" / ") for line in lines)
    return tuple((outlet, f"2023-09-{day}", title, text) for outlet, day, title, text in cells)


FLOOD = reports(
    "gazette / 02 / Dam at Korrin bursts after heavy rain / The dam above Korrin burst at night and"
    " flooded 40 houses.",
    "daily / 02 / Korrin flooded: dam burst destroys 40 houses / Residents of Korrin left their"
    " houses after the burst.",
    "daily / 03 / Rescue teams search flooded houses in Korrin after dam burst / Residents left"
    " their houses after the dam above Korrin burst at night.",
)
VOTE = reports(
    "gazette / 02 / Parliament passes pension reform in Velmar / Members voted 61 to 39 for a"
    " higher pension age.",
    "daily / 02 / Velmar parliament votes for pension reform / The pension reform passed with 61"
    " votes against 39.",
)


def add(lake: TinyLake, articles: Iterable[tuple[str, str, str, str]], **more: object) -> None:
    for hour, (publisher, day, title, body) in enumerate(articles):
        lake.add_article(
            title, publisher, day, title, body, published_at=f"{day} {hour:02}:00:00+00", **more
        )


def found(lake: TinyLake) -> set[frozenset[str]]:
    """Return the titles of each event."""
    rows = lake.rows(
        "select string_agg(title, '|') from marts.article_events inner join core.articles using"
        " (article_id) group by event_id"
    )
    return {frozenset(str(event[0]).split("|")) for event in rows}


def titles(*groups: Iterable[tuple[str, str, str, str]]) -> set[frozenset[str]]:
    return {frozenset(row[2] for row in group) for group in groups}


def add_two_events(lake: TinyLake) -> None:
    """Add five articles about two events."""
    with lake.at_once():
        add(lake, (*FLOOD, *VOTE))
    lake.build(select=SELECT)


two_events = copies_of(add_two_events)


def test_reports_in_other_words_are_one_event(two_events: TinyLake) -> None:
    """Reports of one event by two outlets on two days are one, with counts and a central title."""
    assert found(two_events) == titles(FLOOD, VOTE)
    first, last = dt.date(2023, 9, 2), dt.date(2023, 9, 3)
    assert two_events.rows(
        "select title, first_publisher_id, first_on, peak_on, last_on, is_over, article_count,"
        " outlet_count, languages from marts.events order by article_count desc limit 1"
    ) == [(FLOOD[1][2], "gazette", first, first, last, False, 3, 2, ["en"])]


@pytest.mark.slow
def test_an_event_ends_after_a_week(two_events: TinyLake) -> None:
    """An event is over after seven days without articles."""
    two_events.as_of += dt.timedelta(days=2)
    two_events.add_article("last", "daily", "2023-09-12", "Ferry to Brackwell resumes")
    two_events.build(select=SELECT)
    over = two_events.rows("select is_over from marts.events order by last_on")
    assert over == [(True,), (True,), (False,)]


@pytest.mark.slow
def test_a_removed_article_leaves_and_a_rerun_writes_nothing(two_events: TinyLake) -> None:
    """Deleted and excluded articles leave their event, an event without articles disappears, and a
    rerun writes nothing.
    """
    two_events.con.execute("delete from core.articles where contains(title, 'pension')")
    two_events.con.execute(
        "update core.articles set excluded_reason = 'round_up' where starts_with(title, 'Rescue')"
    )
    two_events.build(select=SELECT)
    assert found(two_events) == titles(FLOOD[:2])
    assert two_events.rows("select article_count from marts.events") == [(2,)]
    before = two_events.snapshot()
    two_events.build(select=SELECT)
    assert two_events.snapshot() == before


@pytest.mark.slow
def test_a_night_changes_only_events_in_its_window(two_events: TinyLake) -> None:
    """An article three weeks later leaves the rows of earlier events as they are."""
    query = "from marts.article_events where event_day_on < '2023-09-20' order by all"
    before, snapshot = two_events.rows(query), two_events.snapshot()
    two_events.as_of += dt.timedelta(days=20)
    new = ("Ferry to Brackwell resumes", "The ferry sails again.")
    two_events.add_article("new", "daily", "2023-09-29", *new)
    two_events.build(select=SELECT)
    assert two_events.rows(query) == before
    since = f"'lake', 'marts', 'article_events', {snapshot + 1}, {two_events.snapshot()}"
    assert two_events.rows(f"select count(*) from ducklake_table_changes({since})") == [(1,)]


def article(name: str, title: str, text: str = "", language: str = "en") -> EventArticle:
    """Return the terms of an article."""
    return EventArticle(name, name, language, None, *find_event_terms(title, text, language))


def group(day: int, name: str, weights: dict[int, float]) -> DayGroup:
    """Return the group of an article with these single terms."""
    terms, values = np.array([*weights]) * 8, np.array([*weights.values()])
    return DayGroup(day, name, "en", [], 1, terms, values)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("公布《港口条例》", "公布《港口条例》", True),
        ("公布《港口条例》", "公布《渔业条例》", False),
        ("十四届第五次会议", "十四届第五次会议", True),
        ("十四届第五次会议", "十三届第二次会议", False),
    ],
    ids=["one work", "two works", "one session", "two sessions"],
)
def test_titles_of_other_works_or_sessions_are_apart(one: str, other: str, is_same: bool) -> None:
    """Chinese reports whose titles name two works, or two numbered sessions, are two events."""
    titles = f"{one}在科林开始", f"{other}在科林结束"
    articles = [article(title, title, "维尔玛总统签署", "zh") for title in titles]
    assert (len(group_day(articles)) == 1) == is_same


@pytest.mark.parametrize(
    ("days", "events"),
    [((1, 7, 13, 22), 2), (range(1, 62, 3), 3)],
    ids=["a week without articles", "thirty days"],
)
def test_an_event_has_an_end(days: Iterable[int], events: int) -> None:
    """Equal reports are one event, up to a week without a report, and up to thirty days."""
    reports = [group(day, f"{day}", dict.fromkeys(range(1, 9), 8.0)) for day in days]
    assert len({track.event_ids for track in track_events(reports).values()}) == events


@pytest.mark.parametrize(
    ("shared", "day", "is_same"), [(1, 2, False), (3, 2, True), (3, 8, False), (5, 8, True)]
)
def test_a_single_name_does_not_join_days(shared: int, day: int, is_same: bool) -> None:
    """Two short reports on two days that share one rare term are two events, with three they are
    one; a week apart they need more, but five suffice.
    """
    same = dict.fromkeys(range(1, shared + 1), 8.0)
    one, two = (same | dict.fromkeys(range(own, own + 5), 2.0) for own in (20, 30))
    tracks = track_events([group(1, "one", one), group(day, "two", two)])
    assert (tracks["two"].event_ids[-1] == "one") is is_same


def test_events_that_prove_to_be_one_join() -> None:
    """Two events join when their next reports share enough; the day on which they did is kept."""
    one, two, new = (dict.fromkeys(range(first, first + 8), 8.0) for first in (10, 20, 30))
    reports = [group(1, "a", one), group(1, "b", two)]
    assert {track.event_ids for track in track_events(reports).values()} == {("a",), ("b",)}
    tracks = track_events([*reports, group(2, "c", one | new), group(2, "d", two | new)])
    assert tracks["b"].before(2) == (("b",), (1,))
    assert {track.event_ids[-1] for track in tracks.values()} == {"a"}
    assert tracks["b"] == (("b", "a"), (1, 2))


@pytest.mark.parametrize("seed", [1, 6, 8, 10, 14, 15, 16, 18])
def test_a_late_change_gives_the_events_of_a_whole_run(seed: int) -> None:
    """If reports of a past day change, the days around it are enough to find all events again,
    although events have joined since.
    """
    random = np.random.default_rng(seed)
    subjects = [dict.fromkeys(range(first, first + 8), 8.0) for first in range(10, 130, 10)]
    groups = []
    for day in range(160):
        for number in range(random.integers(3)):
            places = random.integers(12, size=random.integers(1, 4))
            words = {k: v for place in places for k, v in subjects[place].items()}
            groups.append(group(day, f"{day:03}-{number}", words))
    stored = track_events(groups)
    assert any(len(track.event_ids) > 1 for track in stored.values())
    late = group(60, "060-9", subjects[0] | subjects[1])
    changed = sorted([*groups, late], key=lambda item: item[:2])
    near = [item._replace(track=stored.get(item.cluster_id)) for item in changed if item.day >= 23]
    whole, found = track_events(changed), track_events(near, 60, 60)
    assert found == {cluster: whole[cluster] for cluster in found}


@pytest.mark.parametrize(("known", "events"), [(0, 1), (200, 2)])
def test_recurring_words_do_not_join(known: int, events: int) -> None:
    """Two texts that share only words of most earlier texts are two events; new words join them."""
    articles = [article(title, title, text) for *_, title, text in FLOOD[:2]]
    terms = np.unique(np.concatenate([article.terms for article in articles]).astype(np.int64) & ~7)
    counts = np.full(len(terms), known)
    assert len(group_day(articles, {"en": KnownWords(300, terms, counts, counts)})) == events


@pytest.mark.parametrize(("others", "known", "reports"), [(574, 200, 14), (274, 300, 26)])
def test_a_usual_name_joins_no_event(others: int, known: int, reports: int) -> None:
    """Of 26 headlines with a name, 12 share nothing else with an event of the other 14: on a day
    that lets 30 such headlines expect, they do not join it; where 22 are expected, they do.
    """

    def own(number: int, letters: str) -> str:
        return " ".join(f"{letter}{number}x" for letter in letters)

    orders = islice(permutations(("Korrin", "dam", "floods", "Velmar")), 14)
    lines = [f"{' '.join(words)} {own(number, 'stuv')}" for number, words in enumerate(orders)]
    lines += [f"Korrin {own(number, 'abcdefgh')}" for number in range(12)]
    lines += [own(number, "nop") for number in range(others)]
    name = np.array(article("", "Korrin").terms[:1]) & ~7
    background = {"en": KnownWords(2000, name, np.array([known]), np.array([0]))}
    groups = group_day([article(line, line) for line in lines], background)
    assert max(len(group.article_ids) for group in groups) == reports


def arrival(land: str) -> str:
    """Return a report on a guest of Korrin."""
    return (
        f"President of {land} arrives in Korrin for state visit and talks on fisheries / Korrin"
        f" received the president of {land} with a welcome ceremony at the harbour."
    )


@pytest.mark.parametrize(
    ("events", "one", "other"),
    [
        (2, "Korrin: weather for Friday 10 January", "Velmar: weather for Friday 10 January"),
        (2, "Villedieu Rouffigny: the organ of the church", "Villedieu Rouffigny votes on taxes"),
        (1, "Korrin dam bursts, says Aarnes", "Aarnes visits Korrin after burst of a dam"),
        (2, arrival("Arvenia"), arrival("Belmora")),
        (2, "Earthquake of magnitude 4.6 shakes Korrin region / No injuries were reported.",
         "Korrin shaken by earthquake of magnitude 5.2 / No injuries in the region."),
    ],
    ids=["a series", "a name of two words", "an occurrence", "two guests", "two earthquakes"],
)  # fmt: skip
def test_headlines_need_evidence(events: int, one: str, other: str) -> None:
    """Headlines that share a phrase of a series or a place are two events; several words in other
    places join them, unless names or numbers contradict.
    """
    assert len(group_day([article(text, *text.split(" / ")) for text in (one, other)])) == events


def test_a_large_day_has_the_same_events() -> None:
    """A day with too many articles to compare is split; any number of equal texts is one event."""

    def articles(count: int, text: str) -> list[EventArticle]:
        return [article(f"{text}{number}", text.format(number)) for number in range(count)]

    same = articles(MAX_ARTICLES + 100, "Parliament approves budget")
    assert len(group_day(same)) == 1
    assert len(group_day([*same[:1001], *articles(40, "Word{0} other{0} note{0}")])) == 41


def test_parts_are_bounded() -> None:
    """Parts split where no pair is similar, then at higher thresholds, then by order."""
    vectors = Vectors(np.arange(6), np.array([1, 1, 1, 2, 2, 3]), np.ones(6, np.float32))
    assert [part.tolist() for part in split_items(vectors, 6, 0.5, 6)] == [[0, 1, 2, 3, 4, 5]]
    assert [part.tolist() for part in split_items(vectors, 6, 0.5, 3)] == [[0, 1, 2], [3, 4, 5]]
    assert [part.tolist() for part in split_items(vectors, 6, 0.5, 2)] == [[0, 1], [2], [3, 4], [5]]


def test_versions_in_other_languages_join_by_content(lake: TinyLake) -> None:
    """Names and numbers join reports in other languages; a declaration joins any text."""
    english, german, other = reports(
        "gazette / 02 / Switzerland and Peru sign pact on 340 million for Lake Titicaca / Minister"
        " Huamán signed.",
        "daily / 02 / Peru: 340 Millionen für den Titicaca, Abkommen mit Minister Huamán / Die"
        " Schweiz zahlt.",
        "daily / 02 / Bahnhof in Velmar wird umgebaut / Die Arbeiten dauern 18 Monate.",
    )
    add(lake, [english])
    add(lake, [german, other], language="de")
    lake.build(select=SELECT)
    assert found(lake) == titles([english, german], [other])


@pytest.mark.parametrize(
    ("other", "is_same"),
    [("Velmar: Tandorf eröffnet", True), ("Bahnhof in Tandorf zu", False)],
    ids=["two names", "one name"],
)
def test_short_headlines_in_two_languages_share_two_names(other: str, is_same: bool) -> None:
    """Headlines in two languages are one event if they share two rare names; one, however rare,
    does not join them.
    """
    articles = [article("en", "Velmar opens Tandorf"), article("de", other, language="de")]
    known = {code: KnownWords(100_000, *np.zeros((3, 0), np.int64)) for code in ("en", "de")}
    for background in ({}, known):
        groups = group_day(articles, background)
        assert (len({group.cluster_id for group in groups}) == 1) == is_same


@pytest.mark.slow
def test_declared_translations_are_one_event(lake: TinyLake) -> None:
    """Translations that a publisher declares are one event, also if days lie between them."""
    english, chinese = reports(
        "gazette / 02 / A new bridge / Work begins.", "gazette / 03 / 新桥开工 / 工程开始。"
    )
    add(lake, [english], translation_key="/bridge")
    lake.build(select=SELECT)
    add(lake, [chinese], translation_key="/bridge", language="zh")
    lake.build(select=SELECT)
    assert found(lake) == titles([english, chinese])


def in_two_outlets(day: str, count: int, text: str) -> tuple[tuple[str, str, str, str], ...]:
    """Return reports of a day with their number as ``{}``, by turns in two outlets."""
    outlets = [("gazette", "daily")[number % 2] for number in range(count)]
    texts = [text.replace("{}", str(number)) for number in range(count)]
    return reports(*(f"{o} / {day} / {t}" for o, t in zip(outlets, texts, strict=True)))


def test_a_peak_names_the_events_behind_it(lake: TinyLake) -> None:
    """A week with more articles about a theme than expected names the event that makes up most of
    the rise, with its share, but not one that two of five reports connect with the theme.
    """
    strike = "Factory robots strike in Velmar, report {} / Velmar stopped at {}."
    visit = "Tove Aasen visits Brackwell harbour, report {} / Nordsund Lines at {}."
    first = dt.date(2023, 7, 31)
    with lake.at_once():
        for week in range(5):
            monday = str(first + dt.timedelta(days=7 * week))
            lake.add_article(f"before {week}", "daily", monday, f"Note {week}")
        add(lake, in_two_outlets("05", 6, strike))
        add(lake, in_two_outlets("06", 2, f"{visit} Factory robots wait."))
        add(lake, in_two_outlets("06", 5, visit)[2:])
        other = ("Painting show opens", "A museum shows pictures of factory robots.")
        lake.add_article("other", "daily", "2023-09-06", *other)
        for day in range(42):
            polled = f"{first + dt.timedelta(days=day)} 20:00:00+00"
            lake.add_poll("f", "daily", polled, "2023-07-30 00:00:00+00")
    lake.build(select="+theme_peaks")
    assert lake.rows(
        "select kind, start_on, rank, p.article_count, round(rise_share, 2), starts_with(p.title,"
        " 'Factory robots strike') from measures.theme_peaks as p join marts.events using"
        " (event_id) where theme_id = 'robots' and kind = 'week'"
    ) == [("week", dt.date(2023, 9, 4), 1, 6, 0.67, True)]


@pytest.mark.slow
def test_a_future_date_counts_from_that_day_on(two_events: TinyLake) -> None:
    """No event contains an article without a date, or a future one; neither ends another event."""
    query = "select * from marts.events order by event_id"
    before = two_events.rows(query)
    two_events.add_article("undated", "daily", None, *FLOOD[0][2:])
    two_events.add_article("future", "daily", "2023-09-14", "Calendar of the next week")
    two_events.build(select=SELECT)
    assert two_events.rows(query) == before
    two_events.as_of = dt.datetime(2023, 9, 14, 1, tzinfo=dt.UTC)
    two_events.build(select=SELECT)
    newest = "select is_over, first_on from marts.events order by first_on desc limit 1"
    assert two_events.rows(newest) == [(False, dt.date(2023, 9, 14))]


def test_speakers_are_names(lake: TinyLake) -> None:
    """Speakers are listed once, under English names; others by full names; no nouns or IDs."""
    for code, form, lemma, name, office in (
        ("en", "said", "say", "Eva Muller", "mayor"),
        ("de", "sagte", "sagen", "Eva Müller", "Bürgermeisterin"),
    ):
        verb = {"language": code, "form": form, "lemma": lemma, "pattern": "verb"}
        lake.insert("ref.speech_verbs", **verb)
        person = {"person_id": "muller_eva", "valid_from": "2020-01-01", "language": code}
        lake.insert("ref.speakers", person | {"name": name, "office": office})
    texts = (
        "Eva Muller said the dam was old. Walkers said the path was closed. The board said no.",
        "Tove Aarnes said the harbour was safe. The Ministry of Water said repairs would follow.",
    )
    english = [(*row[:3], f"{FLOOD[0][3]} {text}") for row, text in zip(FLOOD, texts, strict=False)]
    german = reports("daily / 02 / Damm bei Korrin gebrochen / Eva Müller sagte, der Damm sei alt.")
    with lake.at_once():
        add(lake, english, translation_key="/flood")
        add(lake, german, language="de", translation_key="/flood")
    lake.build(select=SELECT)
    query = "select speakers from marts.events order by article_count desc limit 1"
    assert lake.rows(query) == [(["Eva Muller", "Ministry of Water", "Tove Aarnes"],)]


@pytest.mark.slow
def test_a_gap_is_no_peak_and_shares_of_a_rise_add_up(lake: TinyLake) -> None:
    """A constant share has no peak after an outage or at the start of the collection; two events
    share a rise.
    """
    first = dt.date(2023, 6, 5)
    days = [first + dt.timedelta(days=day) for day in range(95) if not 35 <= day < 63]
    with lake.at_once():
        for day in days:
            lake.add_poll("f", "daily", f"{day} 23:00:00+00", f"{day} 00:00:00+00")
            robots = (f"Note {day} x{day.day}y", "A museum shows factory robots.")
            lake.add_article(f"robots {day}", "daily", str(day), *robots)
            for number in range(3):
                title = f"Calendar z{day.day}w{number}"
                lake.add_article(f"other {day} {number}", "daily", str(day), title)
    lake.build(select="+theme_peaks")
    assert lake.rows("select * from measures.theme_peaks") == []
    counts = "one two three four five six seven eight nine ten eleven twelve".split()
    kinds = (
        ("Factory robots strike in Velmar, report", "Petra Vogt and Dahl Motors"),
        ("Ferry sinks off Brackwell with factory robots, report", "Tove Aasen and Nordsund Lines"),
    )
    lines = []
    for number, count in enumerate(counts):
        title, names = kinds[number // 6]
        outlet = ("gazette", "daily")[number % 2]
        lines.append(f"{outlet} / 05 / {title} {count} / {names} count; it stopped at {count}.")
    with lake.at_once():
        add(lake, reports(*lines))
    lake.build(select="+theme_peaks")
    rows = lake.rows(
        "select article_count, rise_share from measures.theme_peaks where theme_id ="
        " 'robots' and kind = 'week'"
    )
    assert rows == [(6, 0.375), (6, 0.375)]


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(4)))
def test_the_order_of_articles_does_not_matter(order: list[int]) -> None:
    """The articles of a day form the same groups in any order."""
    rows = [(*FLOOD[:2], *VOTE)[number] for number in order]
    articles = [article(title, title, text) for *_, title, text in rows]
    assert {frozenset(group.article_ids) for group in group_day(articles)} == titles(
        FLOOD[:2], VOTE
    )


def test_titles_are_headlines_with_their_english_version(lake: TinyLake) -> None:
    """The title of an event and of its days has no mark and no "Live:", but what is before
    its colon, which may be the subject, and the release's English title beside it; a release is
    one report.
    """
    body = "312 Familien, 4817 Franken, 73 Wochen: Solveig Brandt leitet Delmar Wasserbau"
    english = "312 families, 4,817 francs, 73 weeks: Solveig Brandt heads Delmar Wasserbau"
    title = "Damm in Korrin: 48,7 Millionen bewilligt"
    with lake.at_once():
        for day in range(10, 20):
            brief = (f"2023-08-{day}", f"Morning brief: {day}", f"{day}")
            lake.add_article(f"n{day}", "gazette", *brief)
        for key, publisher, hour, language, text in (
            ("/de/9713401", "gazette", "08", "de", f"[Video] Live: Morning brief: {title}"),
            ("/en/9713401", "gazette", "08", "en", "Dam at Korrin: 48.7 million granted"),
            ("/de/other", "daily", "10", "de", f"{title} nach Flut, Streit, Klage, Umbau, Wahl"),
        ):
            row = (key, publisher, "2023-09-02", text, body if language == "de" else english)
            at = f"2023-09-02 {hour}:00:00+00"
            lake.add_article(*row, language=language, published_at=at)
    lake.build(select=SELECT)
    expected = (f"Morning brief: {title}", "de", "Dam at Korrin: 48.7 million granted", 3, 2, 2)
    columns = "title, title_language, title_en, article_count, report_count, outlet_count"
    for table in ("events", "event_days"):
        query = f"select {columns} from marts.{table} where article_count > 1"
        assert lake.rows(query) == [expected]
