"""``tidings phrase``: list rising phrases, show the matches of a phrase, accept or reject it."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from tidings.analysis.report.render import begin_at_word, end_at_word
from tidings.annotation.matching import Matcher
from tidings.annotation.phrases import Phrase
from tidings.annotation.typed_words import match_type as find_match_type
from tidings.annotation.udf import register_hits
from tidings.base.functions import create_functions
from tidings.base.languages import UnknownLanguageError, is_known, primary_language
from tidings.base.languages.plural import counted
from tidings.base.settings import read_instant, read_settings
from tidings.cli.code import serve_until_stopped
from tidings.cli.lake import find_lake, require_release
from tidings.cli.phrase_review import (
    Decision,
    article_days,
    query_release,
    warn_if_bundled,
)
from tidings.cli.phrase_sheet import PhraseSheet
from tidings.cli.run_flow import run_flow
from tidings.cli.terminal import RunTime, UserError
from tidings.storage.lake import quoted
from tidings.storage.remote_lake import lake_of

SAMPLES, CANDIDATES = 12, 20  # matches and candidates to show
REACH = 36  # characters of an example beside its phrase


def phrase(
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
            "--lang",
            metavar="L",
            help="Language of the phrase, such as en. Default: the language of the candidate or of"
            " its script.",
        ),
    ] = "",
    inflected: Annotated[
        bool, typer.Option("--inflected", help="Also match inflections of the last word.")
    ] = False,
    samples: Annotated[int, typer.Option(min=0, help="Number of matches to show.")] = SAMPLES,
    accept: Annotated[
        bool, typer.Option("--accept", help="Add the phrase to the word list and count it.")
    ] = False,
    reject: Annotated[
        bool,
        typer.Option(
            "--reject", help="Remove the phrase from the candidates until its use doubles."
        ),
    ] = False,
    review: Annotated[
        bool, typer.Option("--review", help="Open a page to decide about the first candidates.")
    ] = False,
    theme: Annotated[
        str, typer.Option("--theme", metavar="T", help="With --accept: theme_id of the phrase.")
    ] = "",
    parent: Annotated[
        str,
        typer.Option(
            "--parent",
            metavar="AREA",
            help="With --accept: create --theme as a new formulation of this policy area.",
        ),
    ] = "",
    label: Annotated[
        str, typer.Option("--label", help="With --parent: English label of the new theme.")
    ] = "",
    reviewer: Annotated[
        str, typer.Option("--reviewer", metavar="NAME", help="Name of the person who decides.")
    ] = "",
    source: Annotated[
        str,
        typer.Option(
            "--source",
            help="Document and date of the phrase. Default: the first article that contains it.",
        ),
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
      matches before you decide.
    * `tidings phrase "quiet corridors" --accept --theme rail_transport --reviewer "A. Reader"` adds
      the phrase to `theme_phrases.csv`, with reviewer, date and source. The file is in the last
      folder of TIDINGS_SEEDS, by default `seeds/` in the data folder. The command then tags the
      articles again and makes a release.
    * `--parent AREA --label "Quiet corridors"` also creates the theme, as a formulation of that
      policy area.
    * `tidings phrase "quiet corridors" --reject --reviewer "A. Reader"` removes the phrase from the
      candidates until its use doubles.
    * `tidings phrase --review --reviewer "A. Reader"` prints the URL of a page that shows the first
      candidates, to accept, reject or postpone. Ctrl-C ends it and counts the accepted phrases.
    """
    if accept and reject:
        raise UserError("Use either --accept or --reject, not both.")
    is_decision = accept or reject or review
    decision = _begin(words, lang, reviewer, now, is_decision=is_decision)
    if words is None and not is_decision:
        show_candidates(decision.release, lang)
    elif review:
        _apply(decision.release, now, _review(decision), is_wanted=retag)
    else:
        decision = decision.complete()
        match_type = find_match_type(decision.phrase, decision.language, is_inflected=inflected)
        if accept:
            effect = _accept(decision, match_type, theme, source, parent, label)
            _apply(decision.release, now, effect, is_wanted=retag)
        elif reject:
            _apply(decision.release, now, _reject(decision), is_wanted=retag)
        else:
            show_hits(decision, match_type, samples)


