"""Record what publishers state about the use of their pages, and replace the text of reserved pages
by title and summary.
"""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Mapping

from tidings.base.languages.plural import counted
from tidings.base.records import FeedEntry, RightsFile, RightsMode, Robots, SourceRight
from tidings.base.settings import Settings
from tidings.base.urls import capture_key
from tidings.fetch.rights_reader import REREAD_AFTER, RightsReader
from tidings.stages.land import Landing, text_landing
from tidings.stages.run import Run
from tidings.storage.lake import Connection
from tidings.storage.load import merge, read_last, read_records

# time without a reading of a statement within which it counts as continued
CONTINUED_FOR = REREAD_AFTER + dt.timedelta(days=10)
INHERITED = "The warehouse is older than the reading of reservations, and nobody has chosen a mode."
RECORDED = (
    "reservations of text and data mining are recorded and not obeyed ({reason})."
    " TIDINGS_RIGHTS=obey obeys them: docs/rights.md"
)


def store_mode(
    con: Connection, settings: Settings, now: dt.datetime, *, is_older: bool
) -> RightsMode:
    """Store the mode of a run if it differs from the stored one, and return it, in the caller's
    transaction. A warehouse of an earlier schema (``is_older``) starts with record, others with
    obey.
    """
    stored = read_last(con, RightsMode)
    mode = settings.rights or ("record" if is_older else "obey")
    reason = (settings.rights_reason or INHERITED) if mode == "record" else None
    if stored and (not settings.rights or (stored.mode, stored.reason) == (mode, reason)):
        return stored
    wanted = RightsMode(now, mode, reason)
    merge(con, [wanted])
    return wanted


def read_rights(con: Connection, run: Run, robots: Mapping[str, Robots]) -> RightsReader:
    """Return a reader with the stored mode, files, and statements of the last days."""
    mode, today = read_last(con, RightsMode), run.now.date()
    # not those that a run read while its clock was ahead
    rights = read_records(
        con,
        SourceRight,
        "last_on between $since and $today",
        {"since": today - CONTINUED_FOR, "today": today},
    )
    files = read_records(con, RightsFile)
    obeys = mode is None or mode.mode == "obey"
    return RightsReader(run.settings.user_agent, robots, files, rights, today, obeys=obeys)


def summary_landing(
    entry: FeedEntry, publisher_id: str | None, at: dt.datetime, why: str
) -> Landing:
    """Return the landing of an entry's summary, or else title, in place of the reserved page;
    ``why`` is a sentence.
    """
    markup = f"<p>{html.escape(entry.summary or entry.title or '')}</p>"
    landing = text_landing(str(entry.url), markup, entry, publisher_id, at, reason=why)
    return landing.with_(capture_id=capture_key(f"{entry.url}#summary", at))


LISTED = """
    with rights as (
        select publisher_id, min(first_on) as since_on, min_by(statement, first_on) as statement,
            min_by(location, first_on) as location
        from ops.source_rights
        where applies and last_on >= $day::date - 30
        group by publisher_id
    )
    select coalesce(p.name, r.publisher_id) as name, r.publisher_id, r.since_on, r.statement,
        r.location,
        (select count(*) from core.articles as a
            where a.publisher_id = r.publisher_id and a.extractor != 'summary') as text_count
    from rights as r left join ref.publishers as p using (publisher_id)
    order by r.since_on desc, 1
"""


def list_reserved(con: Connection, day: dt.date) -> dict[str, dt.date]:
    """Return a sentence for each outlet that reserves text and data mining, with the first day: the
    words, and the stored full texts.
    """
    sentences = {}
    rows = con.execute(LISTED, {"day": day}).fetchall()
    for name, publisher_id, since, words, place, texts in rows:
        stored = f"{counted(texts, 'full text')} stored: `tidings forget --outlet {publisher_id}`"
        removal = f" {stored} removes them." if texts else ""
        sentences[f"{name}: since {since}, {words} in {place}.{removal}"] = since
    return sentences
