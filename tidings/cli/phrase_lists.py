"""``tidings phrase import``, ``export`` and ``suggest``."""

from __future__ import annotations

import dataclasses
import datetime as dt
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
from tidings.base.languages import UnknownLanguageError, is_known, primary_language
from tidings.base.languages.plural import counted
from tidings.base.settings import read_settings
from tidings.cli.lake import find_lake
from tidings.cli.phrase_review import (
    Decision,
    find_new_problems,
    find_theme,
    locked,
    read_tables,
    write_rows,
)
from tidings.cli.terminal import SafeConsole, UserError, file_errors, table_of
from tidings.storage.release import open_release

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_THEME_ID = itemgetter("theme_id")
_NAMED = re.compile(r"theme_phrases(?:\.csv)?, ([^:,]+)")
# rules that dictionaries cannot express, by the columns or the match_type of a phrase
_LOST = {
    "need another word nearby": ("requires_any",),
    "do not count near some words": ("exclude_regex",),
    "are general words, which count only in articles about the theme": ("salience",),
    "are valid only for some time": ("valid_from", "valid_to"),
}
_LOST_KINDS = {
    "match also inflected forms": "inflected",
    "match within words, as Chinese does": "substring",
}


def import_dictionary(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File .dic, .ykd, .lcd, .lc3, .csv")],
    lang: Annotated[str, typer.Option(metavar="L", help="Language, such as en.")],
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
    """Add the phrases of a dictionary for LIWC, Yoshikoder or Lexicoder, or of a CSV file with the
    columns `category` and `phrase`, and report each kind of entry that the list cannot express.

    A final * matches any ending. Without `--reviewer`, the command only reports.
    """
    if not is_known(lang):
        raise UnknownLanguageError(lang)
    entries = _read(file)
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
    for reason, phrases in lost.items():
        print(f"Not carried over: {len(phrases)}, each {reason}, such as: {phrases[0]}")


def _read(file: Path) -> list[Entry]:
    try:
        with file_errors("read", file):
            return read_dictionary(file.read_bytes(), file.suffix[1:].lower())
    except DictionaryError as error:
        raise UserError(f"{file}: {error}") from error


def _convert(
    entries: Iterable[Entry], named: Mapping[str, str], decision: Decision, source: str
) -> tuple[list[dict[str, str]], dict[str, list[str]]]:
    """Return the rows of a dictionary's entries, and the other entries by the reason."""
    tables = read_tables(decision.folders)
    for theme_id in named.values():
        find_theme(theme_id, tables["themes"])
    phrases, tag = tables["theme_phrases"], primary_language(decision.language)
    ids = {name: decision.new_ids(phrases, name) for name in map(_THEME_ID, tables["themes"])}
    taken = {
        (row["theme_id"], primary_language(row["language"]), row["phrase"].lower())
        for row in phrases
    }
    rows, lost = [], defaultdict(list)
    for entry in entries:
        theme = named.get(entry.category) or named.get("") or entry.category.lower()
        phrase = entry.phrase.rstrip("*")
        key = theme, tag, phrase.lower()
        no_theme = f"has the category {entry.category!r}, which is no theme" * (theme not in ids)
        if problem := entry.problem or no_theme or "is in the word list" * (key in taken):
            lost[problem].append(entry.phrase)
            continue
        taken.add(key)
        typed = dataclasses.replace(decision, phrase=entry.phrase)
        row = typed.phrase_row(theme, next(ids[theme]))
        rows.append(row | {"source": source, "phrase": phrase})
    return _without_refused(rows, tables, lost), lost


def _without_refused(
    rows: list[dict[str, str]],
    tables: Mapping[str, list[dict[str, str]]],
    lost: dict[str, list[str]],
) -> list[dict[str, str]]:
    problems = find_new_problems(tables, {"theme_phrases": rows})
    wrong = {match[1]: text for text in problems if (match := _NAMED.search(text))}
    if wrong:
        lost["is refused"].extend(wrong.values())
    return [row for row in rows if row["phrase_id"] not in wrong]


def export_dictionary(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File .dic, .ykd, .lcd, .lc3, .csv")],
    theme: Annotated[
        list[str] | None, typer.Option(metavar="T", help="theme_id; repeatable. Default: all.")
    ] = None,
    lang: Annotated[
        str, typer.Option(metavar="L", help="Language of the phrases. Default: all.")
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
    text = write_dictionary(sorted(entries), file.suffix[1:].lower())
    with file_errors("write", file):
        file.write_text(text, encoding="utf-8")
    print(f"Wrote {counted(len(entries), 'phrase')} to {file}.")
    _report_lost(included, len(rows) - len(included))


def _report_lost(rows: Sequence[Mapping[str, str]], exceptions: int) -> None:
    lost = {
        reason: sum(any(map(row.get, columns)) for row in rows) for reason, columns in _LOST.items()
    }
    kinds = Counter(row["match_type"] for row in rows)
    lost |= {reason: kinds[kind] for reason, kind in _LOST_KINDS.items()}
    lost["are exceptions in longer phrases"] = exceptions
    for reason, count in lost.items():
        if count:
            print(f"Not carried over: {counted(count, 'phrase')} that {reason}.")


def _read_phrases(chosen: Sequence[str], lang: str) -> list[dict[str, str]]:
    tables = read_tables(read_settings().seeds)
    for theme_id in chosen:
        find_theme(theme_id, tables["themes"])
    tag = primary_language(lang) if lang else ""
    return [
        row
        for row in tables["theme_phrases"]
        if (not chosen or row["theme_id"] in chosen)
        and primary_language(row["language"]).startswith(tag)
    ]


def suggest(
    theme: Annotated[str, typer.Option(metavar="T", help="theme_id of the missed articles.")],
    lang: Annotated[
        str, typer.Option(metavar="L", help="Language of the articles. Default: all.")
    ] = "",
) -> None:
    """List words that separate coded articles that the word list missed from those that it found.

    The theme needs 50 coded articles. Nothing is added: read the matches with `tidings phrase
    "…"`, and accept a phrase with --accept. z compares the missed articles with the coded articles
    about other themes.
    """
    with open_release(find_lake()) as con:
        tag = primary_language(lang) if lang else ""
        missed, found, others, words = suggest_words(con, theme, tag)
    print(
        f"{theme}: {counted(missed + found, 'coded article')} about it, of which the word list"
        f" missed {missed}; {others} about other themes."
    )
    heads = ("Words", "Language", ">Missed", ">Found", ">Others", ">z")
    SafeConsole().print(table_of(heads, [(*row[:5], f"{row.z:.1f}") for row in words]))
