"""Write a reviewer's decisions about phrases, and show candidates on the browser sheet."""

import contextlib
import dataclasses
import datetime as dt
import fcntl
import itertools
import os
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, Self

from tidings.analysis.answers import read_rows
from tidings.analysis.coding.labels import Sheet
from tidings.analysis.inputs import require_themes
from tidings.analysis.own_seeds import change_rows, is_bundled, replace_rows
from tidings.analysis.report.render import EVIDENCE, format_day, language_name
from tidings.annotation.phrases import spell_out
from tidings.annotation.typed_words import match_type
from tidings.base.languages import primary_language
from tidings.base.languages.plural import counted
from tidings.cli.terminal import file_errors, refuse
from tidings.storage.reference import read_seed
from tidings.storage.release import open_file
from tidings.storage.seed_checks import KEYS, check_all

Row = dict[str, str]
Rows = dict[str, Row]  # the row that a decision added to each file


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """A reviewer's decision about a phrase, with its day in UTC. It goes to the last of the
    ``folders`` with reference data.
    """

    folders: Sequence[Path]
    release: Path
    phrase: str
    language: str
    reviewer: str
    on: dt.date

    def complete(self) -> Self:
        """Return the decision with its phrase in NFKC, and with the language of the candidate or of
        the script. Raises UserError.
        """
        phrase = unicodedata.normalize("NFKC", self.phrase.strip())
        refuse(not phrase.strip(" *"), "The phrase is empty.")
        named = dataclasses.replace(self, phrase=phrase)
        by_script = "zh" if re.search("[\u4e00-\u9fff]", phrase) else "en"
        language = self.language or named.candidate().get("language", by_script)
        return dataclasses.replace(named, language=language)

    def candidate(self) -> dict[str, Any]:
        """Return the row of ``read_candidates`` for the phrase; empty if it is no candidate."""
        return next(iter(read_candidates(self)), {})

    def accept(self, theme: str, parent: str = "", label: str = "") -> Rows:
        """Add the phrase to ``theme_phrases.csv`` and the review to ``candidate_reviews.csv``, and
        return the added rows for ``undo``.

        With ``parent``, a policy area, ``theme`` is a new formulation of it with an English
        ``label``. Raises UserError, and changes no file.
        """
        with self._writing():
            tables = read_tables(self.folders, [parent or theme])
            added: Rows = {}
            if parent:
                added["themes"] = self._theme_row(tables["themes"], theme, parent, label)
            row = self.phrase_row(theme, next(self.new_ids(tables["theme_phrases"], theme)))
            added["theme_phrases"] = row
            wider = {
                name: [*rows, *filter(None, [added.get(name)])] for name, rows in tables.items()
            }
            if problems := check_all(wider, spell_out):
                before = check_all(tables, spell_out)  # takes a second
                for problem in problems:
                    refuse(problem not in before, f"The phrase was not added. {problem}")
            origin = "added manually"
            if found := self.candidate():
                origin = f"candidate, first seen {found['first_seen_on']} in {found['url']}"
            row["source"] = f"{origin}; accepted {self.on}"
            return self._add("accepted", added)

    def review(self, verdict: str) -> Rows:
        """Add a decision to ``candidate_reviews.csv``, and return the row for ``undo``: rejected,
        until the use of the phrase doubles, or postponed for a week.
        """
        with self._writing():
            return self._add(verdict, {})

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        refuse(not self.reviewer, "The reviewer is missing: use --reviewer NAME.")
        refuse(
            any(char in self.phrase for char in "|\n\r"),
            "Invalid phrase: it must be one line without the character |.",
        )
        with locked(self.folders[-1]):
            yield

    def new_ids(self, phrases: Iterable[Row], theme: str) -> Iterator[str]:
        """Yield IDs for phrases of a theme that none of the phrases has."""
        ids = {row["phrase_id"] for row in phrases}
        stem = f"{theme}-{primary_language(self.language)}"
        names = (f"{stem}-{number}" for number in itertools.count(1))
        return (name for name in names if name not in ids)

    def phrase_row(self, theme: str, phrase_id: str) -> Row:
        """Return the row of the phrase in ``theme_phrases.csv``."""
        return {
            "phrase_id": phrase_id,
            "theme_id": theme,
            "language": self.language,
            "phrase": self.phrase,
            "match_type": match_type(self.phrase, self.language),
            "role": "include",
            "reviewed_by": self.reviewer,
        }

    def _theme_row(self, themes: Sequence[Row], theme: str, parent: str, label: str) -> Row:
        """Return the row of a new theme. Raises UserError."""
        by_id = {row["theme_id"]: row for row in themes}
        refuse(theme in by_id, f"The theme {theme} already exists: omit --parent.")
        refuse(
            not re.fullmatch(r"[a-z][a-z0-9_]*", theme),
            f"Invalid theme ID {theme!r}: use lower-case letters, digits and _, such"
            f" as quiet_corridors.",
        )
        primary = primary_language(self.language)
        return {
            "theme_id": theme,
            "parent_id": parent,
            "label_en": label,
            **({f"label_{primary}": self.phrase} if primary in ("zh", "de") else {}),
            "cap_code": by_id[parent]["cap_code"],
            "kind": "formulation",
            "source": f"accepted by {self.reviewer}, {self.on}",
        }

    def _add(self, verdict: str, added: Rows) -> Rows:
        """Add rows and the review to the files of the last folder, in place of those with the same
        keys.
        """
        added["candidate_reviews"] = {
            "phrase": self.phrase,
            "language": primary_language(self.language),
            "reviewed_on": str(self.on),
            "reviewer": self.reviewer,
            "verdict": verdict,
            "article_count": str(self.candidate().get("article_count", "")),
        }
        for name, row in added.items():
            replace_rows(self.folders[-1] / f"{name}.csv", [row], itemgetter(*KEYS[name]))
        return added


