"""``tidings phrase``: list rising phrases, show the matches of a phrase, accept or reject it."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import duckdb
import typer

from tidings.flows.cli.lake import find_lake
from tidings.flows.cli.phrase_review import (
    Decision,
    NewTheme,
    accept_phrase,
    ask_release,
    days_held,
    is_ours,
    known_as,
    reject_phrase,
)
from tidings.flows.cli.run_flow import run_flow
from tidings.flows.cli.terminal import UserError
from tidings.flows.settings import read_instant, read_settings
from tidings.transforms.plugin import register_hits
from tidings.transforms.text.matching import WITHOUT_SPACES, Matcher, Phrase, primary_language
from tidings.warehouse.lake import quoted

if TYPE_CHECKING:
    from tidings.warehouse.lake import Lake

SAMPLES = 12


def phrase(
    words: Annotated[
        str | None,
        typer.Argument(metavar="[PHRASE]", help="The phrase; a trailing * matches any ending. Without it: rising phrases."),
    ] = None,
    lang: Annotated[
        str,
        typer.Option("--lang", metavar="L", help="Its language, as in en; without it that of the candidate, or its script's."),
    ] = "",
    inflected: Annotated[bool, typer.Option("--inflected", help="Inflections of its last word too.")] = False,
    samples: Annotated[int, typer.Option(min=0, help="How many hits to show.")] = SAMPLES,
    accept: Annotated[bool, typer.Option("--accept", help="Write the phrase into the word list and count it.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Keep the phrase off the candidates for 84 days.")] = False,
    theme: Annotated[str, typer.Option("--theme", metavar="T", help="With --accept: the theme_id it belongs to.")] = "",
    parent: Annotated[
        str, typer.Option("--parent", metavar="AREA", help="With --accept: make --theme as a new formulation under this area.")
    ] = "",
    label: Annotated[str, typer.Option("--label", help="With --parent: the new theme's English label.")] = "",
    reviewer: Annotated[str, typer.Option("--reviewer", metavar="NAME", help="Who has read the phrase and decides.")] = "",
    source: Annotated[
        str, typer.Option("--source", help="Document and day of the phrase; without it the first article that has it.")
    ] = "",
    retag: Annotated[bool, typer.Option(help="Count it at once; --no-retag leaves that to the next night.")] = True,
    now: Annotated[str, typer.Option(help="The run's instant, ISO 8601 with a zone; without it the present.")] = "",
) -> None:
    """Show which phrases rise, what one would hit, and take one into the word list, or off the candidates.

    * `tidings phrase` lists the candidates of the last release: what rises and is in no word list yet.
    * `tidings phrase "quiet corridors"` shows how often and where it would hit. Read the hits before you decide.
    * `tidings phrase "quiet corridors" --accept --theme rail_transport --reviewer "A. Reader"` writes it into
      `theme_phrases.csv` of the last folder that TIDINGS_SEEDS names (without one, of the bundled `seeds/`), with who accepted
      it, when and from where; the articles that hold it are then tagged again, and it leaves the candidates.
    * With `--parent AREA --label "Quiet corridors"` the theme is made as well, as a formulation of that area.
    * `tidings phrase "quiet corridors" --reject --reviewer "A. Reader"` keeps it off the candidates for 84 days.
    """
    settings = read_settings()
    lake = settings.lake if accept or reject else find_lake()
    if accept and reject:
        raise UserError("Accept the phrase or reject it, not both.")
    if words is None and not (accept or reject):
        show_candidates(lake.release_file, lang)
        return
    words = unicodedata.normalize("NFKC", (words or "").strip())
    if not words.strip(" *"):
        raise UserError("The phrase is empty.")
    language = (
        lang or known_as(lake.release_file, words) or ("zh" if any("\u4e00" <= char <= "\u9fff" for char in words) else "en")
    )
    match_type = _match_type(words, language, inflected=inflected)
    if not (accept or reject):
        show_hits(lake.release_file, words, language, match_type, samples)
        return
    instant = read_instant(now) if now else dt.datetime.now(dt.UTC)
    decision = Decision(words, language, reviewer.strip(), instant.astimezone(dt.UTC).date())
    folder = settings.seeds[-1]
    if reject:
        reject_phrase(settings.seeds, decision)
        print(f"“{words}” ({language}) stays off the candidates for 84 days: {folder / 'candidate_reviews.csv'}")
    else:
        made = NewTheme(parent, label) if parent else None
        row = accept_phrase(settings.seeds, lake.release_file, decision, theme, match_type, source, made)
        print(f"“{words}” ({language}) is {row['phrase_id']} of {theme} now, {match_type}: {folder / 'theme_phrases.csv'}")
    if is_ours(folder):
        print("TIDINGS_SEEDS names no folder, so this went into the bundled seeds; an update of Tidings will meet it there.")
    _apply(lake, instant if now else None, "leaves it out" if reject else "counts it", is_wanted=retag)


def _match_type(words: str, language: str, *, inflected: bool) -> str:
    if primary_language(language) in WITHOUT_SPACES:
        return "substring"
    if words.endswith("*"):
        return "prefix"
    return "inflected" if inflected else "phrase"


def _apply(lake: Lake, now: dt.datetime | None, effect: str, *, is_wanted: bool) -> None:
    """Tag again what the change touches, release, and say so; or say who will."""
    days = days_held(lake.release_file)
    if not is_wanted or days is None:
        print(f"The next night {effect}." if days else f"There is no release yet: the first night {effect}.")
        return
    first, last = days
    parameters = {"start": first, "end": last, "mode": "retag", "now": now.isoformat() if now else ""}
    made = run_flow("tidings.flows.backfill:backfill", parameters)
    print(f"Tagged again and released: {made.release_id}, {Path(lake.release_file)}")


def show_hits(file: Path, words: str, language: str, match_type: str, samples: int) -> None:
    """Print how often and where a phrase would hit, and which phrases of the word list stand there already.

    Raises UserError where there is no release yet.
    """
    if not file.exists():
        raise UserError(f"There is no release in {file.parent} yet: run a night first.")
    con = duckdb.connect()
    try:
        con.execute(f"attach {quoted(str(file))} as release (read_only)")
        candidate = Phrase("candidate", "candidate", language, words, match_type)
        register_hits(con, "phrase_hits", Matcher([candidate]))
        con.execute(_HITS, {"language": primary_language(language)})
        _tell(con, words, language, samples)
    finally:
        con.close()


_HITS = """
create temp table hits as
with found as (
    select
        article_id, publisher_id, published_on, title, body_text,
        unnest(phrase_hits(title, body_text, language, published_on)) as hit
    from release.core.articles
    where
        excluded_reason is null
        and (language is null or lower(regexp_extract(language, '^[^-_]+')) = $language)
)
select
    article_id, publisher_id, coalesce(p.name, publisher_id) as outlet, published_on, hit.field as field,
    hit.start_offset as start_offset, hit.end_offset as end_offset, if(hit.field = 'title', title, body_text) as text
