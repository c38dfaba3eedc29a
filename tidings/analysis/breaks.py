"""State in sentences when an outlet's data differ from its own past (``marts.outlet_breaks``)."""

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

from tidings.analysis.answers import Row, ask, has_table
from tidings.storage.lake import Connection

# What happened, with the expected and the observed value, and what a user can do.
_TEXTS = {
    "joined": ("The outlet joined.", "Compare the same outlets: `panel_share`, `share_change`."),
    "moved": (
        "Pages or feed have another host or another form of URL.",
        "`tidings feeds check` shows where the feed is; articles known at both count once.",
    ),
    "left": ("All sources of the outlet are disabled.", "Compare the same outlets."),
    "silent": ("The outlet published nothing.", "`tidings feeds check` reads its sources."),
    "volume_up": (
        "{observed:.1f} articles a day instead of {expected:.1f}.",
        "Read some: copies of an agency count as articles, and once as a story.",
    ),
    "volume_down": (
        "{observed:.1f} articles a day instead of {expected:.1f}.",
        "`tidings feeds check` reads its sources.",
    ),
    "texts_reserved": (
        "The outlet reserves text and data mining: title and summary count, not the full text.",
        "`source_rights` has its words; a theme is found less often in less text.",
    ),
    "section_missing": (
        "A section with about {expected:.0%} of the articles has none.",
        "Check whether the publisher closed it; the feed may no longer list it.",
    ),
}
# What is true of a share of the texts, articles or pages.
_SHARES = {
    "texts_shorter": (
        "of the texts are far shorter than usual",
        "`tidings extract --explain URL` shows what is read on a page.",
    ),
    "language_changed": (
        "of the texts are in another language",
        "Check the feed; a word list counts only its language.",
    ),
    "late_arrivals": (
        "of the articles arrived more than a week late",
        "`revised_figures` has the figures that changed.",
    ),
    "paragraphs_repeated": (
        "of the articles have a paragraph of many pages",
        "Its words are not counted; `articles.repeated_paragraphs` has its place.",
    ),
    "dates_doubtful": (
        "of the articles have no usable date",
        "They count on the day on which they were first seen.",
    ),
    "texts_doubtful": (
        "of the texts are probably extracted badly",
        "`tidings status` names a page; the publisher may have a new template.",
    ),
    "texts_republished": (
        "of the articles had been published before",
        "Only the first counts; a link may have a new number at each visit.",
    ),
    "no_articles": (
        "of the pages show no article",
        "`articles.excluded_reason` states why; a login or consent may be needed.",
    ),
    "pages_failing": (
        "of the listed pages could not be obtained",
        "`coverage.failures` names the errors.",
    ),
}
_TEXTS |= {
    kind: (f"{{observed:.0%}} {what}, instead of {{expected:.0%}}.", action)
    for kind, (what, action) in _SHARES.items()
}
BREAKS = """
select
    breaks.publisher_id, coalesce(publishers.name, breaks.publisher_id) as name, breaks.kind,
    breaks.first_on, breaks.last_on, breaks.expected_value, breaks.observed_value,
    breaks.state, breaks.accepted_reason
from marts.outlet_breaks as breaks
left join ref.publishers as publishers on breaks.publisher_id = publishers.publisher_id
order by breaks.first_on desc, 2, breaks.kind
"""


class Break(NamedTuple):
    """A time in which an outlet's data differ from its own past: ``what`` in a sentence, and what a
    user can do. ``state`` is open, ended or accepted (with a reason).
    """

    publisher_id: str
    name: str
    kind: str
    first_on: dt.date
    last_on: dt.date
    what: str
    action: str
    state: str
    accepted_reason: str | None

    def __str__(self) -> str:
        """The outlet, the days and the sentence."""
        return f"{self.name}, {self.first_on} to {self.last_on}: {self.what}"


def read_breaks(con: Connection, states: Collection[str] = ("open",)) -> list[Break]:
    """Return the breaks with one of these states, the newest first; none in an older release."""
    rows = ask(con, BREAKS).rows if has_table(con, "marts.outlet_breaks") else []
    return [_describe(row) for row in rows if row["state"] in states]


def _describe(row: Row) -> Break:
    values = {"expected": row.pop("expected_value"), "observed": row.pop("observed_value")}
    what, action = _TEXTS[row["kind"]]
    return Break(what=what.format(**values), action=action, **row)
