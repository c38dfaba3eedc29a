"""The lines of the front page: events, courses of themes, bursts, speakers and new phrases."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.analysis.report.small_release import TABLES, compare_shares

Con = duckdb.DuckDBPyConnection
LAST = dt.date(2023, 10, 31)
# Articles about the theme on each day from 1 October: a forum on 17 and 18 October.
OCTOBER = [1, 0, 1, 2, 1, 1, 2, 1, 1, 2, 1, 2, 2, 3, 4, 7, 9, 10, 2, 2, 1, 2, 1, 0, 2, 1, 1, 2]


@pytest.fixture
def con() -> Iterator[Con]:
    """Yield a release of two outlets, 120 days and two themes, without articles."""
    with duckdb.connect() as con:
        con.execute(TABLES)
        con.execute(
            "create table marts.article_themes (article_id uuid, theme_id varchar, is_about bool,"
            " title_count int, lead_count int, mention_count int);"
            " insert into ref.themes (theme_id, parent_id, label_en) values"
            " ('area', null, 'Area'), ('belt', 'area', 'Belt and Road');"
            " insert into ref.speakers values ('li_na', 'zh', '李娜')"
        )
        con.execute(
            "insert into marts.outlet_daily by name select publisher_id, day::date as"
            " published_on, 0 as article_count, false as is_gap"
            " from (values ('tv'), ('gov')) as outlets (publisher_id),"
            " generate_series(?::timestamp, ?::timestamp, interval 1 day) as days (day)",
            [LAST - dt.timedelta(119), LAST],
        )
        count(con, lambda _: 1)
        yield con


def count(con: Con, hits: Any, total: int = 26) -> None:
    """Set the articles of the television about the theme, by day, and all its articles."""
    con.execute(
        "create or replace table marts.theme_outlet_daily as select 'belt' as theme_id,"
        " publisher_id, published_on, 0::bigint as about_count, 0::bigint as total_count, is_gap"
        " from marts.outlet_daily"
    )
    found = con.execute("select distinct published_on from marts.outlet_daily").fetchall()
    days = [day for (day,) in found]
    con.execute(
        "update marts.theme_outlet_daily set about_count = hits, total_count = $3"
        " from (select unnest($1::date[]) as day, unnest($2::bigint[]) as hits)"
        " where publisher_id = 'tv' and published_on = day",
        [days, [*map(hits, days)], total],
    )


def lines(con: Con, kind: str, *columns: str) -> list[tuple[Any, ...]]:
    """Return columns of the lines of a kind, in the order of the page."""
    compare_shares(con)
    return con.execute(
        f"select {', '.join(columns)} from marts.front_page where kind = ? order by rank", [kind]
    ).fetchall()


def publish(con: Con, event: int, ago: int, title: str, **values: Any) -> uuid.UUID:
    """Add an article of an event, as a story of its own, and return its ID."""
    article, day = uuid.uuid4(), LAST - dt.timedelta(ago)
    row: dict[str, Any] = {
        "publisher_id": "tv", "language": "zh", "story_id": article, "speaker": None,
        "words": 100, "kind": None, "lead_count": 1,
    } | values  # fmt: skip
    con.execute(
        "insert into core.articles by name select $1 as article_id, $2 as publisher_id,"
        " $3 as language, $4 as title, $5 as published_on, $6 as word_count",
        [article, row["publisher_id"], row["language"], title, day, row["words"]],
    )
    con.execute(
        "insert into marts.article_themes select $1, unnest(['area', 'belt']), true, $2, $2, 1",
        [article, row["lead_count"]],
    )
    event_id, story = uuid.UUID(int=event), [article, row["story_id"], row["kind"]]
    con.execute("insert into marts.article_events values (?, ?, ?, 1)", [article, event_id, day])
    con.execute("insert into marts.article_stories values (?, ?, ?)", story)
    con.execute("delete from marts.events where event_id = ?", [event_id])
    con.execute(
        "insert into marts.events by name select event_id, $2 as title, 'zh' as title_language,"
        " if($3 = 'en', $2, null) as title_en, min(event_day_on) as first_on,"
        " max(event_day_on) as last_on, ['Li Na'] as speakers from marts.article_events"
        " where event_id = $1 group by all",
        [event_id, title, row["language"]],
    )
    if row["speaker"]:
        speak(con, article, {row["speaker"]: 1})
    return article


def speak(con: Con, article: uuid.UUID, counts: dict[str, int]) -> None:
    """Add so many statements of each speaker, in the order of the text."""
    for place, name in enumerate(name for name, count in counts.items() for _ in range(count)):
        con.execute(
            "insert into marts.statements by name select $1 as article_id, $2 as speaker,"
            " $2 as speaker_name, $3 as start_offset",
            [article, name, place],
        )


def texts(con: Con, kind: str = "event") -> list[str]:
    """Return the texts of the lines of a kind."""
    return [text for (text,) in lines(con, kind, "text")]


@pytest.mark.parametrize("day", [17, 18, 19, 20, 25, 28])
@pytest.mark.parametrize("joiner", [0, 60])
def test_a_fall_is_stated_on_the_day_after(con: Con, day: int, joiner: int) -> None:
    """A theme of 26 articles a day rises until the 18th; from the 19th on the page states its peak,
    whatever an outlet publishes that joined on the 18th.
    """
    until = dt.date(2023, 10, day)
    con.execute("delete from marts.outlet_daily where published_on > ?", [until])
    con.execute(
        "update marts.outlet_daily set is_gap = true where publisher_id = 'gov'"
        " and published_on < '2023-10-18'"
    )
    count(con, lambda day: OCTOBER[day.day - 1] if day.month == 10 else day.day % 2)
    con.execute(
        "update marts.theme_outlet_daily set about_count = $1, total_count = $1"
        " where publisher_id = 'gov' and not is_gap",
        [joiner],
    )
    text = "rose" if day < 19 else "peaked on 18 October and has fallen since"
    assert lines(con, "rising", "text", "report_count > 20", "outlet_count") == [
        (f"Belt and Road {text}", True, 1)
    ]


def test_few_articles_a_day_are_compared_by_week(con: Con) -> None:
    """With four articles a day the course is that of weeks, and a steady theme only rose; one that
    loses articles fell.
    """
    level, last = dt.date(2023, 10, 2), LAST - dt.timedelta(28)
    count(con, lambda day: 3 if level <= day < level + dt.timedelta(14) else 0, total=4)
    peak = "Belt and Road peaked in the week from 9 October and has fallen since"
    assert texts(con, "rising") == [peak]
    count(con, lambda day: 2 if day > last else 0, total=4)
    assert texts(con, "rising") == ["Belt and Road rose"]
    count(con, lambda day: 0 if day > last else 2, total=4)
    assert (texts(con, "rising"), texts(con, "fading")) == ([], ["Belt and Road fell"])


@pytest.mark.parametrize(
    ("ago", "text"),
    [(33, ["Belt and Road peaked in the week from 25 September and fell"]), (51, [])],
)
def test_a_fall_names_its_peak(con: Con, ago: int, text: list[str]) -> None:
    """A theme that fell from some days with many articles names their week, for six weeks."""
    peak = LAST - dt.timedelta(ago)
    count(con, lambda day: 20 if peak <= day < peak + dt.timedelta(3) else 0)
    assert texts(con, "fading") == text


def test_events_are_ranked_by_outlets_and_reports(con: Con) -> None:
    """An event in two outlets precedes one with more reports.
    The title is in English where it exists. Copies and translations are one report, and reports of
    one title rank as one. An event with five reports, none in the last seven days, follows.
    Round-ups, by their title on five days or their kind, are not listed. Speakers are those of the
    last seven days.
    """
    copied = uuid.UUID(int=99)
    ids = [publish(con, 1, ago, "[视频]峰会", story_id=copied) for ago in (4, 3)]
    ids += [publish(con, 1, 2, "Summit opens", publisher_id="gov", language="en")]
    for ago in (9, 8, 7):
        publish(con, 2, ago, f"洪水 {ago}", speaker="Li Na")
    publish(con, 10, 7, "Other", speaker="居民")
    publish(con, 8, 4, "Where to?"), publish(con, 8, 3, "Where to?")
    for ago in (3, 2, 1):
        publish(con, 6, ago, f"A fire in the valley {ago}", speaker="Li Na" if ago == 1 else None)
    for ago in range(5):
        publish(con, 9, ago + 18, f"A quarrel about fishing rights {ago + 18}")
    story = uuid.UUID(int=98)
    for language in ("en", "de", "fr"):
        publish(
            con, 3, 2, f"One text {language}", publisher_id="gov", language=language,
            story_id=story, speaker="Li Na",
        )  # fmt: skip
    publish(con, 4, 30, "Before"), publish(con, 4, 29, "Before, again")
    for ago in (3, 5, 8, 10, 17):
        publish(con, 5, ago, "【快讯】国内联播快讯", speaker="Li Na")
        publish(con, 7, ago, f"In brief {ago}", kind="round_up")
    found = lines(
        con, "event", "text", "language", "outlet_count", "report_count", "article_ids", "themes",
        "speakers",
    )  # fmt: skip
    assert found[0] == ("Summit opens", "en", 2, 2, ids, ["belt"], [])
    assert [(row[0], *row[2:4], row[6]) for row in found[1:]] == [
        ("A fire in the valley 1", 1, 3, ["Li Na"]),
        ("A quarrel about fishing rights 18", 1, 5, []),
        ("One text en", 1, 1, ["Li Na"]),
    ]
    assert lines(con, "speaker", "text", "report_count", "len(article_ids)") == [("Li Na", 2, 4)]


def test_only_reports_with_a_word_of_the_event_are_counted(con: Con) -> None:
    """A report without a word that most reports of the event have and few others is not counted:
    the line has the days, speakers and themes of the others. A theme that no title names, and who
    speaks in few of them, are not named. An old event without such a word is not listed.
    """
    for ago in (9, 8, 7, 6):
        words = {"speaker": "Li Na", "lead_count": 0} if ago == 9 else {}
        publish(con, 1, ago, f"A fire in the valley {ago}", **words)
    publish(con, 1, 5, "Minister visits school", lead_count=0)
    publish(con, 1, 12, "Minister visits museum")
    publish(con, 2, 9, "Tax law passed"), publish(con, 2, 8, "Rice harvest begins")
    columns = ("text", "report_count", "first_on", "last_on", "themes", "speakers")
    assert lines(con, "event", *columns) == [
        ("A fire in the valley 6", 4, *(LAST - dt.timedelta(ago) for ago in (9, 6)), ["belt"], [])
    ]
    con.execute("update marts.article_themes set title_count = 0")
    assert lines(con, "event", "themes") == [([],)]


def test_two_steps_of_one_law_are_two_events(con: Con) -> None:
    """If an earlier event has the same words, so that none fits this one, its reports with a
    similar title count.
    """
    for event, ago in ((1, 16), (2, 1)):
        for title in ("Renn Praises New Harbour Act", "Falk Praises New Harbour Act Late"):
            publish(con, event, ago, title, language="en")
    assert lines(con, "event", "event_id", "report_count") == [(uuid.UUID(int=2), 2)]


def test_a_theme_is_that_of_the_titles_report(con: Con) -> None:
    """A theme of two reports of three is not named if the report of the title is the third."""
    for ago in (3, 2, 1):
        publish(con, 1, ago, f"A fire in the valley {ago}", lead_count=int(ago > 1))
    assert lines(con, "event", "report_count", "themes") == [(3, [])]


@pytest.mark.parametrize(
    ("reports", "kind", "speakers"),
    [
        ([{"Abe Oz": 2, "Li Na": 3}], None, ["Li Na", "Abe Oz"]),
        ([{"Abe Oz": 1, "Li Na": 3}], None, ["Li Na"]),
        ([{"Li Na": 3}], "obituary", []),
        ([{"Abe Oz": 1}, {"Li Na": 5}], None, ["Abe Oz", "Li Na"]),
        ([{"Li Na": 2, "Abe Oz": 1}, {"Li Na": 5}], None, ["Li Na"]),
        ([{"Li Na": 1, "Abe Oz": 1}, {"Li Na": 1, "Cy Na": 1, "Di Oz": 1}], None,
         ["Li Na", "Abe Oz", "Cy Na"]),
    ],
)  # fmt: skip
def test_a_line_names_the_main_speakers_of_each_report(
    con: Con, reports: list[dict[str, int]], kind: str | None, speakers: list[str]
) -> None:
    """Whom a report quotes most is first, and whom it quotes a third as often is left out, like
    whom an obituary quotes. Whoever speaks most in a report is named however much others speak in
    another one, first those of more reports, then those of the title's report (here the first),
    then in the order of the text.
    """
    for ago, title in [*enumerate(("Letter to the fair", "A letter to the fair"))][: len(reports)]:
        speak(con, publish(con, 1, ago, title, kind=kind), reports[ago])
    con.execute("update marts.events set speakers = ?", [[name for row in reports for name in row]])
    assert lines(con, "event", "speakers") == [(speakers,)]


@pytest.mark.parametrize(("size", "count"), [(4, 1), (5, 5)])
def test_five_reports_of_an_event_may_have_different_titles(
    con: Con, size: int, count: int
) -> None:
    """Five reports that have one rare word in common are counted; of four, those whose titles share
    two fifths of their information.
    """
    words = "Rescue goes on", "Tents arrive", "Army sent", "Schools reopen", "Winter feared"
    for ago, title in enumerate(words[:size]):
        publish(con, 1, ago, f"{title}: earthquake")
    assert lines(con, "event", "report_count") == [(count,)]


def test_comments_alone_are_no_event(con: Con) -> None:
    """Comments without a report are not listed."""
    for ago in (2, 1):
        publish(con, 1, ago, f"On the spirit of the meeting {ago}", kind="comment")
    assert texts(con) == []


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        ("Li meets Chad in town", "Li meets Peru in town", 1),
        ("Li meets Chad in town", "So Li meets Peru in town", 2),
        ("Ship 16号 comes home to port", "Ship 17号 comes home to port", 1),
        ("李四会见 古巴 国家 总理", "王五会见 古巴 国家 总理", 1),
        ("王五会见 古巴 国家 领导人", "王五会见 古巴 国家 总理", 2),
        ("古巴 论坛 第一阶段 会议 在京 开幕", "古巴 论坛 第三阶段 会议 在京 结束", 1),
        ("古巴 经济 第二场 报告 在京 开幕", "古巴 经济 第三场 报告 在京 结束", 1),
        ("古巴 煤矿 重大 “2•22” 事故 调查 报告", "古巴 煤矿 重大 “1•21” 事故 调查 报告", 1),
        ("我驻多国使馆 举行 国庆 周年 招待会", "国家 举行 国庆 周年 招待会", 1),
        ("古巴 元首 家人 致 唁电", "古巴 元首 家人 致 贺电", 1),
        ("第三阶段 会议 古巴 论坛 在京", "古巴 论坛 会议 在京", 2),
        ("【全国学生运动会】 开幕 隆重 举行", "【全国学生运动会】 夺得 百米 金牌", 1),
        ("古巴 论坛 通过 《行动 计划》 全文", "古巴 论坛 通过 《联合 宣言》 全文", 1),
        ("古巴 论坛 通过 《联合 宣言》 要点", "古巴 论坛 通过 《联合 宣言》 全文", 2),
        ("王五会见古巴总理 北京 友好 合作 交流 甲", "王五会见古巴议长 北京 友好 合作 交流 乙乙", 1),
        ("王五会见古巴总理 北京 友好 合作 交流 甲", "王五会见古巴总理 北京 友好 合作 交流 乙乙", 2),
    ],
)
def test_a_line_is_about_one_occasion(con: Con, first: str, second: str, count: int) -> None:
    """Titles of one frame with other guests, with other numbers, about other works, of embassies or
    with another host of a guest are two occasions. The name of an occasion in brackets joins no two
    reports.
    """
    publish(con, 1, 1, first), publish(con, 1, 0, second)
    assert lines(con, "event", "report_count") == [(count,)]


@pytest.mark.parametrize(
    ("first", "second", "ago", "count"),
    [
        ("Council adopts goals of the firm Alpha", "Council adopts goals of the firm Beta", 0, 1),
        ("Council adopts goals of the firm", "Council adopts goals of the firm Beta", 0, 2),
        ("Council adopts goals of the firm Alpha", "Council adopts goals of the firm Beta", 1, 2),
        ("Old dances are now world heritage", "Old songs are now world heritage", 1, 1),
    ],
)
def test_titles_with_one_beginning_or_end_are_apart(
    con: Con, first: str, second: str, ago: int, count: int
) -> None:
    """Titles between spaces that end alike, or of one day that begin alike, are two occasions
    unless one has nine tenths of the other.
    """
    publish(con, 1, ago, first, language="en"), publish(con, 1, 0, second, language="en")
    assert lines(con, "event", "report_count") == [(count,)]


def test_a_comment_is_counted_but_gives_no_title(con: Con) -> None:
    """The line has the title of the older report, which is no comment."""
    publish(con, 1, 1, "Li opens a forum")
    publish(con, 1, 0, "Li opens a forum today", kind="comment")
    assert lines(con, "event", "text", "report_count") == [("Li opens a forum", 2)]


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("Flood in the valley: 9 dead", "Flood in the valley: 12 dead", 1),
        ("Minister to visit the valley", "Minister ends a visit to the valley", 1),
        ("王五 将赴 古巴 国家 访问", "王五 抵达 古巴 国家 首都 访问", 1),
        ("古巴 博览会 开幕", "古巴 博览会 开幕 准备就绪", 0),
        ("王五会见 古巴 国家 总理 北京 友好", "王五出席 古巴 国家 总理 北京 友好 论坛", 1),
        (
            "古巴 论坛 会议 在京 通过 宣言",
            "古巴 论坛 会议 在京 通过 宣言 " + "民生 预算 讨论 代表 计划 农村 交通",
            0,
        ),
        ("古巴 博览会 今年 北京 开幕", "古巴 博览会 今年 北京 闭幕", 1),
    ],
)
def test_the_title_stands_for_the_event(con: Con, first: str, second: str, shown: int) -> None:
    """A line has the title whose words most reports have, of equal ones the latest, but not an
    earlier toll, an announcement, preparations, a reception or a further stage.
    """
    publish(con, 1, 2, first), publish(con, 1, 1, second)
    assert lines(con, "event", "text", "report_count") == [((first, second)[shown], 2)]


@pytest.mark.parametrize(
    ("title", "ago", "count"),
    [
        ("甲军 称 打击 目标 乙 称 击退 进攻", 1, 2),
        ("甲称 打击 目标 乙称 击退 进攻", 1, 1),
        ("甲称 打击 目标 乙称 击退 进攻", 0, 2),
        ("博览会 今天 举行 多场 活动", 1, 1),
        ("三家 医院 发布 病例 情况", 6, 2),
        ("三家 医院 发布 病例 情况", 7, 1),
        ("三家 医院 发布 病例 情况", 9, 1),
    ],
)
def test_daily_and_weekly_reports_are_apart(con: Con, title: str, ago: int, count: int) -> None:
    """Claims, and two titles' "today", of two days are no event, nor reports a week apart."""
    publish(con, 1, ago, title + " 一"), publish(con, 1, 0, title + " 二")
    publish(con, 1, 3, "Other report of the event")
    assert lines(con, "event", "report_count")[0] == (count,)


