"""Write a sheet for reviewers: what a release measures, and the evidence.

The parts are those of ValiText (Birkenmaier, Wagner and Lechner 2024, arXiv 2307.02863), the
questions our wording for word lists. Each answer is a query of the release.
"""

import contextlib
import csv
import io
from collections.abc import Iterable
from typing import Any, NamedTuple

from tidings.analysis.agreement import measure_agreement
from tidings.analysis.answers import Row, has_table, read_rows
from tidings.analysis.inputs import InputError
from tidings.analysis.report.release import Facts
from tidings.analysis.report.render import render
from tidings.storage.lake import Connection

NAMES = ("validation.html", "validation.csv")


class Question(NamedTuple):
    """A question, the query of values, the sentence with them, and the next step without any."""

    part: str
    text: str
    table: str
    sql: str
    answer: str
    otherwise: str = "The release has none."


_SUBSTANTIVE, _STRUCTURAL, _EXTERNAL = (
    f"{name} evidence" for name in ("Substantive", "Structural", "External")
)
QUESTIONS = (
    Question(
        _SUBSTANTIVE, "Which construct is measured, and where is it defined?", "ref.themes",
        "select count(*), count(definition), count(source) from ref.themes",
        "{} themes; {} have a definition and {} a source. The table below lists those of the"
        " plans and codings.",
    ),
    Question(
        _SUBSTANTIVE, "Was the question fixed before anybody coded?", "ref.coding_plans",
        "select count(*), string_agg(concat(plan_id, ' of ', strftime(drawn_at at time zone 'UTC',"
        " '%Y-%m-%d %H:%M UTC'), ': ', coalesce(question, 'no question'), ' (', size,"
        " ' articles)'), '; ' order by drawn_at), count(*) filter (coded_at < drawn_at)"
        " from ref.coding_plans left join (select plan_id, min(coded_at) as coded_at"
        " from ref.codings group by plan_id) using (plan_id)",
        "Frozen plans: {}. {}. Plans with codings that are older: {}.",
        "Draw the articles with tidings code plan.",
    ),
    Question(
        _SUBSTANTIVE, "Which texts does the sample contain, and which are left out?",
        "core.articles",
        "select count(*) filter (excluded_reason is null), count(distinct publisher_id),"
        " min(published_on), max(published_on), count(excluded_reason) from core.articles",
        "{} articles from {} outlets, {} to {}; {} pages are excluded with a reason.",
    ),
    Question(
        _SUBSTANTIVE, "How does the program decide that a text is about the construct?",
        "ref.theme_phrases",
        "select count(*), count(distinct language), count(reviewed_by),"
        " (select arg_max(lexicon_version, snapshot_id) from ops.releases) from ref.theme_phrases",
        "{} phrases in {} languages, {} of them reviewed by a named person; word list {}. The"
        " method page states the rule.",
    ),
    Question(
        _STRUCTURAL, "Are days missing from the collection?", "marts.outlet_daily",
        "select count(*), count(*) filter (is_gap), round(avg(covered_share), 3)"
        " from marts.outlet_daily",
        "{} days of outlets, {} of them gaps, whose shares are null; mean covered share {}.",
    ),
    Question(
        _STRUCTURAL, "Did outlets join, leave or change, so that a change is not one of content?",
        "marts.outlet_breaks",
        "select count(*) + 1, count(*), count(*) filter (state = 'open')"
        " from marts.outlet_breaks",
        "Breaks: {1}, of them open: {2}. share_change compares only outlets that were covered in"
        " both periods.",
    ),
    Question(
        _STRUCTURAL, "Does the word list find the same part of the articles in each period?",
        "measures.theme_quality",
        "select count(*) filter (is_recall_stable is not null), count(*) filter (not"
        " is_recall_stable), string_agg(distinct concat(theme_id, ' ', period), ', ') filter"
        " (where not is_recall_stable) from measures.theme_quality where language = 'all'",
        "{} comparisons of a quarter with the others; recall differs in {}: {}.",
        "Code at least ten articles of a theme in each of two quarters.",
    ),
    Question(
        _STRUCTURAL, "Did the release pass its data tests?", "ops.releases",
        "select audit_passed, coalesce(audit_warned, 0), coalesce(accepted_loss, 'none')"
        " from ops.releases order by snapshot_id desc limit 1",
        "{} tests passed, {} warnings; accepted losses: {}.",
        "Run tidings release.",
    ),
    Question(
        _STRUCTURAL, "How many texts may be extracted wrongly?", "measures.extraction_daily",
        "select round(sum(estimated_count)), round(sum(expected_wrong_count), 1),"
        " round(sum(low_count)) from measures.extraction_daily",
        "Of {} estimated texts, {} are expected to be wrong; {} have a low confidence.",
        "Reprocess the pages to estimate the confidence.",
    ),
    Question(
        _EXTERNAL, "Who read how many articles without seeing the results?", "ref.codings",
        "select count(distinct article_id), count(distinct coder), (select count(*) from (select"
        " article_id from ref.codings group by 1 having count(distinct coder) > 1)),"
        " count(distinct article_id) filter (weight is not null) from ref.codings",
        "{} articles by {} coders, {} of them by two or more; {} have a known probability of"
        " selection.",
        "Code articles: tidings code plan.",
    ),
    Question(
        _EXTERNAL, "Do other programs agree?", "ref.outside_labels",
        "select count(*), count(distinct article_id), string_agg(distinct concat_ws(' ', model,"
        " version), ', ') from ref.outside_labels",
        "{} labels of {} articles by {}. They divide articles into groups and are never truth.",
        "Optional: tidings code outside.",
    ),
    Question(
        _EXTERNAL, "Does the share move with other measures of the construct?",
        "measures.comparison_agreement",
        "select count(*), string_agg(concat(theme_id, ' with ', series_id, ': ', round(spearman, 2)"
        " ), '; ' order by theme_id, series_id) from measures.comparison_agreement",
        "{} comparisons, Spearman's correlation: {}.",
        "Add a series of another program: tidings compare add.",
    ),
)  # fmt: skip
_THEMES = """
with wanted as (
    select unnest(theme_ids) as theme_id from ref.coding_plans
    union select theme_id from ref.codings where theme_id is not null
)
select
    theme_id, label_en as label, definition, coded_count, true_count, recall, recall_low,
    recall_high, precision, precision_low, precision_high,
    corrected_months, unnest(last_month)
from wanted join ref.themes using (theme_id)
left join (
    from measures.theme_quality where language = 'all' and period = 'all' and measure = 'about'
) using (theme_id)
left join (
    select theme_id, count(share_corrected) as corrected_months,
        arg_max(struct_pack(month := month_start_on, about_share, share_corrected,
            share_corrected_low, share_corrected_high, pooled_weight, outside_gain,
            assumes_perfect_coding),
            month_start_on) filter (share_corrected is not null) as last_month
    from marts.theme_monthly group by theme_id
) as months using (theme_id)
order by theme_id
"""