def _begin(
    words: str | None, language: str, reviewer: str, now: str, *, is_decision: bool
) -> Decision:
    """Return the decision as typed, on the day of ``now``. Without a decision, the release may be
    the demo's. Raises UserError for an unknown language.
    """
    if language and not is_known(language):
        raise UserError(str(UnknownLanguageError(language)))
    instant = read_instant(now) if now else dt.datetime.now(dt.UTC)
    settings, day = read_settings(), instant.astimezone(dt.UTC).date()
    release = (lake_of(settings) if is_decision else find_lake()).release_file
    return Decision(settings.seeds, release, words or "", language, reviewer.strip(), day)


def _accept(decision: Decision, match_type: str, theme: str, *details: str) -> str:
    """Add a phrase to the word list, and return what the next run does with it."""
    changes = decision.accept(theme, match_type, *details)
    path = decision.folders[-1] / "theme_phrases.csv"
    place = f"{theme} as {changes[-2][1]['phrase_id']} in {path}"
    print(f"Added “{decision.phrase}” ({decision.language}, {match_type}) to {place}.")
    warn_if_bundled(decision.folders[-1])
    return "counts the phrase"


def _reject(decision: Decision) -> str:
    """Remove a phrase from the candidates, and return what the next run does."""
    decision.review("rejected")
    rejected = f"“{decision.phrase}” ({decision.language})"
    path = decision.folders[-1] / "candidate_reviews.csv"
    print(f"Rejected {rejected} until its use doubles in {path}.")
    warn_if_bundled(decision.folders[-1])
    return "removes the phrase"


def _review(decision: Decision) -> str:
    """Serve a page to review the candidates until Ctrl-C, and return what the next run does; empty
    if no phrase was accepted.
    """
    require_release(decision.release)
    sheet = PhraseSheet(decision)
    if not sheet.count:
        print("No candidates without a decision.")
        return ""
    serve_until_stopped(sheet)
    verdicts = ("accepted", "rejected", "postponed")
    counts = {verdict: sheet.count_made(verdict) for verdict in verdicts}
    left = sheet.count - sum(counts.values())
    listed = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    print(f"{listed}; {left} without a decision.", flush=True)
    return "counts the phrases" if counts["accepted"] else ""


def _apply(release: Path, now: str, effect: str, *, is_wanted: bool) -> None:
    """Tag the articles again and make a release, or print which run will do so. Do nothing if a
    decision has no effect.
    """
    if not effect:
        return
    days = article_days(release)
    if days is None:
        print(f"There is no release yet. The first nightly run {effect}.")
    elif is_wanted:
        parameters = {"start": days[0], "end": days[1], "mode": "retag", "now": now}
        result = run_flow("tidings.flows.backfill:backfill", parameters)
        print(f"Tagged the articles again and made release {result.release_id}: {release}")
    else:
        print(f"The next nightly run {effect}.")


def show_hits(decision: Decision, match_type: str, samples: int) -> None:
    """Print how often and where a phrase would match, and which phrases of the word list overlap
    with the matches. Raises UserError if there is no release yet.
    """
    require_release(decision.release)
    words, language = decision.phrase, decision.language
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(str(decision.release))} as release (read_only)")
        candidate = Phrase("candidate", "candidate", language, words, match_type)
        register_hits(con, "phrase_hits", Matcher([candidate]))
        con.execute(_HITS, {"language": primary_language(language)})
        _print_hits(con, words, language, samples)


_HITS = """
create temp table hits as
with matched as (
    select
        article_id, publisher_id, published_on, title, body_text,
        unnest(phrase_hits(title, body_text, language, published_on)) as hit
    from release.core.articles
    where
        excluded_reason is null
        and (language is null or lower(regexp_extract(language, '^[^-_]+')) = $language)
)
select
    article_id, publisher_id, coalesce(p.name, publisher_id) as outlet, published_on, hit.field as
        field,
    hit.start_offset as start_offset, hit.end_offset as end_offset, if(hit.field = 'title', title,
        body_text) as text
from matched left join release.ref.publishers as p using (publisher_id)
"""