@pytest.mark.parametrize("ago", [0, 1])
def test_two_statistics_are_apart(con: Con, ago: int) -> None:
    """Titles of one day with other figures are two occasions, and percentages on any day."""
    for day, figure in ((ago, 35), (0, 12)):
        title = f"Turnover in trade fell by {figure} % in {figure + 40} shops this year"
        publish(con, 1, day, title)
    assert lines(con, "event", "report_count") == [(1,)]


def test_a_release_is_covered_in_half_of_its_languages(con: Con) -> None:
    """A text in three languages of which one resembles the title is another occasion."""
    same, other = uuid.UUID(int=91), uuid.UUID(int=92)
    words = {"en": "audit board", "de": "Stelle Heime", "fr": "cour foyers"}
    for language, name in words.items():
        row = {"publisher_id": "gov", "language": language}
        publish(con, 1, 0, f"{name} report {language} one two", story_id=same, **row)
        title = f"{name} report {language} one six" if language == "en" else f"{language} x y z"
        publish(con, 1, 0, title, story_id=other, **row)
    assert lines(con, "event", "report_count") == [(1,)]


def test_a_text_is_the_title_in_all_languages(con: Con) -> None:
    """Of two statistics, that whose versions cover most is the title; the other counts nowhere."""
    titles = {
        "en": ("en trade fell 35 %", "en services fell 12 %"),
        "de": ("mehr Handel", "de fell 12 %", "de fell 9 %"),
    }
    for language, pair in titles.items():
        for ago, title in enumerate(pair):
            row = {"publisher_id": "gov", "language": language, "story_id": uuid.UUID(int=91 + ago)}
            publish(con, 1, ago, title, **row)
    assert lines(con, "event", "text", "report_count") == [("en services fell 12 %", 1)]


