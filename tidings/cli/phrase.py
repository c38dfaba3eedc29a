"""``tidings phrase``: list rising phrases, show the matches of a phrase, and decide about it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from tidings.analysis.explore.answers import answer
from tidings.analysis.explore.database import OpenRelease
from tidings.analysis.explore.question import parse_question
from tidings.base.languages import UnknownLanguageError, is_known, primary_language
from tidings.base.languages.plural import counted, listed
from tidings.base.settings import read_instant, read_settings
from tidings.cli.code import serve_until_stopped
from tidings.cli.lake import find_lake, require_release
from tidings.cli.phrase_lists import export_dictionary, import_dictionary, suggest
from tidings.cli.phrase_review import Decision, PhraseSheet, read_candidates, warn_if_bundled
from tidings.cli.run_flow import run_flow
from tidings.cli.terminal import RunTime, SafeConsole, table_of
from tidings.storage.remote_lake import lake_of

if TYPE_CHECKING:
    from pathlib import Path

    from typer._click import Context

SAMPLES = 12  # matches to show


class PhraseGroup(TyperGroup):
    """Subcommands, and phrases: a first argument that is no subcommand belongs to ``show``."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Return the arguments, after inserting ``show`` if no subcommand is named."""
        if not args or args[0] not in {*self.commands, "--help"}:
            args = ["show", *args]
        rest: list[str] = super().parse_args(ctx, args)
        return rest


phrase = typer.Typer(
    cls=PhraseGroup,
    add_completion=False,
    rich_markup_mode="markdown",
    help='List rising phrases, preview a phrase, and accept or reject it. `tidings phrase "…"`'
    ' means `tidings phrase show "…"`; `tidings phrase show --help` lists all options.',
)
phrase.command("import")(import_dictionary)
phrase.command("export")(export_dictionary)
phrase.command()(suggest)


@phrase.command()
def show(
    words: Annotated[
        str | None,
        typer.Argument(
            metavar="[PHRASE]",
            help="Phrase; a trailing * matches any ending. Without a phrase, list rising phrases.",
        ),
    ] = None,
    lang: Annotated[
        str,
        typer.Option(
            metavar="L",
            help="Language of the phrase, such as en. Default: the language of the candidate or of"
            " its script.",
        ),
    ] = "",
    accept: Annotated[
        bool, typer.Option("--accept", help="Add the phrase to the word list and count it.")
    ] = False,
    reject: Annotated[
        bool, typer.Option("--reject", help="Do not list the candidate until its use doubles.")
    ] = False,
    review: Annotated[
        bool, typer.Option("--review", help="Open a page to decide about the first candidates.")
    ] = False,
    theme: Annotated[
        str, typer.Option(metavar="T", help="With --accept: theme_id of the phrase.")
    ] = "",
    parent: Annotated[
        str,
        typer.Option(
            metavar="AREA",
            help="With --accept: create --theme as a new formulation of this policy area.",
        ),
    ] = "",
    label: Annotated[str, typer.Option(help="With --parent: English label of the new theme.")] = "",
    reviewer: Annotated[
        str, typer.Option(metavar="NAME", help="Name of the person who decides.")
    ] = "",
    retag: Annotated[
        bool, typer.Option(help="Count the phrase now; --no-retag: in the next nightly run.")
    ] = True,
    now: RunTime = "",
) -> None:
    """List rising phrases, preview the matches of a phrase, and accept or reject it.

    * `tidings phrase` lists the candidates of the last release: rising phrases that no word list
      contains.
    * `tidings phrase "quiet corridors"` shows how often and where the phrase would match. Read the
      matches before you decide; `tidings explore` shows them all.
    * `tidings phrase "quiet corridors" --accept --theme rail_transport --reviewer "A. Reader"` adds
      the phrase to `theme_phrases.csv`, with reviewer, date and first article. The file is in the
      last folder of TIDINGS_SEEDS, by default `seeds/` in the data folder. The command then tags
      the articles again and makes a release.
    * `--reject` instead of `--accept` stores that the phrase is no theme.
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
    else:
        decision = decision.complete()
        if accept:
            row = decision.accept(theme, parent, label)["theme_phrases"]
            folder, added = decision.folders[-1], (decision.language, row["match_type"])
            place = f"{theme} as {row['phrase_id']} in {folder / 'theme_phrases.csv'}"
            print(f"Added “{decision.phrase}” ({', '.join(added)}) to {place}.")
            warn_if_bundled(folder)
            effect = "counts the phrase"
        else:
            show_mentions(decision)
    if effect:
        _apply(decision.release, now, effect, is_wanted=retag)


def _begin(words: str, lang: str, reviewer: str, now: str, *, is_decision: bool) -> Decision:
    if lang and not is_known(lang):
        raise UnknownLanguageError(lang)
    instant = read_instant(now) if now else dt.datetime.now(dt.UTC)
    settings, day = read_settings(), instant.astimezone(dt.UTC).date()
    # a decision is never about the demo's release
    release = (lake_of(settings) if is_decision else find_lake()).release_file
    return Decision(settings.seeds, release, words, lang, reviewer.strip(), day)


def _apply(release: Path, now: str, effect: str, *, is_wanted: bool) -> None:
    """Tag the articles again and make a release, or print which run will do so."""
    if not release.exists():
        print(f"There is no release yet. The first nightly run {effect}.")
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
    if not sheet.count:
        print("No candidates without a decision.")
        return ""
    serve_until_stopped(sheet)
    counts = sheet.count_verdicts()
    made = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    print(f"{made}; {sheet.count - sum(counts.values())} without a decision.", flush=True)
    return "counts the phrases" if counts["accepted"] else ""


def _show_candidates(decision: Decision) -> None:
    require_release(decision.release)
    columns = ("phrase", "language", "article_count", "outlet_count", "first_seen_on")
    rows = [[row[name] for name in columns] for row in read_candidates(decision)]
    heads = ("Phrase", "Language", ">Articles", ">Outlets", "First seen")
    SafeConsole().print(table_of(heads, rows))
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
        shown = " ".join(row["snippet"].replace(row["match"], f"[{row['match']}]").split())
        print(f"  {row['published_on']}  {row['outlet_name']}: {shown}")