from found left join release.ref.publishers as p using (publisher_id)
"""


def _tell(con: duckdb.DuckDBPyConnection, words: str, language: str, samples: int) -> None:
    """Print the counts, the outlets, what the word list has there already, and some of the places."""
    row = con.execute(
        "select count(*), count(distinct article_id), count(distinct publisher_id), min(published_on), max(published_on)"
        " from hits"
    ).fetchone()
    hits, articles, outlets, first, last = row or (0, 0, 0, None, None)
    if not hits:
        print(f"“{words}” ({language}) stands in no article.")
        return
    held = f"{_many(hits, 'hit')} in {_many(articles, 'article')} of {_many(outlets, 'outlet')}"
    print(f"“{words}” ({language}): {held}, {first} to {last}.")
    by_outlet = con.execute(
        "select outlet, count(distinct article_id) from hits group by all order by 2 desc, 1 limit 8"
    ).fetchall()
    print("Outlets: " + ", ".join(f"{outlet} ({count})" for outlet, count in by_outlet))
    there = con.execute(
        "select p.phrase, m.theme_id, count(*) from hits as h join release.marts.theme_mentions as m"
        " on h.article_id = m.article_id and h.field = m.field"
        " and h.start_offset < m.end_offset and m.start_offset < h.end_offset"
        " join release.ref.theme_phrases as p using (phrase_id) group by all order by 3 desc, 1 limit 8"
    ).fetchall()
    print("In the word list there: " + (", ".join(f"{text} ({theme}) {n}" for text, theme, n in there) or "nothing"))
    places = con.execute(
        "select published_on, outlet, replace(substring(text, greatest(start_offset - 40, 0) + 1,"
        " start_offset - greatest(start_offset - 40, 0)), chr(10), ' '),"
        " replace(substring(text, start_offset + 1, end_offset - start_offset), chr(10), ' '),"
        " replace(substring(text, end_offset + 1, 40), chr(10), ' ')"
        " from hits order by hash(article_id), start_offset limit ?",
        [samples],
    ).fetchall()
    for day, outlet, before, hit, after in places:
        print(f"  {day or 'no day'}  {outlet}: …{before}[{hit}]{after}…")


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def show_candidates(release: Path, language: str, count: int = 20) -> None:
    """Print the first candidates of each language, or of one, as they stand in the last release."""
    if not release.exists():
        raise UserError(f"There is no release in {release.parent} yet: run a night first.")
    primary = primary_language(language) if language else ""
    rows = ask_release(
        release,
        "select language, as_of, rank, phrase, article_count, day_count, outlet_count, coalesce(p.name, first_outlet),"
        " first_seen_on, evidence, examples[1]"
        " from release.marts.candidate_phrases as c left join release.ref.publishers as p on c.first_outlet = p.publisher_id"
        " where rank <= ? and (? = '' or language = ?) order by language, rank",
        [count, primary, primary],
    )
    if not rows:
        print(f"Nothing {f'in {primary} ' if primary else ''}rises that is in no word list yet.")
        return
    for (code, until), listed in itertools.groupby(rows, key=lambda row: row[:2]):
        print(f"{code}, the 28 days up to {until}:")
        for _, _, rank, phrase, articles, days, outlets, outlet, first, evidence, example in listed:
            known = ", ".join(str(kind).replace("_", " ") for kind in evidence)
            spread = f"{articles} articles on {days} days of {outlets} outlet{'s' if outlets != 1 else ''}"
            print(f"{rank:4}  {phrase}: {spread}, first {first} in {outlet}; {known}")
            print(f"      {_clip(example, phrase)}")
    print('\nRead where one stands before you decide: tidings phrase "…"; then --accept or --reject, as its --help says.')


def _clip(example: str, phrase: str, reach: int = 36) -> str:
    """Return the part of an example around its phrase, which is marked; the example's beginning where it is written otherwise."""
    text = re.sub(r"\s+", " ", example)
    start = text.lower().find(phrase.lower())
    if start < 0:
        return text[: 2 * reach]
    end = start + len(phrase)
    before, after = text[max(0, start - reach) : start].lstrip("…"), text[end : end + reach].rstrip("…")
    return f"…{before}[{text[start:end]}]{after}…"