def undo(folders: Sequence[Path], added: Rows) -> None:
    """Remove the rows that a decision added, unless they changed since then."""
    with locked(folders[-1]):
        for name, row in added.items():
            path = folders[-1] / f"{name}.csv"
            change_rows(path, lambda other: not row.items() <= other.items())  # noqa: B023


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time change the files of a folder. Raises UserError."""
    with file_errors("write to", folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def warn_if_bundled(folder: Path) -> None:
    """Print a warning if a command changed the seeds folder of Tidings itself."""
    if is_bundled(folder):
        print(
            "This changed the bundled seeds. An update of Tidings may overwrite them: set"
            " TIDINGS_SEEDS to use your own folder."
        )


def read_tables(folders: Sequence[Path], chosen: Iterable[str] = ()) -> dict[str, list[Row]]:
    """Return the rows of the themes and of their phrases. Raises UserError for an unknown theme
    among the chosen ones.
    """
    tables = {name: read_seed(name, folders) for name in ("themes", "theme_phrases")}
    require_themes(chosen, [row["theme_id"] for row in tables["themes"]])
    return tables


FIRST = 20  # candidates of each language
_CANDIDATES = """
select c.*, coalesce(p.name, c.first_outlet) as outlet, a.url
from marts.candidate_phrases as c
left join ref.publishers as p on c.first_outlet = p.publisher_id
left join core.articles as a on c.first_article_id = a.article_id
where $language in ('', c.language)
    and if($phrase = '', c.rank <= $first, lower(c.phrase) = lower($phrase))
order by if($phrase = '', c.language, ''), c.rank
"""


def read_candidates(decision: Decision) -> list[dict[str, Any]]:
    """Return the candidates with a decision's language and phrase, or without a phrase the first of
    each language.
    """
    if not decision.release.exists():
        return []
    language, phrase = primary_language(decision.language), decision.phrase
    values = {"language": language, "phrase": phrase, "first": FIRST}
    with open_file(decision.release) as con:
        return read_rows(con, _CANDIDATES, values)


VERDICTS = ("accepted", "rejected", "postponed")


class PhraseSheet(Sheet):
    """The first candidates of a release without a decision."""

    kind = "phrases"

    def __init__(self, decision: Decision) -> None:
        """Read the candidates in the language of a decision, or in all languages if it is empty.
        Raises UserError if the reviewer is missing.
        """
        refuse(not decision.reviewer, "The reviewer is missing: use --reviewer NAME.")
        self.coder = decision.reviewer
        self.themes = read_seed("themes", decision.folders)
        self._decision = decision
        reviews = read_seed("candidate_reviews", decision.folders)
        self.rows = [
            candidate
            for candidate in read_candidates(decision)
            if not any(_closes(review, candidate) for review in reviews)
        ]
        self._made: dict[int, tuple[str, Rows]] = {}

    def decided(self) -> Collection[int]:
        """Return the places of the candidates about which this sheet decided."""
        return self._made

    def count_verdicts(self) -> dict[str, int]:
        """Return how many decisions have each verdict."""
        made = [verdict for verdict, _ in self._made.values()]
        return {verdict: made.count(verdict) for verdict in VERDICTS}

    def article(self, place: int) -> dict[str, Any]:
        """Return a candidate for display, with the decision about it or None."""
        row, (verdict, _) = self.rows[place], self._made.get(place, (None, {}))
        prior = "" if row["prior_count"] is None else f" ({row['prior_count']} the year before)"
        articles, outlets, days = (
            counted(row[f"{name}_count"], name) for name in ("article", "outlet", "day")
        )
        examples = dict.fromkeys(" ".join(example.split()) for example in row["examples"])
        return {
            "where": [
                language_name(row["language"]),
                *(EVIDENCE.get(kind, kind) for kind in row["evidence"] or ()),
                f"{articles}{prior} from {outlets} on {days}",
                f"first {format_day(row['first_seen_on'])} in {row['outlet']}",
            ],
            "title": row["phrase"],
            "body": "\n\n".join(examples),
            "language": row["language"],
            "suggested": row["suggested_theme_ids"] or [],
            "verdict": verdict,
        }

    def store(self, place: int, answer: dict[str, Any]) -> None:
        """Store a decision in place of the earlier one: ``verdict``, the ``theme`` of an accepted
        phrase, and ``new_id`` and ``new_label`` of a theme below it. Raises UserError.
        """
        row, verdict = self.rows[place], answer["verdict"]
        refuse(verdict not in VERDICTS, f"Unknown verdict: {verdict}.")
        decision = dataclasses.replace(
            self._decision, phrase=row["phrase"], language=row["language"]
        )
        undo(decision.folders, self._made.pop(place, ("", {}))[1])
        theme, new_id, label = (
            str(answer.get(name) or "").strip() for name in ("theme", "new_id", "new_label")
        )
        if verdict != "accepted":
            added = decision.review(verdict)
        else:
            added = decision.accept(new_id or theme, theme if new_id else "", label)
        self._made[place] = verdict, added


def _closes(review: dict[str, str], candidate: dict[str, Any]) -> bool:
    """Return whether an earlier decision still applies to a candidate: an acceptance always, others
    until a later release lists the phrase again.
    """
    phrase = review["phrase"].lower(), primary_language(review["language"])
    return phrase == (candidate["phrase"].lower(), candidate["language"]) and (
        review["verdict"] == "accepted" or review["reviewed_on"] >= str(candidate["as_of"])
    )
