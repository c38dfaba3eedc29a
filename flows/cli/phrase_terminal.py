"""Show the candidate phrases of a release one after another, and store a decision for each key."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from tidings.flows.cli.code_terminal import complete_themes, read_roles
from tidings.flows.cli.phrase_review import (
    REVIEW_KEY,
    Decision,
    NewTheme,
    accept_phrase,
    postpone_phrase,
    query_release,
    reject_phrase,
)
from tidings.flows.cli.terminal import SafeConsole, UserError
from tidings.flows.coding.sample import CodingError
from tidings.languages import WITHOUT_SPACES, primary_language
from tidings.seeds.cells import KEYS
from tidings.warehouse.reference import read_seed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FIRST = 20  # candidates of each language
_FILES = ("themes", "theme_phrases", "candidate_reviews")
_HELP = (
    "Keys: a accept, 1 to 3 accept for a suggested theme, r reject (returns when its use doubles), p postpone (a week),"
    " u undo, q quit."
)
_COLUMNS = (
    "language", "phrase", "kind", "article_count", "day_count", "outlet_count", "prior_count", "first_seen_on", "as_of",
    "examples", "example_article_ids",
)  # fmt: skip
_CANDIDATES = f"""
select {", ".join(f"c.{name}" for name in _COLUMNS)}, coalesce(p.name, c.first_outlet) as outlet
from release.marts.candidate_phrases as c left join release.ref.publishers as p on c.first_outlet = p.publisher_id
where c.rank <= ? and (? = '' or c.language = ?) order by c.language, c.rank
"""
_THEMES = """
select theme_id from release.marts.theme_mentions
where list_contains(?, article_id) and published_on > ?::date - 28
group by theme_id order by count(*) desc, theme_id limit 3
"""


@dataclass
class _Review:
    """The decisions of a reviewer: ``before`` has the place and the contents of the files before each decision."""

    folders: Sequence[Path]
    release: Path
    decision: Decision
    before: list[tuple[int, dict[Path, bytes | None]]]

    def remember(self, place: int) -> None:
        paths = [self.folders[-1] / f"{name}.csv" for name in _FILES]
        self.before.append((place, {path: path.read_bytes() if path.exists() else None for path in paths}))

    def undo(self) -> int:
        """Restore the files from before the last decision, and return its place."""
        place, contents = self.before.pop()
        for path, content in contents.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)
        return place

    def accept(self, theme: str) -> None:
        """Add the phrase to a theme: its ID or part of its name, or ``ID, AREA, LABEL`` for a new formulation."""
        parts = [part.strip() for part in theme.split(",")]
        new_theme = NewTheme(parts[1], parts[2]) if len(parts) == 3 else None
        if new_theme is None:
            parts = list(read_roles(theme, read_seed("themes", self.folders, KEYS["themes"])))
        language = self.decision.language
        match_type = "substring" if primary_language(language) in WITHOUT_SPACES else "phrase"
        accept_phrase(self.folders, self.release, self.decision, parts[0], match_type, "", new_theme)


def review_in_terminal(folders: Sequence[Path], release: Path, decision: Decision, language: str) -> int:
    """Show the first candidates that have no decision, store the decisions, and return how many phrases were accepted.

    Args:
        folders: Folders with reference data. The function writes to the last one.
        release: Release file.
        decision: Reviewer and day. Its phrase and language are replaced.
        language: Primary language of the candidates, or empty for all.

    Raises:
        UserError: If the reviewer or the release is missing.
    """
    if not decision.reviewer:
        raise UserError("The reviewer is missing: use --reviewer NAME.")
    if not release.exists():
        raise UserError(f"Release not found: {release}. Set TIDINGS_WAREHOUSE, or make a release with a nightly run.")
    console = SafeConsole(markup=False, highlight=False)
    rows = _read_candidates(folders, release, language)
    if not rows:
        console.print("No candidates without a decision.")
        return 0
    complete_themes(read_seed("themes", folders, KEYS["themes"]))
    console.print(_HELP)
    review = _Review(folders, release, decision, [])
    verdicts: dict[int, str] = {}
    place = 0
    while place < len(rows):
        row = rows[place]
        review.decision = replace(decision, phrase=row["phrase"], language=row["language"])
        themes = [name for (name,) in query_release(release, _THEMES, [row["example_article_ids"], row["as_of"]])]
        _show(console, row, f"{place + 1} of {len(rows)}", themes)
        key = _read_key()
        if key == "q":
            break
        if key == "u":
            if review.before:
                place = review.undo()
                console.print(f"Undone: {verdicts.pop(place)} {rows[place]['phrase']}", style="bold")
            continue
        try:
            review.remember(place)
            verdicts[place] = _decide(review, key, themes)
        except (UserError, CodingError) as error:
            review.before.pop()
            console.print(str(error), style="bold")
            continue
        console.print(verdicts[place].capitalize(), style="bold")
        place += 1
    counts = [f"{list(verdicts.values()).count(verdict)} {verdict}" for verdict in ("accepted", "rejected", "postponed")]
    console.print(f"{', '.join(counts)}; {len(rows) - len(verdicts)} without a decision.")
    return list(verdicts.values()).count("accepted")


def _decide(review: _Review, key: str, themes: Sequence[str]) -> str:
    """Store the decision for a key, and return its verdict."""
    if key == "r":
        reject_phrase(review.folders, review.release, review.decision)
        return "rejected"
    if key == "p":
        postpone_phrase(review.folders, review.release, review.decision)
        return "postponed"
    if key.isdecimal() and 0 < int(key) <= len(themes):
        review.accept(themes[int(key) - 1])
        return "accepted"
    if key != "a":
        raise UserError(_HELP)
    review.accept(input("Theme (ID or part of its name; ID, AREA, LABEL for a new one): "))
    return "accepted"


def _read_candidates(folders: Sequence[Path], release: Path, language: str) -> list[dict[str, Any]]:
    found = query_release(release, _CANDIDATES, [FIRST, language, language])
    rows = [dict(zip((*_COLUMNS, "outlet"), row, strict=True)) for row in found]
    decided = {
        (row["phrase"].lower(), primary_language(row["language"]), row["verdict"] == "accepted"): row["reviewed_on"]
        for row in read_seed("candidate_reviews", folders, REVIEW_KEY)
    }

    def is_open(row: dict[str, Any]) -> bool:
        key = (row["phrase"].lower(), row["language"])
        return (*key, True) not in decided and decided.get((*key, False), "") < str(row["as_of"])

    return [row for row in rows if is_open(row)]


def _show(console: SafeConsole, row: dict[str, Any], title: str, themes: Sequence[str]) -> None:
    console.rule(f"{title}, {row['language']}, {row['kind']}")
    console.print(f"{row['phrase']}", style="bold")
    prior = "" if row["prior_count"] is None else f", {row['prior_count']} in the year before"
    console.print(
        f"Articles: {row['article_count']}{prior}; outlets: {row['outlet_count']}; days: {row['day_count']};"
        f" first {row['first_seen_on']} in {row['outlet']}"
    )
    for example in dict.fromkeys(" ".join(example.split()) for example in row["examples"]):  # near-copies may be equal
        text = Text("  " + example)
        text.highlight_words([row["phrase"]], style="bold", case_sensitive=False)
        console.print(text)
    if themes:
        console.print("Suggested themes: " + ", ".join(f"{number} {name}" for number, name in enumerate(themes, 1)))
    console.print("a accept, r reject, p postpone, u undo, q quit", style="dim")


def _read_key() -> str:
    """Return the pressed key, or the first character of a line if standard input is not a terminal; q at its end."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        return line.strip()[:1].lower() if line else "q"
    return click.getchar().lower()
