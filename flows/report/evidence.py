"""The newest mentions of a theme, each phrase marked in its own sentence, cut from the text as stored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidings.flows.report.shared import NEWEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tidings.flows.report.release import Facts

REACH = 260  # characters on each side in which a sentence's ends are looked for
_END = re.compile(r"[。！？]+[”’」』]?|[.!?…]+[\"'”’»)\]]*(?=\s)|\n\s*\n")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A mention in its sentence: the words before, the phrase, the words after. ``more_count`` mentions stand beside it."""

    article_id: str
    title: str
    url: str
    outlet: str
    publisher_id: str
    published_on: str
    language: str
    phrase: str
    field: str
    before: str
    marked: str
    after: str
    more_count: int


def cut_sentence(text: str, start: int, end: int) -> tuple[str, str, str]:
    """Return the words before, the phrase and the words after, of the sentence that holds text[start:end].

    A sentence longer than 260 characters on a side is cut there, with an ellipsis; white space becomes single blanks.
    """
    near = max(0, start - REACH)
    left, right = text[near:start], text[end : end + REACH]
    ends = list(_END.finditer(left))
    if ends:
        left = left[ends[-1].end() :]
    elif near:
        left = "…" + left.partition(" ")[2] if " " in left[:40] else "…" + left
    stop = _END.search(right)
    if stop:
        right = right[: stop.end()]
    elif end + REACH < len(text):
        right = right.rsplit(" ", 1)[0] + "…" if " " in right[-40:] else right + "…"
    lead, tail = _one_line(left), _one_line(right)
    return (
        lead.lstrip(),
        _one_line(text[start:end]),
        tail.rstrip(),
    )


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def read_evidence(con: duckdb.DuckDBPyConnection, facts: Facts, wanted: Sequence[str]) -> dict[str, list[Evidence]]:
    """Return by theme its newest mentions, at most twenty, one an article; the title's own hit last.

    Where the release leaves body texts out, the mention's snippet stands in for the sentence, unmarked.
    """
    body = "a.body_text" if facts.has("core.articles", "body_text") else "null"
    found = con.execute(
        f"""
        with newest as (
            select * from report_newest where theme_id in $wanted
            qualify row_number() over (partition by theme_id order by published_on desc, article_id) <= {NEWEST}
        )
        select n.theme_id, n.article_id::varchar, a.title, a.url, coalesce(p.name, a.publisher_id), a.publisher_id,
            n.published_on, coalesce(a.language, ''), coalesce(w.phrase, ''), n.field,
            case when n.field = 'title' then a.title else {body} end, n.start_offset, n.end_offset, n.snippet, n.more_count
        from newest as n inner join core.articles as a on n.article_id = a.article_id and n.published_on = a.published_on
        left join ref.publishers as p on a.publisher_id = p.publisher_id
        left join ref.theme_phrases as w on n.phrase_id = w.phrase_id
        order by n.theme_id, n.published_on desc, a.publisher_id, n.article_id
        """,
        {"wanted": list(wanted)},
    )
    grouped: dict[str, list[Evidence]] = {}
    while batch := found.fetchmany(2000):
        for row in batch:
            grouped.setdefault(row[0], []).append(_evidence(row))
    return grouped


def _evidence(row: Sequence[Any]) -> Evidence:
    _, article_id, title, url, outlet, publisher_id, day, language, phrase, field, text, start, end, snippet, more = row
    is_there = text is not None and end <= len(text)
    parts = cut_sentence(text, start, end) if is_there else (_one_line(snippet or ""), "", "")
    return Evidence(
        article_id, title or "", url, outlet, publisher_id, day.isoformat(), language, phrase, field, *parts, more_count=more
    )
