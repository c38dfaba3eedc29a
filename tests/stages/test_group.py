"""The stage ``group`` computes the rows that a change affects, and no others."""

import datetime as dt
import random
import uuid

import pytest

from tests.transforms.conftest import TinyLake, annotate_here, copies_of
from tidings.extraction.measures import minhash
from tidings.stages import candidates, events, stories
from tidings.stages.annotate import annotate_articles
from tidings.stages.group import Grouped, group_articles
from tidings.storage.forget import forget
from tidings.storage.lake import open_lake
from tidings.storage.writer_lock import writer_lock

RNG = random.Random(8)
WORDS = ["".join(RNG.choices("bdfglmnprst", k=3)) + RNG.choice("aeiou") for _ in range(2000)]
PASSAGE, OTHER = (" ".join(RNG.choices(WORDS, k=60)) for _ in range(2))
TABLES = (
    *("grouped", "story_links", "version_links", "stories", "reuse", "event_days", "event_words"),
    *("event_groups", "article_events", "candidates", "candidate_articles"),
)
TITLE = "Dam at Korrin bursts after heavy rain"


def add(lake: TinyLake, key: str, day: str, text: str = PASSAGE, **more: object) -> uuid.UUID:
    """Add an article of a publisher that its key names, and annotate it."""
    publisher = key.split("-", maxsplit=1)[0]
    more = {"signature": minhash(text), "published_at": f"{day} 08:00:00+00", **more}
    return lake.add_article(key, publisher, day, TITLE, text, **more)


def run(lake: TinyLake) -> Grouped:
    """Annotate and group the articles."""
    with open_lake(lake.lake) as con:
        annotate_articles(con, annotate_here, lake.as_of.date())
        return group_articles(con, lake.as_of)


def rows(lake: TinyLake) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of the groups."""
    return {table: lake.rows(f"from annotations.{table} order by all") for table in TABLES}


def rows_of_whole_run(lake: TinyLake) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows that a first run writes."""
    for table in (*TABLES, "candidate_inputs"):
        lake.con.execute(f"delete from annotations.{table}")
    run(lake)
    return rows(lake)


def add_groups(lake: TinyLake) -> None:
    """Add a story of two outlets, another article, and one of July."""
    with lake.at_once():
        add(lake, "gazette-1", "2023-09-02")
        add(lake, "daily-1", "2023-09-03", f"{PASSAGE} {' '.join(WORDS[:20])}")
        add(lake, "daily-2", "2023-09-04", OTHER)
        add(lake, "daily-3", "2023-07-15", " ".join(WORDS[100:180]))
    run(lake)


grouped = copies_of(add_groups)


def test_new_articles_are_grouped_and_a_repeated_run_writes_nothing(grouped: TinyLake) -> None:
    """Each table has its rows, and without a change the lake has no new snapshot."""
    found = {table: len(held) for table, held in rows(grouped).items()}
    assert found["story_links"] == found["reuse"] == 1
    assert found["stories"] == found["article_events"] == found["grouped"] == 4
    assert grouped.rows("select count(distinct story_id) from annotations.stories") == [(3,)]
    assert grouped.rows("select month_start_on, term from annotations.event_words") == [
        (dt.date(2023, 7, 1), 0)
    ]
    before = grouped.snapshot()
    assert run(grouped) == Grouped(0, 0, has_candidates=False)
    assert grouped.snapshot() == before


def test_late_corrected_and_future_articles_have_the_rows_of_a_first_run(
    grouped: TinyLake,
) -> None:
    """A late article is the first of its story and event until it is deleted. A corrected one
    leaves its story, whose links and passages are found again. One with a future date has no event
    before its day begins.
    """
    late = add(grouped, "daily-0", "2023-09-01")
    future = add(grouped, "daily-5", "2023-09-12")
    assert run(grouped).stories > 0
    for table, name in (("stories", "story_id"), ("article_events", "event_id")):
        query = f"select count(*) from annotations.{table} where {name} = '{late}'"
        assert grouped.rows(query)[0][0] in {3, 4}
    grouped.con.execute(f"delete from core.articles where article_id = '{late}'")
    add(grouped, "daily-1", "2023-09-05", " ".join(WORDS[300:400]))
    assert run(grouped).days > 0
    found = rows(grouped)
    assert str(late) not in str(found)
    assert len(found["stories"]) == len(found["article_events"]) + 1 == 5
    assert run(grouped).days == 0
    grouped.as_of = dt.datetime(2023, 9, 11, 10, tzinfo=dt.UTC)
    assert run(grouped).days == 1
    found = rows(grouped)
    assert str(future) in str(found["article_events"])
    assert rows_of_whole_run(grouped) == found


