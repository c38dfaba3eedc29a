"""Validate a reviewer's decisions about phrases, and write them to the reference data."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import datetime as dt
import difflib
import fcntl
import itertools
import os
import re
import unicodedata
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from tidings.annotation.variants import spell_out
from tidings.base.languages import primary_language
from tidings.cli.terminal import UserError
from tidings.paths import SEEDS
from tidings.storage.lake import quoted
from tidings.storage.reference import KEYS, read_csv, read_seed, write_csv
from tidings.storage.seed_checks import check_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Row = dict[str, str]
    # a file's name, a row that a decision added to it, and the row that it replaced
    Change = tuple[str, Row, Row | None]


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """A reviewer's decision about a phrase, with its day in UTC.

    ``folders`` contain the reference data; the decision goes to the last one. The candidate of the
    release, if the phrase is one, supplies its use and its first article.
    """

    folders: Sequence[Path]
    release: Path
    phrase: str
    language: str
    reviewer: str
    on: dt.date

    def complete(self) -> Decision:
        """Return the decision with its phrase in NFKC, and with its language: of the candidate,
        else Chinese or English by its script. Raises UserError if the phrase is empty.
        """
        phrase = unicodedata.normalize("NFKC", self.phrase.strip())
        if not phrase.strip(" *"):
            raise UserError("The phrase is empty.")
        query = (
            "select language from release.marts.candidate_phrases where lower(phrase) = lower(?)"
            " order by rank limit 1"
        )
        languages = [row[0] for row in query_release(self.release, query, [phrase])]
        by_script = "zh" if re.search("[\u4e00-\u9fff]", phrase) else "en"
        language = self.language or next(iter(languages), by_script)
        return dataclasses.replace(self, phrase=phrase, language=language)

    def accept(
        self, theme: str, match_type: str, source: str = "", parent: str = "", label: str = ""
    ) -> list[Change]:
        """Add the phrase to ``theme_phrases.csv`` and the review to ``candidate_reviews.csv``, and
        return the added rows for ``undo``.

        Args:
            theme: theme_id of the phrase.
            match_type: One of substring, prefix, inflected and phrase.
            source: Document and date of the phrase. Default: the candidate's first article.
            parent: Policy area of which ``theme`` is a new formulation, or empty if it exists.
            label: English label of a new theme.

        Raises:
            UserError: If the phrase or the theme is invalid. No file is changed then.
        """
        self._check()
        with locked(self.folders[-1]):
            tables = {
                name: read_seed(name, self.folders, KEYS[name])
                for name in ("themes", "theme_phrases")
            }
            themes, phrases = tables["themes"], tables["theme_phrases"]
            before = set(check_all(tables, spell_out))
            added: dict[str, list[Row]] = {"themes": []}
            if parent:
                added["themes"].append(self._theme_row(themes, theme, parent, label))
            elif theme not in map(itemgetter("theme_id"), themes):
                raise UserError(_unknown_theme(theme, themes))
            self._refuse_duplicate(phrases, theme, match_type)
            row = self._phrase_row(phrases, theme, match_type, source)
            added["theme_phrases"] = [row]
            after = {name: [*tables[name], *rows] for name, rows in added.items()}
            for problem in itertools.filterfalse(before.__contains__, check_all(after, spell_out)):
                raise UserError(f"The phrase was not added. {problem}")
            row["source"] = f"{source.strip() or self._origin()}; accepted {self.on}"
            added["candidate_reviews"] = [self._review_row("accepted")]
            return [self._append(name, row) for name, rows in added.items() for row in rows]

    def review(self, verdict: str) -> list[Change]:
        """Add the decision to ``candidate_reviews.csv``, and return the added row for ``undo``.

        ``verdict`` is rejected: the phrase returns when its use has doubled, or postponed: it
        returns after a week. Raises UserError if the reviewer is missing.
        """
        self._check()
        with locked(self.folders[-1]):
            return [self._append("candidate_reviews", self._review_row(verdict))]

    def _check(self) -> None:
        if not self.reviewer:
            raise UserError("The reviewer is missing: use --reviewer NAME.")
        if any(char in self.phrase for char in "|\n\r"):
            raise UserError("Invalid phrase: it must be one line without the character |.")

    def _refuse_duplicate(self, phrases: Sequence[Row], theme: str, match_type: str) -> None:
        """Raise UserError if the theme already has a phrase with the same spelling."""
        language = primary_language(self.language)
        spellings = set(spell_out(self.phrase, language, match_type))
        for row in phrases:
            known = (row["theme_id"], row["role"], primary_language(row["language"]))
            if known == (theme, "include", language) and spellings.intersection(
                spell_out(row["phrase"], language, row["match_type"])
            ):
                raise UserError(
                    f"The phrase was not added: {row['phrase_id']} of {theme} matches the same"
                    " text."
                )

    def _phrase_row(self, phrases: Sequence[Row], theme: str, match_type: str, source: str) -> Row:
        stem = f"{theme}-{primary_language(self.language)}"
        ids = {row["phrase_id"] for row in phrases}
        names = (f"{stem}-{number}" for number in itertools.count(1))
        return {
            "phrase_id": next(name for name in names if name not in ids),
            "theme_id": theme,
            "language": self.language,
            "phrase": self.phrase,
            "match_type": match_type,
            "role": "include",
            "source": source,
            "reviewed_by": self.reviewer,
        }

    def _theme_row(self, themes: Sequence[Row], theme: str, parent: str, label: str) -> Row:
        """Return the row of a new theme. Raises UserError if its ID is invalid or exists, or if its
        policy area is unknown.
        """
        by_id = {row["theme_id"]: row for row in themes}
        if theme in by_id:
            raise UserError(f"The theme {theme} already exists: omit --parent.")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", theme):
            raise UserError(
                f"Invalid theme ID {theme!r}: use lower-case letters, digits and _, such"
                f" as quiet_corridors."
            )
        if parent not in by_id:
            raise UserError(_unknown_theme(parent, themes))
        if not label:
            raise UserError('A new theme requires an English label: --label "Quiet corridors".')
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

    def _review_row(self, verdict: str) -> Row:
        candidate = self._candidate()
        return {
            "phrase": self.phrase,
            "language": primary_language(self.language),
            "reviewed_on": str(self.on),
            "reviewer": self.reviewer,
            "verdict": verdict,
            "article_count": str(candidate[0]) if candidate else "",
        }

    def _origin(self) -> str:
        candidate = self._candidate()
        if candidate is None:
            return "added manually"
        return f"candidate, first seen {candidate[1]} in {candidate[2]}"

    def _candidate(self) -> tuple[int, dt.date, str] | None:
        """Return how many articles contain the candidate, the day and the URL of the first; None if
        the phrase is not a candidate.
        """
        query = (
            "select article_count, first_seen_on, url from release.marts.candidate_phrases as c"
            " join release.core.articles as a on a.article_id = c.first_article_id"
            " where lower(phrase) = lower(?) and c.language = ?"
        )
        values = [self.phrase, primary_language(self.language)]
        return next(iter(query_release(self.release, query, values)), None)

    def _append(self, name: str, row: Row) -> Change:
        """Add a row to a file in the last folder, or replace the row with the same key."""
        path = self.folders[-1] / f"{name}.csv"
        rows = read_csv(path, KEYS[name]) if path.exists() else []
        key_of = itemgetter(*KEYS[name])
        kept = [other for other in rows if key_of(other) != key_of(row)]
        _write(self.folders, name, [*kept, row])
        return name, row, next((other for other in rows if other not in kept), None)


def undo(folders: Sequence[Path], changes: Iterable[Change]) -> None:
    """Remove the rows that a decision added, and add those again that it replaced. Rows that
    changed since then remain.
    """
    with locked(folders[-1]):
        for name, row, replaced in changes:
            rows = read_csv(folders[-1] / f"{name}.csv", KEYS[name])
            kept = [other for other in rows if not row.items() <= other.items()]
            if replaced and len(kept) < len(rows):
                kept.append(replaced)
            _write(folders, name, kept)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time read and change the files of a folder, which is created if it is
    missing.

    Raises:
        UserError: If the folder is not accessible.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise UserError(f"Cannot write to {folder}: {error.strerror}.") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def article_days(release: Path) -> tuple[dt.date, dt.date] | None:
    """Return the first and last day of the release's articles, or None if there is no release or no
    article with a date.
    """
    query = (
        "select min(published_on), max(published_on) from release.core.articles having"
        " min(published_on) is not null"
    )
    rows = query_release(release, query, [])
    return (rows[0][0], rows[0][1]) if rows else None


def is_bundled(folder: Path) -> bool:
    """Return whether a folder is the seeds folder of Tidings itself."""
    return folder.resolve() == SEEDS


def warn_if_bundled(folder: Path) -> None:
    """Print a warning if a command changed the seeds folder of Tidings itself."""
    if is_bundled(folder):
        print(
            "This changed the bundled seeds. An update of Tidings may overwrite them: set"
            " TIDINGS_SEEDS to use your own folder."
        )


def similar_themes(theme: str, themes: Sequence[Row]) -> str:
    """Return a sentence that lists the themes with a similar ID, or an empty string."""
    similar = difflib.get_close_matches(theme, [row["theme_id"] for row in themes], 3, 0.5)
    return f" Similar: {', '.join(similar)}." if similar else ""


def _unknown_theme(theme: str, themes: Sequence[Row]) -> str:
    if not theme:
        return "The theme is missing: use --theme with a theme_id from themes.csv."
    hint = similar_themes(theme, themes)
    return (
        f"Unknown theme {theme!r}: it is not in themes.csv.{hint} To create it, use --parent"
        f" AREA --label LABEL."
    )


def _write(folders: Sequence[Path], name: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Write a file of the last folder. Its columns are those of the file in the first folder, then
    other columns of the rows.
    """
    with (folders[0] / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        columns = dict.fromkeys(next(csv.reader(file)))
    columns |= dict.fromkeys(column for row in rows for column in row)
    write_csv(folders[-1] / f"{name}.csv", list(columns), rows)


def query_release(release: Path, query: str, values: Sequence[Any]) -> list[Any]:
    """Return the rows of a query on the release file, attached as ``release``, or an empty list if
    there is no release.
    """
    if not release.exists():
        return []
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(str(release))} as release (read_only)")
        return con.execute(query, values).fetchall()
