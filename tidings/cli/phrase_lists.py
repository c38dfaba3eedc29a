"""``tidings phrase import``, ``export`` and ``suggest``: dictionaries of other programs, and words
of coded articles that the word list lacks.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import re
from collections import Counter, defaultdict
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidings.analysis.coding.suggest import suggest_words
from tidings.annotation.dictionaries import (
    DictionaryError,
    Entry,
    read_dictionary,
    write_dictionary,
)
from tidings.annotation.variants import spell_out
from tidings.base.languages import UnknownLanguageError, is_known, primary_language
from tidings.base.languages.plural import counted
from tidings.base.settings import read_settings
from tidings.cli.lake import find_lake, require_release
from tidings.cli.phrase_review import Decision, find_theme, locked, write_rows
from tidings.cli.terminal import SafeConsole, UserError, table_of
from tidings.storage.reference import KEYS, read_seed
from tidings.storage.release import open_release
from tidings.storage.seed_checks import check_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_NAMED = re.compile(r"theme_phrases(?:\.csv)?, ([^:,]+)")
_LOST = {
    "requires_any": "need another word nearby",
    "exclude_regex": "do not count near some words",
    "salience": "are general words, which count only in articles about the theme",
    "valid_from": "are valid only for some time",
    "valid_to": "are valid only for some time",
}


def import_dictionary(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File .dic, .ykd, .lcd, .lc3, .csv")],
    lang: Annotated[str, typer.Option("--lang", metavar="L", help="Language, such as en.")],
    theme: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[CATEGORY=]T",
            help="theme_id of a category; repeatable. Without CATEGORY, of all categories. Default:"
            " the theme with the category's name.",
        ),
    ] = None,
    reviewer: Annotated[
        str, typer.Option(metavar="NAME", help="Who decided; without, nothing is added.")
    ] = "",
) -> None:
    """Add the phrases of a dictionary for LIWC, Yoshikoder or Lexicoder, or of a CSV file, and
    report each kind of entry that the word list cannot express.

    A CSV file has the columns `category` and `phrase`. A final * matches any ending. Without
    `--reviewer`, the command only reports.
    """
    if not is_known(lang):
        raise UserError(str(UnknownLanguageError(lang)))
    try:
        entries = read_dictionary(file.read_bytes(), file.suffix[1:].lower())
    except OSError as error:
        raise UserError(f"Cannot read {file}: {error.strerror}.") from error
    except DictionaryError as error:
        raise UserError(f"{file}: {error}") from error
    folders = read_settings().seeds
    named = dict(cell.rpartition("=")[::2] for cell in theme or ())
    source = f"{file.name}, imported {dt.datetime.now(dt.UTC):%Y-%m-%d}"
    decision = Decision(folders, Path(), "", lang, reviewer.strip(), dt.date.min)
    with locked(folders[-1]):
        rows, lost = _convert(entries, named, decision, source)
        if decision.reviewer:
            write_rows(folders, "theme_phrases", lambda _: True, rows)
    themes = ", ".join(f"{name} {n}" for name, n in Counter(r["theme_id"] for r in rows).items())
    verb = f"Added to {folders[-1]}" if decision.reviewer else "Would be added with --reviewer NAME"
    print(f"{verb}: {counted(len(rows), 'phrase')}{': ' * bool(themes)}{themes}.")
    _report(lost)


def _convert(
    entries: Iterable[Entry], named: Mapping[str, str], decision: Decision, source: str
) -> tuple[list[dict[str, str]], list[tuple[str, str]]]:
    """Return the rows of a dictionary's entries, and reason and phrase of each entry without one.

    Raises UserError if a named theme is unknown.
    """
    tables = {
        name: read_seed(name, decision.folders, KEYS[name]) for name in ("themes", "theme_phrases")
    }
    for theme_id in named.values():
        find_theme(theme_id, tables["themes"])
    before = set(check_all(tables, spell_out))
    tag, taken = primary_language(decision.language), _Taken(tables)
    rows, lost = [], []
    for entry in entries:
        theme = named.get(entry.category) or named.get("") or entry.category.lower()
        phrase = entry.phrase.rstrip("*")
        if problem := entry.problem or taken.find_problem(theme, tag, phrase, entry.category):
            lost.append((problem, entry.phrase))
            continue
        row = dataclasses.replace(decision, phrase=entry.phrase).phrase_row((), theme)
        row |= {"source": source, "phrase": phrase, "phrase_id": taken.new_id(f"{theme}-{tag}")}
        rows.append(row)
    tables["theme_phrases"] = [*tables["theme_phrases"], *rows]
    new = set(check_all(tables, spell_out)) - before
    return _without_refused(rows, new, lost)


def _without_refused(
    rows: Iterable[dict[str, str]], problems: Iterable[str], lost: list[tuple[str, str]]
) -> tuple[list[dict[str, str]], list[tuple[str, str]]]:
    """Return the rows without a problem, and the reasons of all others."""
    wrong = {match[1]: text for text in problems if (match := _NAMED.search(text))}
    kept = [row for row in rows if row["phrase_id"] not in wrong]
    return kept, [*lost, *(("is refused", text) for text in wrong.values())]


class _Taken:
    """The themes, and the phrases and IDs that a word list has."""

    def __init__(self, tables: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
        self._themes = {row["theme_id"] for row in tables["themes"]}
        self._ids = {row["phrase_id"] for row in tables["theme_phrases"]}
        self._numbers: dict[str, itertools.count[int]] = defaultdict(lambda: itertools.count(1))
        self._phrases = {
            (row["theme_id"], primary_language(row["language"]), row["phrase"].lower())
            for row in tables["theme_phrases"]
        }

    def find_problem(self, theme: str, tag: str, phrase: str, category: str) -> str:
        """Return why a phrase cannot join its theme, or take it and return an empty text."""
        if theme not in self._themes:
            return f"has the category {category!r}, which is no theme"
        if (key := (theme, tag, phrase.lower())) in self._phrases:
            return "is in the word list"
        self._phrases.add(key)
        return ""

    def new_id(self, stem: str) -> str:
        """Return the next ID with a stem."""
        ids = (f"{stem}-{number}" for number in self._numbers[stem])
        return next(name for name in ids if name not in self._ids)


def _report(lost: Sequence[tuple[str, str]]) -> None:
    """Print each reason for which entries do not carry over, with their number and an example."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for reason, phrase in lost:
        by_reason[reason].append(phrase)
    for reason, phrases in by_reason.items():
        print(f"Not carried over: {len(phrases)}, each {reason}, such as: {phrases[0]}")


