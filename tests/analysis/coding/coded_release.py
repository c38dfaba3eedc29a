"""A small release of coded articles."""

import duckdb

from tidings.base.functions import create_functions


def coded_release(coded: int = 60, missed: int = 9) -> duckdb.DuckDBPyConnection:
    """Return a release of coded articles: a sixth about robots and found, `missed` about robots and
    missed, in two languages, all others about rain.
    """
    con = duckdb.connect()
    create_functions(con)
    con.execute("""
        create schema core; create schema marts; create schema ref;
        create table ref.themes as select 'industry' as theme_id, null::text as parent_id
        union all select 'robots', 'industry';
        create table ref.theme_phrases as
        select 'industry' as theme_id, 'factory robots' as phrase, 'include' as role;
        create table marts.article_themes (theme_id text, article_id uuid, is_about boolean);
        create table core.articles (article_id uuid, language text, title text, body_text text,
            excluded_reason text, published_on date, publisher_id text);
        create table ref.codings (article_id uuid, coder text, theme_id text, role text,
            coded_at timestamptz, weight double);
        create table marts.article_stories (article_id uuid, story_id uuid);
        create table ref.outside_labels (article_id uuid, theme_id text, score double);
    """)
    con.execute("begin transaction")
    for number in range(coded):
        key, language = f"00000000-0000-0000-0000-{number:012}", "zh" if number % 3 == 2 else "en"
        is_missed, is_found = number < missed, missed <= number < missed + coded // 6
        text = "雨水很多。" if language == "zh" else "Much rain fell on the fields."
        if is_missed:
            text = "协作机器正在工作。" if language == "zh" else "A cobot arm works in the plant."
        if is_found:
            text = "Factory robots work in the plant."
        con.execute(
            "insert into core.articles values (?, ?, 'News', ?, null, '2026-01-01', 'a')",
            [key, language, text],
        )
        theme = "robots" if is_missed or is_found else None
        role = "main" if theme else "none"
        con.execute("insert into ref.codings values (?, 'A', ?, ?, now(), 2)", [key, theme, role])
        if is_found:
            con.execute("insert into marts.article_themes values ('industry', ?, true)", [key])
    con.execute("commit")
    return con
