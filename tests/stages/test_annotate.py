"""The stage ``annotate`` finds the rows of new and changed articles, and of no others."""

import datetime as dt
from typing import Any

import pytest

from tests.transforms.conftest import TinyLake, annotate_here, phrase_row
from tidings.annotation.annotate import KINDS
from tidings.annotation.matching import Matcher
from tidings.base.guarded_pool import Failure
from tidings.fetch.window import Window
from tidings.stages import annotate
from tidings.stages.annotate import Annotated, annotate_articles

TODAY = dt.date(2023, 9, 10)
BODY = (
    "Claire Moreau said that factory robots will help each and every one of those who live"
    " along the wide river and who wait for the new harbour that the council wants to build"
    " before the end of next year."
)
TABLES = ("articles", *KINDS)


@pytest.fixture
def spoken(lake: TinyLake) -> TinyLake:
    """A lake with a speaker and three articles that were not annotated."""
    lake.insert(
        "ref.speakers", person_id="moreau", language="en", name="Claire Moreau", office="premier"
    )
    lake.insert("ref.speech_verbs", language="en", form="said", lemma="say", pattern="verb")
    for day in (1, 2, 3):
        lake.add_article(f"daily-{day}", "daily", f"2023-09-0{day}", f"Text {day}", BODY)
    return lake


def run(lake: TinyLake, apply: Any = annotate_here, **more: Any) -> Annotated:
    """Annotate the articles of a lake, by default in this process."""
    return annotate_articles(lake.con, apply, TODAY, **more)


def held(lake: TinyLake) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of the annotations."""
    return {table: lake.rows(f"from annotations.{table} order by all") for table in TABLES}


def test_new_articles_have_rows_of_each_kind(spoken: TinyLake) -> None:
    """The rows repeat what the models need of the article, and the next run writes nothing."""
    annotated = run(spoken)
    assert annotated.outcomes == {"ok": 3}
    assert annotated.older == 0
    found = {kind: annotated.rows[kind] > 0 for kind in ("mentions", "statements", "passages")}
    assert found == {"mentions": True, "statements": True, "passages": True}
    ((snippet, theme, publisher, day, language),) = spoken.rows(
        "select snippet, theme_id, publisher_id, published_on, language from annotations.mentions"
        " where published_on = '2023-09-02'"
    )
    assert str(snippet).startswith("Claire Moreau said that factory robots will")
    assert (theme, publisher, day, language) == ("robots", "daily", dt.date(2023, 9, 2), "en")
    before = spoken.snapshot()
    assert run(spoken).outcomes == {}
    assert spoken.snapshot() == before


def test_changed_deleted_and_excluded_articles_lose_their_rows(spoken: TinyLake) -> None:
    """Only these articles are annotated; the rows of the third stay."""
    run(spoken)
    kept = spoken.rows("from annotations.mentions where published_on = '2023-09-03'")
    spoken.add_article("daily-1", "daily", "2023-09-01", "Text 1", "Nothing of note.")
    spoken.con.execute("delete from core.articles where published_on = '2023-09-02'")
    spoken.add_article("daily-4", "daily", "2023-09-04", "Text 4", BODY, excluded_reason="round_up")
    assert run(spoken).outcomes == {"ok": 2}
    assert spoken.rows("from annotations.mentions") == kept
    outcomes = "select outcome, count(*) from annotations.articles group by all order by all"
    assert spoken.rows(outcomes) == [("excluded", 1), ("ok", 2)]


def test_a_new_phrase_changes_only_the_articles_that_contain_it(spoken: TinyLake) -> None:
    """Their mentions are found again, with the same rows as if all articles were annotated."""
    spoken.add_article("daily-4", "daily", "2023-09-04", "Text 4", "The harbour is closed.")
    run(spoken)
    states = held(spoken)["articles"]
    spoken.insert("ref.theme_phrases", phrase_row("p9", "water", "harbour is closed"))
    written: list[int] = []
    annotated = run(spoken, lambda *given: map(_noted(written), annotate_here(*given)))
    assert (annotated.rows["mentions"], len(written), sum(written)) == (1, 1, 1)
    assert held(spoken)["articles"] == states
    after = held(spoken)
    for table in TABLES:
        spoken.con.execute(f"delete from annotations.{table}")
    run(spoken)
    assert held(spoken) == after


def test_a_failed_search_for_a_new_phrase_leaves_the_article_to_a_worker(
    spoken: TinyLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is annotated like an article that contains the phrase, and the others are not."""
    run(spoken)
    spoken.insert("ref.theme_phrases", phrase_row("p9", "water", "harbour is closed"))
    search = Matcher.contains_phrase

    def fail(self: Matcher, text: str, language: str | None) -> bool:
        if text == "Text 2":
            raise MemoryError
        return search(self, text, language)

    monkeypatch.setattr(Matcher, "contains_phrase", fail)
    assert run(spoken).outcomes == {"ok": 1}


