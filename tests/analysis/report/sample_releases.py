"""Write the releases of the report's tests, an ordinary and a hostile one, and their reports."""

import datetime as dt
from pathlib import Path
from typing import Any

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

ATTACKS = """
    insert into measures.bursts
    values ('theme', '<i>theme</i>', '{last}', '{last}', 9.5, 7, 7, true);
    insert into marts.article_events select article_id, uuid(), published_on, 1 from core.articles;
    update marts.article_events set event_id = (select min(event_id) from marts.article_events);
    insert into marts.article_stories select article_id, article_id, null from core.articles;
    insert into marts.events (event_id, title, first_on, last_on, peak_on, themes, speakers)
    select min(event_id), getvariable('attack'), min(event_day_on), max(event_day_on),
        max(event_day_on), [], ['<script>document.title=''pwned''</script>']
    from marts.article_events;
    update marts.outlet_breaks
    set publisher_id = '../../evil', accepted_reason = getvariable('attack');
    update marts.revised_figures set release_id = getvariable('other'), reasons = ['<b>'],
        theme_id = if(theme_id is null, null, '<i>theme</i>');
    set variable ids = (select list(article_id order by published_on desc) from core.articles);
    insert into marts.phrase_lives
    values ('p''1', '<i>theme</i>', '{last}', '../../evil', getvariable('ids')[1], true, 400,
        '{last}', '{last}', 1, 1, null, 7, '<b>', 'en', null, 'certain');
    insert into ref.first_uses
    select p, 'en', '{last}', true, p, p, 'page' from (select getvariable('phrase') as p);
    insert into marts.coverage
    values ('</script><i>source</i>', '../../evil', '<u>', '{last}', 3, 2, 1, 0,
        'listed_unretrievable');
    insert into marts.candidate_phrases
    select 'en', getvariable('attack'), 1, 2.5, 3, 0, 1, '{last}', '../../evil', ['<b>'],
        list('… ' || title || ' ' || getvariable('attack') || ' …'), list(article_id)
    from core.articles where list_contains(getvariable('ids')[:3], article_id);
    create temp table speakers as select * from (values
        ('person', '<script>document.title=''pwned''</script>'), ('role', '<b>the minister</b>')
    ) as speakers (kind, name);
    insert into marts.statements
    select getvariable('ids')[2], if(kind = 'person', name, kind), name, kind, null, '<b>',
        getvariable('other'), ['<i>theme</i>'], null, date '{last}' - 1, 'en', 0 from speakers;
    insert into measures.speaker_shares_monthly
    select '<i>theme</i>', date_trunc('month', date '{last}'), kind,
        if(kind = 'person', name, kind), if(kind = 'person', name, null), 3, 2, 1, 0 from speakers;
"""
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
        water, grain = [WATER] * (number % 3 == 0), [GRAIN] * (number > 63)
        body = f"It rained. The council wants clean water, and soon. Number {number}."
        articles.append(Article("daily", day, body, themes=water))
        body = f"天气晴。会议指出，粮食安全是头等大事。第{number}号。"
        articles.append(Article("gazette", day, body, "会议", language="zh", themes=grain))
    gap = [dt.date(2026, 4, 6) + dt.timedelta(days=number) for number in range(7)]
    themes: list[Any] = [("supply", None, "Supply"), ("dust", None, "Dust")]
    themes += [("water", "supply", "Clean water"), ("grain", "supply", "Food security")]
    phrases = [("p_water", "water", "en", "clean water"), ("p_dry", "dust", "en", "dust")]
    release = write_release(
        path,
        articles,
        publishers=[("daily", "The Daily"), ("gazette", "The Gazette")],
        themes=themes,
        phrases=[*phrases, ("p_grain", "grain", "zh", "粮食安全")],
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
        insert_problems(con)
        con.execute(
            f"set variable attack = $a${HOSTILE[0]}$a$; set variable other = $a${HOSTILE[1]}$a$;"
            f"set variable phrase = '{phrase}'; {ATTACKS.format(last=LAST)}"
        )
    return release


def write_files(release: Path, folder: Path, *, is_kept: bool = False) -> ReportResult:
    """Write the report of a release file into a folder."""
    with duckdb.connect(release) as con:
        compare_shares(con)
    with duckdb.connect(release, read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        return write_report(con, folder, is_kept=is_kept)