def test_a_forgotten_article_leaves_all_tables(grouped: TinyLake) -> None:
    """Its story takes the ID of another article, and its day is grouped again, although the lake's
    files do not contain the article any more.
    """
    gone = add(grouped, "gazette-0", "2023-09-01")
    run(grouped)
    with writer_lock(grouped.lake):
        forget(grouped.lake, ["http://outlet.example/gazette-0"], grouped.as_of)
    run(grouped)
    found = rows(grouped)
    assert str(gone) not in str(found)
    assert len(found["stories"]) == 4
    assert rows_of_whole_run(grouped) == found


def test_words_of_a_past_month_change_later_days(grouped: TinyLake) -> None:
    """A late July article changes September's background, counted when over, as in a first run."""
    before = rows(grouped)
    add(grouped, "gazette-9", "2023-07-20", OTHER)
    assert run(grouped).days > 1
    assert rows(grouped)["event_groups"] != before["event_groups"]
    grouped.as_of += dt.timedelta(days=30)
    run(grouped)
    found = rows(grouped)
    months = grouped.rows("select distinct month_start_on from annotations.event_words order by 1")
    assert months == [(dt.date(2023, 7, 1),), (dt.date(2023, 9, 1),)]
    assert rows_of_whole_run(grouped) == found


@pytest.mark.slow
def test_round_ups_join_no_event_from_the_fifth_day_on(grouped: TinyLake) -> None:
    """Articles of a day with one title and the same subject join. With the fifth day the
    title is a rubric: each article is its own event, as in a first run.
    """
    for number in range(10):
        day, text = f"2023-08-{10 + number // 2}", " ".join(RNG.sample(WORDS[:40], 40))
        signed = {"signature": minhash(text), "published_at": f"{day} 08:00:00+00"}
        grouped.add_article(f"radio-{number}", "radio", day, TITLE, text, **signed)
        if number not in {7, 9}:
            continue
        run(grouped)
        [(count,)] = grouped.rows(
            "select count(distinct event_id) from annotations.article_events"
            " inner join core.articles using (article_id) where publisher_id = 'radio'"
        )
        assert count in (range(8) if number == 7 else [10])
    found = rows(grouped)
    assert rows_of_whole_run(grouped) == found


@pytest.mark.slow
def test_the_next_run_completes_an_interrupted_one(
    grouped: TinyLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part is written whole or not at all, whichever part of the run was interrupted."""
    for number in range(4):
        text = f"The towns back the quiet corridors plan, part {number}. {PASSAGE}"
        add(grouped, f"daily-{number + 5}", f"2023-09-0{number + 5}", text)
    grouped.insert("ref.evidence_words", {"language": "en", "word": "plan", "kind": "head_noun"})
    before = rows(grouped)

    def end(*_given: object) -> None:
        raise KeyboardInterrupt

    for module, function, table in (
        (stories, "find_shared_passages", "stories"),
        (events, "track_events", "article_events"),
        (candidates, "locate", "candidates"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, function, end)
            with pytest.raises(KeyboardInterrupt):
                run(grouped)
        assert rows(grouped)[table] == before[table]
    run(grouped)
    found = rows(grouped)
    assert found["candidates"]
    assert rows_of_whole_run(grouped) == found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "tables"),
    [
        (stories, ("story_links", "version_links", "stories", "reuse")),
        (events, ("event_words", "event_groups", "article_events")),
        (candidates, ("candidate_articles",)),
    ],
)
def test_a_new_version_of_the_code_computes_its_part_whole(
    grouped: TinyLake, monkeypatch: pytest.MonkeyPatch, module: object, tables: tuple[str, ...]
) -> None:
    """Rows that differ are written again; before, the run does not look at them."""
    before = rows(grouped)
    for table in tables:
        grouped.con.execute(f"delete from annotations.{table}")
    assert run(grouped).stories == 0
    monkeypatch.setattr(module, "source_version", lambda _name: "other")
    run(grouped)
    after = rows(grouped)
    assert [after[table] for table in tables] == [before[table] for table in tables]


def test_candidates_follow_the_day_and_the_lists(grouped: TinyLake) -> None:
    """They are found again on the next day, and if a list of words changes."""
    grouped.as_of += dt.timedelta(hours=1)
    assert not run(grouped).has_candidates
    grouped.as_of += dt.timedelta(days=1)
    assert run(grouped).has_candidates
    grouped.insert("ref.evidence_words", {"language": "en", "word": "plan", "kind": "head_noun"})
    assert run(grouped).has_candidates
    assert not run(grouped).has_candidates
