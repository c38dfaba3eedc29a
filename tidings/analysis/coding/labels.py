"""Store the labels of one coder in a CSV file with the columns of ``seeds/codings.csv``: one row
per article and theme.
"""

import datetime as dt
import hashlib
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol

import duckdb

from tidings.analysis.answers import read_rows
from tidings.analysis.coding.sample import CODED, NEEDED, plan_path, read_plans, weight_of
from tidings.analysis.inputs import InputError, refuse, require_themes
from tidings.analysis.own_seeds import read_own
from tidings.analysis.report.render import format_day, language_name
from tidings.storage.lake import Connection
from tidings.storage.load import read_column
from tidings.storage.reference import read_csv, write_csv
from tidings.storage.seed_checks import CODER, check_cells, row_name

Row = dict[str, str]

COLUMNS = (
    "text_hash", "coder", "theme_id", "role", "is_any", "article_id", "url", "language",
    "published_on", "stratum", "weight",
    "coded_at", "lexicon_version", "found_theme_ids", "about_theme_ids", "plan_id",
)  # fmt: skip
ROLES = ("main", "side")
TEXT = itemgetter("coder", "text_hash")

# An article that was not drawn has the mean probability of its prediction and language.
_LABELLED = f"""
with {CODED.format(codings="ref.codings")},
listed as (
    select
        articles.article_id::varchar as article_id,
        coalesce(stories.story_id, articles.article_id)::varchar as story_id,
        articles.published_on, articles.publisher_id,
        coalesce(primary_language(articles.language), 'unknown') as language,
        case when found.is_about then 'about' when not found.is_about then 'mentioned'
            else 'absent' end as prediction,
        coalesce(found.is_about, false)::int as predicted, outside.score as outside_score,
        1 / coded.weight as probability,
        list_contains(coded.themes, $theme)::int as label,
        list_contains(coded.second_themes, $theme)::int as second_label
    from core.articles as articles
    left join (from marts.article_themes where theme_id = $theme) as found using (article_id)
    left join marts.article_stories as stories using (article_id)
    left join (
        select article_id, avg(score) as score from ref.outside_labels where theme_id = $theme
        group by article_id
    ) as outside using (article_id)
    left join coded using (article_id)
    where articles.excluded_reason is null
)
select * replace (
    coalesce(
        probability, nullif(count(label) over cell / count(*) over cell, 0),
        nullif(count(label) over () / count(*) over (), 0)
    ) as probability
)
from listed window cell as (partition by prediction, language)
order by published_on, article_id
"""


class Sheet(Protocol):
    """Items (``rows``) with the decisions of one person. ``kind`` selects the page's texts and
    controls.
    """

    kind: str
    coder: str
    themes: list[dict[str, Any]]
    rows: list[dict[str, Any]]

    def decided(self) -> Collection[int]:
        """Return the places of the items with a decision."""

    def article(self, place: int) -> dict[str, Any]:
        """Return an item for display, with the decision about it."""

    def store(self, place: int, answer: dict[str, Any]) -> None:
        """Store a decision that the page sent. Raises ValueError, LookupError or TypeError."""

    def next_place(self, after: int = -1) -> int | None:
        """Return the place of the next item without a decision, or None; the first follows the
        last.
        """
        decided = self.decided()
        places = itertools.chain(range(after + 1, len(self.rows)), range(len(self.rows)))
        return next((place for place in places if place not in decided), None)


