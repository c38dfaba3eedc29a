"""Show the candidate phrases of a release one after another, and store a decision for each key."""

from __future__ import annotations

import codecs
import os
import select
import sys
import termios
import tty
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from rich.text import Text

from tidings.analysis.coding.sample import CodingError
from tidings.base.languages import WITHOUT_SPACES, primary_language
from tidings.cli.code_terminal import complete_themes, read_roles
from tidings.cli.phrase_review import (
    Change,
    Decision,
    NewTheme,
    accept_phrase,
    query_release,
    review_phrase,
    undo,
)
from tidings.cli.terminal import SafeConsole, UserError
from tidings.storage.reference import KEYS, read_seed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FIRST = 20  # candidates of each language
# Ctrl-D; the first character of an arrow's or a function key's sequence
END, ESCAPE = "\x04", "\x1b"
_VERDICTS = {"r": "rejected", "p": "postponed"}
_CANDIDATES = """
select c, coalesce(p.name, c.first_outlet)
from release.marts.candidate_phrases as c left join release.ref.publishers as p on c.first_outlet =
    p.publisher_id
where c.rank <= ? and (? = '' or c.language = ?) order by c.language, c.rank
"""


class _Keyboard:
    """Keys of the terminal, one after another and without an echo; the lines of standard input if
    it is not a terminal.

    The terminal passes keys on immediately, from the beginning to the end of the block, so no key
    is lost between candidates.
    """

    def __enter__(self) -> Self:
        self._before = termios.tcgetattr(sys.stdin) if sys.stdin.isatty() else None
        self._pass_on(keys=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._pass_on(keys=False)

    def _pass_on(self, *, keys: bool) -> None:
        if self._before and keys:
            # the usual TCSAFLUSH discards keys that were already pressed
            tty.setcbreak(sys.stdin, termios.TCSADRAIN)
        elif self._before:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def read_key(self) -> str:
        """Return the next key in lower case: empty for a special key such as an arrow, and q at the
        end of the input.
        """
        if not self._before:
            line = sys.stdin.readline()
            return line.strip()[:1].lower() if line else "q"
        decoder, key = codecs.getincrementaldecoder("utf-8")("replace"), ""
        while not key:
            part = os.read(sys.stdin.fileno(), 1)
            key = decoder.decode(part) if part else END
        if key == ESCAPE:
            self._skip_sequence()
            return ""
        return "q" if key == END else key.lower()

    def _skip_sequence(self) -> None:
        """Read the rest of an escape sequence, which follows immediately: [ or O, parameters, and a
        letter or ~ at its end.
        """
        place = 0
        while select.select([sys.stdin], [], [], 0.02)[0]:
            part = os.read(sys.stdin.fileno(), 1)
            if not part or ((place > 0 or part not in b"[O") and b"@" <= part <= b"~"):
                return
            place += 1

    def read_line(self, prompt: str) -> str:
        """Return a line that the user can edit while typing. Raises EOFError at the end of the
        input.
        """
        self._pass_on(keys=False)
        try:
            return input(prompt)
        finally:
            self._pass_on(keys=True)


@dataclass
class _Review:
    """The decisions of a reviewer: ``made`` has the place, the verdict and the changes of each
    decision, in order.
    """

    folders: Sequence[Path]
    release: Path
    decision: Decision
    keyboard: _Keyboard
    made: list[tuple[int, str, list[Change]]] = field(default_factory=list)

    def decide(self, place: int, key: str, themes: Sequence[str]) -> str:
        """Store the decision for a key, and return its verdict. Raises UserError for an unknown
        key.
        """
        if key in _VERDICTS:
            verdict = _VERDICTS[key]
            changes = review_phrase(self.folders, self.release, self.decision, verdict)
        elif key == "a":
            typed = self.keyboard.read_line(
                "Theme (ID or part of its name; ID, AREA, LABEL for a new one): "
            )
            verdict, changes = "accepted", self._accept(typed)
        elif key.isdecimal() and 0 < int(key) <= len(themes):
            verdict, changes = "accepted", self._accept(themes[int(key) - 1])
        else:
            raise UserError(_unknown(key, f"a, {_numbers(themes)}r, p, u or q"))
        self.made.append((place, verdict, changes))
        theme = next(
            (
                f" for {change.row['theme_id']}"
                for change in changes
                if change.name == "theme_phrases"
            ),
            "",
        )
        return f"{verdict.capitalize()}{theme}"

    def undo(self) -> tuple[int, str]:
        """Take the last decision back, and return its place and verdict."""
        place, verdict, changes = self.made.pop()
        undo(self.folders, changes)
        return place, verdict

    def count(self, verdict: str) -> int:
        """Return how many decisions have a verdict."""
        return sum(made == verdict for _, made, _ in self.made)

    def _accept(self, theme: str) -> list[Change]:
        """Add the phrase to a theme: its ID or part of its name, or ``ID, AREA, LABEL`` for a new
        formulation.
        """
        parts = [part.strip() for part in theme.split(",")]
        new_theme = NewTheme(parts[1], parts[2]) if len(parts) == 3 else None
        if new_theme is None:
            parts = list(read_roles(theme, read_seed("themes", self.folders, KEYS["themes"])))
        language = self.decision.language
        match_type = "substring" if primary_language(language) in WITHOUT_SPACES else "phrase"
        return accept_phrase(
            self.folders, self.release, self.decision, parts[0], match_type, "", new_theme
        )


def review_in_terminal(
    folders: Sequence[Path], release: Path, decision: Decision, language: str
) -> int:
    """Show the first candidates that have no decision, store the decisions, and return how many
    phrases were accepted.

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
        raise UserError(
            f"Release not found: {release}. Set TIDINGS_WAREHOUSE, or make a release"
            f" with a nightly run."
        )
    console = SafeConsole(markup=False, highlight=False)
    found = query_release(release, _CANDIDATES, [FIRST, language, language])
    rows = [candidate | {"outlet": outlet} for candidate, outlet in found]
    decided = {
        (
            row["phrase"].lower(),
            primary_language(row["language"]),
            row["verdict"] == "accepted",
        ): row["reviewed_on"]
        for row in read_seed("candidate_reviews", folders, KEYS["candidate_reviews"])
    }

    def is_open(row: dict[str, Any]) -> bool:
        key = (row["phrase"].lower(), row["language"])
        return (*key, True) not in decided and decided.get((*key, False), "") < str(row["as_of"])

    rows = [row for row in rows if is_open(row)]
    if not rows:
        console.print("No candidates without a decision.")
        return 0
    themes = read_seed("themes", folders, KEYS["themes"])
    complete_themes(themes)
    labels = {theme["theme_id"]: theme["label_en"] for theme in themes}
    with _Keyboard() as keyboard:
        review = _Review(folders, release, decision, keyboard)
        _review_rows(console, review, rows, labels)
    counts = [
        f"{review.count(verdict)} {verdict}" for verdict in ("accepted", "rejected", "postponed")
    ]
    console.print(f"{', '.join(counts)}; {len(rows) - len(review.made)} without a decision.")
    return review.count("accepted")


def _review_rows(
    console: SafeConsole, review: _Review, rows: Sequence[dict[str, Any]], labels: Mapping[str, str]
) -> None:
    """Show one candidate after another, and store the decisions until the reviewer quits."""
    place, shown = 0, -1
    while True:
        row = rows[place] if place < len(rows) else {}
        # releases of earlier versions have no suggestions
        themes: Sequence[str] = row.get("suggested_theme_ids") or []
        if row and place != shown:
            review.decision = replace(
                review.decision, phrase=row["phrase"], language=row["language"]
            )
            _show(
                console,
                row,
                f"{place + 1} of {len(rows)}",
                [f"{labels.get(theme, theme)} ({theme})" for theme in themes],
            )
        elif place != shown:
            console.print("All candidates have a decision. Keys: u undo, q quit.")
        shown, key = place, review.keyboard.read_key()
        if key == "q":
            return
        try:
            place, reply = _reply(review, rows, place, key, themes)
        except (UserError, CodingError) as error:
            reply = str(error)
        console.print(reply, style="bold")


def _reply(
    review: _Review, rows: Sequence[dict[str, Any]], place: int, key: str, themes: Sequence[str]
) -> tuple[int, str]:
    """Carry out a key, and return the next place and the reply. Raises UserError or CodingError if
    nothing was done.
    """
    if key == "u" and review.made:
        place, verdict = review.undo()
        return place, f"Undone: {verdict} {rows[place]['phrase']}"
    if key == "u":
        raise UserError("There is no decision to undo.")
    if place == len(rows):
        raise UserError(_unknown(key, "u or q"))
    return place + 1, review.decide(place, key, themes)


def _unknown(key: str, keys: str) -> str:
    return f"Unknown key{f' {key}' if key.strip() else ''}: press {keys}."


def _numbers(themes: Sequence[str]) -> str:
    """Return the keys of the suggested themes for a list of keys: nothing, ``1, `` or ``1 to 3,
    ``.
    """
    return f"1{f' to {len(themes)}' if len(themes) > 1 else ''}, " if themes else ""


def _show(console: SafeConsole, row: dict[str, Any], title: str, themes: Sequence[str]) -> None:
    console.rule(f"{title}, {row['language']}, {row['kind']}")
    console.print(f"{row['phrase']}", style="bold")
    prior = "" if row["prior_count"] is None else f", {row['prior_count']} in the year before"
    console.print(
        f"Articles: {row['article_count']}{prior}; outlets: {row['outlet_count']}; days:"
        f" {row['day_count']}; first {row['first_seen_on']} in {row['outlet']}"
    )
    # near-copies may be equal
    for example in dict.fromkeys(" ".join(example.split()) for example in row["examples"]):
        text = Text("  " + example)
        text.highlight_words([row["phrase"]], style="bold", case_sensitive=False)
        console.print(text)
    suggested = ", ".join(f"{number} {name}" for number, name in enumerate(themes, 1))
    console.print(f"Suggested themes: {suggested or 'no suggestion'}")
    numbers = _numbers(themes).replace(",", " accept for a suggested theme,")
    keys = (
        f"a accept, {numbers}r reject (returns when its use doubles), p postpone (a week), u"
        f" undo, q quit"
    )
    console.print(keys, style="dim")
