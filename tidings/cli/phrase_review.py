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
    from collections.abc import Iterator, Mapping, Sequence

    Row = dict[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """A reviewer's decision about a phrase, with its day in UTC."""

    phrase: str
    language: str
    reviewer: str
    on: dt.date


@dataclasses.dataclass(frozen=True, slots=True)
class NewTheme:
    """A new theme for a phrase: a formulation of the policy area ``parent``."""

    parent: str
    label: str


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """A row that a decision added to a file of the last folder, and the row with the same key that
    it replaced, or None.
    """

    name: str
    row: Row
    replaced: Row | None


def accept_phrase(
    folders: Sequence[Path],
    release: Path,
    decision: Decision,
    theme: str,
    match_type: str,
    source: str,
    new_theme: NewTheme | None,
) -> list[Change]:
    """Add a phrase to ``theme_phrases.csv`` and the review to ``candidate_reviews.csv``, and return
    the changes for ``undo``.

    Args:
        folders: Folders with reference data. The function writes to the last one.
        release: Release file. Its candidates supply the source if ``source`` is empty.
        decision: Phrase, language, reviewer and day.
        theme: theme_id of the phrase.
        match_type: One of substring, prefix, inflected and phrase.
        source: Document and date of the phrase, or empty.
        new_theme: Theme to create, or None if ``theme`` exists.

    Raises:
        UserError: If the phrase or the theme is invalid. No file is changed then.
    """
    _check(decision)
    with locked(folders[-1]):
        tables = {
            name: read_seed(name, folders, KEYS[name]) for name in ("themes", "theme_phrases")
        }
        themes, phrases = tables["themes"], tables["theme_phrases"]
        before = set(check_all(tables, spell_out))
        added: dict[str, list[Row]] = {"themes": []}
        if new_theme:
            added["themes"].append(_theme_row(themes, theme, new_theme, decision))
        elif theme not in map(itemgetter("theme_id"), themes):
            raise UserError(_unknown_theme(theme, themes))
        _refuse_duplicate(phrases, decision, theme, match_type)
        row = _phrase_row(phrases, decision, theme, match_type, source)
        added["theme_phrases"] = [row]
        after = {name: [*tables[name], *rows] for name, rows in added.items()}
        for problem in itertools.filterfalse(before.__contains__, check_all(after, spell_out)):
            raise UserError(f"The phrase was not added. {problem}")
        origin = source.strip() or _first_article(release, decision) or "added manually"
        row["source"] = f"{origin}; accepted {decision.on}"
        added["candidate_reviews"] = [_review_row(release, decision, "accepted")]
        return [_append(folders, name, row) for name, rows in added.items() for row in rows]


def review_phrase(
    folders: Sequence[Path], release: Path, decision: Decision, verdict: str
) -> list[Change]:
    """Add a decision to ``candidate_reviews.csv`` in the last folder, and return the change for
    ``undo``.

    ``verdict`` is rejected: the phrase returns when its use has doubled, or postponed: it returns
    after a week. Raises UserError if the reviewer is missing.
    """
    _check(decision)
    row = _review_row(release, decision, verdict)
    with locked(folders[-1]):
        return [_append(folders, "candidate_reviews", row)]


def undo(folders: Sequence[Path], changes: Sequence[Change]) -> None:
    """Remove the rows that a decision added, and restore the rows that it replaced. Rows that
    changed since then remain.
    """
    with locked(folders[-1]):
        for change in changes:
            rows = read_csv(folders[-1] / f"{change.name}.csv", KEYS[change.name])
            blank = dict.fromkeys(change.row, "")
            kept = [row for row in rows if blank | row != blank | row | change.row]
            if len(kept) < len(rows):
                restored = [change.replaced] if change.replaced else []
                _write(folders, change.name, [*kept, *restored])


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


def candidate_language(release: Path, phrase: str) -> str:
    """Return the language of a phrase: of a candidate of the last release, else Chinese or English
    by its script.
    """
    query = (
        "select language from release.marts.candidate_phrases where lower(phrase) = lower(?)"
        " order by rank limit 1"
    )
    for (language,) in query_release(release, query, [phrase]):
        return str(language)
    return "zh" if re.search("[\u4e00-\u9fff]", phrase) else "en"


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


def _check(decision: Decision) -> None:
    if not decision.reviewer:
        raise UserError("The reviewer is missing: use --reviewer NAME.")
    if any(char in decision.phrase for char in "|\n\r"):
        raise UserError("Invalid phrase: it must be one line without the character |.")


def _phrase_row(
    phrases: Sequence[Row], decision: Decision, theme: str, match_type: str, source: str
) -> Row:
    ids = {row["phrase_id"] for row in phrases}
    stem = f"{theme}-{primary_language(decision.language)}"
    names = (f"{stem}-{number}" for number in itertools.count(1))
    return {
        "phrase_id": next(name for name in names if name not in ids),
        "theme_id": theme,
        "language": decision.language,
        "phrase": decision.phrase,
        "match_type": match_type,
        "role": "include",
        "source": source,
        "reviewed_by": decision.reviewer,
    }


def _theme_row(themes: Sequence[Row], theme: str, new_theme: NewTheme, decision: Decision) -> Row:
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
    if new_theme.parent not in by_id:
        raise UserError(_unknown_theme(new_theme.parent, themes))
    if not new_theme.label:
        raise UserError('A new theme requires an English label: --label "Quiet corridors".')
    primary = primary_language(decision.language)
    return {
        "theme_id": theme,
        "parent_id": new_theme.parent,
        "label_en": new_theme.label,
        **({f"label_{primary}": decision.phrase} if primary in ("zh", "de") else {}),
        "cap_code": by_id[new_theme.parent]["cap_code"],
        "kind": "formulation",
        "source": f"accepted by {decision.reviewer}, {decision.on}",
    }


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


def _refuse_duplicate(
    phrases: Sequence[Row], decision: Decision, theme: str, match_type: str
) -> None:
    """Raise UserError if the theme already has a phrase with the same spelling."""
    language = primary_language(decision.language)
    spellings = set(spell_out(decision.phrase, language, match_type))
    wanted = (theme, "include", language)
    for row in phrases:
        known = (row["theme_id"], row["role"], primary_language(row["language"]))
        if known == wanted and spellings.intersection(
            spell_out(row["phrase"], language, row["match_type"])
        ):
            raise UserError(
                f"The phrase was not added: {row['phrase_id']} of {theme} matches the same text."
            )


def _first_article(release: Path, decision: Decision) -> str:
    """Return the first article of a candidate as its source, or an empty string if the phrase is
    not a candidate.
    """
    query = (
        "select first_seen_on, url from release.marts.candidate_phrases as c"
        " join release.core.articles as a on a.article_id = c.first_article_id"
        " where lower(phrase) = lower(?) and c.language = ?"
    )
    rows = query_release(release, query, [decision.phrase, primary_language(decision.language)])
    return f"candidate, first seen {rows[0][0]} in {rows[0][1]}" if rows else ""


def _review_row(release: Path, decision: Decision, verdict: str) -> Row:
    query = (
        "select article_count from release.marts.candidate_phrases where lower(phrase) ="
        " lower(?) and language = ?"
    )
    counts = query_release(release, query, [decision.phrase, primary_language(decision.language)])
    return {
        "phrase": decision.phrase,
        "language": primary_language(decision.language),
        "reviewed_on": str(decision.on),
        "reviewer": decision.reviewer,
        "verdict": verdict,
        "article_count": str(counts[0][0]) if counts else "",
    }


def _append(folders: Sequence[Path], name: str, row: Row) -> Change:
    """Add a row to a file in the last folder, or replace the row with the same key."""
    path = folders[-1] / f"{name}.csv"
    rows = read_csv(path, KEYS[name]) if path.exists() else []
    key_of = itemgetter(*KEYS[name])
    replaced = next((other for other in rows if key_of(other) == key_of(row)), None)
    _write(folders, name, [*(other for other in rows if other is not replaced), row])
    return Change(name, row, replaced)


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