def validation_files(con: Connection, facts: Facts) -> dict[str, str]:
    """Return the sheet's HTML and CSV, by name."""
    answers = [_answer(con, question) for question in QUESTIONS]
    agreement = _read_agreement(con)
    texts = [
        f"{name}: Krippendorff's alpha {_number(row['alpha'])} ({_number(row['alpha_low'])} to"
        f" {_number(row['alpha_high'])}) in {row['article_count']} articles"
        for name in ("all areas", "all themes")
        if (row := agreement.get(name))
    ]
    answers.insert(-2, {
        "part": _EXTERNAL,
        "question": "Do two people who read the same article agree?",
        "answer": "; ".join(texts)
        or "No data. Let a second person code: tidings code label --second.",
        "source": "ref.codings",
        "is_open": not texts,
    })  # fmt: skip
    rows = read_rows(con, _THEMES) if has_table(con, "ref.coding_plans") else []
    themes = [row | {"alpha": agreement.get(row["theme_id"], {}).get("alpha")} for row in rows]
    page = render("validation.html", facts=facts, answers=answers, themes=themes, number=_number)
    return dict(zip(NAMES, (page, _write_csv(answers, themes)), strict=True))


def _answer(con: Connection, question: Question) -> Row:
    known = has_table(con, question.table)
    values = con.execute(question.sql).fetchall()[0] if known else (None,)
    shown = ["none" if value is None else value for value in values]
    return {
        "part": question.part,
        "question": question.text,
        "answer": question.answer.format(*shown) if values[0] else f"No data. {question.otherwise}",
        "source": question.table,
        "is_open": not values[0],
    }


def _read_agreement(con: Connection) -> dict[str, Row]:
    """Return the agreement of coders about main themes, by theme."""
    if not has_table(con, "ref.codings"):
        return {}
    with contextlib.suppress(InputError):
        found = measure_agreement(con, "ref.codings", "ref.themes").filter("measure = 'about'")
        return {row[1]: dict(zip(found.columns, row, strict=True)) for row in found.fetchall()}
    return {}


def _number(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    return "–" if value is None else str(value)


def _write_csv(answers: Iterable[Row], themes: Iterable[Row]) -> str:
    """Return a row per question, and per theme and figure."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("part", "question", "theme_id", "answer", "source", "state"))
    for row in answers:
        state = "open" if row["is_open"] else "answered"
        writer.writerow((row["part"], row["question"], "", row["answer"], row["source"], state))
    for theme in themes:
        for name, value in theme.items():
            if name != "theme_id":
                state = "open" if value is None else "answered"
                writer.writerow(("Figures", name, theme["theme_id"], value, "", state))
    return out.getvalue()