def test_series_are_no_events(con: Con) -> None:
    """Reports of a daily or numbered series are no event; those of an occasion in brackets are."""
    for day in range(5):
        publish(con, 1, day, f"【在田野上】第{day}村秋收")
        publish(con, 2, day, f"中国经济观察{'①②③④⑤'[day]}")
        for text in ("开幕", "夺金"):
            publish(con, 3, day, f"【运动会】北京 青年 少年 全国 {day} {text}")
    con.execute("delete from marts.article_themes")
    assert lines(con, "event", "event_id", "report_count") == [(uuid.UUID(int=3), 10)]


@pytest.mark.parametrize(("count", "themes"), [(3, ["zoos", "belt"]), (4, ["zoos"])])
def test_the_theme_with_most_mentions_is_first(con: Con, count: int, themes: list[str]) -> None:
    """Of themes with as many reports, the one that they mention most is named first, and only those
    mentioned at least a third as often are named.
    """
    con.execute("insert into ref.themes (theme_id, parent_id) values ('zoos', 'area')")
    article = publish(con, 1, 0, "A new zoo on the road")
    con.execute(
        "insert into marts.article_themes values (?, 'zoos', true, 1, 1, ?)", [article, count]
    )
    assert lines(con, "event", "themes") == [(themes,)]


