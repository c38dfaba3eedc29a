"""The page of rights shows what publishers state, in their words."""

import shutil
from pathlib import Path

import duckdb
from lxml import html

from tests.analysis.report.sample_releases import write_files

RIGHTS = """
    create table ops.source_rights as select 'g' as feed_id, 'gazette' as publisher_id,
        'tdmrep_header' as channel, 'tdm-reservation: 1 <b>' as statement, 'reserved' as meaning,
        'https://gazette.example/1' as location, date '2026-05-01' as first_on,
        date '2026-05-09' as last_on, true as applies, true as is_obeyed
    union all select 'd', 'daily', 'robots_group', 'Disallow: / for gptbot', 'ai_only',
        'https://daily.example/robots.txt', '2026-05-02', '2026-05-09', false, false;
    create table ops.rights_modes as select timestamptz '2026-05-01 04:30:00+00' as since_at,
        'record' as mode, 'A study <i>.' as reason;
"""


def test_the_page_has_each_statement_and_how_texts_count(
    ordinary_release: Path, tmp_path: Path
) -> None:
    """Reservations come first, with the days and the effect, and strangers' words are text."""
    release = Path(shutil.copy(ordinary_release, tmp_path / "tidings.duckdb"))
    with duckdb.connect(release) as con:
        for table in ("source_rights", "rights_modes"):
            con.execute(f"drop view if exists main.{table}")
            con.execute(f"drop table if exists ops.{table}")
        con.execute(RIGHTS)
    write_files(release, tmp_path / "report")
    root = html.parse(tmp_path / "report/rights.html").getroot()
    rows = [[cell.text_content() for cell in row.iter("th", "td")] for row in root.iter("tr")]
    reserved, ai_only = rows[1:]
    assert [reserved[1], reserved[2], reserved[6]] == [
        "reserved",
        "tdm-reservation: 1 <b>",
        "title and summary",
    ]
    assert [ai_only[1], ai_only[2], ai_only[6]] == [
        "ai_only",
        "Disallow: / for gptbot",
        "full text",
    ]
    assert "Reason: A study <i>." in root.find_class("lead")[0].getparent().text_content()
