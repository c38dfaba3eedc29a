"""``tidings phrase``: list rising phrases, show the matches of a phrase, and accept it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import duckdb
import typer

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
from tidings.cli.phrase_review import FIRST, Decision, PhraseSheet, warn_if_bundled
from tidings.cli.run_flow import run_flow
from tidings.cli.sql import Format, write_result
from tidings.cli.terminal import RunTime, UserError
from tidings.storage.lake import quoted
from tidings.storage.remote_lake import lake_of

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = 12  # matches to show


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
    """List rising phrases, preview the matches of a phrase, and accept it.

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
    * `tidings phrase --review --reviewer "A. Reader"` prints the URL of a page that shows the first
      candidates, to accept, reject or postpone. Ctrl-C ends it and counts the accepted phrases.
    """
    is_decision = accept or review
    decision = _begin(words or "", lang, reviewer, now, is_decision=is_decision)
    if words is None and not is_decision:
        show_candidates(decision.release, lang)
        return
    if review:
        effect = _review(decision)
    else:
        decision = decision.complete()
        match_type = find_match_type(decision.phrase, decision.language, is_inflected=inflected)
        if not accept:
            show_hits(decision, match_type, samples)
            return
        effect = _accept(decision, match_type, theme, source, parent, label)
    if effect:
        _apply(decision.release, now, effect, is_wanted=retag)


def _begin(words: str, lang: str, reviewer: str, now: str, *, is_decision: bool) -> Decision:
    """Return the decision as typed, on the day of ``now``. Raises UserError for an unknown
    language.
    """
    if lang and not is_known(lang):
        raise UserError(str(UnknownLanguageError(lang)))
    instant = read_instant(now) if now else dt.datetime.now(dt.UTC)
    settings, day = read_settings(), instant.astimezone(dt.UTC).date()
    # a decision is never about the demo's release
    release = (lake_of(settings) if is_decision else find_lake()).release_file
    return Decision(settings.seeds, release, words, lang, reviewer.strip(), day)


def _accept(decision: Decision, match_type: str, theme: str, *details: str) -> str:
    """Add a phrase to the word list, and return what the next run does with it."""
    changes, folder = decision.accept(theme, match_type, *details), decision.folders[-1]
    place = f"{theme} as {changes[-2][1]['phrase_id']} in {folder / 'theme_phrases.csv'}"
    print(f"Added “{decision.phrase}” ({decision.language}, {match_type}) to {place}.")
    warn_if_bundled(folder)
    return "counts the phrase"


def _apply(release: Path, now: str, effect: str, *, is_wanted: bool) -> None:
    """Tag the articles again and make a release, or print which run will do so."""
    if not release.exists():
        print(f"There is no release yet. The first nightly run {effect}.")
    elif is_wanted:
        parameters = {"start": "", "end": "", "mode": "retag", "now": now}
        result = run_flow("tidings.flows.backfill:backfill", parameters)
        print(f"Tagged the articles again and made release {result.release_id}: {release}")
    else:
        print(f"The next nightly run {effect}.")


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


def show_hits(decision: Decision, match_type: str, samples: int) -> None:
    """Print how often and where a phrase would match, which phrases of the word list overlap with
    the matches, and samples. Raises UserError if there is no release yet.
    """
    require_release(decision.release)
    words, language = decision.phrase, decision.language
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(str(decision.release))} as release (read_only)")
        candidate = Phrase("candidate", "candidate", language, words, match_type)
        register_hits(con, "phrase_hits", Matcher([candidate]))
        create_functions(con)
        con.execute(_HITS, {"language": primary_language(language)})
        *counts, first, last, outlets, overlaps = con.execute(_COUNTS).fetchall()[0]
        if not counts[0]:
            print(f"No article contains “{words}” ({language}).")
            return
        hits, *places = map(counted, counts, ("match", "article", "outlet"))
        print(f"“{words}” ({language}): {hits} in {' from '.join(places)}, {first} to {last}.")
        print(f"Outlets: {outlets}")
        print(f"Overlapping phrases in the word list: {overlaps or 'none'}")
        for (line,) in con.execute(_SAMPLES, [samples]).fetchall():
            print(line)


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


_COUNTS = """
with outlets as (
    select outlet, count(distinct article_id) as n from hits group by all order by n desc, outlet
    limit 8
),
shared as (
    select p.phrase, m.theme_id, count(*) as n
    from hits as h
    join release.marts.theme_mentions as m
        on h.article_id = m.article_id and h.field = m.field
        and h.start_offset < m.end_offset and m.start_offset < h.end_offset
    join release.ref.theme_phrases as p using (phrase_id)
    group by all order by n desc, p.phrase limit 8
)
select
    count(*), count(distinct article_id), count(distinct publisher_id), min(published_on),
    max(published_on),
    (select string_agg(format('{} ({})', outlet, n), ', ' order by n desc, outlet) from outlets),
    (select string_agg(format('{} ({}) {}', phrase, theme_id, n), ', ' order by n desc, phrase)
        from shared)
from hits
"""
_SAMPLES = r"""
select format(
    '  {}  {}: {}', coalesce(published_on::varchar, 'no date'), outlet,
    regexp_replace(
        text_before(text, start_offset, 40) || '['
        || substring(text, start_offset + 1, end_offset - start_offset) || ']'
        || text_after(text, end_offset, 40), '\s+', ' ', 'g'
    )
)
from hits order by hash(article_id), start_offset limit ?
"""


_CANDIDATES = """
select
    phrase, language, article_count as articles, outlet_count as outlets,
    first_seen_on as first_seen
from release.marts.candidate_phrases
where rank <= $most and $language in ('', language) order by language, rank
"""


def show_candidates(release: Path, language: str) -> None:
    """Print the highest-ranked candidates of the last release for each language, or for one
    language.
    """
    require_release(release)
    values = {"most": FIRST, "language": primary_language(language)}
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(str(release))} as release (read_only)")
        write_result(con.sql(_CANDIDATES, params=values), Format.table)
    print(
        'Read the matches before you decide: tidings phrase "…". Then use --accept, or the page of'
        " --review (see `tidings phrase --help`)."
    )
