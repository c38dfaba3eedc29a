"""The candidates of the last release, as a list for a person to review."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from tidings.flows.cli.phrase_review import ask_release
from tidings.flows.cli.places import UserError
from tidings.languages import primary_language

if TYPE_CHECKING:
    from pathlib import Path


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
