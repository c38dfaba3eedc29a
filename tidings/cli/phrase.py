"""``tidings phrase``: list rising phrases, show the matches of a phrase, and decide about it."""

import dataclasses
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option
from typer._click import Context
from typer.core import TyperGroup

from tidings.analysis.coding.recall import suggest_words
from tidings.analysis.explore.answers import answer
from tidings.analysis.explore.database import OpenRelease
from tidings.analysis.explore.question import parse_question
from tidings.analysis.own_seeds import change_rows
from tidings.annotation.dictionaries import (
    DictionaryError,
    Entry,
    read_dictionary,
    write_dictionary,
)
from tidings.annotation.languages import language
from tidings.annotation.phrases import spell_out
from tidings.base.languages import primary_language
from tidings.base.languages.plural import counted, listed
from tidings.base.settings import read_instant, read_settings
from tidings.cli.code import serve_until_stopped
from tidings.cli.lake import find_lake
from tidings.cli.phrase_review import (
    Decision,
    PhraseSheet,
    locked,
    read_candidates,
    read_tables,
    warn_if_bundled,
)
from tidings.cli.run_flow import run_flow
from tidings.cli.terminal import (
    RunTime,
    display,
    file_errors,
    group,
    refuse,
    table_of,
)
from tidings.storage.release import open_release, require_release
from tidings.storage.remote_lake import lake_of
from tidings.storage.seed_checks import check_cells

SAMPLES = 12  # matches to show
Dictionary = Annotated[Path, Argument(metavar="FILE", help="File .dic, .ykd, .lcd, .lc3, .csv")]


class PhraseGroup(TyperGroup):
    """Subcommands, and phrases: a first argument that is no subcommand belongs to ``show``."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Return the arguments, after inserting ``show`` if no subcommand is named."""
        if args == ["list"]:  # the candidates; `tidings phrase show list` previews the word
            args = []
        if not args or args[0] not in {*self.commands, "--help"}:
            args = ["show", *args]
        rest: list[str] = super().parse_args(ctx, args)
        return rest


phrase = group(
    'List rising phrases, preview a phrase, and accept or reject it. `tidings phrase "…"` means'
    ' `tidings phrase show "…"`; `tidings phrase show --help` lists all options.',
    cls=PhraseGroup,
)


@phrase.command()
def show(
    words: str | None = Argument(
        None,
        metavar="[PHRASE]",
        help="Phrase; a trailing * matches any ending. Without a phrase, list rising phrases.",
    ),
    lang: str = Option(
        "",
        metavar="L",
        help="Language of the phrase, such as en. Default: the language of the candidate or of"
        " its script.",
    ),
    accept: bool = Option(False, "--accept", help="Add the phrase to the word list and count it."),
    reject: bool = Option(
        False, "--reject", help="Do not list the candidate until its use doubles."
    ),
    review: bool = Option(
        False, "--review", help="Open a page to decide about the first candidates."
    ),
    theme: str = Option("", metavar="T", help="With --accept: theme_id of the phrase."),
    parent: str = Option(
        "",
        metavar="AREA",
        help="With --accept: create --theme as a new formulation of this policy area.",
    ),
    label: str = Option("", help="With --parent: English label of the new theme."),
    reviewer: str = Option("", metavar="NAME", help="Name of the person who decides."),
    retag: bool = Option(True, help="Count the phrase now; --no-retag: in the next nightly run."),
    now: RunTime = "",
) -> None:
    """List rising phrases, preview the matches of a phrase, and accept or reject it.

    * `tidings phrase` or `tidings phrase list` lists the candidates of the last release: rising
      phrases that no word list contains.
    * `tidings phrase "quiet corridors"` shows how often and where the phrase would match. Read the
      matches before you decide; `tidings explore` shows them all.
    * `tidings phrase "quiet corridors" --accept --theme rail_transport --reviewer "A. Reader"` adds
      the phrase to `theme_phrases.csv`, with reviewer, date and first article. The file is in the
      last folder of TIDINGS_SEEDS, by default `seeds/` in the data folder. The command then tags
      the articles again and makes a release.
    * `--parent AREA --label "Quiet corridors"` also creates the theme, as a formulation of that
      policy area.
    * `tidings phrase --review --reviewer "A. Reader"` prints the URL of a page that shows the first
      candidates, to accept, reject or postpone. Ctrl-C ends it and counts the accepted phrases.
    """
    is_decision = accept or reject or review
    decision = _begin(words or "", lang, reviewer, now, is_decision=is_decision)
    effect = ""
    if review:
        effect = _review(decision)
    elif words is None and not is_decision:
        _show_candidates(decision)
    elif reject:
        decision.complete().review("rejected")
        print(f"Rejected “{words}”: it returns when its use doubles.")
    elif accept:
        decision = decision.complete()
        row = decision.accept(theme, parent, label)["theme_phrases"]
        folder, added = decision.folders[-1], (decision.language, row["match_type"])
        place = f"{theme} as {row['phrase_id']} in {folder / 'theme_phrases.csv'}"
        print(f"Added “{decision.phrase}” ({', '.join(added)}) to {place}.")
        warn_if_bundled(folder)
        effect = "counts the phrase"
    else:
        show_mentions(decision.complete())
    if effect:
        _apply(decision.release, now, effect, is_wanted=retag)