def test_events_with_policy_precede(con: Con) -> None:
    """Of events with as many reports, one with a theme and a listed person or body in the title is
    first, then those with one of these, and a sports event is last.
    """
    con.execute("insert into ref.bodies values ('NATO', 'zh', null, ['北大西洋公约组织'])")
    titles = ["锦标赛夺得金牌", "水稻收割开始了", "北大西洋公约组织开会", "李娜会见各国客人"]
    for ago in (2, 1):
        for number, title in enumerate(titles):
            values = {"kind": None if number else "sports_event", "lead_count": int(number == 3)}
            publish(con, number, ago, f"{title} {ago}", **values)
    assert [text[:-2] for text in texts(con)] == titles[::-1]


def test_a_listed_name_outweighs_twice_the_length(con: Con) -> None:
    """Of reports that are alone, one with a listed person in the title precedes a longer one."""
    publish(con, 1, 1, "Short report", words=100), publish(con, 2, 1, "李娜 speaks", words=50)
    con.execute("delete from marts.article_themes")
    assert texts(con) == ["李娜 speaks", "Short report"]


def test_long_reports_of_the_last_days_follow_events(con: Con) -> None:
    """Behind the events with several reports, six of the last three days with one are listed:
    the four with the longest texts, compared with their outlet, in all versions, then two whose
    titles say most, first of those with a theme or a listed person or body.
    """
    for ago in (6, 5):
        publish(con, 1, ago, f"A flood in the valley {ago + 90}")
    for number in range(2, 9):
        publish(con, number, 2, f"Report {number}", words=100 + number)
    publish(con, 9, 3, "Old", words=900)
    publish(con, 11, 1, "Short report with many other rare words", words=9)
    publish(con, 12, 1, "李娜 will visit", words=9)
    story = uuid.UUID(int=98)
    for language in ("en", "de"):
        publish(con, 10, 0, "Release", publisher_id="gov", language=language, story_id=story)
    con.execute("delete from marts.article_themes")
    expected = ["A flood in the valley 95", "Release", "Report 8", "Report 7", "Report 6"]
    assert texts(con) == [*expected, "李娜 will visit", "Short report with many other rare words"]


