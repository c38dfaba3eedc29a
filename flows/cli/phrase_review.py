"""A reviewer's decisions about phrases: written as rows of the reference data, checked before, whole or not at all."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import difflib
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from tidings import seeds
from tidings.flows.cli.places import UserError
from tidings.languages import primary_language
from tidings.seeds.cells import KEYS
from tidings.seeds.checks import check_all
from tidings.transforms.text.variants import spell_out
from tidings.warehouse.lake import quoted
from tidings.warehouse.reference import read_csv, read_seed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Row = dict[str, str]

HELD_DAYS = 84
"""Days for which a reviewed phrase stays off the candidates; marts.candidate_phrases counts them."""

_REVIEW_KEY = ("phrase", "language", "reviewed_on")


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """Who decided about which phrase on which day (UTC)."""

    phrase: str
    language: str
    reviewer: str
    on: dt.date


@dataclasses.dataclass(frozen=True, slots=True)
class NewTheme:
    """A theme that is made for a phrase: a formulation under ``parent``."""

    parent: str
    label: str


def accept_phrase(
    folders: Sequence[Path],
    release: Path,
    decision: Decision,
    theme: str,
    match_type: str,
    source: str,
    made: NewTheme | None,
) -> Row:
    """Write a phrase into the last folder's ``theme_phrases.csv``, note the review there, and return the row.

    ``folders`` are those of the seeds, ``release`` the file whose candidates tell the source where none is given. Raises
    UserError with the first thing that is wrong with it; nothing is written then.
    """
    _check(decision)
    tables = {name: read_seed(name, folders, KEYS[name]) for name in ("themes", "theme_phrases")}
    before = set(check_all(tables, spell_out))
    added_theme = _theme_row(tables["themes"], theme, made, decision) if made else None
    if added_theme is None and theme not in {row["theme_id"] for row in tables["themes"]}:
        raise UserError(_unknown_theme(theme, tables["themes"]))
    _refuse_twin(tables["theme_phrases"], decision, theme, match_type)
    row = {
        "phrase_id": _name(tables["theme_phrases"], theme, decision.language),
        "theme_id": theme,
        "language": decision.language,
        "phrase": decision.phrase,
        "match_type": match_type,
        "role": "include",
        "source": source,
        "reviewed_by": decision.reviewer,
    }
    after = {
        "themes": [*tables["themes"], *([added_theme] if added_theme else [])],
        "theme_phrases": [*tables["theme_phrases"], row],
    }
    problems = [problem for problem in check_all(after, spell_out) if problem not in before]
    if problems:
        raise UserError(f"Nothing was written. {problems[0]}")
    row["source"] = f"{source or _first_article(release, decision) or 'added by hand'}; accepted {decision.on}"
    if added_theme:
        _append(folders, "themes", added_theme, KEYS["themes"])
    _append(folders, "theme_phrases", row, KEYS["theme_phrases"])
    _note(folders, decision, "accepted")
    return row


def reject_phrase(folders: Sequence[Path], decision: Decision) -> None:
    """Note in the last folder's ``candidate_reviews.csv`` that a phrase was seen and not wanted.

    Raises UserError where the reviewer is missing, or the phrase was rejected already and is still away.
    """
    _check(decision)
    for row in read_seed("candidate_reviews", folders, _REVIEW_KEY):
        until = dt.date.fromisoformat(row["reviewed_on"]) + dt.timedelta(days=HELD_DAYS)
        is_same = row["phrase"].lower() == decision.phrase.lower() and _same_language(row["language"], decision.language)
        if is_same and row["verdict"] == "rejected" and row["reviewed_on"] <= str(decision.on) < str(until):
            raise UserError(f"{row['reviewer']} rejected “{decision.phrase}” on {row['reviewed_on']}: it is away until {until}.")
    _note(folders, decision, "rejected")


def known_as(release: Path, phrase: str) -> str:
    """Return the language in which a phrase is a candidate of the last release, or an empty text."""
    query = "select language from release.marts.candidate_phrases where lower(phrase) = lower(?) order by rank limit 1"
    rows = ask_release(release, query, [phrase])
    return str(rows[0][0]) if rows else ""


def days_held(release: Path) -> tuple[dt.date, dt.date] | None:
    """Return the first and the last day of the release's articles; None: there is no release, or it holds no dated article."""
    query = "select min(published_on), max(published_on) from release.core.articles having min(published_on) is not null"
    rows = ask_release(release, query, [])
    return (rows[0][0], rows[0][1]) if rows else None


def is_ours(folder: Path) -> bool:
    """Return whether a folder is the one that comes with Tidings."""
    return folder.resolve() == Path(seeds.__file__).parent.resolve()


