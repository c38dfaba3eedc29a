"""``tidings phrase``: rising phrases, what one would hit, and taking it into the word list or off the list of candidates."""

from __future__ import annotations

import datetime as dt
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidings.flows.cli.flow_runs import run_flow
from tidings.flows.cli.phrase_hits import show_hits
from tidings.flows.cli.phrase_list import show_candidates
from tidings.flows.cli.phrase_review import (
    Decision,
    NewTheme,
    accept_phrase,
    days_held,
    is_ours,
    known_as,
    reject_phrase,
)
from tidings.flows.cli.places import UserError, reading_lake
from tidings.flows.settings import read_instant, read_settings
from tidings.languages import WITHOUT_SPACES, UnknownLanguageError, is_known, primary_language

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
    if lang and not is_known(lang):
        raise UserError(str(UnknownLanguageError(lang)))
    settings = read_settings()
    lake = settings.lake if accept or reject else reading_lake()
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
