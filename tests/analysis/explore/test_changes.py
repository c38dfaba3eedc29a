"""Test the answer on the change of a share between two periods."""

import datetime as dt
from typing import Any

import pytest

from tests.cases import cases
from tidings.analysis.explore.changes import describe_change
from tidings.analysis.explore.database import OpenRelease
from tidings.analysis.explore.question import Question
from tidings.analysis.inputs import InputError

DAY = dt.timedelta(days=1)


def test_change_is_that_of_share_change(release: OpenRelease, ask: Any) -> None:
    """For the periods of the table share_change, each theme has its counts, change and interval."""
    table = {row["theme_id"]: row for row in release.rows("from share_change")}
    first = next(iter(table.values()))
    days = f"from={first['from_on']}&to={first['until_on']}"
    days += f"&previous_from={first['previous_from_on']}&previous_to={first['from_on'] - DAY}"
    for theme in ("food_security", "energy_transition", "digital_economy"):
        answered = ask("change", f"s=theme:{theme}&{days}")
        before = f"{first['previous_from_on']}_{first['from_on'] - DAY}"
        chosen = f"at={before}&with={first['from_on']}_{first['until_on']}"
        assert answered["url"] == f"/?s=theme:{theme}&{chosen}"
        [change] = answered["changes"]
        expected = table[theme]
        assert change["panel_hits"] == expected["panel_article_count"]
        assert change["panel_previous_total"] == expected["panel_previous_total_count"]
        for name in ("panel_change", "panel_change_low", "panel_change_high"):
            assert change[name] == pytest.approx(expected[name], abs=1e-8)


def test_both_periods_are_needed(ask: Any) -> None:
    """A question without a second period is refused."""
    with pytest.raises(InputError, match="Name both periods"):
        ask("change", "s=theme:food_security&from=2026-08-01&to=2026-08-02")


@cases(
    "is_equal, text",
    (True, "as the coded"),
    (False, "contradict"),
    (None, "too few coded articles test"),
)
def test_corrected_change_states_its_assumption(is_equal: bool | None, text: str) -> None:
    """The sentence has the change, both corrected changes, and what codings say on recall."""
    names = [f"panel_{name}" for name in ("share", "hits", "total", "outlet_count")]
    names += [f"panel_previous_{name}" for name in ("share", "hits", "total")]
    changes = ("panel_change", "change_corrected", "change_same_truth")
    row: dict[str, Any] = dict.fromkeys(names, 1) | {"is_recall_equal": is_equal}
    row |= {f"{name}{end}": 0.1 for name in changes for end in ("", "_low", "_high")}
    day = dt.date(2026, 8, 1)
    question = Question(start=day, end=day, previous_start=day - DAY, previous_end=day - DAY)
    sentence = describe_change("Ports", row, question)
    assert sentence.startswith("Ports +10.0 percentage points (95% interval +10.0 to +10.0), from")
    assert text in sentence
    assert "weighted" not in sentence
    weighted = describe_change("Ports", row | {"panel_previous_share": 0.368}, question)
    assert "from 36.8% (1 of 1 articles, 31 Jul 2026; outlets weighted with" in weighted
    assert sentence.count("percentage points") == 3