def _begin(words: str, lang: str, reviewer: str, now: str, *, is_decision: bool) -> Decision:
    """Return the decision as typed. Raises UnknownLanguageError."""
    if lang:
        language(lang)
    instant = read_instant(now) if now else dt.datetime.now(dt.UTC)
    settings, day = read_settings(), instant.astimezone(dt.UTC).date()
    # a decision is never about the demo's release
    release = (lake_of(settings) if is_decision else find_lake()).release_file
    return Decision(settings.seeds, release, words, lang, reviewer.strip(), day)


def _apply(release: Path, now: str, effect: str, *, is_wanted: bool) -> None:
    """Tag the articles again and make a release, or print which run will do so."""
    if not release.exists():
        print(f"There is no release of your own yet. The first nightly run {effect}.")
    elif is_wanted:
        parameters = {"start": "", "end": "", "mode": "retag", "now": now, "confirm": True}
        result = run_flow("tidings.flows.backfill:backfill", parameters)
        print(f"Tagged the articles again and made release {result.release_id}: {release}")
    else:
        print(f"The next nightly run {effect}.")


def _review(decision: Decision) -> str:
    """Serve a page to review the candidates until Ctrl-C, and return what the next run does."""
    require_release(decision.release)
    sheet = PhraseSheet(decision)
    if not sheet.rows:
        print("No candidates without a decision.")
        return ""
    serve_until_stopped(sheet)
    counts = sheet.count_verdicts()
    made = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    print(f"{made}; {len(sheet.rows) - sum(counts.values())} without a decision.", flush=True)
    return "counts the phrases" if counts["accepted"] else ""


def _show_candidates(decision: Decision) -> None:
    """Print the highest-ranked candidates of each language, or of the decision's language."""
    require_release(decision.release)
    cells = itemgetter("phrase", "language", "article_count", "outlet_count", "first_seen_on")
    rows = map(cells, read_candidates(decision))
    heads = ("Phrase", "Language", ">Articles", ">Outlets", "First seen")
    display(table_of(heads, rows))
    print(
        'Read the matches before you decide: tidings phrase "…". Then use --accept, --reject or the'
        " page of --review (see `tidings phrase show --help`)."
    )


def show_mentions(decision: Decision) -> None:
    """Print how often and where a phrase would match, as Explore counts typed words."""
    require_release(decision.release)
    words, language = decision.phrase, primary_language(decision.language)
    release = OpenRelease(decision.release)
    if release.find_choice("language", language) is None:
        print(f"No article is in the language {language}.")
        return
    question = parse_question([("s", f"words:{words}"), ("language", language)])
    found, articles = (answer(release, name, question) for name in ("mentions", "articles"))
    if not found["mention_count"]:
        print(f"No article contains “{words}” ({language}).")
        return
    least = "" if found["is_count_exact"] else "at least "
    counts = counted(found["mention_count"], "match"), counted(articles["article_count"], "article")
    outlets = [f"{row['label']} {row['count']:,}" for row in articles["facets"]["outlet"]]
    print(f"“{words}” ({language}): {least}{' in '.join(counts)}: {listed(outlets, 5)}.")
    for row in found["mentions"][:SAMPLES]:
        text, end = row["snippet"], row["match_end"]
        start = end - len(" ".join(row["match"].split()))
        shown = f"{text[:start]}[{text[start:end]}]{text[end:]}"
        print(f"  {row['published_on']}  {row['outlet_name']}: {shown}")


# which phrases have a rule that dictionaries cannot express
_LOST: dict[str, Callable[[Mapping[str, str]], Any]] = {
    "need another word nearby": lambda row: row.get("requires_any"),
    "do not count near some words": lambda row: row.get("exclude_regex"),
    "are general words, which count only in articles about the theme": lambda row: row.get(
        "salience"
    ),
    "are valid only for some time": lambda row: row.get("valid_from") or row.get("valid_to"),
    "match also inflected forms": lambda row: row["match_type"] == "inflected",
    "match within words, as Chinese does": lambda row: row["match_type"] == "substring",
}


@phrase.command("import")
def import_dictionary(
    file: Dictionary,
    lang: str = Option(metavar="L", help="Language, such as en."),
    theme: list[str] | None = Option(
        None,
        metavar="[CATEGORY=]T",
        help="theme_id of a category; repeatable. Without CATEGORY, of all categories. Default:"
        " the theme with the category's name.",
    ),
    reviewer: str = Option("", metavar="NAME", help="Reviewer; without, nothing is added."),
) -> None:
    """Add the phrases of a dictionary for LIWC, Yoshikoder or Lexicoder, or of a CSV file with the
    columns `category` and `phrase`, and report each kind of entry that the list cannot express.

    A final * matches any ending. Without `--reviewer`, the command only reports.
    """
    language(lang)
    with file_errors("read", file, DictionaryError):
        entries = read_dictionary(file.read_bytes(), file.suffix[1:].lower())
    folders = read_settings().seeds
    named = dict(cell.rpartition("=")[::2] for cell in theme or ())
    source = f"{file.name}, imported {dt.datetime.now(dt.UTC):%Y-%m-%d}"
    decision = Decision(folders, Path(), "", lang, reviewer.strip(), dt.date.min)
    with locked(folders[-1]):
        rows, lost = _convert(entries, named, decision, source)
        if decision.reviewer:
            change_rows(folders[-1] / "theme_phrases.csv", lambda _: True, rows)
    themes = ", ".join(f"{name} {n}" for name, n in Counter(r["theme_id"] for r in rows).items())
    verb = f"Added to {folders[-1]}" if decision.reviewer else "Would be added with --reviewer NAME"
    print(f"{verb}: {counted(len(rows), 'phrase')}{': ' * bool(themes)}{themes}.")
    for reason, phrases in lost.items():
        print(f"Not carried over: {len(phrases)}, each {reason}, such as: {phrases[0]}")