def _print_hits(con: duckdb.DuckDBPyConnection, words: str, language: str, samples: int) -> None:
    """Print the counts, the outlets, the overlapping phrases of the word list, and samples of the
    matches.
    """
    (hits, articles, outlets, first, last), *_ = con.execute(
        "select count(*), count(distinct article_id), count(distinct publisher_id),"
        " min(published_on), max(published_on) from hits"
    ).fetchall()
    if not hits:
        print(f"No article contains “{words}” ({language}).")
        return
    counts = (
        f"{counted(hits, 'match')} in {counted(articles, 'article')} from"
        f" {counted(outlets, 'outlet')}"
    )
    print(f"“{words}” ({language}): {counts}, {first} to {last}.")
    by_outlet = con.execute(
        "select outlet, count(distinct article_id) from hits group by all order by 2 desc, 1 limit"
        " 8"
    ).fetchall()
    print("Outlets: " + ", ".join(f"{outlet} ({count})" for outlet, count in by_outlet))
    overlaps = con.execute(
        "select p.phrase, m.theme_id, count(*) from hits as h join release.marts.theme_mentions as"
        " m"
        " on h.article_id = m.article_id and h.field = m.field"
        " and h.start_offset < m.end_offset and m.start_offset < h.end_offset"
        " join release.ref.theme_phrases as p using (phrase_id) group by all order by 3 desc, 1"
        " limit 8"
    ).fetchall()
    print(
        "Overlapping phrases in the word list: "
        + (", ".join(f"{text} ({theme}) {n}" for text, theme, n in overlaps) or "none")
    )
    create_functions(con)
    excerpts = con.execute(
        "select published_on, outlet, text_before(text, start_offset, 40),"
        " substring(text, start_offset + 1, end_offset - start_offset),"
        " text_after(text, end_offset, 40)"
        " from hits order by hash(article_id), start_offset limit ?",
        [samples],
    ).fetchall()
    for day, outlet, left, hit, right in excerpts:
        print(f"  {day or 'no date'}  {outlet}: {' '.join(f'{left}[{hit}]{right}'.split())}")


def show_candidates(release: Path, language: str) -> None:
    """Print the highest-ranked candidates of the last release for each language, or for one
    language.
    """
    require_release(release)
    primary = primary_language(language)
    rows = query_release(
        release,
        "select language, as_of, period_days, rank, phrase, kind, article_count, day_count,"
        " outlet_count,"
        " coalesce(p.name, first_outlet), first_seen_on, evidence, examples[1]"
        " from release.marts.candidate_phrases as c left join release.ref.publishers as p on"
        " c.first_outlet = p.publisher_id"
        " where rank <= ? and (? = '' or language = ?) order by language, rank",
        [CANDIDATES, primary, primary],
    )
    if not rows:
        print(f"No rising phrases{f' in {primary}' if primary else ''} outside the word list.")
        return
    for (code, until, length), listed in itertools.groupby(rows, key=lambda row: row[:3]):
        print(f"{code}, {length} days up to {until}:")
        for row in listed:
            rank, phrase, kind, articles, days, outlets, outlet, first, evidence, example = row[3:]
            reasons = ", ".join(map(str, evidence)).replace("_", " ") or f"none ({kind})"
            counts = (articles, "article"), (outlets, "outlet"), (days, "day")
            spread = "{} from {} on {}".format(*(counted(*count) for count in counts))
            print(f"{rank:4}  {phrase}: {spread}, first {first} in {outlet}; evidence: {reasons}")
            print(f"      {_clip(example, phrase)}")
    print(
        '\nRead the matches before you decide: tidings phrase "…". Then use --accept or --reject'
        " (see `tidings phrase --help`)."
    )


def _clip(example: str, phrase: str) -> str:
    """Return the part of an example around its phrase in brackets, or the start of the example if
    the phrase is not in it.
    """
    text = re.sub(r"\s+", " ", example)
    start = text.lower().find(phrase.lower())
    if start < 0:
        return end_at_word(text, 2 * REACH)
    end = start + len(phrase)
    return (
        f"{begin_at_word(text[:start], REACH)}[{text[start:end]}]{end_at_word(text[end:], REACH)}"
    )