def _check(decision: Decision) -> None:
    if not decision.reviewer:
        raise UserError("Say who has read the phrase: --reviewer NAME.")
    if any(char in decision.phrase for char in "|\n\r"):
        raise UserError("A phrase is one line without the sign |.")


def _theme_row(themes: Sequence[Row], theme: str, made: NewTheme, decision: Decision) -> Row:
    """Return the row of a new theme. Raises UserError where its name is taken or none, or its area is not known."""
    by_id = {row["theme_id"]: row for row in themes}
    if theme in by_id:
        raise UserError(f"The theme {theme} is there already: leave --parent out.")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", theme):
        raise UserError(f"{theme!r} is no name for a theme: small letters, digits and _, as in quiet_corridors.")
    if made.parent not in by_id:
        raise UserError(_unknown_theme(made.parent, themes))
    if not made.label:
        raise UserError('A new theme needs an English label: --label "Quiet corridors".')
    primary = primary_language(decision.language)
    return {
        "theme_id": theme,
        "parent_id": made.parent,
        "label_en": made.label,
        **({f"label_{primary}": decision.phrase} if primary in ("zh", "de") else {}),
        "cap_code": by_id[made.parent]["cap_code"],
        "kind": "formulation",
        "source": f"accepted by {decision.reviewer}, {decision.on}",
    }


def _unknown_theme(theme: str, themes: Sequence[Row]) -> str:
    if not theme:
        return "Say to which theme it belongs: --theme T, a theme_id of themes.csv."
    near = difflib.get_close_matches(theme, [row["theme_id"] for row in themes], 3, 0.5)
    hint = f"; near to it: {', '.join(near)}" if near else ""
    return f"There is no theme {theme!r} in themes.csv{hint}. --parent AREA --label LABEL makes a new one."


def _refuse_twin(phrases: Sequence[Row], decision: Decision, theme: str, match_type: str) -> None:
    """Raise UserError where the theme looks for the same letters already."""
    wanted = set(spell_out(decision.phrase, primary_language(decision.language), match_type))
    for row in phrases:
        if row["theme_id"] == theme and row["role"] == "include" and _same_language(row["language"], decision.language):
            known = set(spell_out(row["phrase"], primary_language(row["language"]), row["match_type"]))
            if known & wanted:
                raise UserError(f"Nothing was written: {row['phrase_id']} of {theme} is looked for as the same letters.")


def _name(phrases: Sequence[Row], theme: str, language: str) -> str:
    taken = {row["phrase_id"] for row in phrases}
    stem = f"{theme}-{primary_language(language)}"
    return next(name for name in (f"{stem}-{number}" for number in range(1, len(taken) + 2)) if name not in taken)


def _first_article(release: Path, decision: Decision) -> str:
    """Return where the candidate was first seen, as a source; an empty text where it is no candidate of the last release."""
    query = (
        "select first_seen_on, url from release.marts.candidate_phrases as c"
        " join release.core.articles as a on a.article_id = c.first_article_id"
        " where lower(phrase) = lower(?) and c.language = ?"
    )
    rows = ask_release(release, query, [decision.phrase, primary_language(decision.language)])
    return f"candidate, first seen {rows[0][0]} in {rows[0][1]}" if rows else ""


def _note(folders: Sequence[Path], decision: Decision, verdict: str) -> None:
    row = {
        "phrase": decision.phrase,
        "language": primary_language(decision.language),
        "reviewed_on": str(decision.on),
        "reviewer": decision.reviewer,
        "verdict": verdict,
    }
    _append(folders, "candidate_reviews", row, _REVIEW_KEY)


def _append(folders: Sequence[Path], name: str, row: Mapping[str, str], key: Sequence[str]) -> None:
    """Add a row to the last folder's file, in place of one with its key; the columns are the bundled file's."""
    path = folders[-1] / f"{name}.csv"
    rows = read_csv(path, key) if path.exists() else []
    rows = [one for one in rows if any(one[part] != row[part] for part in key)]
    with (folders[0] / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        columns = dict.fromkeys(next(csv.reader(file)))
    columns |= dict.fromkeys(column for one in rows for column in one)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(columns), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows([*rows, row])
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.") from error


def _same_language(one: str, other: str) -> bool:
    return primary_language(one) == primary_language(other)


def ask_release(release: Path, query: str, values: Sequence[Any]) -> list[Any]:
    """Return a query's rows on the release file, attached as ``release``; none where there is no release."""
    if not release.exists():
        return []
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(str(release))} as release (read_only)")
        return con.execute(query, values).fetchall()