def _convert(
    entries: Iterable[Entry], named: Mapping[str, str], decision: Decision, source: str
) -> tuple[list[dict[str, str]], dict[str, list[str]]]:
    """Return the rows of a dictionary's entries, and the other entries by the reason."""
    tables = read_tables(decision.folders, named.values())
    phrases, themes = tables["theme_phrases"], map(itemgetter("theme_id"), tables["themes"])
    ids = {theme: decision.new_ids(phrases, theme) for theme in themes}
    taken = {form for row in phrases for form in _spell(row)}
    rows, lost = [], defaultdict(list)
    for entry in entries:
        theme = named.get(entry.category) or named.get("") or entry.category.lower()
        row = dataclasses.replace(decision, phrase=entry.phrase).phrase_row(theme, "new")
        row |= {"source": source, "phrase": entry.phrase.rstrip("*")}
        refusals = [
            entry.problem,
            f"has the category {entry.category!r}, which is no theme" * (theme not in ids),
            *(text.partition(": ")[2].rstrip(".") for text in check_cells("theme_phrases", [row])),
            "is in the word list" * bool(taken & _spell(row)),
        ]
        if problem := next(filter(None, refusals), ""):
            lost[problem].append(entry.phrase)
        else:
            taken |= _spell(row)
            rows.append(row | {"phrase_id": next(ids[theme])})
    return rows, lost


def _spell(row: Mapping[str, str]) -> set[tuple[str, str, str]]:
    """Return what a phrase matches: its theme, its language and each spelling."""
    language = row["language"]
    return {
        (row["theme_id"], primary_language(language), form)
        for form in spell_out(row["phrase"], language, row["match_type"])
    }


@phrase.command("export")
def export_dictionary(
    file: Dictionary,
    theme: list[str] | None = Option(None, metavar="T", help="theme_id; repeatable. Default: all."),
    lang: str = Option("", metavar="L", help="Language of the phrases. Default: all."),
) -> None:
    """Write the word list as a dictionary for LIWC, Yoshikoder or Lexicoder, or as CSV, and report
    each rule that the file cannot express.
    """
    rows = _read_phrases(theme or (), primary_language(lang))
    included = [row for row in rows if row["role"] == "include"]
    refuse(not included, "The word list has no such phrase.")
    entries = {
        Entry(row["theme_id"], row["phrase"].rstrip("*") + "*" * (row["match_type"] == "prefix"))
        for row in included
    }
    text = write_dictionary(sorted(entries), file.suffix[1:].lower())
    with file_errors("write", file):
        file.write_text(text, encoding="utf-8")
    print(f"Wrote {counted(len(entries), 'phrase')} to {file}.")
    lost = {reason: sum(map(bool, map(has, included))) for reason, has in _LOST.items()}
    lost["are exceptions in longer phrases"] = len(rows) - len(included)
    for reason, count in lost.items():
        if count:
            print(f"Not carried over: {counted(count, 'phrase')} that {reason}.")


def _read_phrases(chosen: Sequence[str], tag: str) -> list[dict[str, str]]:
    """Return the phrases of some themes, or of all, in a language."""
    return [
        row
        for row in read_tables(read_settings().seeds, chosen)["theme_phrases"]
        if (not chosen or row["theme_id"] in chosen)
        and primary_language(row["language"]).startswith(tag)
    ]


@phrase.command()
def suggest(
    theme: str = Option(metavar="T", help="theme_id of the missed articles."),
    lang: str = Option("", metavar="L", help="Language of the articles. Default: all."),
) -> None:
    """List words that separate coded articles that the word list missed from those that it found.

    The theme needs 50 coded articles. Nothing is added: read the matches with `tidings phrase
    "…"`, and accept a phrase with --accept. z compares the missed articles with the coded articles
    about other themes.
    """
    with open_release(find_lake()) as con:
        missed, found, others, words = suggest_words(con, theme, primary_language(lang))
    print(
        f"{theme}: {counted(missed + found, 'coded article')} about it, of which the word list"
        f" missed {missed}; {others} about other themes."
    )
    heads = ("Words", "Language", ">Missed", ">Found", ">Others", ">z")
    display(table_of(heads, [(*row[:5], f"{row.z:.1f}") for row in words]))