@pytest.mark.parametrize(
    ("values", "is_shown"),
    [
        ({}, True),
        ({"novelty": "probable"}, True),
        ({"novelty": "here"}, False),
        ({"article_count": 1}, False),
        ({"first_seen_on": LAST - dt.timedelta(28)}, False),
        ({"documented_on": LAST - dt.timedelta(28)}, False),
    ],
)
def test_only_new_phrases_are_listed(con: Con, values: dict[str, Any], is_shown: bool) -> None:
    """A phrase in one article, one that is only new here, and one that was seen or documented
    before the last 28 days are not listed. A phrase of two themes is listed once.
    """
    row = {
        "phrase": "金融强国", "language": "zh", "novelty": "certain", "article_count": 5,
        "first_seen_on": LAST - dt.timedelta(9), "documented_on": None,
    } | values  # fmt: skip
    con.execute(
        f"insert into marts.phrase_lives by name select unnest(['p1', 'p2']) as phrase_id,"
        f" {', '.join(f'${name} as {name}' for name in row)}",
        row,
    )
    assert lines(con, "new_phrase", "subject_id", "text") == [("p1", "金融强国")] * is_shown


def test_only_clear_recent_bursts_are_listed(con: Con) -> None:
    """A weak burst, an old one, one of texts that only mention the theme, and those of phrases and
    of areas are not listed.
    """
    count(con, lambda day: 5 * (day > LAST - dt.timedelta(9)))
    for series, series_id, ago, strength in (
        ("theme", "belt", 5, 20), ("theme", "belt", 2, 3), ("theme", "belt", 14, 30),
        ("phrase", "belt", 5, 30), ("theme", "area", 5, 30), ("theme", "belt", 9, 30),
    ):  # fmt: skip
        row = [series, series_id, *[LAST - dt.timedelta(ago)] * 2, strength]
        con.execute("insert into measures.bursts values (?, ?, ?, ?, ?, 9, 99, false)", row)
    assert lines(con, "burst", "text", "last_on") == [("Belt and Road", LAST - dt.timedelta(5))]