def export_dictionary(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File .dic, .ykd, .lcd, .lc3, .csv")],
    theme: Annotated[
        list[str] | None, typer.Option(metavar="T", help="theme_id; repeatable. Default: all.")
    ] = None,
    lang: Annotated[
        str, typer.Option("--lang", metavar="L", help="Language of the phrases. Default: all.")
    ] = "",
) -> None:
    """Write the word list as a dictionary for LIWC, Yoshikoder or Lexicoder, or as CSV, and report
    each rule that the file cannot express.
    """
    rows = _read_phrases(theme or (), lang)
    included = [row for row in rows if row["role"] == "include"]
    if not included:
        raise UserError("The word list has no such phrase.")
    entries = {
        Entry(row["theme_id"], row["phrase"].rstrip("*") + "*" * (row["match_type"] == "prefix"))
        for row in included
    }
    _write(file, entries)
    print(f"Wrote {counted(len(entries), 'phrase')} to {file}.")
    lost = _count_lost(included) | {"are exceptions in longer phrases": len(rows) - len(included)}
    for reason, count in filter(itemgetter(1), lost.items()):
        print(f"Not carried over: {counted(count, 'phrase')} that {reason}.")


def _write(file: Path, entries: Iterable[Entry]) -> None:
    try:
        text = write_dictionary(sorted(entries), file.suffix[1:].lower())
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"Cannot write {file}: {error.strerror}.") from error
    except DictionaryError as error:
        raise UserError(str(error)) from error


def _read_phrases(chosen: Sequence[str], lang: str) -> list[dict[str, str]]:
    """Return the phrases of the chosen themes, or of all, in a language, or in all.

    Raises UserError if a theme is unknown.
    """
    folders = read_settings().seeds
    themes, phrases = (read_seed(name, folders, KEYS[name]) for name in ("themes", "theme_phrases"))
    for theme_id in chosen:
        find_theme(theme_id, themes)
    tag = primary_language(lang) if lang else ""
    return [
        row
        for row in phrases
        if (not chosen or row["theme_id"] in chosen)
        and primary_language(row["language"]).startswith(tag)
    ]


def _count_lost(rows: Sequence[Mapping[str, str]]) -> dict[str, int]:
    """Return how many phrases have each rule that dictionaries cannot express."""
    lost = Counter(
        reason
        for row in rows
        for reason in {reason for column, reason in _LOST.items() if row.get(column)}
    )
    kinds = Counter(row["match_type"] for row in rows)
    return dict(lost) | {
        "match also inflected forms": kinds["inflected"],
        "match within words, as Chinese does": kinds["substring"],
    }


def suggest(
    theme: Annotated[str, typer.Option(metavar="T", help="theme_id of the missed articles.")],
    lang: Annotated[
        str, typer.Option("--lang", metavar="L", help="Language of the articles. Default: all.")
    ] = "",
) -> None:
    """List words that separate coded articles that the word list missed from those that it found.

    The theme needs 50 coded articles. Nothing is added: read the matches with `tidings phrase
    "…"`, and accept a phrase with --accept. z compares the missed articles with the coded articles
    about other themes.
    """
    lake = find_lake()
    require_release(lake.release_file)
    with open_release(lake) as con:
        found = suggest_words(con, theme, primary_language(lang) if lang else "")
    print(
        f"{theme}: {counted(found.true_count, 'coded article')} about it, of which the word list"
        f" missed {found.missed_count}; {found.other_count} about other themes."
    )
    heads = ("Words", "Language", ">Missed", ">Found", ">Others", ">z")
    rows = [
        (row.words, row.language, row.missed, row.found, row.others, f"{row.z:.1f}")
        for row in found.words
    ]
    SafeConsole().print(table_of(heads, rows))