class CodingSheet(Sheet):
    """The articles of a sample with the labels of one coder, without the word list's results."""

    kind = "codings"

    def __init__(
        self,
        con: Connection,
        sample: Path,
        coder: str,
        *,
        is_second: bool = False,
    ) -> None:
        """Open a sample, or its articles for a second coder, from a connection of ``open_release``.
        Raises InputError.
        """
        refuse(
            not CODER(coder),
            f"Invalid coder {coder!r}: use at most 40 letters, digits, spaces, dots and hyphens.",
        )
        self.coder = coder
        self.path = sample.with_name(f"{sample.stem}-{coder}.csv")
        self._con = con
        self.is_second = is_second
        plans = read_plans(plan_path(sample))
        self._plan = plans[-1]["plan_id"] if plans else ""
        rows = [
            row
            for row in read_csv(sample, NEEDED)
            if not is_second or row.get("is_double") == "True"
        ]
        query = (
            "select article_id::varchar from core.articles"
            " semi join (select try_cast(unnest($ids) as uuid) as article_id) using (article_id)"
        )
        known = set(read_column(con, query, {"ids": [row["article_id"] for row in rows]}))
        self.rows = [row for row in rows if row["article_id"] in known]
        self.missing_count = len(rows) - len(self.rows)
        refuse(
            not self.rows,
            f"The last release contains no article of {sample}: use the"
            f" warehouse from which it was drawn.",
        )
        newest = "select arg_max(lexicon_version, snapshot_id) from ops.releases"
        (self._lexicon,) = read_column(con, newest)
        self.themes = read_rows(
            con,
            "select theme_id, parent_id, cap_code, label_en, label_zh, label_de, definition"
            " from ref.themes order by cap_code, parent_id nulls first, label_en",
        )

    def coded(self) -> dict[str, list[Row]]:
        """Return the stored rows by article_id."""
        coded: dict[str, list[Row]] = {}
        for row in self._stored():
            coded.setdefault(row["article_id"], []).append(row)
        return coded

    def decided(self) -> Collection[int]:
        """Return the places of the articles with labels."""
        coded = self.coded()
        return {place for place, row in enumerate(self.rows) if row["article_id"] in coded}

    def article(self, place: int) -> dict[str, Any]:
        """Return an article for display, with this coder's role by theme, or None if not coded."""
        row = self.rows[place]
        (article,) = read_rows(
            self._con,
            "select coalesce(name, publisher_id) as outlet, url, coalesce(title, '') as title,"
            " coalesce(body_text, '') as body, coalesce(language, 'und') as language,"
            " coalesce(published_on::varchar, '') as published_on from core.articles"
            " left join ref.publishers using (publisher_id) where article_id = ?",
            [row["article_id"]],
        )
        outlet, day = article.pop("outlet"), article["published_on"]
        shown = format_day(day) if day else "no date"
        own = self.coded().get(row["article_id"], [])
        roles = {label["theme_id"]: label["role"] for label in own if label["theme_id"]}
        return article | {
            "where": [outlet, shown, language_name(article["language"])],
            "roles": roles if own else None,
            "is_any": "true" in map(itemgetter("is_any"), own),
        }

    def store(self, place: int, answer: dict[str, Any]) -> None:
        """Store the labels that the page sent."""
        self.save(place, dict(answer["roles"]), is_any=answer["is_any"] is True)

    def save(
        self, place: int, roles: dict[str, str], *, is_any: bool, now: dt.datetime | None = None
    ) -> None:
        """Store the labels of an article in place of its earlier ones; no roles mean no theme.
        Raises InputError if a theme or role is unknown.
        """
        known = itertools.product((theme["theme_id"] for theme in self.themes), ROLES)
        if wrong := roles.items() - set(known):
            raise InputError(f"Unknown theme or role: {min(wrong)[0]}.")
        article, row = self.article(place), self.rows[place]
        (found,) = read_rows(
            self._con,
            "select string_agg(theme_id, '|' order by theme_id) as found_theme_ids,"
            " string_agg(theme_id, '|' order by theme_id) filter (is_about) as about_theme_ids"
            " from marts.article_themes where article_id = ?",
            [row["article_id"]],
        )
        text = "".join((article["title"] + article["body"]).split())
        shared = {
            "text_hash": hashlib.sha256(text.encode()).hexdigest()[:16],
            "coder": self.coder,
            "is_any": str(is_any).lower(),
            **{name: article[name] for name in ("url", "language", "published_on")},
            **{name: row[name] for name in ("article_id", "stratum")},
            "plan_id": self._plan,
            "weight": "",
            "coded_at": f"{now or dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
            "lexicon_version": self._lexicon,
            **found,
        }
        themes = roles.items() or [("", "none")]
        new = [shared | {"theme_id": theme, "role": role} for theme, role in themes]
        kept = [other for other in self._stored() if other["article_id"] != row["article_id"]]
        write_csv(self.path, COLUMNS, self._weighted([*kept, *new]))

    def _weighted(self, labels: list[Row]) -> list[Row]:
        """Return labels with the weights of the articles coded so far; a second coding has none.
        The coded articles of a stratum also stand for its skipped ones (weighting classes: Oh and
        Scheuren 1983, Weighting Adjustment for Unit Nonresponse).
        """
        coded = {label["article_id"] for label in labels}
        count = 1 + max(n for n, row in enumerate(self.rows) if row["article_id"] in coded)
        threshold, weights = self.rows[count - 1].get("threshold"), dict[str, str]()
        strata = defaultdict[str, dict[str, float]](dict)
        for row in self.rows[:count]:
            strata[row["stratum"]][row["article_id"]] = weight_of(row, threshold)
        for drawn in () if self.is_second else strata.values():
            known = drawn.keys() & coded
            factor = sum(drawn.values()) / sum(map(drawn.__getitem__, known)) if known else 0
            weights |= {article: f"{drawn[article] * factor:.6f}" for article in known}
        return [
            label | {"weight": weights.get(label["article_id"], label["weight"])}
            for label in labels
        ]

    def _stored(self) -> list[Row]:
        rows = read_own(self.path, COLUMNS[:-1])
        refuse(
            any(row["coder"] != self.coder for row in rows),
            f"{self.path} contains labels of another coder: choose another name.",
        )
        return rows


def read_labels(paths: Iterable[Path], themes: Collection[str]) -> list[Row]:
    """Return the rows of label files, of each coder and text the newest. Raises InputError."""
    rows = []
    known = {"", *themes}
    for path in paths:
        for row in read_csv(path, COLUMNS[:-1]):
            problems = check_cells("codings", [row])
            if row["theme_id"] not in known:
                problems.append(f"{row_name('codings', row)}: unknown theme_id.")
            refuse(problems, f"{path}: {' '.join(problems)}")
            rows.append(row)
    newest = {TEXT(row): row["coded_at"] for row in sorted(rows, key=itemgetter("coded_at"))}
    return [row for row in rows if row["coded_at"] == newest[TEXT(row)]]


def labelled_articles(con: Connection, theme: str) -> duckdb.DuckDBPyRelation:
    """Return the rows of all counted articles with the columns of ``tidings code export``."""
    require_themes([theme], read_column(con, "select theme_id from ref.themes"))
    return con.sql(_LABELLED, params={"theme": theme})
