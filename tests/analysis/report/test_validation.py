"""The sheet for reviewers answers each question from the release, or states what is missing."""

import csv
import shutil
from pathlib import Path
from typing import Any

import duckdb

from tests.analysis.coding.conftest import released  # noqa: F401 - a fixture
from tidings.analysis.report.export import export_release
from tidings.analysis.report.release import read_facts
from tidings.analysis.report.validation import NAMES, QUESTIONS, validation_files

_CODE = """
insert into ref.codings (text_hash, coder, theme_id, role, is_any, article_id, coded_at, weight)
select md5(article_id::text), coder, if(title like 'Factory%', 'industry', null),
    if(title like 'Factory%', 'main', 'none'), false, article_id, '2026-11-02 10:00:00+00',
    if(coder = 'Anna', 2, null)
from core.articles cross join (select unnest(['Anna', 'Ben<b>']) as coder)
where excluded_reason is null
"""
_PLAN = """
insert into ref.coding_plans (plan_id, question, theme_ids, size, drawn_at)
values ('f00d', 'How many <robots>?', ['industry'], 12, '2026-11-01 09:00:00+00')
"""


def test_each_question_has_an_answer_or_a_next_step(released: Any, tmp_path: Path) -> None:  # noqa: F811
    """Without codings, questions about them are open. With a plan and two coders they have answers,
    and the file shows no markup of others.
    """
    path = tmp_path / "release.duckdb"
    shutil.copy(released.release_file, path)
    with duckdb.connect(path) as con:
        con.execute("set TimeZone = 'UTC'")
        states = []
        for statement in ("select 1", _CODE + ";" + _PLAN):
            con.execute(statement)
            files = validation_files(con, read_facts(con))
            rows = list(csv.DictReader(files["validation.csv"].splitlines()))
            states.append({row["question"]: row for row in rows})
        before, after = states
        assert len(before) == len(QUESTIONS) + 1
        opened = {name for name, row in before.items() if row["state"] == "open"}
        answered = {name for name in opened if after[name]["state"] == "answered"}
        assert {name.split()[0] for name in answered} >= {"Was", "Who", "Do"}
        assert (
            "How many <robots>?" in after["Was the question fixed before anybody coded?"]["answer"]
        )
        read = "Who read how many articles without seeing the results?"
        assert after[read]["answer"].startswith("12 articles by 2 coders, 12 of them by two")
        assert "alpha 1 " in after["Do two people who read the same article agree?"]["answer"]
        figures = {row["question"]: row for row in rows if row["theme_id"] == "industry"}
        assert (figures["alpha"]["answer"], figures["recall"]["state"]) == ("1.0", "open")
        assert "<robots>" not in files["validation.html"]
        assert "&lt;robots&gt;" in files["validation.html"]
        for with_validation in (True, False):
            result = export_release(con, tmp_path / "out", with_validation=with_validation)
            assert {*NAMES} <= result.files.keys() or not with_validation
            assert (tmp_path / "out" / "validation.html").exists() == with_validation