def _noted(written: list[int]) -> Any:
    def note(result: Any) -> Any:
        written.append(len(result))
        return result

    return note


def test_changed_rules_are_counted_and_applied_on_request(spoken: TinyLake) -> None:
    """A new person changes no stored row until a retag, which covers the days of its window."""
    run(spoken)
    before = held(spoken)["statements"]
    spoken.insert("ref.speech_verbs", {"language": "en", "form": "says", "lemma": "say"})
    spoken.con.execute("update ref.speakers set office = 'mayor'")
    spoken.add_article("daily-5", "daily", "2023-09-05", "Text 5", BODY)
    annotated = run(spoken)
    assert (annotated.outcomes, annotated.older) == ({"ok": 1}, 3)
    assert [row for row in held(spoken)["statements"] if row in before] == before
    window = Window(dt.date(2023, 9, 2), dt.date(2023, 9, 3))
    retagged = run(spoken, retagged=window)
    assert (retagged.outcomes, retagged.older) == ({"ok": 2}, 1)
    offices = "select published_on, office from annotations.statements order by all"
    assert [office for _, office in spoken.rows(offices)] == ["premier", "mayor", "mayor", "mayor"]


def test_sequences_of_articles_before_the_searched_days_are_never_older(
    spoken: TinyLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A retag would not search them again, so a night does not ask for one."""
    run(spoken)
    spoken.insert("ref.evidence_words", {"language": "en", "word": "plan", "kind": "head_noun"})
    assert run(spoken).older == 3
    monkeypatch.setattr("tests.stages.test_annotate.TODAY", TODAY + dt.timedelta(393 - 8))
    assert run(spoken).older == 1


def test_a_text_beyond_its_limits_has_a_named_outcome(spoken: TinyLake) -> None:
    """The other articles have their rows, and the next run does not try the text again."""

    def apply(*given: Any) -> Any:
        for number, result in enumerate(annotate_here(*given)):
            yield Failure("timed_out", "It took too long.") if number == 1 else result

    assert run(spoken, apply).outcomes == {"ok": 2, "timed_out": 1}
    assert len(spoken.rows("select distinct article_id from annotations.mentions")) == 2
    assert run(spoken).outcomes == {}


def test_an_interrupted_run_is_finished_by_the_next(
    spoken: TinyLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Committed batches stay, and after the next run all rows are as without the interruption."""
    monkeypatch.setattr(annotate, "BATCH", 2)
    monkeypatch.setattr(annotate, "READ", 1)

    def end(*given: Any) -> Any:
        for number, result in enumerate(annotate_here(*given)):
            if number == 2:
                raise KeyboardInterrupt
            yield result

    with pytest.raises(KeyboardInterrupt):
        run(spoken, end)
    assert run(spoken).outcomes == {"ok": 1}
    found = held(spoken)
    for table in TABLES:
        spoken.con.execute(f"delete from annotations.{table}")
    run(spoken)
    assert held(spoken) == found
