"""Write the releases of the report's tests, an ordinary and a hostile one, and their reports."""

import datetime as dt
from pathlib import Path

import duckdb

from tests.analysis.report.small_release import (
    FIRST,
    LAST,
    Article,
    compare_shares,
    insert_lives,
    insert_problems,
    write_release,
)
from tidings.analysis.report import ReportResult, write_report

WATER, GRAIN = ("water", "p_water", "clean water"), ("grain", "p_grain", "粮食安全")
HOSTILE = [
    "<script>document.title = 'pwned'</script>",
    '"><img src=x onerror="document.title=\'pwned\'">',
    "</script><script>document.title='pwned'</script><!--",
    '=HYPERLINK("https://evil.example")',
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "\u202eright to left \u2067and back",
    "long " * 400,
]

_ordinary: list[bytes] = []  # writing a release takes a second, so tests copy it


def write_ordinary_release(path: Path) -> Path:
    """Write a release of twelve weeks and return its path.

    Clean water is steady, food security appears in the last three weeks, and the gazette has a gap
    of one week.
    """
    if not _ordinary:
        _ordinary.append(_write_ordinary(path).read_bytes())
    path.write_bytes(_ordinary[0])
    return path


def _write_ordinary(path: Path) -> Path:
    articles = []
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + dt.timedelta(days=number)
        is_water, is_grain = number % 3 == 0, number > 63
        articles.append(
            Article(
                "daily",
                day,
                f"It rained. The council wants clean water, and soon. Number {number}.",
                themes=[WATER] if is_water else [],
            )
        )
        articles.append(
            Article(
                "gazette",
                day,
                f"天气晴。会议指出，粮食安全是头等大事。第{number}号。",
                "会议",
                language="zh",
                themes=[GRAIN] if is_grain else [],
            )
        )
    gap = [dt.date(2026, 4, 6) + dt.timedelta(days=number) for number in range(7)]
    release = write_release(
        path,
        articles,
        publishers=[("daily", "The Daily"), ("gazette", "The Gazette")],
        themes=[
            ("supply", None, "Supply"),
            ("water", "supply", "Clean water"),
            ("grain", "supply", "Food security"),
            ("dust", None, "Dust"),
        ],
        phrases=[
            ("p_water", "water", "en", "clean water"),
            ("p_grain", "grain", "zh", "粮食安全"),
            ("p_dry", "dust", "en", "dust"),
        ],
        gaps=frozenset(("gazette", day) for day in gap),
    )
    with duckdb.connect(release) as con:
        insert_lives(con)
    return release


def write_hostile_release(path: Path) -> Path:
    """Write a release in which every text is an attack, and return its path."""
    phrase = "</script><b>bold</b>"
    articles = [
        Article(
            "../../evil", LAST - dt.timedelta(days=number), f"Before. {text} {phrase} after. End.",
            text,
            url="javascript:document.title='pwned'" if number % 2
            else f'https://news.example/{number}?a="><script>',
            themes=[("<i>theme</i>", "p'1", phrase)],
        )
        for number, text in enumerate(HOSTILE)
    ]  # fmt: skip
    release = write_release(
        path,
        articles,
        publishers=[("../../evil", "<script>document.title='pwned'</script>")],
        themes=[
            ("area", None, "\" onmouseover=\"document.title='pwned'"),
            ("<i>theme</i>", "area", "<svg onload=document.title='pwned'>"),
        ],
        phrases=[("p'1", "<i>theme</i>", "en", phrase)],
    )
    with duckdb.connect(release) as con:
        con.execute(
            "insert into measures.bursts values ('theme', '<i>theme</i>', ?, ?, 9.5, 7, 7, true)",
            [LAST, LAST],
        )
        con.execute(
            "insert into marts.article_events select article_id, uuid(), published_on, 1"
            " from core.articles;"
            "update marts.article_events set event_id = (select min(event_id)"
            " from marts.article_events);"
            "insert into marts.article_stories select article_id, first(article_id) over"
            " (partition by day(published_on) % 2 order by article_id), null from core.articles;"
            "insert into marts.events (event_id, title, first_on, last_on, peak_on, themes,"
            " speakers) select min(event_id), $1, min(event_day_on), max(event_day_on),"
            " max(event_day_on), [], ['<script>document.title=''pwned''</script>']"
            " from marts.article_events",
            [HOSTILE[0]],
        )
        insert_problems(con)
        con.execute(
            "update marts.outlet_breaks set publisher_id = '../../evil', accepted_reason = ?",
            [HOSTILE[0]],
        )
        con.execute(
            "update marts.revised_figures set release_id = ?, reasons = ['<b>'],"
            " theme_id = if(theme_id is null, null, '<i>theme</i>')",
            [HOSTILE[1]],
        )
        con.execute(
            "insert into marts.phrase_lives"
            " values ('p''1', '<i>theme</i>', ?, '../../evil', ?, true, 400, ?, ?, 1, 1, null, 7,"
            " '<b>', 'en', null, 'certain')",
            [LAST, articles[0].article_id, LAST, LAST],
        )
        con.execute(
            "insert into ref.first_uses values ($1, 'en', $2, true, $1, $1, 'page')",
            [phrase, LAST],
        )
        con.execute(
            "insert into marts.coverage values (?, '../../evil', '<u>', ?, 3, 2, 1, 0,"
            " 'listed_unretrievable')",
            ["</script><i>source</i>", LAST],
        )
        con.execute(
            "insert into marts.candidate_phrases values ('en', ?, 1, 2.5, 3, 0, 1, ?,"
            " '../../evil', ['<b>'], ?, ?)",
            [
                HOSTILE[0],
                LAST,
                [f"… {text} {HOSTILE[0]} …" for text in HOSTILE[:3]],
                [article.article_id for article in articles[:3]],
            ],
        )
        for kind, name in (
            ("person", "<script>document.title='pwned'</script>"),
            ("role", "<b>the minister</b>"),
        ):
            speaker = name if kind == "person" else kind
            con.execute(
                "insert into marts.statements values (?, ?, ?, ?, '<b>', ?, ['<i>theme</i>'], ?,"
                " 'en', 0)",
                [articles[1].article_id, speaker, name, kind, HOSTILE[1], articles[1].day],
            )
            con.execute(
                "insert into measures.speaker_shares_monthly"
                " values ('<i>theme</i>', $1, $2, $3, if($2 = 'person', $3, null), 3, 2, 1, 0)",
                [LAST.replace(day=1), kind, speaker],
            )
    return release


def write_files(release: Path, folder: Path, *, is_kept: bool = False) -> ReportResult:
    """Write the report of a release file into a folder."""
    with duckdb.connect(release) as con:
        compare_shares(con)
    with duckdb.connect(release, read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        return write_report(con, folder, is_kept=is_kept)