@pytest.mark.parametrize(
    ("title", "values", "is_listed"),
    [
        ("Embassies celebrate a holiday", {}, False),
        ("Embassies celebrate a holiday", {"lead_count": 1}, True),
        ("Embassies celebrate a holiday", {"speaker": "Li Na"}, True),
        ("李娜 与会 古巴 论坛", {}, True),
        ("论坛 发布 《李娜 文集》", {}, False),
    ],
)
def test_events_that_are_over_concern_policy(
    con: Con, title: str, values: dict[str, Any], is_listed: bool
) -> None:
    """A small event that is over needs a theme, a speaker or a listed name in the title, but not in
    the title of a work.
    """
    for ago in range(8, 18):
        publish(con, 1, ago, f"Games in the valley {ago}", lead_count=0)
    for ago in range(7, 12):
        publish(con, 2, ago, f"{title} {ago}", **{"lead_count": 0} | values)
    counts = sorted(count for (count,) in lines(con, "event", "report_count"))
    assert counts == [5] * is_listed + [10]


@pytest.mark.parametrize(
    ("title", "is_policy"),
    [
        ("NATO: a meeting", True),
        ("Natoland opens", False),
        ("A meeting of the People's Bank, today", True),
        ("A kNATO of words", False),
        ("Type NATO-Q0 recalled", False),
    ],
)
def test_names_are_whole_words(con: Con, title: str, is_policy: bool) -> None:
    """A listed name is a whole word of the title: it may be short, but no part of another."""
    con.execute("insert into ref.bodies values ('NATO', 'en', null, ['NATO', 'People''s Bank'])")
    publish(con, 1, 0, title, language="en", lead_count=0)
    publish(con, 2, 0, "Games in the valley", language="en", lead_count=0, words=150)
    assert (texts(con)[0] == title) == is_policy


def test_an_occasion_in_brackets_names_its_event(con: Con) -> None:
    """The name in brackets with which most titles begin is shown instead of one of them; a report
    without it gives the title if they are fewer.
    """
    for number, name in enumerate("甲乙丙丁戊己庚辛"):
        publish(con, 1, 2, f"【全国青年运动会】 {name}队 夺得 金牌")
        publish(con, 2, 2, f"{name}队 代表 参加 冬季 青年 运动会 {number}")
    publish(con, 2, 2, "【冬季青年运动会】 参加 冬季 青年 运动会 圆满")
    with_name, without = sorted(texts(con), key=len)
    assert with_name == "全国青年运动会"
    assert "代表 参加 冬季 青年 运动会" in without
